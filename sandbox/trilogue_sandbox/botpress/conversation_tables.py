"""The tables of what goes on in a bot: users, conversations, events, workflows and states."""

from __future__ import annotations

from trilogue_sandbox.botpress.columns import NOTE, TIMES, of
from trilogue_sandbox.kernel.table import BOOLEAN, CREATED, INTEGER, JSON, TEXT, TIMESTAMP, Table, prefixed_id

USERS = Table(
    "botpress_users",
    {
        "id": prefixed_id("user"),
        "bot_id": of("bots"),
        "tags": JSON,
        "name": NOTE,
        "picture_url": NOTE,
        "properties": JSON.default({}),
        **TIMES,
    },
    indexes=("bot_id, created_at", "bot_id, updated_at"),
)


CONVERSATIONS = Table(
    "botpress_conversations",
    {
        "id": prefixed_id("conv"),
        "bot_id": of("bots"),
        **dict.fromkeys(("integration", "alias", "channel"), TEXT),
        "tags": JSON,
        "properties": JSON.default({}),
        "message_count": INTEGER.default(0),
        **TIMES,
    },
    indexes=("bot_id, created_at", "bot_id, updated_at"),
)


PARTICIPANTS = Table(
    "botpress_participants",
    {"conversation_id": of("conversations"), "user_id": of("users")},
    primary_key="conversation_id, user_id",
    indexes=("user_id",),
)


MESSAGES = Table(
    "botpress_messages",
    {
        "id": prefixed_id("msg"),
        "bot_id": of("bots"),
        "conversation_id": of("conversations"),
        "user_id": TEXT,
        "type": TEXT,
        "payload": JSON,
        "direction": TEXT,
        "tags": JSON,
        "origin": NOTE,
        "is_sent": BOOLEAN.default(True),
        **TIMES,
    },
    indexes=("bot_id, created_at", "conversation_id, created_at"),
)


EVENTS = Table(
    "botpress_events",
    {
        "id": prefixed_id("evt"),
        "bot_id": of("bots"),
        "type": TEXT,
        "payload": JSON,
        **dict.fromkeys(("conversation_id", "user_id", "message_id", "workflow_id"), NOTE),
        "status": TEXT,
        "failure_reason": NOTE,
        "created_at": CREATED,
    },
    indexes=("bot_id, created_at", "conversation_id, created_at"),
)


WORKFLOWS = Table(
    "botpress_workflows",
    {
        "id": prefixed_id("wkflow"),
        "bot_id": of("bots"),
        "name": TEXT,
        "status": TEXT,
        "input": JSON,
        "output": JSON.default({}),
        **dict.fromkeys(("parent_workflow_id", "conversation_id", "user_id", "event_id"), NOTE),
        "tags": JSON,
        "failure_reason": NOTE,
        "timeout_at": TIMESTAMP,
        "completed_at": TIMESTAMP.nullable(),
        **TIMES,
        "is_active": BOOLEAN.computed("status IN ('pending', 'in_progress', 'listening', 'paused')"),
    },
    indexes=("bot_id, created_at", "conversation_id, is_active", "user_id, is_active", "parent_workflow_id, is_active"),
)


STATES = Table(
    "botpress_states",
    {
        "id": prefixed_id("state"),
        "bot_id": of("bots"),
        **dict.fromkeys(("type", "owner_id", "name"), TEXT),
        "payload": JSON,
        "expiry": INTEGER.nullable(),
        "expires_at": TIMESTAMP.nullable(),
        "is_expired": BOOLEAN.default(False),
        "is_cached": BOOLEAN.default(False),
        "created_at": CREATED,
        "updated_at": TIMESTAMP.filled(lambda world: world.now),
    },
    unique_indexes=("bot_id, type, owner_id, name",),
)
