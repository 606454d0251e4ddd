"""JSON values as the arguments of methods have them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from trilogue_generated.runtime.model import is_array, is_object
from trilogue_generated.runtime.operation import Schema


def to_python(schema: Schema, value: Any) -> Any:
    """Return a JSON value with datetimes and dates in place of strings, also within lists and objects.

    Raises:
        ValueError: a string is no time in ISO 8601.
    """
    if isinstance(value, str) and schema.type in ("datetime", "date"):
        return (datetime if schema.type == "datetime" else date).fromisoformat(value)
    if is_array(value) and schema.items is not None:
        return [to_python(schema.items, item) for item in value]
    if is_object(value):
        schemas = _schemas_of_members(schema)
        return {key: to_python(schemas.get(key, schema.items or Schema("any")), item) for key, item in value.items()}
    return value


def _schemas_of_members(schema: Schema) -> dict[str, Schema]:
    properties = () if schema.properties is None else schema.properties()
    return {name: each.schema for each in properties for name in (each.name, each.wire)}
