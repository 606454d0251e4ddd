"""The tables of the platform."""

from __future__ import annotations

from trilogue_sandbox.kernel.table import BOOLEAN, CHANGED, CREATED, INTEGER, JSON, TEXT, Table, prefixed_id

USERS = Table(
    "chat_users",
    {
        "id": prefixed_id("user"),
        "name": TEXT.nullable(),
        "picture_url": TEXT.nullable(),
        "profile": TEXT.nullable(),
        "created_at": CREATED,
        "updated_at": CHANGED,
    },
)
CONVERSATIONS = Table(
    "chat_conversations",
    {
        "id": prefixed_id("conv"),
        "owner_id": TEXT,
        "turn": INTEGER.default(0),  # of the script of the bot
        "created_at": CREATED,
        "updated_at": CHANGED,
    },
    indexes=("owner_id, created_at",),
)
PARTICIPANTS = Table(
    "chat_participants",
    {
        "conversation_id": TEXT.references("chat_conversations ON DELETE CASCADE"),
        "user_id": TEXT.references("chat_users ON DELETE CASCADE"),
    },
    primary_key="conversation_id, user_id",
)
MESSAGES = Table(
    "chat_messages",
    {
        "id": prefixed_id("msg"),
        "conversation_id": TEXT.references("chat_conversations ON DELETE CASCADE"),
        "user_id": TEXT,
        "is_bot": BOOLEAN,
        "payload": JSON,
        "metadata": JSON.nullable(),
        "created_at": CREATED,
    },
    indexes=("conversation_id, created_at",),
)
EVENTS = Table(
    "chat_events",
    {
        "id": prefixed_id("evt"),
        "conversation_id": TEXT.references("chat_conversations ON DELETE CASCADE"),
        "user_id": TEXT,
        "payload": JSON,
        "created_at": CREATED,
    },
)
SETTINGS = Table(
    "chat_settings",
    {
        "id": INTEGER.key(),
        "encryption_key": TEXT,
        "is_personal": BOOLEAN,
        "bot_id": TEXT,
        "answers": JSON,
    },
)
"""One row: the configuration of the integration, and of the bot behind it."""
