"""Keys, of all three kinds: what their lists and creates have in common."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import lookups, timestamps
from trilogue_sandbox.botpress.auth import TokenKind, TokenOwner, add_token, new_token
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select

_TABLE = "botpress_tokens"


def list_all(call: Call, column: str, owner_id: str) -> list[Json]:
    """Return all keys of an account, bot or integration, the newest first and without their secrets."""
    select = Select(_TABLE).equal(column, owner_id)
    rows = call.store.all(select.sql("ORDER BY item.created_at DESC, item.rowid DESC"), *select.values)
    return [_show(row) for row in rows]


def create(call: Call, kind: TokenKind, owner: TokenOwner) -> JsonObject:
    """Make a key with the note of the body; return it with its secret."""
    secret = new_token(kind, call.world)
    key_id = add_token(call.world, kind, secret, owner, call.body.text("note", ""))
    return {**_show(lookups.find(call.store, Select(_TABLE), "key", key_id)), "value": secret}


def delete(call: Call, keys: Select) -> JsonObject:
    """Delete the key that the path names; it opens nothing from now on.

    Raises:
        ApiError: it is not among those the caller may delete (ResourceNotFound).
    """
    row = lookups.find(call.store, keys, "key", call.path.text("id"))
    call.store.run("DELETE FROM botpress_tokens WHERE id = ?", row["id"])
    return {}


def of_kind(kind: TokenKind) -> Select:
    """Select the keys of a kind."""
    return Select(_TABLE).equal("kind", kind)


def _show(row: sqlite3.Row) -> JsonObject:
    return {"id": row["id"], "createdAt": timestamps.show(row["created_at"]), "note": row["note"] or ""}
