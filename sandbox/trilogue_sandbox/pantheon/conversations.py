"""The namespace conversations."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.pantheon import documents, events, identities, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.errors import Faults
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.paging import Listing, list_page
from trilogue_sandbox.pantheon.resource_types import CHANNEL, CONTACT, CONVERSATION
from trilogue_sandbox.pantheon.resources import Resource

CLOSED = "The conversation is closed"


def show(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a conversation as the API shows it."""
    return {
        "id": row["id"],
        "contact_id": row["contact_id"],
        "status": row["status"],
        "active_channel_id": row["active_channel_id"],
        "channel_ids": documents.decode(row["channel_ids"]),
        "subject": row["subject"],
        "started_by": row["started_by"],
        "metadata": documents.decode(row["metadata"]),
        "created_at": timestamps.show(row["created_at"]),
        "updated_at": timestamps.show(row["updated_at"]),
        "last_message_at": timestamps.show_optional(row["last_message_at"]),
        "closed_at": timestamps.show_optional(row["closed_at"]),
        "close_reason": row["close_reason"],
    }


def obstacles(account: Account, channel: sqlite3.Row, contact_id: str) -> list[str]:
    """Return why nothing can be sent to a contact over a channel; nothing if it can."""
    found: list[str] = []
    if channel["status"] != "connected":
        found.append("The channel is not connected")
    if identities.find(account, contact_id, channel["type"]) is None:
        found.append(f"The contact has no identity on {channel['type']}")
    return found


def obstacles_to_send(account: Account, conversation: sqlite3.Row) -> list[str]:
    """Return why nothing can be sent in a conversation over its active channel; nothing if it can."""
    channel = account.find(CHANNEL, conversation["active_channel_id"])
    closed = [CLOSED] if conversation["status"] == "closed" else []
    return closed + obstacles(account, channel, conversation["contact_id"])


def start(
    account: Account, contact_id: str, channel_id: str, started_by: str, subject: str | None, metadata: JsonObject
) -> str:
    """Open a conversation and return its id."""
    conversation_id = account.add(
        CONVERSATION,
        {
            "contact_id": contact_id,
            "status": "open",
            "active_channel_id": channel_id,
            "channel_ids": documents.encode([channel_id]),
            "subject": subject,
            "started_by": started_by,
            "metadata": documents.encode(metadata),
            "created_at": account.now,
            "updated_at": account.now,
        },
    )
    _emit(account, "conversation.started", conversation_id)
    return conversation_id


def switch(account: Account, row: sqlite3.Row, channel_id: str, switched_by: str) -> None:
    """Make another channel the active one; nothing happens if it is already."""
    before = row["active_channel_id"]
    if channel_id == before:
        return
    used = documents.decode_list(row["channel_ids"])
    used = used if channel_id in used else [*used, channel_id]
    account.change(CONVERSATION, row, active_channel_id=channel_id, channel_ids=documents.encode(used))
    _emit(account, "conversation.switched", row["id"], {"previous_channel_id": before, "switched_by": switched_by})


def close(account: Account, row: sqlite3.Row, reason: str | None = None) -> None:
    """Close an open conversation."""
    account.change(CONVERSATION, row, status="closed", closed_at=account.now, close_reason=reason)
    _emit(account, "conversation.closed", row["id"])


def close_all(account: Account, contact_id: str) -> None:
    """Close the open conversations of a contact."""
    for row in open_of(account, contact_id):
        close(account, row)


def open_of(account: Account, contact_id: str) -> list[sqlite3.Row]:
    """Return the open conversations of a contact, the one with the latest message first."""
    return account.store.all(
        "SELECT * FROM pantheon_conversations WHERE contact_id = ? AND status = 'open'"
        " ORDER BY last_message_at DESC NULLS LAST, created_at DESC, id DESC",
        contact_id,
    )


def is_active_on(account: Account, contact_id: str, channel_type: str) -> bool:
    """Whether an open conversation of a contact has an active channel of a type."""
    return any(
        account.find(CHANNEL, row["active_channel_id"])["type"] == channel_type for row in open_of(account, contact_id)
    )


def _start(call: Call) -> JsonObject:
    contact, channel = call.find(CONTACT, "contact_id"), call.find(CHANNEL, "channel_id")
    faults = Faults()
    faults.add("channel_id", *obstacles(call.account, channel, contact["id"]))
    faults.raise_if_any()
    subject, metadata = call.body.optional_text("subject"), call.body.object("metadata")
    return _shown(call, start(call.account, contact["id"], channel["id"], "app", subject, metadata))


def _get(call: Call) -> JsonObject:
    return show(call.account, call.find(CONVERSATION, "conversation_id"))


_CONVERSATIONS = Listing(
    CONVERSATION.table,
    show,
    ("contact_id", "status", "active_channel_id"),
    {"contact_id": CONTACT, "active_channel_id": CHANNEL},
)


def _list(call: Call) -> JsonObject:
    return list_page(call, _CONVERSATIONS)


def _update(call: Call) -> JsonObject:
    row = call.find(CONVERSATION, "conversation_id")
    if "subject" in call.body:
        call.account.change(CONVERSATION, row, subject=call.body.optional_text("subject"))
    if "metadata" in call.body:
        call.account.change(CONVERSATION, row, metadata=documents.encode(call.body.object("metadata")))
    return _shown(call, row["id"])


def _switch_channel(call: Call) -> JsonObject:
    row, channel = call.find(CONVERSATION, "conversation_id"), call.find(CHANNEL, "channel_id")
    faults = Faults()
    faults.add_if(row["status"] == "closed", "conversation_id", CLOSED)
    faults.add("channel_id", *obstacles(call.account, channel, row["contact_id"]))
    faults.raise_if_any()
    switch(call.account, row, channel["id"], "app")
    return _shown(call, row["id"])


def _close(call: Call) -> JsonObject:
    row = call.find(CONVERSATION, "conversation_id")
    faults = Faults()
    faults.add_if(row["status"] == "closed", "conversation_id", "The conversation is already closed")
    faults.raise_if_any()
    close(call.account, row, call.body.optional_text("reason"))
    return _shown(call, row["id"])


def _reopen(call: Call) -> JsonObject:
    row = call.find(CONVERSATION, "conversation_id")
    faults = Faults()
    faults.add_if(row["status"] == "open", "conversation_id", "The conversation is open")
    faults.add_if(
        call.account.get(CONTACT, row["contact_id"]) is None, "conversation_id", "The contact of it was deleted"
    )
    faults.raise_if_any()
    call.account.change(CONVERSATION, row, status="open", closed_at=None, close_reason=None)
    _emit(call.account, "conversation.reopened", row["id"])
    return _shown(call, row["id"])


def _emit(account: Account, event_type: str, conversation_id: str, more: JsonObject | None = None) -> None:
    conversation = show(account, account.find(CONVERSATION, conversation_id))
    events.emit(account, event_type, {"conversation": conversation, **(more or {})})


def _shown(call: Call, conversation_id: str) -> JsonObject:
    return show(call.account, call.account.find(CONVERSATION, conversation_id))


RESOURCE: Resource = Resource(
    handlers={
        "conversations_start": _start,
        "conversations_get": _get,
        "conversations_list": _list,
        "conversations_update": _update,
        "conversations_switch_channel": _switch_channel,
        "conversations_close": _close,
        "conversations_reopen": _reopen,
    },
)
