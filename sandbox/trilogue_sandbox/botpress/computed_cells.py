"""Cells that are computed from the others of their row.

Simulated: neither models nor code run here. A cell gets, a few milliseconds after its row was written, the cells it
depends on joined by a space; where its column does not hold strings, it stays empty and its computation has failed.
"""

from __future__ import annotations

from datetime import timedelta

from trilogue_sandbox.botpress import arguments, documents, table_columns, table_models, timestamps
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.table_models import Table
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World

_COMPUTING_TIME = timedelta(milliseconds=20)


def names(table: Table) -> list[str]:
    """Return the columns that are computed."""
    if not table.is_compute_enabled:
        return []
    return [name for name, column in table.columns.items() if _is_computed(column)]


def touched(table: Table, changed: set[str]) -> list[str]:
    """Return the computed columns that depend on any of the columns that have changed."""
    return [name for name in names(table) if not changed.isdisjoint({name, *dependencies(table, name)})]


def dependencies(table: Table, name: str) -> list[str]:
    """Return the columns that a computed column depends on."""
    return _computation(table.columns[name]).texts("dependencies")


def make_stale(world: World, table: Table, row_ids: list[int], columns: list[str]) -> None:
    """Note that cells are out of date, and have them computed soon."""
    if not columns or not row_ids:
        return
    stale, listed = documents.encode([*columns]), documents.encode([*row_ids])
    world.store.run(
        "UPDATE botpress_table_rows SET stale = ? WHERE table_id = ? AND id IN (SELECT value FROM json_each(?))",
        *(stale, table.id, listed),
    )
    world.timers.after(_COMPUTING_TIME, "cells_computed", {"table": table.id, "rows": [*row_ids]})


def compute(world: World, table: Table, row_ids: list[int]) -> None:
    """Compute what is out of date in these rows."""
    rows = world.store.all(
        "SELECT * FROM botpress_table_rows WHERE table_id = ? AND stale <> '[]'"
        " AND id IN (SELECT value FROM json_each(?))",
        *(table.id, documents.encode([*row_ids])),
    )
    for row in rows:
        cells, computed = documents.decode_object(row["cells"]), documents.decode_object(row["computed"])
        for name in Fields({"stale": documents.decode(row["stale"])}).texts("stale"):
            if name in table.columns:
                cells[name], computed[name] = _compute(world, table, name, cells)
        world.store.run(
            "UPDATE botpress_table_rows SET cells = ?, computed = ?, stale = '[]' WHERE table_id = ? AND id = ?",
            *(documents.encode(cells), documents.encode(computed), table.id, row["id"]),
        )


def _compute(world: World, table: Table, name: str, cells: JsonObject) -> tuple[Json, Json]:
    """Return the cell, and how its computation went."""
    column = table.columns[name]
    went: JsonObject = {
        "status": "computed",
        "updatedBy": _computation(column).text("action"),
        "updatedAt": timestamps.show(timestamps.now(world)),
    }
    if column["type"] != "string":
        return None, {**went, "status": "failed", "error": "the sandbox computes only columns of strings"}
    given = (cells.get(dependency) for dependency in dependencies(table, name))
    return " ".join(str(cell) for cell in given if cell is not None), went


def _is_computed(column: JsonObject) -> bool:
    return "computed" in table_columns.options(column) and _computation(column).flag("enabled", default=True)


def _computation(column: JsonObject) -> Fields:
    return table_columns.options(column).below("computed")


def _become_computed(world: World, timer: JsonObject) -> object:
    """Compute cells, unless their table or rows were deleted."""
    table = table_models.load(world, arguments.text(timer, "table"))
    row_ids = timer["rows"]
    if table is not None and isinstance(row_ids, list):
        compute(world, table, [row_id for row_id in row_ids if isinstance(row_id, int)])
    return {}


RESOURCE = Resource(actions={"cells_computed": _become_computed})
