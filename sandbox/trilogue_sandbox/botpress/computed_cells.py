"""Cells that are computed from the others of their row.

Simulated: neither models nor code run here. A cell gets, a few milliseconds after its row was written, the cells it
depends on joined by a space; where its column does not hold strings, it stays empty and its computation has failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from trilogue_sandbox.botpress import table_columns
from trilogue_sandbox.botpress.content_tables import TABLE_ROWS, TABLES
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import format_milliseconds
from trilogue_sandbox.kernel.world import World

_COMPUTING_TIME = timedelta(milliseconds=20)


def names(table: Row) -> list[str]:
    """Return the columns that are computed."""
    columns = table_columns.columns_of(table["schema"]) if table["is_compute_enabled"] else {}
    return [name for name, column in columns.items() if _is_computed(column)]


def touched(table: Row, changed: set[str]) -> list[str]:
    """Return the computed columns that depend on any of the columns that have changed."""
    columns = table_columns.columns_of(table["schema"])
    return [name for name in names(table) if not changed.isdisjoint({name, *_dependencies(columns[name])})]


def make_stale(world: World, table: Row, row_ids: Sequence[int], columns: Sequence[str]) -> None:
    """Note that cells are out of date, and have them computed soon."""
    if columns and row_ids:
        stale = TABLE_ROWS.columns["stale"].encode([*columns])
        _rows(world, table, row_ids).change("stale = ?", stale)
        world.timers.after(_COMPUTING_TIME, "cells_computed", {"table": table["id"], "rows": [*row_ids]})


def compute(world: World, table: Row, row_ids: Sequence[int]) -> None:
    """Compute what is out of date in these rows."""
    columns, encode = table_columns.columns_of(table["schema"]), TABLE_ROWS.columns["cells"].encode
    for row in _rows(world, table, row_ids).where("item.stale <> '[]'").all():
        cells, computed = dict(row["cells"]), dict(row["computed"])
        for name in row["stale"]:
            if name in columns:
                cells[name], computed[name] = _compute(world, columns[name], cells)
        changed = _rows(world, table, [row["id"]])
        changed.change("cells = ?, computed = ?, stale = '[]'", encode(cells), encode(computed))


def _rows(world: World, table: Row, row_ids: Sequence[int]) -> Select:
    return world.records.select(TABLE_ROWS, table_id=table["id"]).among("id", row_ids)


def _compute(world: World, column: JsonObject, cells: JsonObject) -> tuple[Json, Json]:
    """Return the cell, and how its computation went."""
    outcome: JsonObject = {
        "status": "computed",
        "updatedBy": _computation(column).string("action"),
        "updatedAt": format_milliseconds(world.now),
    }
    if column["type"] != "string":
        return None, {**outcome, "status": "failed", "error": "the sandbox computes only columns of strings"}
    given = (cells.get(dependency) for dependency in _dependencies(column))
    return " ".join(str(cell) for cell in given if cell is not None), outcome


def _dependencies(column: JsonObject) -> list[str]:
    return _computation(column).strings("dependencies")


def _is_computed(column: JsonObject) -> bool:
    return "computed" in table_columns.options(column) and _computation(column).boolean("enabled", default=True)


def _computation(column: JsonObject) -> Fields:
    return table_columns.options(column).nested("computed")


def _become_computed(world: World, given: Fields) -> object:
    """Compute cells, unless their table or rows were deleted."""
    table = world.records.find(TABLES, id=given.string("table"))
    if table is not None:
        compute(world, table, [row_id for row_id in given.items("rows") if isinstance(row_id, int)])
    return {}


RESOURCE = Resource(jobs={"cells_computed": _become_computed})
