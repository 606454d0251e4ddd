"""An account: what its apps see, and nothing of any other."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import attrs

from trilogue_sandbox.kernel.store import SqlValue, Store
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import naming, timestamps
from trilogue_sandbox.pantheon.errors import not_found
from trilogue_sandbox.pantheon.resource_types import Kind


@attrs.frozen
class Account:
    """One account and the world it is in."""

    world: World
    id: str

    @property
    def store(self) -> Store:
        """The database."""
        return self.world.store

    @property
    def now(self) -> int:
        """The time, in microseconds since 1970."""
        return timestamps.now(self.world)

    def new_id(self, kind: Kind) -> str:
        """Return a new id."""
        return naming.new_id(self.world, kind.prefix)

    def find(self, kind: Kind, thing_id: str) -> sqlite3.Row:
        """Return the row of a thing.

        Raises:
            ApiError: 404, there is none in this account.
        """
        row = self.get(kind, thing_id)
        if row is None:
            raise not_found(kind.label)
        return row

    def get(self, kind: Kind, thing_id: str) -> sqlite3.Row | None:
        """Return the row of a thing, or None if there is none in this account."""
        return self.store.one(f"SELECT * FROM {kind.table} WHERE id = ? AND account_id = ?", thing_id, self.id)

    def add(self, kind: Kind, values: Mapping[str, SqlValue]) -> str:
        """Write a new row and return its id, which is made here unless it is among the values."""
        row = {"id": self.new_id(kind), **values} if "id" not in values else dict(values)
        row["account_id"] = self.id
        marks = ", ".join("?" for _ in row)
        self.store.run(f"INSERT INTO {kind.table} ({', '.join(row)}) VALUES ({marks})", *row.values())
        return str(row["id"])

    def change(self, kind: Kind, row: sqlite3.Row, **values: SqlValue) -> bool:
        """Write what differs from a row, and the time in `updated_at`; return whether anything did."""
        different = {name: value for name, value in values.items() if row[name] != value}
        if not different:
            return False
        if "updated_at" in row.keys():  # noqa: SIM118  # a row is a sequence of values, not a mapping
            different["updated_at"] = self.now
        columns = ", ".join(f"{name} = ?" for name in different)
        self.store.run(f"UPDATE {kind.table} SET {columns} WHERE id = ?", *different.values(), row["id"])
        return True

    def remove(self, kind: Kind, thing_id: str) -> None:
        """Delete a row."""
        self.store.run(f"DELETE FROM {kind.table} WHERE id = ?", thing_id)
