"""Schemas in words, for people."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import msgspec

from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.kernel.http import Json

_RANGES = (
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
    ("minProperties", "maxProperties", " keys"),
    ("minimum", "maximum", ""),
)
_COMPONENT = "#/components/schemas/"


@attrs.frozen
class Field:
    """One property of an object, or the name of a variant whose properties follow; `depth` is 0 for the outermost."""

    name: str
    depth: int
    type: str
    is_required: bool
    is_deprecated: bool
    description: str
    limits: str
    is_variant: bool = False


def fields(schema: Node, depth: int = 0, within: tuple[str, ...] = ()) -> Iterator[Field]:
    """Walk the properties of a schema and of the objects in it; an object within itself is named, not walked again."""
    objects = [inner for inner in _objects(schema) if inner.pointer not in within]
    for inner in objects:
        if len(objects) > 1:
            yield Field(type_of(inner), depth, "", False, False, inner.text("description"), "", is_variant=True)
        yield from _properties(inner, depth + (len(objects) > 1), (*within, inner.pointer))


def _properties(schema: Node, depth: int, within: tuple[str, ...]) -> Iterator[Field]:
    required = schema.child("required")
    names = required.value if required and isinstance(required.value, list) else []
    properties = schema.child("properties")
    for name, node in properties.children() if properties else ():
        is_deprecated, description = node.is_true("deprecated"), node.text("description")
        yield Field(name, depth, type_of(node), name in names, is_deprecated, description, limits_of(node))
        yield from fields(node, depth + 1, within)


def _objects(schema: Node, within: tuple[str, ...] = ()) -> Iterator[Node]:
    """Return the objects that a value may be, or may be a list or a map of."""
    if schema.pointer in within:
        return
    if schema.child("properties"):
        yield schema
    for inner in (schema.child("items"), schema.child("additionalProperties"), *_branches(schema)):
        if inner:
            yield from _objects(inner, (*within, schema.pointer))


def _branches(schema: Node) -> list[Node]:
    unions = (schema.child("oneOf"), schema.child("anyOf"))
    return [branch for union in unions if union for _, branch in union.children()]


def type_of(schema: Node, within: tuple[str, ...] = ()) -> str:
    """Return the type of a schema, as in `list of Contact or null`."""
    if schema.pointer in within:
        return _component(schema)
    inside = (*within, schema.pointer)
    if branches := _branches(schema):
        return " or ".join(dict.fromkeys(type_of(branch, inside) for branch in branches))
    if options := schema.child("enum"):
        return " or ".join(_as_json(option.value) for _, option in options.children())
    return " or ".join(_named(schema, name, inside) for name in _types(schema)) or "anything"


def limits_of(schema: Node) -> str:
    """Return what else a schema asks of a value, as in `1 to 100, 20 by default`."""
    ranges = [_range(schema.child(low), schema.child(high), unit) for low, high, unit in _RANGES]
    pattern, default = schema.text("pattern"), schema.child("default")
    more = [f"matches {pattern}" if pattern else "", f"{_plain(default.value)} by default" if default else ""]
    return ", ".join(words for words in (*ranges, *more) if words)


def _range(low: Node | None, high: Node | None, unit: str) -> str:
    if low and high:
        return f"{_plain(low.value)} to {_plain(high.value)}{unit}"
    if low:
        return f"{_plain(low.value)} or more{unit}"
    return f"at most {_plain(high.value)}{unit}" if high else ""


def example_of(node: Node) -> str | None:
    """Return the first example of a media type or of its schema as indented JSON, or None."""
    schema = node.child("schema")
    for holder, key in ((node, "examples"), (schema, "examples")):
        examples = holder.child(key) if holder else None
        for _, example in examples.children() if examples else ():
            value = example.child("value") if holder is node else example
            return _indented(value.value if value else None)
    single = node.child("example")
    return _indented(single.value) if single else None


def _types(schema: Node) -> list[str]:
    declared = schema.child("type")
    value = declared.value if declared else None
    return [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []


def _named(schema: Node, name: str, within: tuple[str, ...]) -> str:
    if name == "array":
        items = schema.child("items")
        return f"list of {type_of(items, within)}" if items else "list"
    if name == "object":
        values = schema.child("additionalProperties")
        is_map = values is not None and isinstance(values.value, dict)
        return f"map of {type_of(values, within)}" if values and is_map else _component(schema)
    form = schema.text("format")
    return f"{name} ({form})" if form and name != "null" else name


def _component(schema: Node) -> str:
    return schema.pointer.removeprefix(_COMPONENT) if schema.pointer.startswith(_COMPONENT) else "object"


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else _as_json(value)


def _as_json(value: Json) -> str:
    return msgspec.json.encode(value).decode()


def _indented(value: Json) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
