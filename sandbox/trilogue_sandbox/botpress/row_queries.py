"""Finding rows: which, in which order, how many, and what of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from trilogue_sandbox.botpress import row_filters, row_groups, table_columns, texts
from trilogue_sandbox.botpress.content_tables import TABLE_ROWS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.table_columns import SYSTEM_COLUMNS
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Order
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import format_milliseconds
from trilogue_sandbox.kernel.world import World

_LIMIT = 100
_SQL_COLUMNS = {"id": "item.id", "createdAt": "item.created_at", "updatedAt": "item.updated_at"}


def _show(row: Row) -> JsonObject:
    return {
        "id": row["id"],
        "createdAt": format_milliseconds(row["created_at"]),
        "updatedAt": format_milliseconds(row["updated_at"]),
        "computed": row["computed"],
        "stale": row["stale"],
        **row["cells"],
    }


def by_numbers(world: World, table: Row, row_ids: Iterable[int]) -> list[JsonObject]:
    """Return the rows with these numbers, in the order of the numbers given."""
    rows = world.records.select(TABLE_ROWS, table_id=table["id"]).among("id", row_ids).all()
    shown = {row["id"]: _show(row) for row in rows}
    return [shown[row_id] for row_id in row_ids if row_id in shown]


def all_rows(world: World, table: Row) -> list[JsonObject]:
    """Return all rows in the order of their numbers."""
    return [_show(row) for row in world.records.select(TABLE_ROWS, table_id=table["id"]).all("ORDER BY item.id")]


def find(world: World, table: Row, given: Fields) -> JsonObject:
    """Return the page of rows that the fields of a request ask for.

    Raises:
        ApiError: filter, group or order are not written as they have to be (InvalidPayload).
    """
    limit, offset = given.integer("limit", _LIMIT), given.integer("offset", 0)
    if _is_plain(given):
        rows = _page(world, table, given, limit + 1, offset)
    else:
        rows = _matching(world, table, given)[offset : offset + limit + 1]
    selected = given.optional_strings("select")
    shown: list[Json] = [_selected(row, selected) for row in rows[:limit]]
    warnings: list[Json] = [*_warnings(table, given)]
    page: JsonObject = {"rows": shown, "hasMore": len(rows) > limit, "offset": offset, "limit": limit}
    return {**page, "warnings": warnings} if warnings else page


def numbers_of(world: World, table: Row, condition: JsonObject) -> list[int]:
    """Return the numbers of the rows that match a filter; raise InvalidPayload if it is not written as it has to be."""
    fits = row_filters.compile_filter(condition)
    return [Fields(row).integer("id") for row in all_rows(world, table) if fits(row)]


def _is_plain(given: Fields) -> bool:
    """Whether the database alone can find the page."""
    asks = any(given.value(name) for name in ("filter", "group", "search"))
    return not asks and given.string("orderBy", "id") in _SQL_COLUMNS


def _page(world: World, table: Row, given: Fields, limit: int, offset: int) -> list[JsonObject]:
    column, is_descending = _SQL_COLUMNS[given.string("orderBy", "id")], given.value("orderDirection") == "desc"
    select = world.records.select(TABLE_ROWS, table_id=table["id"])
    return [_show(row) for row in select.all(f"{Order(column, is_descending).sql} LIMIT ? OFFSET ?", limit, offset)]


def _matching(world: World, table: Row, given: Fields) -> list[JsonObject]:
    fits = row_filters.compile_filter(given.object("filter"))
    rows = [row for row in all_rows(world, table) if fits(row)]
    if query := given.optional_string("search"):
        searchable = table_columns.searchable(table)
        rows = [{**row, "similarity": _similarity(searchable, query, row)} for row in rows]
        rows.sort(key=lambda row: Fields(row).number("similarity"), reverse=True)
    if group := given.object("group"):
        rows = row_groups.grouped(rows, group)
    return _ordered(table, given, rows)


def _similarity(searchable: list[str], query: str, row: JsonObject) -> float:
    cells = (row.get(name) for name in searchable)
    words = " ".join(_as_text(cell) for cell in cells if cell is not None)
    return texts.likeness(query, words)


def _as_text(cell: Json) -> str:
    return cell if isinstance(cell, str) else msgspec.json.encode(cell).decode()


def _ordered(table: Row, given: Fields, rows: list[JsonObject]) -> list[JsonObject]:
    """Sort rows; those that were searched for stay in the order of their similarity unless another is asked for."""
    if "orderBy" not in given and given.optional_string("search"):
        return rows
    column = given.string("orderBy", "id")
    if column.partition(".")[0] not in (*SYSTEM_COLUMNS, *table_columns.columns_of(table["schema"])):
        raise ApiError("InvalidPayload", f"orderBy: there is no column {column!r}")
    return sorted(rows, key=_sort_key(column), reverse=given.optional_string("orderDirection") == "desc")


def _sort_key(column: str) -> Callable[[JsonObject], tuple[int, float, str]]:
    """Return what to sort by: null comes before booleans, numbers, strings and everything else."""

    def sort_key(row: JsonObject) -> tuple[int, float, str]:
        cell = row_filters.value_at(row, column)
        if cell is None:
            return 0, 0, ""
        if isinstance(cell, bool):
            return 1, cell, ""
        if isinstance(cell, int | float):
            return 2, cell, ""
        return (3 if isinstance(cell, str) else 4), 0, _as_text(cell)

    return sort_key


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
    nested = target.setdefault(name, {})
    if isinstance(nested, dict):
        _copy(inner, nested, steps[1:])


def _warnings(table: Row, given: Fields) -> list[str]:
    named = {
        *row_filters.columns_in(given.value("filter")),
        *(name.partition(".")[0] for name in (*given.strings("select"), *given.object("group"))),
    }
    unknown = sorted(named - {*SYSTEM_COLUMNS, *table_columns.columns_of(table["schema"])})
    warnings = [f"there is no column {name!r}" for name in unknown]
    if given.optional_string("search") and not table_columns.searchable(table):
        warnings.append("no column is searchable: the order says nothing")
    return warnings
