"""The language in which rows are filtered, in the manner of MongoDB.

A filter is an object. `{"city": "Porto"}` asks for rows with that cell; a dot leads into objects (`address.street`). In
place of a value stands an object of operators, all of which must hold: `$eq`, `$ne`, `$gt`, `$gte`, `$lt`, `$lte`,
`$in`, `$nin`, `$exists` (whether there is a value at all), `$contains` (a part of a string, or an item of a list) and
`$not` (a condition that must not hold). `$and`, `$or` (lists of filters) and `$not` (a filter) stand in place of a
column. Only values of one type are smaller or larger than each other: a number is never smaller than a string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.http import Json, JsonObject

Predicate: TypeAlias = Callable[[JsonObject], bool]

_Test: TypeAlias = Callable[[Json], bool]


def compile_filter(given: Json) -> Predicate:
    """Return the filter as a function of a row; raise InvalidPayload if it is not written as it has to be."""
    if not isinstance(given, dict):
        raise _wrong("a filter is an object")
    parts = [_compile_part(name, value) for name, value in given.items()]
    return lambda row: all(part(row) for part in parts)


def columns_in(given: Json) -> Iterator[str]:
    """Return the columns that a filter names, without what comes after a dot."""
    if isinstance(given, list):
        for item in given:
            yield from columns_in(item)
    elif isinstance(given, dict):
        for name, value in given.items():
            if name.startswith("$"):
                yield from columns_in(value)
            else:
                yield name.partition(".")[0]


def value_at(row: JsonObject, path: str) -> Json:
    """Return the value that a path of dots leads to in a row; None where it leads nowhere."""
    if path in row:
        return row[path]
    value: Json = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def is_less(one: Json, other: Json) -> bool:
    """Whether a value comes before another one of its type; False for values that are not comparable."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is False and other is True
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one < other
    return isinstance(one, str) and isinstance(other, str) and one < other


def _compile_part(name: str, value: Json) -> Predicate:
    if name in ("$and", "$or"):
        if not isinstance(value, list):
            raise _wrong(f"{name} takes a list of filters")
        filters = [compile_filter(item) for item in value]
        every = all if name == "$and" else any
        return lambda row: every(part(row) for part in filters)
    if name == "$not":
        inner = compile_filter(value)
        return lambda row: not inner(row)
    if name.startswith("$"):
        raise _wrong(f"there is no {name}; in place of a column stand $and, $or and $not")
    test = _compile_condition(value)
    return lambda row: test(value_at(row, name))


def _compile_condition(wanted: Json) -> _Test:
    if not isinstance(wanted, dict) or not any(name.startswith("$") for name in wanted):
        return lambda cell: _is_equal(cell, wanted)
    tests = [_compile_operator(name, value) for name, value in wanted.items()]
    return lambda cell: all(test(cell) for test in tests)


def _compile_operator(name: str, value: Json) -> _Test:
    if name == "$not":
        inner = _compile_condition(value)
        return lambda cell: not inner(cell)
    if name not in _OPERATORS:
        raise _wrong(f"there is no operator {name}; there is: $not, {', '.join(_OPERATORS)}")
    if name in ("$in", "$nin") and not isinstance(value, list):
        raise _wrong(f"{name} takes a list of values")
    operator = _OPERATORS[name]
    return lambda cell: operator(cell, value)


def _is_equal(one: Json, other: Json) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _is_in(cell: Json, values: Json) -> bool:
    return isinstance(values, list) and any(_is_equal(cell, value) for value in values)


def _contains(cell: Json, value: Json) -> bool:
    if isinstance(cell, str):
        return isinstance(value, str) and value in cell
    return _is_in(value, cell)


_OPERATORS: dict[str, Callable[[Json, Json], bool]] = {
    "$eq": _is_equal,
    "$ne": lambda cell, value: not _is_equal(cell, value),
    "$gt": lambda cell, value: is_less(value, cell),
    "$gte": lambda cell, value: is_less(value, cell) or (cell is not None and _is_equal(cell, value)),
    "$lt": is_less,
    "$lte": lambda cell, value: is_less(cell, value) or (cell is not None and _is_equal(cell, value)),
    "$in": _is_in,
    "$nin": lambda cell, value: not _is_in(cell, value),
    "$exists": lambda cell, value: (cell is not None) == bool(value),
    "$contains": _contains,
}


def _wrong(message: str) -> ApiError:
    return ApiError("InvalidPayload", f"filter: {message}")
