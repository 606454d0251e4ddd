"""Arguments that any method takes: the least that a schema allows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from trilogue_generated.runtime.operation import Operation, Schema

_VALUES: dict[str, Any] = {
    "uuid": "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "datetime": datetime(2026, 1, 1, 12, tzinfo=UTC),
    "file": b"x",
    "map": {},
    "any": {},
}


def least_arguments(operation: Operation[Any]) -> dict[str, Any]:
    """What is required, and the first of each group of which one is."""
    chosen = {group[0] for group in (*operation.exactly_one, *operation.at_least_one)}
    return {each.name: some(each.schema) for each in operation.parameters if each.required or each.name in chosen}


def some(schema: Schema) -> Any:
    """A value of a schema."""
    if schema.choices:
        return schema.choices[0]
    if schema.options:
        return some(schema.options[0])
    if schema.type == "array":
        return [some(schema.items)] if schema.items else []
    if schema.variants is not None:
        return some(next(iter(schema.variants().values())))
    if schema.type == "object":
        return {each.name: some(each.schema) for each in (schema.properties or tuple)() if each.required}
    return _VALUES.get(schema.type, "x")
