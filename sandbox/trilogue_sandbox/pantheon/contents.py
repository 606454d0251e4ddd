"""The contents of messages, as they are kept, and what a channel can carry.

The content of media is kept without its `url`, since each response brings a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channels import ChannelType
from trilogue_sandbox.pantheon.errors import ValidationErrors
from trilogue_sandbox.pantheon.files import FILES

MEDIA = ("image", "audio", "video", "document")


def prepare(account: Account, fields: Fields) -> JsonObject:
    """Return the content of a message to be sent, as it is kept.

    Raises:
        ApiError: 404, there is no such file.
    """
    content_type = fields.string("type")
    if content_type in MEDIA:
        return media(content_type, account.find(FILES, fields.string("file_id")), fields)
    return _PREPARATIONS[content_type](fields)


def media(content_type: str, file: Row, fields: Fields) -> JsonObject:
    """Return a content that carries a file."""
    content: JsonObject = {"type": content_type, "file_id": file["id"], "content_type": file["content_type"]}
    if content_type == "document":
        content["filename"] = fields.string("filename", file["name"])
    if content_type != "audio":
        content["caption"] = fields.optional_string("caption")
    return content


def location(fields: Fields) -> JsonObject:
    """Return a content that says where something is."""
    position = {"latitude": fields.value("latitude"), "longitude": fields.value("longitude")}
    described = {name: fields.optional_string(name) for name in ("name", "address")}
    return {"type": "location", **position, **described}


def text(words: str, button_id: str | None = None) -> JsonObject:
    """Return a content of words."""
    return {"type": "text", "text": words, "button_id": button_id}


def check(content: JsonObject, channel: ChannelType, errors: ValidationErrors) -> None:
    """Add everything that keeps a channel from carrying a content."""
    fields = Fields(content)
    content_type = fields.string("type")
    errors.require(_is_carried(content_type, channel), "content.type", "The channel cannot carry this type of content")
    for field in ("text", "caption"):
        fits = len(fields.string(field, "")) <= channel.max_text_length
        errors.require(fits, f"content.{field}", f"The channel takes at most {channel.max_text_length} characters")
    if content_type in MEDIA and content_type != "document":
        fits = fields.string("content_type").startswith(f"{content_type}/")
        message = f"The content.file_id field must name a file of a content type that begins with {content_type}/"
        errors.require(fits, "content.file_id", message)
    _check_buttons(fields.objects("buttons"), channel, errors)


def _is_carried(content_type: str, channel: ChannelType) -> bool:
    wanted = {
        "template": channel.templates,
        "location": channel.locations,
        "buttons": channel.max_buttons > 0,
        **{media_type: media_type in channel.media_types for media_type in MEDIA},
    }
    return wanted.get(content_type, True)


def _check_buttons(buttons: list[Fields], channel: ChannelType, errors: ValidationErrors) -> None:
    fits = channel.max_buttons == 0 or len(buttons) <= channel.max_buttons
    errors.require(fits, "content.buttons", f"The channel takes at most {channel.max_buttons} buttons")
    ids = [button.string("id") for button in buttons]
    for position, button_id in enumerate(ids):
        is_first, field = button_id not in ids[:position], f"content.buttons.{position}.id"
        errors.require(is_first, field, f"The {field} field is that of an earlier button")


def _template(fields: Fields) -> JsonObject:
    named = {name: fields.value(name) for name in ("name", "language")}
    return {"type": "template", **named, "variables": fields.object("variables")}


def _buttons(fields: Fields) -> JsonObject:
    buttons: list[Json] = [
        {"id": button.string("id"), "title": button.string("title"), "url": button.optional_string("url")}
        for button in fields.objects("buttons")
    ]
    return {"type": "buttons", "text": fields.string("text"), "buttons": buttons}


_PREPARATIONS: Mapping[str, Callable[[Fields], JsonObject]] = {
    "text": lambda fields: text(fields.string("text")),
    "location": location,
    "template": _template,
    "buttons": _buttons,
}

_LOGIN: Mapping[str, str] = {
    "en": "Tap to log in to {app}.",
    "de": "Tippe, um dich bei {app} anzumelden.",
    "es": "Toca para iniciar sesión en {app}.",
    "fr": "Appuie pour te connecter à {app}.",
    "pt": "Toque para entrar em {app}.",
}
_CODE: Mapping[str, str] = {
    "en": "{code} is your code for {app}.",
    "de": "{code} ist dein Code für {app}.",
    "es": "{code} es tu código para {app}.",
    "fr": "{code} est ton code pour {app}.",
    "pt": "{code} é o seu código para {app}.",
}


def login_text(app_name: str, language: str | None) -> str:
    """Return an invitation to log in to an app, in the contact's language where that is known."""
    return _in_language(_LOGIN, language).replace("{app}", app_name)


def code_text(app_name: str, language: str | None) -> str:
    """Return a sentence with `{code}` in it for a one-time password, in the contact's language where that is known."""
    return _in_language(_CODE, language).replace("{app}", app_name)


def _in_language(sentences: Mapping[str, str], language: str | None) -> str:
    return sentences.get((language or "en").partition("-")[0], sentences["en"])
