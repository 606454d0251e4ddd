"""The rows of a platform as they are kept, for people to look at."""

from __future__ import annotations

import re
from typing import Any

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.table import Row


def tables_of(engine: Engine, name: str) -> dict[str, int]:
    """Return the tables of a platform and how many rows they have."""
    with engine.looking_at(name) as platform:
        return {table: _count(platform.world.store, table) for table in _names(platform)}


def rows_of(
    engine: Engine, name: str, table: str, column: str = "", text: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[str], list[Row]]:
    """Return the columns of a table and some rows, those with a text in a column, or in any if that is empty.

    Raises:
        ControlError: the platform has no such table, or the table no such column.
    """
    with engine.looking_at(name) as platform:
        if table not in _names(platform):
            raise ControlError(f"there is no table {table!r}", "table")
        return _read_rows(platform.world.store, table, column, text, offset, limit)


def _names(platform: ResourcePlatform[Any]) -> list[str]:
    return sorted(table.name for table in platform.resources.tables)


def _read_rows(
    store: Store, table: str, column: str, text: str, offset: int, limit: int
) -> tuple[list[str], list[Row]]:
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
