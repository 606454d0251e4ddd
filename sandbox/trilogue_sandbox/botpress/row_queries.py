"""Finding rows: which, in which order, how many, and what of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from trilogue_sandbox.botpress import documents, row_filters, row_groups, texts, timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.table_columns import SYSTEM_COLUMNS
from trilogue_sandbox.botpress.table_models import Table
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World

_LIMIT = 100
_SQL_COLUMNS = {"id": "id", "createdAt": "created_at, id", "updatedAt": "updated_at, id"}


def show(row: sqlite3.Row) -> JsonObject:
    """Return a row of botpress_table_rows as the API shows it."""
    return {
        "id": row["id"],
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        "computed": documents.decode(row["computed"]),
        "stale": documents.decode(row["stale"]),
        **documents.decode_object(row["cells"]),
    }


def by_numbers(world: World, table: Table, row_ids: Iterable[int]) -> list[JsonObject]:
    """Return the rows with these numbers, in the order of the numbers given."""
    listed: list[Json] = [*row_ids]
    rows = world.store.all(
        "SELECT * FROM botpress_table_rows WHERE table_id = ? AND id IN (SELECT value FROM json_each(?))",
        *(table.id, documents.encode(listed)),
    )
    shown = {row["id"]: show(row) for row in rows}
    return [shown[row_id] for row_id in row_ids if row_id in shown]


def all_rows(world: World, table: Table) -> list[JsonObject]:
    """Return all rows in the order of their numbers."""
    return [show(row) for row in world.store.all(_sql("id", ""), table.id)]


def all_kept(world: World, table: Table) -> list[sqlite3.Row]:
    """Return all rows, as they are kept."""
    return world.store.all("SELECT * FROM botpress_table_rows WHERE table_id = ?", table.id)


def find(world: World, table: Table, given: Fields) -> JsonObject:
    """Return the page of rows that the fields of a request ask for.

    Raises:
        ApiError: filter, group or order are not written as they have to be (InvalidPayload).
    """
    limit, offset = given.integer("limit", _LIMIT), given.integer("offset", 0)
    if _is_plain(given):
        rows = _page(world, table, given, limit + 1, offset)
    else:
        rows = _matching(world, table, given)[offset : offset + limit + 1]
    selected = given.optional_texts("select")
    shown: list[Json] = [_selected(row, selected) for row in rows[:limit]]
    remarks: list[Json] = [*_warnings(table, given)]
    page: JsonObject = {"rows": shown, "hasMore": len(rows) > limit, "offset": offset, "limit": limit}
    if remarks:
        page["warnings"] = remarks
    return page


def numbers_of(world: World, table: Table, condition: JsonObject) -> list[int]:
    """Return the numbers of the rows that a filter lets through.

    Raises:
        ApiError: it is not written as it has to be (InvalidPayload).
    """
    fits = row_filters.compile_filter(condition)
    rows = world.store.all(_sql("id", ""), table.id)
    return [row["id"] for row in rows if fits(show(row))]


def _is_plain(given: Fields) -> bool:
    """Whether the database alone can find the page."""
    asks = any(given.value(name) for name in ("filter", "group", "search"))
    return not asks and given.text("orderBy", "id") in _SQL_COLUMNS


def _page(world: World, table: Table, given: Fields, limit: int, offset: int) -> list[JsonObject]:
    direction = "DESC" if given.optional_text("orderDirection") == "desc" else "ASC"
    columns = _SQL_COLUMNS[given.text("orderBy", "id")].replace(",", f" {direction},")
    rows = world.store.all(_sql(f"{columns} {direction}", "LIMIT ? OFFSET ?"), table.id, limit, offset)
    return [show(row) for row in rows]


def _sql(ordering: str, ending: str) -> str:
    return f"SELECT * FROM botpress_table_rows WHERE table_id = ? ORDER BY {ordering} {ending}"


def _matching(world: World, table: Table, given: Fields) -> list[JsonObject]:
    fits = row_filters.compile_filter(given.object("filter"))
    rows = [row for row in all_rows(world, table) if fits(row)]
    if question := given.optional_text("search"):
        rows = [{**row, "similarity": _similarity(table, question, row)} for row in rows]
        rows.sort(key=_number("similarity"), reverse=True)
    if group := given.object("group"):
        rows = row_groups.grouped(rows, group)
    return _ordered(table, given, rows)


def _similarity(table: Table, question: str, row: JsonObject) -> float:
    cells = (row.get(name) for name in table.searchable)
    words = " ".join(cell if isinstance(cell, str) else documents.encode(cell) for cell in cells if cell is not None)
    return texts.likeness(question, words)


def _ordered(table: Table, given: Fields, rows: list[JsonObject]) -> list[JsonObject]:
    """Sort rows; those that were searched for stay in the order of their similarity unless another is asked for."""
    if "orderBy" not in given and given.optional_text("search"):
        return rows
    column = given.text("orderBy", "id")
    if column.partition(".")[0] not in (*SYSTEM_COLUMNS, *table.columns):
        raise ApiError("InvalidPayload", f"orderBy: there is no column {column!r}")
    return sorted(rows, key=_place_of(column), reverse=given.optional_text("orderDirection") == "desc")


def _place_of(column: str) -> Callable[[JsonObject], tuple[int, float, str]]:
    """Return what to sort by: nothing comes before truth values, numbers, texts and everything else."""

    def place(row: JsonObject) -> tuple[int, float, str]:
        cell = row_filters.value_at(row, column)
        if cell is None:
            return 0, 0, ""
        if isinstance(cell, bool):
            return 1, cell, ""
        if isinstance(cell, int | float):
            return 2, cell, ""
        return (3, 0, cell) if isinstance(cell, str) else (4, 0, documents.encode(cell))

    return place


def _number(name: str) -> Callable[[JsonObject], float]:
    return lambda row: Fields(row).number(name)


def _selected(row: JsonObject, paths: list[str] | None) -> JsonObject:
    if paths is None:
        return row
    selected: JsonObject = {name: row[name] for name in SYSTEM_COLUMNS if name in row}
    for path in paths:
        _copy(row, selected, path.split("."))
    return selected


def _copy(source: JsonObject, target: JsonObject, steps: list[str]) -> None:
    """Copy what a path leads to, with the objects on the way to it."""
    name = steps[0]
    if name not in source:
        return
    inner = source[name]
    if len(steps) == 1 or not isinstance(inner, dict):
        target[name] = inner
        return
    below = target.setdefault(name, {})
    if isinstance(below, dict):
        _copy(inner, below, steps[1:])


def _warnings(table: Table, given: Fields) -> list[str]:
    named = {
        *row_filters.columns_in(given.value("filter")),
        *(name.partition(".")[0] for name in (*given.texts("select"), *given.object("group"))),
    }
    unknown = sorted(named - {*SYSTEM_COLUMNS, *table.columns})
    warnings = [f"there is no column {name!r}" for name in unknown]
    if given.optional_text("search") and not table.searchable:
        warnings.append("no column is searchable: the order says nothing")
    return warnings
