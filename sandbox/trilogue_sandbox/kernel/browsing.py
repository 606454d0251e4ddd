"""The rows of a platform as they are kept, for people to look at."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.table import Table


def tables_of(store: Store, tables: Iterable[Table]) -> dict[str, int]:
    """Return the names of some tables and how many rows they have."""
    return {name: _count(store, name) for name in sorted(table.name for table in tables)}


def rows_of(
    store: Store, table: str, column: str, text: str, offset: int, limit: int
) -> tuple[list[str], list[sqlite3.Row]]:
    """Return the columns of a table and some rows, those with a text in a column, or in any if that is empty.

    Raises:
        ControlError: the table has no such column.
    """
    columns = [row["name"] for row in store.all(f'SELECT name FROM pragma_table_info("{table}")')]
    if column and column not in columns:
        raise ControlError(f"there is no column {column!r}", "column")
    searched = [column] if column else columns
    condition = " OR ".join(f"CAST(\"{name}\" AS TEXT) LIKE ? ESCAPE '!'" for name in searched)
    pattern = "%" + re.sub("([!%_])", r"!\1", text) + "%"
    where, values = (f"WHERE {condition}", [pattern] * len(searched)) if text else ("", [])
    made = store.one("SELECT sql FROM sqlite_master WHERE name = ?", table)
    order = "" if made and "WITHOUT ROWID" in made["sql"] else "ORDER BY rowid DESC"
    listed = ", ".join(f'"{name}"' for name in columns)
    sql = f'SELECT {listed} FROM "{table}" {where} {order} LIMIT ? OFFSET ?'
    return columns, store.all(sql, *values, limit, offset)


def _count(store: Store, table: str) -> int:
    row = store.one(f'SELECT count(*) AS number FROM "{table}"')
    return row["number"] if row else 0
