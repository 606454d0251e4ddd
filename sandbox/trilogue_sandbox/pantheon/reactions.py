"""Emoji put on messages: one by the app, one by the contact."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.pantheon import documents, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.resource_types import MESSAGE


def put_reaction(account: Account, row: sqlite3.Row, by: str, emoji: str | None) -> bool:
    """Put an emoji on a message in the place of an earlier one, or take that away; return whether anything changed."""
    reactions = documents.decode_list(row["reactions"])
    before = next((Fields.of(item) for item in reactions if Fields.of(item).text("by") == by), None)
    if emoji == (before.text("emoji") if before else None):
        return False
    kept: list[Json] = [item for item in reactions if Fields.of(item).text("by") != by]
    if emoji is not None:
        kept.append({"by": by, "emoji": emoji, "created_at": timestamps.show(account.now)})
    account.change(MESSAGE, row, reactions=documents.encode(kept))
    return True
