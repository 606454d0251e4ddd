"""Which files a caller may see and change, and how one is named.

A member of the workspace sees all files of the bot, the bot those that no integration owns, and an integration its own
and those whose policies say `integrations`. Only who owns a file, or a member of the workspace, may change it.
"""

from __future__ import annotations

import sqlite3

import attrs

from trilogue_sandbox.botpress import lookups
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.kernel.select import Select

TABLE = "botpress_files"

_IS_SHARED = "EXISTS (SELECT 1 FROM json_each(item.policies) WHERE value = 'integrations')"


@attrs.frozen
class Owner:
    """Who made a file; `namespace` is the alias of an integration, within which keys are unique, or else empty."""

    type: str
    id: str | None = None
    name: str | None = None
    namespace: str = ""


def owner_of(call: Call) -> Owner:
    """Return who makes the files of a call: the integration, the user who is named, or the bot."""
    if call.installation:
        return Owner("integration", name=call.installation.name, namespace=call.installation.alias)
    user_id = call.headers.optional_text("x-user-id")
    return Owner("user", id=user_id) if user_id else Owner("bot", id=call.bot_id)


def visible(call: Call) -> Select:
    """Select the files that a caller may see."""
    select = call.of_bot(TABLE).where("NOT item.is_expired")
    if call.installation:
        return select.where(f"item.namespace = ? OR {_IS_SHARED}", call.installation.alias)
    return select if call.caller.kind == "pat" else select.equal("namespace", "")


def find(call: Call, id_or_key: str) -> sqlite3.Row:
    """Return the file that the path names by id or by key.

    Raises:
        ApiError: it has expired (ResourceGone), or the caller sees no such file (ResourceNotFound).
    """
    row = optional(call, id_or_key)
    if row is not None:
        return row
    expired = call.of_bot(TABLE).where("item.is_expired AND ? IN (item.id, item.key)", id_or_key)
    if call.store.one(expired.sql(), *expired.values):
        raise ApiError("ResourceGone", "the file has expired; upload it again")
    raise ApiError("ResourceNotFound", f"no file has the id or key {id_or_key!r}")


def optional(call: Call, id_or_key: str) -> sqlite3.Row | None:
    """Return the file with this id, or else with this key among the caller's own, or else with this key; or None."""
    by_id = lookups.optional(call.store, visible(call), id_or_key)
    if by_id is not None:
        return by_id
    select = visible(call).equal("key", id_or_key)
    return call.store.one(
        select.sql("ORDER BY item.namespace <> ?, item.rowid"), *select.values, owner_of(call).namespace
    )


def find_own(call: Call, id_or_key: str) -> sqlite3.Row:
    """Return the file that the path names, to be changed.

    Raises:
        ApiError: as `find`; or it is another's (Forbidden).
    """
    row = find(call, id_or_key)
    if call.installation and row["namespace"] != call.installation.alias:
        raise ApiError("Forbidden", "the file belongs to someone else, who lets integrations read it, not change it")
    return row
