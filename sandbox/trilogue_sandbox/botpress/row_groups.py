"""Rows grouped by what they have in common.

A group names columns, each with an aggregate or a list of them. Rows with the same cells in the columns that are `key`
become one, with these cells and for each other column an object of its aggregates:
`{"city": "key", "people": ["sum", "avg"]}` gives `{"city": "Porto", "people": {"sum": 3, "avg": 1.5}}`. In which form
the platform gives them is not published, nor what it makes of the columns that every row has: here they are an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.row_filters import is_less, value_at
from trilogue_sandbox.botpress.table_columns import SYSTEM_COLUMNS
from trilogue_sandbox.kernel.http import Json, JsonObject


def grouped(rows: Iterable[JsonObject], group: JsonObject) -> list[JsonObject]:
    """Return one row for each group, numbered from 1 in the order of their first rows.

    Raises:
        ApiError: an aggregate is none of those there are, or a column is one that every row has (InvalidPayload).
    """
    wanted = {name: _aggregates(name, given) for name, given in group.items()}
    keys = [name for name, names in wanted.items() if "key" in names]
    members: dict[bytes, list[JsonObject]] = {}
    for row in rows:
        key: list[Json] = [value_at(row, name) for name in keys]
        members.setdefault(msgspec.json.encode(key), []).append(row)
    return [_summary(number, rows, wanted) for number, rows in enumerate(members.values(), 1)]


def _aggregates(name: str, given: Json) -> list[str]:
    if name.partition(".")[0] in SYSTEM_COLUMNS:
        raise ApiError("InvalidPayload", f"group/{name}: grouped rows have none; use a column of the table")
    listed = given if isinstance(given, list) else [given]
    for item in listed:
        if not isinstance(item, str) or item not in ("key", *_AGGREGATES):
            raise ApiError("InvalidPayload", f"group/{name}: must be of key, {', '.join(_AGGREGATES)}")
    return [str(item) for item in listed]


def _summary(number: int, rows: Sequence[JsonObject], wanted: dict[str, list[str]]) -> JsonObject:
    summary: JsonObject = {"id": number, "computed": {}}
    for name, aggregates in wanted.items():
        if aggregates == ["key"]:
            summary[name] = value_at(rows[0], name)
            continue
        cells: list[Json] = [cell for row in rows if (cell := value_at(row, name)) is not None]
        summary[name] = {item: _aggregate(item, cells, value_at(rows[0], name)) for item in aggregates}
    return summary


def _aggregate(name: str, cells: list[Json], key: Json) -> Json:
    return key if name == "key" else _AGGREGATES[name](cells)


def _numbers(cells: list[Json]) -> list[float]:
    return [cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]


def _average(cells: list[Json]) -> Json:
    numbers = _numbers(cells)
    return sum(numbers) / len(numbers) if numbers else None


def _least(cells: list[Json]) -> Json:
    least: Json = None
    for cell in cells:
        least = cell if least is None or is_less(cell, least) else least
    return least


def _most(cells: list[Json]) -> Json:
    most: Json = None
    for cell in cells:
        most = cell if most is None or is_less(most, cell) else most
    return most


_AGGREGATES: dict[str, Callable[[list[Json]], Json]] = {
    "avg": _average,
    "max": _most,
    "min": _least,
    "sum": lambda cells: sum(_numbers(cells)),
    "count": len,
}
