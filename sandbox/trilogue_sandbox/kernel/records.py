"""The rows of a platform: one way to add, change, find and select them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.table import Row, RowContext, Table


class Records:
    """The rows of one platform's tables. Ids and timestamps that a table declares are filled in."""

    def __init__(self, world: RowContext) -> None:
        self._world = world
        self._store = world.store

    def add(self, table: Table, values: Mapping[str, Any]) -> Row:
        """Add a row and return it."""
        completed = table.complete(self._world, values)
        row = self._store.one(f"{_insertion(table, completed)} RETURNING *", *completed.values())
        assert row is not None
        return row

    def add_if_new(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Add a row unless one with the same key is there; return whether it was added."""
        completed = table.complete(self._world, values)
        return self._store.run(f"{_insertion(table, completed)} ON CONFLICT DO NOTHING", *completed.values()) > 0

    def add_many(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add many rows, all with the same columns."""
        completed = [table.complete(self._world, values) for values in rows]
        if completed:
            self._store.run_many(_insertion(table, completed[0]), (tuple(row.values()) for row in completed))

    def add_tuples(self, table: Table, columns: Sequence[str], rows: Iterable[tuple[SqlValue, ...]]) -> None:
        """Add many rows that hold what the database keeps, in the order of the columns; nothing is filled in."""
        names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
        self._store.run_many(f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})", rows)

    def set(self, table: Table, values: Mapping[str, Any]) -> None:
        """Add a row in place of one with the same key, if there is one."""
        completed = table.complete(self._world, values)
        self._store.run(_insertion(table, completed, "INSERT OR REPLACE"), *completed.values())

    def change(self, table: Table, row: Row, **values: Any) -> Row:
        """Write what differs from a row, and the time of the change where the table keeps it; return the row then."""
        different = {name: value for name, value in values.items() if row[name] != value}
        return self.touch(table, row, **different) if different else row

    def touch(self, table: Table, row: Row, **values: Any) -> Row:
        """Write values and the time of the change, whether anything differs or not; return the row then."""
        written = {name: table.columns[name].encode(value) for name, value in values.items()}
        if table.refreshed:
            written.setdefault(table.refreshed, self._world.now)
        assignments = ", ".join(f'"{name}" = ?' for name in written)
        sql = f"UPDATE {table.name} SET {assignments} WHERE {table.key} = ? RETURNING *"
        changed = self._store.one(sql, *written.values(), row[table.key])
        assert changed is not None
        return changed

    def remove(self, table: Table, row: Row) -> None:
        """Delete a row."""
        self._store.run(f"DELETE FROM {table.name} WHERE {table.key} = ?", row[table.key])

    def find(self, table: Table, **values: SqlValue) -> Row | None:
        """Return the first row with these values, or None if there is none."""
        conditions = " AND ".join(f'"{name}" IS ?' for name in values)
        return self._store.one(f"SELECT * FROM {table.name} WHERE {conditions} LIMIT 1", *values.values())

    def get(self, table: Table, key: SqlValue) -> Row:
        """Return the row with a key, which must exist."""
        row = self.find(table, **{table.key: key})
        assert row is not None, f"{table.name} has no row {key!r}"
        return row

    def select(self, table: Table, columns: str = "item.*", /, **values: SqlValue) -> Select:
        """Select the rows with these values."""
        conditions = tuple(f'item."{name}" IS ?' for name in values)
        return Select(table.name, columns, conditions, tuple(values.values()), self._store)


def _insertion(table: Table, values: Mapping[str, SqlValue], verb: str = "INSERT") -> str:
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" for _ in values)
    return f"{verb} INTO {table.name} ({names}) VALUES ({marks})"
