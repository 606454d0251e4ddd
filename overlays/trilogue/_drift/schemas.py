"""How a JSON value differs from its schema, by JSON pointers and never by values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trilogue_generated.runtime.model import is_array, is_mapping, is_object

from .description import Description, JsonObject
from .differences import Difference

_TYPES: Mapping[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}
_FORMATS = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
}
_BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "minLength": lambda value, bound: len(value) >= bound,
    "maxLength": lambda value, bound: len(value) <= bound,
    "minItems": lambda value, bound: len(value) >= bound,
    "maxItems": lambda value, bound: len(value) <= bound,
}
_FIELD_NAME = re.compile(r"[A-Za-z_$][\w$.-]{0,63}", re.ASCII)


def compare(description: Description, schema: JsonObject, value: Any, pointer: str = "") -> Iterator[Difference]:
    """Yield how a value differs from its schema; a field that the schema does not name is a difference too."""
    schema = description.resolve(schema)
    options = schema.get("oneOf") or schema.get("anyOf")
    if options:
        yield from _compare_options(description, schema, options, value, pointer)
        return
    if not _fits(schema, value):
        yield _wrong_type(schema.get("type"), value, pointer)
    elif is_object(value):
        yield from _compare_object(description, schema, value, pointer)
    elif value is not None:
        yield from _compare_bounds(schema, value, pointer)
        if is_array(value):
            for item in value:
                yield from compare(description, schema.get("items", {}), item, f"{pointer}/*")
        else:
            yield from _compare_scalar(schema, value, pointer)


def type_of(value: Any) -> str:
    """Return the name that JSON Schema has for the type of a JSON value."""
    return _TYPES[type(value)]


def _fits(schema: JsonObject, value: Any) -> bool:
    types = _names(schema.get("type"))
    found = type_of(value)
    is_integral = found == "number" and "integer" in types and value.is_integer()
    return not types or found in types or (found == "integer" and "number" in types) or is_integral


def _names(types: Any) -> tuple[str, ...]:
    return (types,) if isinstance(types, str) else tuple(types or ())


def _wrong_type(types: Any, value: Any, pointer: str) -> Difference:
    expected = " or ".join(_names(types))
    if value is None:
        return Difference(pointer, "unexpected null", f"null instead of {expected}")
    return Difference(pointer, "wrong type", f"{type_of(value)} instead of {expected}")


def _compare_options(
    description: Description, schema: JsonObject, options: list[Any], value: Any, pointer: str
) -> Iterator[Difference]:
    """Compare with the option that the discriminator names, or else with the one that differs least."""
    candidates = [description.resolve(option) for option in options]
    discriminator = schema.get("discriminator")
    if discriminator and isinstance(value, dict) and discriminator["propertyName"] in value:
        tag = discriminator["propertyName"]
        named = discriminator["mapping"].get(value[tag]) if isinstance(value[tag], str) else None
        if named is None:
            yield Difference(f"{pointer}/{tag}", "unknown value")
        else:
            yield from compare(description, {"$ref": named}, value, pointer)
        return
    fitting = [option for option in candidates if "type" not in option or _fits(option, value)]
    if not fitting:
        yield _wrong_type([name for option in candidates for name in _names(option.get("type"))], value, pointer)
        return
    yield from min(([*compare(description, option, value, pointer)] for option in fitting), key=len)


def _compare_object(
    description: Description, schema: JsonObject, value: Mapping[str, Any], pointer: str
) -> Iterator[Difference]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name in schema.get("required", ()):
        if name not in value:
            yield Difference(f"{pointer}/{_escape(name)}", "missing field")
    for name, item in value.items():
        if name in properties:
            yield from compare(description, properties[name], item, f"{pointer}/{_escape(name)}")
        elif is_mapping(others):
            yield from compare(description, others, item, f"{pointer}/*")
        elif properties and not others:
            yield Difference(f"{pointer}/{_shown(name)}", "unknown field", type_of(item))


def _compare_scalar(schema: JsonObject, value: Any, pointer: str) -> Iterator[Difference]:
    if "enum" in schema and value not in schema["enum"]:
        yield Difference(pointer, "unknown value")
    if not isinstance(value, str):
        return
    expected = _FORMATS.get(schema.get("format", ""))
    if expected is not None and not expected.fullmatch(value):
        yield Difference(pointer, "wrong format", f"no {schema['format']}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield Difference(pointer, "wrong format", f"does not match {schema['pattern']}")


def _compare_bounds(schema: JsonObject, value: Any, pointer: str) -> Iterator[Difference]:
    for name, holds in _BOUNDS.items():
        has_length = isinstance(value, (str, list))
        applies = name in schema and has_length != name.endswith("imum") and not isinstance(value, bool)
        if applies and not holds(value, schema[name]):
            yield Difference(pointer, "out of bounds", f"{name} is {schema[name]}")


def _shown(name: str) -> str:
    """Return the name of an unknown field; one that no programmer would choose may be somebody's data."""
    return _escape(name) if _FIELD_NAME.fullmatch(name) else "*"


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
