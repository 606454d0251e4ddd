"""Values that a description allows somewhere: others than the one given, and some for what is lacking."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs

from tests.behaviour.descriptions import Document, Parameter, Schema
from tests.behaviour.requests import Input, Path, locate, put


def other_values(document: Document, given: Input) -> Iterator[Any]:
    """Return other values that the description allows instead of the one that was given."""
    schema = document.choose(given.schema, given.value) or given.schema
    if given.type == "parameter" and isinstance(given.value, str):
        candidates = _of_text_parameter(schema, given.value)
    else:
        candidates = itertools.chain(_of_value(document, schema, given.value), schema.get("examples", ()))
    for candidate in candidates:
        if candidate != given.value and _is_allowed(schema, candidate):
            yield candidate
    if given.value is not None and _takes_null(document, given.schema) and given.type == "request":
        yield None


def _takes_null(document: Document, schema: Schema) -> bool:
    members = [document.resolve(one) for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]
    return any("null" in _types(one) for one in (schema, *members))


def _types(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _of_text_parameter(schema: Schema, value: str) -> Iterator[Any]:
    """Values of a parameter, which are text whatever their type."""
    types = _types(schema)
    if "boolean" in types:
        yield "false" if value.lower() in ("true", "1") else "true"
    elif "integer" in types or "number" in types:
        yield from (str(one) for one in _of_number(schema, int(float(value)))) if value.strip("-").isdigit() else ()
    else:
        yield from map(str, schema.get("items", {}).get("enum", ()))
        yield from _of_string(schema, value)


def _of_value(document: Document, schema: Schema, value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from _of_number(schema, value)
    elif isinstance(value, str):
        yield from _of_string(schema, value)
    elif isinstance(value, list):
        yield from _of_list(document, schema, value)
    elif isinstance(value, dict):
        yield from _of_map(document, schema, value)


def _of_number(schema: Schema, value: Any) -> Iterator[Any]:
    for candidate in (value + 1, 1, value - 1, value + 7, 2, 3):
        if schema.get("minimum", candidate) <= candidate <= schema.get("maximum", candidate):
            yield candidate


def _of_list(document: Document, schema: Schema, value: list[Any]) -> Iterator[Any]:
    if value:
        yield value[:-1]
        for other in _of_value(document, document.choose(schema.get("items", {}), value[0]), value[0]):
            yield [other, *value[1:]]


def _of_map(document: Document, schema: Schema, value: dict[str, Any]) -> Iterator[Any]:
    inner = schema.get("additionalProperties", {})
    for key, item in value.items():
        for other in _of_value(document, document.choose(inner, item) if isinstance(inner, dict) else {}, item):
            yield {**value, key: other}
        if key not in schema.get("required", ()):
            yield {name: one for name, one in value.items() if name != key}
    if not value and schema.get("additionalProperties", True) is not False:
        yield {"key": "value"}


def _of_string(schema: Schema, value: str) -> Iterator[str]:
    if "enum" in schema:
        yield from (one for one in schema["enum"] if isinstance(one, str))
        return
    if (timestamp := _timestamp(value)) is not None:
        yield from (_like(value, timestamp + timedelta(days=days)) for days in (1, -1, 700, -700))
    if (swapped := another_name(value)) is not None:
        yield swapped
    yield f"{value}x"
    yield f"x{value}"
    yield value[:-1]
    yield f"{value[:-1]}{'2' if value[-1:] == '1' else '1'}"


def made_values(document: Document, schema: Schema, depth: int = 0) -> Iterator[Any]:
    """Return values that a schema allows, its examples first."""
    node = document.resolve(schema)
    yield from node.get("examples", ())
    if "enum" in node:
        yield from reversed(node["enum"])
    members = (*node.get("oneOf", ()), *node.get("anyOf", ()))
    for member in members if depth < _DEPTH else ():
        yield from made_values(document, member, depth + 1)
    for name in _types(node):
        yield from _made(document, node, name, depth)


_DEPTH = 5


def _made(document: Document, schema: Schema, type_name: str, depth: int) -> Iterator[Any]:
    if type_name == "boolean":
        yield from (True, False)
    elif type_name in ("integer", "number"):
        yield from (max(schema.get("minimum", 1), 1), schema.get("maximum", 5))
    elif type_name == "string":
        yield {"date-time": "2026-03-01T12:00:00Z", "uri": "https://example.com/a", "email": "ann@example.com"}.get(
            schema.get("format", ""), "text"
        )
    elif type_name == "array" and depth < _DEPTH:
        yield from ([item] for item in made_values(document, schema.get("items", {}), depth + 1))
    elif type_name == "object" and depth < _DEPTH:
        yield _made_object(document, schema, depth)


def _made_object(document: Document, schema: Schema, depth: int) -> dict[str, Any]:
    made = {
        name: next(made_values(document, schema["properties"][name], depth + 1), None)
        for name in schema.get("required", ())
    }
    others = schema.get("additionalProperties")
    if isinstance(others, dict) and not made:
        made["key"] = next(made_values(document, others, depth + 1), None)
    return made


@attrs.frozen
class Addition:
    """A property that a body lacks: how it is named, and the body with it."""

    name: str
    bodies: tuple[Any, ...]


def additions(document: Document, schema: Schema, body: Any) -> Iterator[Addition]:
    """Return what could be added to a body, at the first location of each."""
    met = {name for name, *_ in locate(document, schema, body, ())}
    for path, node in _objects(document, schema, body, ()):
        examples = [example for example in node.get("examples", ()) if isinstance(example, dict)]
        for key, inner in node.get("properties", {}).items():
            name = f"{document.name_of(node)}.{key}"
            if name not in met:
                met.add(name)
                values = [example[key] for example in examples if key in example]
                values += [value for value in made_values(document, inner) if value is not None][:3]
                yield Addition(name, tuple(put(body, (*path, key), value) for value in values[:4]))


def _objects(document: Document, schema: Schema, value: Any, path: Path) -> Iterator[tuple[Path, Schema]]:
    node = document.choose(schema, value)
    if isinstance(value, list):
        for index, item in enumerate(value[:3]):
            yield from _objects(document, node.get("items", {}), item, (*path, index))
    if isinstance(value, dict):
        if "properties" in node:
            yield path, node
        others = node.get("additionalProperties")
        for key, item in value.items():
            inner = node.get("properties", {}).get(key, others if isinstance(others, dict) else {})
            yield from _objects(document, inner, item, (*path, key))


def _timestamp(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if len(value) >= 10 else None
    except ValueError:
        return None


def _like(value: str, timestamp: datetime) -> str:
    if len(value) == 10:
        return timestamp.date().isoformat()
    shown = timestamp.isoformat(timespec="milliseconds" if "." in value else "seconds")
    return shown.replace("+00:00", "Z") if value.endswith("Z") else shown


def another_name(value: str) -> str | None:
    """Return an id of the same form that names nothing; None if the value is no id."""
    found = re.search(r"[0-9A-Za-z]{6}$", value)
    if found is None or not re.search(r"\d", value):
        return None
    turned = found[0].translate(str.maketrans("0123456789", "1234567890"))
    if turned == found[0]:
        turned = turned[:-1] + ("0" if turned[-1] != "0" else "1")
    return value[: found.start()] + turned


def _is_allowed(schema: Schema, value: Any) -> bool:
    if isinstance(value, str):
        length = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return length and _matches(schema.get("pattern", ""), value)
    if isinstance(value, list):
        return schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
    if isinstance(value, dict):
        return schema.get("minProperties", 0) <= len(value) and set(schema.get("required", ())) <= value.keys()
    return True


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:  # what only ECMA 262 knows
        return True


def values_to_add(document: Document, parameter: Parameter) -> Iterator[Any]:
    """Return values for a parameter that a request lacks."""
    yield from parameter.examples
    for value in made_values(document, parameter.schema):
        yield value[0] if isinstance(value, list) and value else value
