"""What contacts do in their messaging apps: they write, press buttons, react and read."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Callable, Mapping

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import (
    arguments,
    contacts,
    contents,
    conversations,
    documents,
    events,
    files,
    identities,
    message_life,
    message_view,
)
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channel_types import CHANNEL_TYPES
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.message_view import MEDIA
from trilogue_sandbox.pantheon.reactions import put_reaction
from trilogue_sandbox.pantheon.resource_types import CHANNEL, CONTACT, CONVERSATION, FILE, MESSAGE
from trilogue_sandbox.pantheon.resources import Resource

_LONGEST_EMOJI = 16
_LONGEST_NAME = 128


def receive(
    account: Account, channel: sqlite3.Row, contact_id: str, content: JsonObject, reply_to_id: str | None = None
) -> str:
    """Let a message of a contact come in on a connected channel; return its id."""
    conversation_id = _conversation_for(account, channel, contact_id)
    conversation = account.find(CONVERSATION, conversation_id)
    message_id = message_life.add(account, conversation, channel["id"], "inbound", content, reply_to_id)
    events.emit(account, "message.received", {"message": message_view.show_current(account, message_id)})
    return message_id


def _conversation_for(account: Account, channel: sqlite3.Row, contact_id: str) -> str:
    """Return the conversation that a message is put into, which is started or switched if need be."""
    going_on = conversations.open_of(account, contact_id)
    if not going_on:
        return conversations.start(account, contact_id, channel["id"], "contact", None, {})
    on_channel = [row for row in going_on if row["active_channel_id"] == channel["id"]]
    chosen = (on_channel or going_on)[0]
    conversations.switch(account, chosen, channel["id"], "contact")
    return str(chosen["id"])


def _receive(world: World, given: JsonObject) -> object:
    """Let a message come in on `channel_id` from `address`; one that nobody has becomes a contact called `name`.

    Instead of `address`, `contact_id` may name the sender. The message says `text`, or a `content`: `text`, `location`,
    or media with a `file` (`name`, `content_type`, and `data` in base64). `reply_to_id` names what it answers. Returns
    the message.
    """
    arguments.only(given, "channel_id", "address", "contact_id", "name", "text", "content", "reply_to_id")
    account, channel = _connected_channel(world, given)
    content = _content(account, given)
    contact_id = _sender(account, channel["type"], given)
    message_id = receive(account, channel, contact_id, content, _answered(account, contact_id, given))
    return message_view.show_current(account, message_id)


def _connected_channel(world: World, given: JsonObject) -> tuple[Account, sqlite3.Row]:
    account, channel = arguments.thing(world, given, CHANNEL, "channel_id")
    if channel["status"] != "connected":
        raise ControlError(f"the channel is {channel['status']}, so nothing comes in on it", "channel_id")
    return account, channel


def _sender(account: Account, channel_type: str, given: JsonObject) -> str:
    if "contact_id" in given:
        contact_id = arguments.text(given, "contact_id")
        if account.get(CONTACT, contact_id) is None:
            raise ControlError("`contact_id` names no contact of the channel's account", "contact_id")
        if identities.find(account, contact_id, channel_type) is None:
            raise ControlError(f"the contact has no identity on {channel_type}", "contact_id")
        return contact_id
    address = CHANNEL_TYPES[channel_type].normal(arguments.text(given, "address"))
    if address is None:
        raise ControlError(f"this is no address of the type {channel_type}", "address")
    name = arguments.optional_text(given, "name", longest=_LONGEST_NAME)
    owner = identities.owner(account, channel_type, address)
    return owner or contacts.create(account, name, None, [(channel_type, address)], {})


def _answered(account: Account, contact_id: str, given: JsonObject) -> str | None:
    reply_to_id = arguments.optional_text(given, "reply_to_id")
    if reply_to_id is None:
        return None
    row = account.get(MESSAGE, reply_to_id)
    if row is None or row["contact_id"] != contact_id:
        raise ControlError("`reply_to_id` names no message from or to this contact", "reply_to_id")
    return reply_to_id


def _content(account: Account, given: JsonObject) -> JsonObject:
    if "content" not in given:
        return contents.text(arguments.text(given, "text"))
    content = arguments.mapping(given, "content")
    kind = arguments.choice(content, "type", tuple(_CONTENTS))
    return _CONTENTS[kind](account, content)


def _text(account: Account, content: JsonObject) -> JsonObject:
    arguments.only(content, "type", "text")
    return contents.text(arguments.text(content, "text"))


def _location(account: Account, content: JsonObject) -> JsonObject:
    arguments.only(content, "type", "latitude", "longitude", "name", "address")
    for name, largest in (("latitude", 90), ("longitude", 180)):
        value = content.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > largest:
            raise ControlError(f"`{name}` is a number from -{largest} to {largest}", name)
    for name in ("name", "address"):
        arguments.optional_text(content, name)
    return contents.location(Fields(content))


def _media(account: Account, content: JsonObject) -> JsonObject:
    arguments.only(content, "type", "file", "caption", "filename")
    for name in ("caption", "filename"):
        arguments.optional_text(content, name)
    file_id = _received_file(account, arguments.mapping(content, "file"))
    return contents.of_file(str(content["type"]), account.find(FILE, file_id), Fields(content))


def _received_file(account: Account, file: JsonObject) -> str:
    arguments.only(file, "name", "content_type", "data")
    content_type = files.read_content_type(arguments.text(file, "content_type"))
    if content_type is None:
        raise ControlError("`content_type` is a media type such as image/jpeg", "content_type")
    try:
        data = base64.b64decode(arguments.text(file, "data", longest=2 * files.MAX_SIZE), validate=True)
    except binascii.Error as error:
        raise ControlError("`data` is base64", "data") from error
    if not 1 <= len(data) <= files.MAX_SIZE:
        raise ControlError("`data` has 1 byte to 25 MiB", "data")
    return files.store(account, arguments.text(file, "name", "file", longest=255), content_type, data)


_CONTENTS: Mapping[str, Callable[[Account, JsonObject], JsonObject]] = {
    "text": _text,
    "location": _location,
    **dict.fromkeys(MEDIA, _media),
}


def _press_button(world: World, given: JsonObject) -> object:
    """Press `button_id` below `message_id`; return the message that comes in."""
    arguments.only(given, "message_id", "button_id")
    account, row = _seen_message(world, given)
    button_id = arguments.text(given, "button_id")
    buttons = Fields(documents.decode_object(row["content"])).objects("buttons")
    button = next((button for button in buttons if button.text("id") == button_id), None)
    if button is None or button.optional_text("url") is not None:
        raise ControlError("the message has no such button that reports a press", "button_id")
    _, channel = _connected_channel(world, {"channel_id": row["channel_id"]})
    content = contents.text(button.text("title"), button_id)
    message_id = receive(account, channel, row["contact_id"], content, row["id"])
    return message_view.show_current(account, message_id)


def _react(world: World, given: JsonObject) -> object:
    """Put `emoji` on `message_id` as the contact, or take that away (null); return the message."""
    arguments.only(given, "message_id", "emoji")
    account, row = _seen_message(world, given)
    if not message_life.channel_type_of(account, row).reactions:
        raise ControlError("the channel of the message has no reactions", "message_id")
    if put_reaction(account, row, "contact", arguments.optional_text(given, "emoji", longest=_LONGEST_EMOJI)):
        events.emit(account, "message.reacted", {"message": message_view.show_current(account, row["id"])})
    return message_view.show_current(account, row["id"])


def _read_messages(world: World, given: JsonObject) -> object:
    """Read all messages of `conversation_id` that have reached the contact; return their ids."""
    arguments.only(given, "conversation_id")
    account, conversation = arguments.thing(world, given, CONVERSATION, "conversation_id")
    delivered = account.store.all(
        "SELECT * FROM pantheon_messages WHERE conversation_id = ? AND direction = 'outbound' AND status = 'delivered'"
        " ORDER BY created_at, id",
        conversation["id"],
    )
    told = [row for row in delivered if message_life.channel_type_of(account, row).read_receipts]
    for row in told:
        message_life.reach_step(account, row, "read")
    return {"read": [row["id"] for row in told]}


def _seen_message(world: World, given: JsonObject) -> tuple[Account, sqlite3.Row]:
    account, row = arguments.thing(world, given, MESSAGE, "message_id")
    if row["status"] in ("queued", "failed"):
        raise ControlError(f"the message is {row['status']}, so the contact does not see it", "message_id")
    return account, row


RESOURCE: Resource = Resource(
    actions={
        "receive": _receive,
        "press_button": _press_button,
        "react": _react,
        "read_messages": _read_messages,
    }
)
