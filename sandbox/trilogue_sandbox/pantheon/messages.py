"""The namespace messages."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.pantheon import contents, conversations, deletions, message_life, message_view
from trilogue_sandbox.pantheon.channel_types import CHANNEL_TYPES
from trilogue_sandbox.pantheon.errors import Faults
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.paging import Listing, list_page
from trilogue_sandbox.pantheon.reactions import put_reaction
from trilogue_sandbox.pantheon.resource_types import CHANNEL, CONTACT, CONVERSATION, MESSAGE
from trilogue_sandbox.pantheon.resources import Resource


def _send(call: Call) -> JsonObject:
    conversation = call.find(CONVERSATION, "conversation_id")
    content = contents.prepare(call.account, call.body.below("content"))
    reply_to = call.find_optional(MESSAGE, "reply_to_id")
    channel = call.account.find(CHANNEL, conversation["active_channel_id"])
    faults = Faults()
    faults.add("conversation_id", *conversations.obstacles_to_send(call.account, conversation))
    contents.check(content, CHANNEL_TYPES[channel["type"]], faults)
    if reply_to is not None and reply_to["conversation_id"] != conversation["id"]:
        faults.add("reply_to_id", "This message belongs to another conversation")
    faults.raise_if_any()
    reply_to_id, metadata = call.body.optional_text("reply_to_id"), call.body.object("metadata")
    message_id = message_life.enqueue(call.account, conversation, channel["id"], content, reply_to_id, metadata)
    return message_view.show_current(call.account, message_id)


def _get(call: Call) -> JsonObject:
    return message_view.show(call.account, call.find(MESSAGE, "message_id"))


_MESSAGES = Listing(
    MESSAGE.table,
    message_view.show,
    ("conversation_id", "contact_id", "channel_id", "direction", "type", "status"),
    {"conversation_id": CONVERSATION, "contact_id": CONTACT, "channel_id": CHANNEL},
)


def _list(call: Call) -> JsonObject:
    return list_page(call, _MESSAGES)


def _mark_as_read(call: Call) -> JsonObject:
    row = call.find(MESSAGE, "message_id")
    faults = Faults()
    faults.add_if(row["direction"] == "outbound", "message_id", "The message is outbound; the contact reads those")
    faults.raise_if_any()
    call.store.run(
        "UPDATE pantheon_messages SET status = 'read', read_at = ? WHERE conversation_id = ? AND direction = 'inbound'"
        " AND status = 'delivered' AND (created_at, id) <= (?, ?)",
        *(call.now, row["conversation_id"], row["created_at"], row["id"]),
    )
    return message_view.show_current(call.account, row["id"])


def _react(call: Call) -> JsonObject:
    row = call.find(MESSAGE, "message_id")
    conversation = call.account.find(CONVERSATION, row["conversation_id"])
    channel = call.account.find(CHANNEL, row["channel_id"])
    faults = Faults()
    faults.add_if(conversation["status"] == "closed", "message_id", conversations.CLOSED)
    faults.add_if(channel["status"] != "connected", "message_id", "The channel of it is not connected")
    faults.add_if(not CHANNEL_TYPES[channel["type"]].reactions, "message_id", "The channel of it has no reactions")
    faults.add_if(row["status"] in ("queued", "failed"), "message_id", f"The message is {row['status']}")
    faults.raise_if_any()
    put_reaction(call.account, row, "app", call.body.optional_text("emoji"))
    return message_view.show_current(call.account, row["id"])


def _delete(call: Call) -> JsonObject:
    return deletions.delete(call.account, MESSAGE, call.find(MESSAGE, "message_id")["id"])


RESOURCE: Resource = Resource(
    handlers={
        "messages_send": _send,
        "messages_get": _get,
        "messages_list": _list,
        "messages_mark_as_read": _mark_as_read,
        "messages_react": _react,
        "messages_delete": _delete,
    },
    actions=message_life.ACTIONS,
    timers=message_life.TIMERS,
)
