"""Adds messages, and tells those who listen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trilogue_sandbox.botpress_chat import signals
from trilogue_sandbox.botpress_chat.caller import Caller
from trilogue_sandbox.botpress_chat.schema import MESSAGES
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import MILLISECOND
from trilogue_sandbox.kernel.views import View

MESSAGE = View[Caller]("Message", MESSAGES)


def add(caller: Caller, conversation_id: str, user_id: str, content: Mapping[str, Any], *, is_bot: bool = False) -> Row:
    """Add a message of a user or of the bot, at least a millisecond after the one before."""
    latest = caller.store.one("SELECT max(created_at) FROM chat_messages WHERE conversation_id = ?", conversation_id)
    before = latest[0] if latest is not None and latest[0] is not None else 0
    sender = {"conversation_id": conversation_id, "user_id": user_id, "is_bot": is_bot}
    created_at = max(caller.now, before + MILLISECOND)
    row = caller.records.add(MESSAGES, {**sender, **content, "created_at": created_at})
    shown = MESSAGE.show_one(caller, row)
    signals.send(caller.world, conversation_id, "message_created", {**shown, "isBot": is_bot})
    return row
