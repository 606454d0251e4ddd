"""Conversations: one contact, one active channel."""

from __future__ import annotations

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import CHANGED, JSON, TEXT, TIMESTAMP, Row
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.pantheon.accounts import Account, account_table
from trilogue_sandbox.pantheon.channels import CHANNELS
from trilogue_sandbox.pantheon.errors import ValidationErrors, require
from trilogue_sandbox.pantheon.identities import CONTACTS, find_identity
from trilogue_sandbox.pantheon.lists import Listing
from trilogue_sandbox.pantheon.operations import AppExchange, changing, find_named, getting, updating
from trilogue_sandbox.pantheon.webhooks import emit

CLOSED = "The conversation is closed"
NOT_CONNECTED = "The channel is not connected"

CONVERSATIONS = account_table(
    "conversations",
    "conv",
    {
        "contact_id": TEXT,
        "status": TEXT.default("open"),
        "active_channel_id": TEXT,
        "channel_ids": JSON.default([]),
        "subject": TEXT.nullable(),
        "started_by": TEXT,
        "metadata": JSON.default({}),
        "updated_at": CHANGED,
        "last_message_at": TIMESTAMP.nullable(),
        "closed_at": TIMESTAMP.nullable(),
        "close_reason": TEXT.nullable(),
    },
    indexes=("contact_id, created_at, id",),
)

CONVERSATION = View[Account]("Conversation", CONVERSATIONS)


def obstacles(account: Account, channel: Row, contact_id: str) -> list[str]:
    """Return why nothing can be sent to a contact over a channel; nothing if it can."""
    found: list[str] = []
    if channel["status"] != "connected":
        found.append(NOT_CONNECTED)
    if find_identity(account, contact_id, channel["type"]) is None:
        found.append(f"The contact has no identity on {channel['type']}")
    return found


def obstacles_to_send(account: Account, conversation: Row, channel: Row | None = None) -> list[str]:
    """Return why nothing can be sent in a conversation over its active channel; nothing if it can."""
    active = channel or account.find(CHANNELS, conversation["active_channel_id"])
    closed = [CLOSED] if conversation["status"] == "closed" else []
    return closed + obstacles(account, active, conversation["contact_id"])


def start(account: Account, contact_id: str, channel_id: str, started_by: str, **more: Json) -> Row:
    """Open a conversation."""
    values = {"contact_id": contact_id, "active_channel_id": channel_id, "channel_ids": [channel_id]}
    row = account.add(CONVERSATIONS, **values, started_by=started_by, **more)
    _emit(account, "conversation.started", row)
    return row


def switch(account: Account, row: Row, channel_id: str, switched_by: str) -> Row:
    """Make another channel the active one; nothing happens if it is already."""
    before, used = row["active_channel_id"], row["channel_ids"]
    if channel_id == before:
        return row
    used = used if channel_id in used else [*used, channel_id]
    changed = account.change(CONVERSATIONS, row, active_channel_id=channel_id, channel_ids=used)
    _emit(account, "conversation.switched", changed, previous_channel_id=before, switched_by=switched_by)
    return changed


def close(account: Account, row: Row, reason: str | None = None) -> Row:
    """Close an open conversation."""
    changed = account.change(CONVERSATIONS, row, status="closed", closed_at=account.now, close_reason=reason)
    _emit(account, "conversation.closed", changed)
    return changed


def open_conversations(account: Account, contact_id: str) -> list[Row]:
    """Return the open conversations of a contact, the one with the latest message first."""
    found = account.records.select(CONVERSATIONS, contact_id=contact_id, status="open")
    return found.all("ORDER BY last_message_at DESC NULLS LAST, created_at DESC, id DESC")


def is_active_on(account: Account, contact_id: str, channel_type: str) -> bool:
    """Whether an open conversation of a contact has an active channel of a type."""
    active = (row["active_channel_id"] for row in open_conversations(account, contact_id))
    return any(account.find(CHANNELS, channel_id)["type"] == channel_type for channel_id in active)


def _emit(account: Account, event_type: str, row: Row, **more: Json) -> None:
    emit(account, event_type, conversation=CONVERSATION.show_one(account, row), **more)


def _start(exchange: AppExchange) -> JsonObject:
    account, contact = exchange.context, find_named(exchange, CONTACTS, "contact_id")
    channel = find_named(exchange, CHANNELS, "channel_id")
    with ValidationErrors() as errors:
        errors.add("channel_id", *obstacles(account, channel, contact["id"]))
    row = start(account, contact["id"], channel["id"], "app", **exchange.body.given("subject", "metadata"))
    return CONVERSATION.show_one(account, row)


def _switch_channel(account: Account, row: Row, body: Fields) -> Row:
    channel = account.find(CHANNELS, body.string("channel_id"))
    with ValidationErrors() as errors:
        errors.require(row["status"] != "closed", "conversation_id", CLOSED)
        errors.add("channel_id", *obstacles(account, channel, row["contact_id"]))
    return switch(account, row, channel["id"], "app")


def _close(account: Account, row: Row, body: Fields) -> Row:
    require(row["status"] != "closed", "conversation_id", "The conversation is already closed")
    return close(account, row, body.optional_string("reason"))


def _reopen(account: Account, row: Row, body: Fields) -> Row:
    with ValidationErrors() as errors:
        errors.require(row["status"] != "open", "conversation_id", "The conversation is open")
        is_there = account.get(CONTACTS, row["contact_id"]) is not None
        errors.require(is_there, "conversation_id", "The contact of the conversation was deleted")
    changed = account.change(CONVERSATIONS, row, status="open", closed_at=None, close_reason=None)
    _emit(account, "conversation.reopened", changed)
    return changed


RESOURCE = Resource[AppExchange](
    tables=(CONVERSATIONS,),
    operations={
        "conversations_start": _start,
        "conversations_get": getting(CONVERSATION, "conversation_id"),
        "conversations_list": Listing(
            CONVERSATION,
            ("contact_id", "status", "active_channel_id"),
            {"contact_id": CONTACTS, "active_channel_id": CHANNELS},
        ),
        "conversations_update": updating(CONVERSATION, "conversation_id", "subject", "metadata"),
        "conversations_switch_channel": changing(CONVERSATION, "conversation_id", _switch_channel),
        "conversations_close": changing(CONVERSATION, "conversation_id", _close),
        "conversations_reopen": changing(CONVERSATION, "conversation_id", _reopen),
    },
)
