"""The types of messages that every channel can declare, and what each holds."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import Json, JsonObject

_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "number"}


def _schema(required: tuple[str, ...], **properties: Json) -> JsonObject:
    return {"type": "object", "properties": properties, "required": [*required]}


def _list_of(item: Json) -> Json:
    return {"type": "array", "items": item}


def _media(url: str) -> JsonObject:
    return _schema((url,), **{url: _TEXT, "title": _TEXT})


_LOCATION = _schema(("latitude", "longitude"), latitude=_NUMBER, longitude=_NUMBER, address=_TEXT, title=_TEXT)
_BUTTON = _schema(("action", "label", "value"), action={"enum": ["postback", "url", "say"]}, label=_TEXT, value=_TEXT)
_CARD = _schema(("title", "actions"), title=_TEXT, subtitle=_TEXT, imageUrl=_TEXT, actions=_list_of(_BUTTON))
_OPTION = _schema(("label", "value"), label=_TEXT, value=_TEXT)
_CHOICE = _schema(("text", "options"), text=_TEXT, options=_list_of(_OPTION))

_SIMPLE: dict[str, JsonObject] = {
    "text": _schema(("text",), text=_TEXT),
    "markdown": _schema(("markdown",), markdown=_TEXT),
    "image": _media("imageUrl"),
    "audio": _media("audioUrl"),
    "video": _media("videoUrl"),
    "file": _media("fileUrl"),
    "location": _LOCATION,
}


def _part(name: str) -> JsonObject:
    return _schema(("type", "payload"), type={"enum": [name]}, payload=_SIMPLE[name])


_PARTS: list[Json] = [_part(name) for name in ("text", "image", "audio", "video", "location", "file")]

SCHEMAS: dict[str, JsonObject] = {
    **_SIMPLE,
    "card": _CARD,
    "carousel": _schema(("items",), items=_list_of(_CARD)),
    "choice": _CHOICE,
    "dropdown": _CHOICE,
    "bloc": _schema(("items",), items=_list_of({"anyOf": _PARTS})),
}
"""The JSON schema of the payload of each type."""

DECLARATIONS: JsonObject = {name: {"schema": schema} for name, schema in SCHEMAS.items()}
"""All types, as a channel declares them."""
