"""What contacts do in their messaging apps: they write, press buttons, react and read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import Resource, control_error
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import contents, conversations, files, identities, messages
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channels import CHANNEL_TYPES, CHANNELS
from trilogue_sandbox.pantheon.contents import MEDIA
from trilogue_sandbox.pantheon.conversations import CONVERSATIONS
from trilogue_sandbox.pantheon.identities import CONTACTS
from trilogue_sandbox.pantheon.messages import MESSAGE, MESSAGES, STEPS
from trilogue_sandbox.pantheon.operations import AppExchange, acting, find_argument
from trilogue_sandbox.pantheon.webhooks import emit

_SEEN = STEPS[1:]
"""The statuses of messages that the contact can see."""

_LONGEST_EMOJI = 16
_LONGEST_NAME = 128
_LONGEST_FILENAME = 255
_LONGEST_STRING = 10_000


def receive(account: Account, channel: Row, contact_id: str, content: JsonObject, **more: Json) -> Row:
    """Let a message of a contact come in on a connected channel; `more` may have its `reply_to_id`."""
    conversation = _conversation_for(account, channel, contact_id)
    row = messages.add(account, conversation, channel["id"], "inbound", content, **more)
    emit(account, "message.received", message=MESSAGE.show_one(account, row))
    return row


def _conversation_for(account: Account, channel: Row, contact_id: str) -> Row:
    """Return the conversation that a message is put into, which is started or switched if need be."""
    going_on = conversations.open_conversations(account, contact_id)
    if not going_on:
        return conversations.start(account, contact_id, channel["id"], "contact")
    on_channel = [row for row in going_on if row["active_channel_id"] == channel["id"]]
    return conversations.switch(account, (on_channel or going_on)[0], channel["id"], "contact")


def _receive(world: World, fields: Fields) -> object:
    """Let a message come in on `channel_id` from `address`; one that nobody has becomes a contact called `name`.

    Instead of `address`, `contact_id` may name the sender. The message says `text`, or a `content`: `text`, `location`,
    or media with a `file` (`name`, `content_type`, and `data` in base64). `reply_to_id` names what it replies to.
    Returns the message.
    """
    fields.only("channel_id", "address", "contact_id", "name", "text", "content", "reply_to_id")
    account, channel = find_argument(world, fields, CHANNELS, "channel_id", ("connected",))
    content = _read_content(account, fields)
    contact_id = _find_sender(account, channel["type"], fields)
    reply_to_id = _find_replied_to(account, contact_id, fields)
    return MESSAGE.show_one(account, receive(account, channel, contact_id, content, reply_to_id=reply_to_id))


def _find_sender(account: Account, channel_type: str, fields: Fields) -> str:
    if "contact_id" in fields:
        contact_id = fields.string("contact_id")
        if account.get(CONTACTS, contact_id) is None:
            raise control_error("contact_id", "names no contact of the channel's account")
        if identities.find_identity(account, contact_id, channel_type) is None:
            raise ControlError(f"the contact has no identity on {channel_type}", "contact_id")
        return contact_id
    address = CHANNEL_TYPES[channel_type].normalize(fields.string("address"))
    if address is None:
        raise control_error("address", f"is no address of the type {channel_type}")
    name = fields.optional_string("name", _LONGEST_NAME)
    owner_id = identities.find_owner(account, channel_type, address)
    return owner_id or str(identities.add_contact(account, [(channel_type, address)], name=name)["id"])


def _find_replied_to(account: Account, contact_id: str, fields: Fields) -> str | None:
    reply_to_id = fields.optional_string("reply_to_id")
    if reply_to_id is None:
        return None
    row = account.get(MESSAGES, reply_to_id)
    if row is None or row["contact_id"] != contact_id:
        raise control_error("reply_to_id", "names no message from or to this contact")
    return reply_to_id


def _read_content(account: Account, fields: Fields) -> JsonObject:
    if "content" not in fields:
        return contents.text(fields.string("text", longest=_LONGEST_STRING))
    content = fields.nested("content")
    return _CONTENTS[content.choice("type", tuple(_CONTENTS))](account, content)


def _read_text(account: Account, content: Fields) -> JsonObject:
    content.only("type", "text")
    return contents.text(content.string("text", longest=_LONGEST_STRING))


def _read_location(account: Account, content: Fields) -> JsonObject:
    content.only("type", "latitude", "longitude", "name", "address")
    for name, largest in (("latitude", 90), ("longitude", 180)):
        if abs(content.number(name)) > largest:
            raise control_error(name, f"must be a number from -{largest} to {largest}")
    for name in ("name", "address"):
        content.optional_string(name, _LONGEST_STRING)
    return contents.location(content)


def _read_media(account: Account, content: Fields) -> JsonObject:
    content.only("type", "file", "caption", "filename")
    for name in ("caption", "filename"):
        content.optional_string(name, _LONGEST_STRING)
    if "file" not in content:
        raise control_error("file", "must be given")
    return contents.media(content.string("type"), _receive_file(account, content.nested("file")), content)


def _receive_file(account: Account, file: Fields) -> Row:
    file.only("name", "content_type", "data")
    content_type = files.read_content_type(file.string("content_type"))
    if content_type is None:
        raise control_error("content_type", "must be a media type such as image/jpeg")
    try:
        data = base64.b64decode(file.string("data"), validate=True)
    except binascii.Error as error:
        raise control_error("data", "must be in base64") from error
    if not 1 <= len(data) <= files.MAX_SIZE:
        raise control_error("data", "must have 1 byte to 25 MiB")
    return files.store(account, file.string("name", "file", _LONGEST_FILENAME), content_type, data)


_CONTENTS: Mapping[str, Callable[[Account, Fields], JsonObject]] = {
    "text": _read_text,
    "location": _read_location,
    **dict.fromkeys(MEDIA, _read_media),
}


def press_button(account: Account, row: Row, fields: Fields) -> Row:
    """Press `button_id` below `message_id`; return the message that comes in."""
    button_id, buttons = fields.string("button_id"), row["content"].get("buttons", [])
    button = next((button for button in buttons if button["id"] == button_id), None)
    if button is None or button["url"] is not None:
        raise ControlError("the message has no such button that reports a press", "button_id")
    channel = account.find(CHANNELS, row["channel_id"])
    if channel["status"] != "connected":
        raise ControlError(f"the channel of the message is {channel['status']}, not connected", "message_id")
    content = contents.text(button["title"], button_id)
    return receive(account, channel, row["contact_id"], content, reply_to_id=row["id"])


def _react(account: Account, row: Row, fields: Fields) -> Row:
    """Put `emoji` on `message_id` as the contact, or take that away (null); return the message."""
    if not messages.channel_type_of(account, row).reactions:
        raise ControlError("the channel of the message has no reactions", "message_id")
    reacted = messages.react(account, row, "contact", fields.optional_string("emoji", _LONGEST_EMOJI))
    if reacted is not row:
        emit(account, "message.reacted", message=MESSAGE.show_one(account, reacted))
    return reacted


def _read_messages(world: World, fields: Fields) -> object:
    """Read all messages of `conversation_id` that have reached the contact; return their ids."""
    fields.only("conversation_id")
    account, conversation = find_argument(world, fields, CONVERSATIONS, "conversation_id")
    sent = account.records.select(MESSAGES, conversation_id=conversation["id"], direction="outbound")
    delivered = sent.equal("status", "delivered").all("ORDER BY created_at, id")
    reported = [row for row in delivered if messages.channel_type_of(account, row).read_receipts]
    return {"read": [messages.reach(account, row, "read")["id"] for row in reported]}


RESOURCE = Resource[AppExchange](
    actions={
        "receive": _receive,
        "press_button": acting(MESSAGE, "message_id", press_button, "button_id", statuses=_SEEN),
        "react": acting(MESSAGE, "message_id", _react, "emoji", statuses=_SEEN),
        "read_messages": _read_messages,
    }
)
