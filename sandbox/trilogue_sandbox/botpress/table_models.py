"""A table as the other modules know it."""

from __future__ import annotations

import sqlite3

import attrs

from trilogue_sandbox.botpress import documents, lookups, table_columns, timestamps, usages
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

SCHEMA = """
CREATE TABLE botpress_tables (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, name TEXT NOT NULL,
    factor INTEGER NOT NULL, is_frozen INTEGER NOT NULL, key_column TEXT, columns TEXT NOT NULL, tags TEXT NOT NULL,
    is_compute_enabled INTEGER NOT NULL, last_row_id INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, UNIQUE (bot_id, name));
CREATE TABLE botpress_table_rows (
    table_id TEXT NOT NULL REFERENCES botpress_tables ON DELETE CASCADE, id INTEGER NOT NULL, cells TEXT NOT NULL,
    computed TEXT NOT NULL DEFAULT '{}', stale TEXT NOT NULL DEFAULT '[]', created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, PRIMARY KEY (table_id, id));
"""

TABLE = "botpress_tables"


@attrs.frozen
class Table:
    """A table of a bot. `schema` has its columns, each a JSON schema; `factor` says how large a row may be."""

    id: str
    bot_id: str
    name: str
    factor: int
    is_frozen: bool
    key_column: str | None
    schema: JsonObject = attrs.field(repr=False)
    is_compute_enabled: bool

    @classmethod
    def of(cls, row: sqlite3.Row) -> Table:
        """Read a row of botpress_tables."""
        return cls(
            id=row["id"],
            bot_id=row["bot_id"],
            name=row["name"],
            factor=row["factor"],
            is_frozen=bool(row["is_frozen"]),
            key_column=row["key_column"],
            schema=documents.decode_object(row["columns"]),
            is_compute_enabled=bool(row["is_compute_enabled"]),
        )

    @property
    def columns(self) -> dict[str, JsonObject]:
        """The columns by name."""
        return table_columns.columns_of(self.schema)

    @property
    def searchable(self) -> list[str]:
        """The names of the columns by whose meaning rows are found."""
        return [name for name, column in self.columns.items() if table_columns.options(column).flag("searchable")]


def find(call: Call, name_or_id: str) -> Table:
    """Return the table that the path names by name or id.

    Raises:
        ApiError: there is none (ResourceNotFound).
    """
    table = optional(call, name_or_id)
    if table is None:
        raise ApiError("ResourceNotFound", f"no table has the name or id {name_or_id!r}")
    return table


def optional(call: Call, name_or_id: str) -> Table | None:
    """Return the table with this name, or else with this id, or None."""
    tables = call.of_bot(TABLE)
    row = call.optional(tables, name_or_id, "name") or call.optional(tables, name_or_id)
    return Table.of(row) if row else None


def load(world: World, table_id: str) -> Table | None:
    """Return the table with this id, or None if it was deleted."""
    row = lookups.optional(world.store, Select(TABLE), table_id)
    return Table.of(row) if row else None


def count_rows(world: World, table: Table) -> int:
    """Return how many rows a table has."""
    row = world.store.one("SELECT COUNT(*) AS count FROM botpress_table_rows WHERE table_id = ?", table.id)
    assert row is not None
    return int(row["count"])


def require_room(world: World, workspace_id: str) -> None:
    """Make sure that the rows a workspace has now are not more than it may have.

    Raises:
        ApiError: they are (QuotaExceeded); then what was written is undone.
    """
    usages.require_room(world, workspace_id, "table_row_count", adding=0)


def refuse_if_frozen(table: Table) -> None:
    """Make sure that name and columns of a table may change.

    Raises:
        ApiError: they may not (Forbidden).
    """
    if table.is_frozen:
        raise ApiError(
            "Forbidden", "the table is frozen: its name and columns do not change; duplicate it to change them"
        )


def refuse_if_locked(world: World, table: Table) -> None:
    """Make sure that no job is filling a table, or a copy of it.

    Raises:
        ApiError: one is (ResourceLockedConflict).
    """
    _refuse_if_at_work(world, table, "table_id = ? AND type IN ('import', 'duplicate_table')")
    refuse_if_being_copied_to(world, table)


def refuse_if_being_copied_to(world: World, table: Table) -> None:
    """Make sure that a table is no copy that is still being filled, so that its rows may change.

    Raises:
        ApiError: it is (ResourceLockedConflict).
    """
    _refuse_if_at_work(world, table, "type = 'duplicate_table' AND details ->> 'copy' = ?")


def _refuse_if_at_work(world: World, table: Table, condition: str) -> None:
    job = world.store.one(
        f"SELECT type FROM botpress_table_jobs WHERE {condition} AND status NOT IN ('completed', 'failed')", table.id
    )
    if job:
        raise ApiError(
            "ResourceLockedConflict", f"a job ({job['type']}) is at work on the table; try again when it has ended"
        )


def show(row: sqlite3.Row) -> JsonObject:
    """Return a row of botpress_tables as the API shows it."""
    return {
        "id": row["id"],
        "name": row["name"],
        "factor": row["factor"],
        "frozen": bool(row["is_frozen"]),
        "keyColumn": row["key_column"],
        "schema": documents.decode(row["columns"]),
        "tags": documents.decode(row["tags"]),
        "isComputeEnabled": bool(row["is_compute_enabled"]),
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
    }
