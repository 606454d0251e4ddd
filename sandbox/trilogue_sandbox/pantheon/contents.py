"""What a message is to say, made ready to be kept, and what a channel has against it.

The content of media is kept without its `url`, since each answer brings a new one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import TypeAlias

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channel_types import ChannelType
from trilogue_sandbox.pantheon.errors import Faults
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.message_view import MEDIA
from trilogue_sandbox.pantheon.resource_types import FILE


def prepare(account: Account, given: Fields) -> JsonObject:
    """Return the content of a message to be sent, as it is kept.

    Raises:
        ApiError: 404, there is no such file.
    """
    kind = given.text("type")
    if kind in MEDIA:
        return of_file(kind, account.find(FILE, given.text("file_id")), given)
    return _PLAIN[kind](given)


def of_file(kind: str, file: sqlite3.Row, given: Fields) -> JsonObject:
    """Return the content of a message that carries a file."""
    content: JsonObject = {"type": kind, "file_id": file["id"], "content_type": file["content_type"]}
    if kind == "document":
        content["filename"] = given.text("filename", file["name"])
    if kind != "audio":
        content["caption"] = given.optional_text("caption")
    return content


def check(content: JsonObject, channel: ChannelType, faults: Faults) -> None:
    """Note everything that keeps a channel from carrying a content."""
    kind = str(content["type"])
    faults.add_if(not _is_carried(kind, channel), "content.type", "The channel cannot carry this type of content")
    for field in ("text", "caption"):
        text = content.get(field)
        is_too_long = isinstance(text, str) and len(text) > channel.max_text_length
        faults.add_if(
            is_too_long, f"content.{field}", f"The channel takes at most {channel.max_text_length} characters"
        )
    if kind in MEDIA and kind != "document":
        is_another = not str(content["content_type"]).startswith(f"{kind}/")
        faults.add_if(is_another, "content.file_id", f"The content type of the file does not begin with {kind}/")
    if kind == "buttons":
        _check_buttons(Fields(content).objects("buttons"), channel, faults)


def location(given: Fields) -> JsonObject:
    """Return the content of a message that says where something is."""
    return {
        "type": "location",
        "latitude": given.values["latitude"],
        "longitude": given.values["longitude"],
        "name": given.optional_text("name"),
        "address": given.optional_text("address"),
    }


def text(words: str, button_id: str | None = None) -> JsonObject:
    """Return the content of a message of words."""
    return {"type": "text", "text": words, "button_id": button_id}


def _is_carried(kind: str, channel: ChannelType) -> bool:
    wanted = {
        "template": channel.templates,
        "location": channel.locations,
        "buttons": channel.max_buttons > 0,
        **{media: media in channel.media_types for media in MEDIA},
    }
    return wanted.get(kind, True)


def _check_buttons(buttons: list[Fields], channel: ChannelType, faults: Faults) -> None:
    is_too_many = 0 < channel.max_buttons < len(buttons)
    faults.add_if(is_too_many, "content.buttons", f"The channel takes at most {channel.max_buttons} buttons")
    ids = [button.text("id") for button in buttons]
    for position, button_id in enumerate(ids):
        is_second = button_id in ids[:position]
        faults.add_if(is_second, f"content.buttons.{position}.id", "An earlier button has the same id")


def _template(given: Fields) -> JsonObject:
    return {
        "type": "template",
        "name": given.text("name"),
        "language": given.text("language"),
        "variables": given.object("variables"),
    }


def _buttons(given: Fields) -> JsonObject:
    buttons: list[Json] = [
        {"id": button.text("id"), "title": button.text("title"), "url": button.optional_text("url")}
        for button in given.objects("buttons")
    ]
    return {"type": "buttons", "text": given.text("text"), "buttons": buttons}


_Preparation: TypeAlias = Callable[[Fields], JsonObject]

_PLAIN: Mapping[str, _Preparation] = {
    "text": lambda given: text(given.text("text")),
    "location": location,
    "template": _template,
    "buttons": _buttons,
}
