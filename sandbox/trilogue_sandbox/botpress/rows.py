"""Writing rows whose columns are many: by the names of the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trilogue_sandbox.kernel.store import SqlValue, Store


def insert(store: Store, table: str, values: Mapping[str, SqlValue]) -> None:
    """Add a row."""
    store.run(_insert(table, values), *values.values())


def insert_or_change(
    store: Store, table: str, values: Mapping[str, SqlValue], key: Sequence[str], kept: Sequence[str]
) -> None:
    """Add a row, or change the one with the same key; that one keeps some of its columns."""
    changed = ", ".join(f"{name} = excluded.{name}" for name in values if name not in (*key, *kept))
    ending = f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"
    store.run(_insert(table, values) + ending, *values.values())


def change(store: Store, table: str, row_id: str, values: Mapping[str, SqlValue]) -> None:
    """Change the row with this id."""
    assignments = ", ".join(f"{name} = ?" for name in values)
    store.run(f"UPDATE {table} SET {assignments} WHERE id = ?", *values.values(), row_id)


def _insert(table: str, values: Mapping[str, SqlValue]) -> str:
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' for _ in values)})"
