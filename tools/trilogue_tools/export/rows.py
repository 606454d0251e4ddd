"""Rows as Arrow tables, with the types that the models promise; what has no column is kept as JSON."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, get_args, get_origin

import pyarrow as pa
from trilogue_generated.runtime.model import Model, to_json

from trilogue_tools.export.lists import DELETED, ExportedList, hints_of

WORKSPACE, IS_DELETED, MORE = "workspace", "is_deleted", "additional_fields"
"""Columns besides the fields of a row."""

_TYPES: Mapping[Any, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    datetime: pa.timestamp("us", tz="UTC"),
    date: pa.date32(),
}
_JSON = {b"trilogue": b"json"}


@cache
def schema_of(item: ExportedList) -> pa.Schema:
    """Return the columns of a list: its workspace, a column for each field, and what the description does not know."""
    hints = hints_of(item.model)
    fields = [_field(one.name, hints[one.name], is_key=one.name == item.key) for one in item.model.FIELDS]
    parent = [pa.field(item.parent, pa.string(), nullable=False)] if item.parent else []
    return pa.schema(
        [
            pa.field(WORKSPACE, pa.string(), nullable=False),
            *parent,
            *fields,
            pa.field(IS_DELETED, pa.bool_()),
            pa.field(MORE, pa.string(), metadata=_JSON),
        ]
    )


def key_columns(item: ExportedList) -> tuple[str, ...]:
    """Return the columns that identify a row."""
    return tuple(filter(None, (WORKSPACE, item.parent, item.key)))


def json_columns(schema: pa.Schema) -> list[str]:
    """Return the columns that hold JSON."""
    return [field.name for field in schema if field.metadata == _JSON]


def _field(name: str, hint: Any, *, is_key: bool) -> pa.Field:
    found = _type_of(hint)
    if found is None:
        return pa.field(name, pa.string(), metadata=_JSON)
    return pa.field(name, found, nullable=not is_key)


def _type_of(hint: Any) -> pa.DataType | None:
    """Return the type of a column; None for one that holds JSON."""
    if get_origin(hint) in (typing.Union, types.UnionType):
        found = {_type_of(part) for part in get_args(hint) if part is not types.NoneType}
        return found.pop() if len(found) == 1 else None
    if get_origin(hint) is Literal:
        return pa.string()
    return _TYPES.get(getattr(hint, "__supertype__", hint))


def to_table(item: ExportedList, rows: Sequence[Model], workspace: str, part: str = "") -> pa.Table:
    """Return rows of a part of a list as a table.

    A value of another type than promised is kept among the additional fields.
    """
    schema, more = schema_of(item), [dict(row.additional_properties) for row in rows]
    same = _same(item, workspace, part, is_deleted=part == DELETED)
    columns: list[pa.Array] = [
        pa.array([same[field.name]] * len(rows), field.type) if field.name in same else _column(field, rows, more)
        for field in list(schema)[:-1]
    ]
    columns.append(pa.array([_dump(values) if values else None for values in more], pa.string()))
    return pa.Table.from_arrays(columns, schema=schema)


def _same(item: ExportedList, workspace: str, part: str, *, is_deleted: bool) -> dict[str, Any]:
    """Return the columns that have the same value in all rows of a part."""
    parent = {item.parent: part} if item.parent else {}
    return {WORKSPACE: workspace, IS_DELETED: is_deleted, **parent}


def marks_of_deletion(item: ExportedList, keys: Sequence[Any], workspace: str, part: str = "") -> pa.Table:
    """Return rows that only say that these are no longer there."""
    schema, same = schema_of(item), _same(item, workspace, part, is_deleted=True)
    columns = {item.key: keys, **{name: [value] * len(keys) for name, value in same.items()}}
    return pa.Table.from_arrays(
        [pa.array(columns.get(field.name, [None] * len(keys)), field.type) for field in schema], schema=schema
    )


def _column(field: pa.Field, rows: Sequence[Model], more: Sequence[dict[str, Any]]) -> pa.Array:
    values = [getattr(row, field.name) for row in rows]
    if field.metadata == _JSON:
        return pa.array([None if value is None else _dump(to_json(value)) for value in values], pa.string())
    try:
        return pa.array(values, field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([_fitting(field, value, row) for value, row in zip(values, more, strict=True)], field.type)


def _fitting(field: pa.Field, value: Any, more: dict[str, Any]) -> Any:
    """Return a value if it fits the column; keep it elsewhere if it does not."""
    try:
        pa.array([value], field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        more[field.name] = to_json(value)
        return None
    return value


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
