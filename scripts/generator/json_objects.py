"""Objects as structs, which msgspec decodes in one pass, and their models as source.

A struct takes what the description promises and nothing else; what breaks a promise is decoded from plain objects.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from .annotations import literal
from .decoding import Decoders, is_plain
from .shapes import Array, Choice, Either, Map, Nullable, Object, ObjectField, Scalar, Shape, Shapes, Tagged, json_type
from .usage import parts

_TYPES = {"list": "list[Any]", "dict": "dict[str, Any]", "float": "int | float", "object": "JsonValue"}
"""The annotations of plain values that are not null, where they are not the names of the types."""


@frozen
class JsonField:
    """One field of a struct, and what its model has there, as source."""

    name: str
    declaration: str
    value: str


@frozen
class JsonObject:
    """One struct, as source; `is_as_described` tests whether it has nothing that its model has to note."""

    fields: list[JsonField]
    is_as_described: str


def has_struct(shape: Shape, shapes: Shapes, within: frozenset[str] = frozenset()) -> bool:
    """Return whether values of a shape are decoded in one pass; an object with any keys is not."""
    match shape:
        case Object():
            members = () if shape.name in within else shapes.fields(shape.name)
            inner = within | {shape.name}
            return not shape.is_open and all(has_struct(member.shape, shapes, inner) for member in members)
        case Either():
            return is_plain(shape)
        case _:
            return all(has_struct(part, shapes, within) for part in parts(shape))


def collect_structs(found: set[str], shape: Shape, shapes: Shapes) -> None:
    """Add the classes whose structs a struct of this shape consists of."""
    if not isinstance(shape, Object):
        for part in parts(shape):
            collect_structs(found, part, shapes)
    elif shape.name not in found:
        found.add(shape.name)
        for member in shapes.fields(shape.name):
            collect_structs(found, member.shape, shapes)


def json_object(fields: Iterable[tuple[str, ObjectField, str]], decoders: Decoders) -> JsonObject:
    """Return the struct of a class, of whose fields these are the names, the shapes and the defaults."""
    listed = sorted(fields, key=lambda field: not field[1].required)
    writer = _Writer(decoders, frozenset(name for name, *_ in listed))
    return JsonObject(
        [
            JsonField(name, writer.declaration(name, field), writer.value(name, field, default))
            for name, field, default in listed
        ],
        " and ".join(f"self.{name} is not None" for name, field, default in listed if _may_be_noted(field, default)),
    )


def _may_be_noted(field: ObjectField, default: str) -> bool:
    """Return whether null differs from a field that is missing, but not in the model."""
    return not field.required and isinstance(field.shape, Nullable) and default == "None"


@frozen
class _Writer:
    decoders: Decoders
    members: frozenset[str]

    def declaration(self, name: str, field: ObjectField) -> str:
        annotation = self._annotation(field.shape) if field.required else f"{self._given(field.shape)} | Absent"
        renamed = field.wire != name
        if field.required:
            return f"{name}: {annotation}{f' = renamed(name={literal(field.wire)})' if renamed else ''}"
        value = f"renamed(default=ABSENT, name={literal(field.wire)})" if renamed else "ABSENT"
        return f"{name}: {annotation} = {value}"

    def value(self, name: str, field: ObjectField, default: str) -> str:
        source = f"self.{name}"
        if field.required:
            return self._value(field.shape, source)
        return f"{default} if {source} is ABSENT else {self._value(field.shape, source)}"

    def _annotation(self, shape: Shape) -> str:
        """Return the type of a value; what needs no decoding may be anything, as in a model."""
        if is_plain(shape):
            return "Any"
        match shape:
            case Array():
                return f"list[{self._annotation(shape.items)}]"
            case Map():
                return f"dict[str, {self._annotation(shape.values)}]"
            case Nullable():
                return f"{self._annotation(shape.inner)} | None"
            case Object():
                return f"m.{shape.name}._Struct"
            case Scalar():
                return f"_{shape.name}" if shape.name in self.members else shape.name
            case _:
                return "dict[str, Any]"

    def _given(self, shape: Shape) -> str:
        """Return the type of the value of a field that may be missing, which null is not."""
        if isinstance(shape, Nullable):
            return f"{self._given(shape.inner)} | None"
        if not is_plain(shape):
            return self._annotation(shape)
        name = json_type(shape)
        return f"Unrecognized{name.title()}" if isinstance(shape, Choice) else _TYPES.get(name, name)

    def _value(self, shape: Shape, source: str, depth: int = 0) -> str:
        """Return the source of what a model has where a struct has the value of `source`."""
        item = f"item_{depth}" if depth else "item"
        match shape:
            case Object():
                return f"{source}.to_model()"
            case Tagged():
                return self.decoders.expression(shape, source)
            case Nullable() if _has_models(shape):
                return f"None if {source} is None else {self._value(shape.inner, source, depth)}"
            case Array() if _has_models(shape):
                return f"[{self._value(shape.items, item, depth + 1)} for {item} in {source}] if {source} else []"
            case Map() if _has_models(shape):
                value = self._value(shape.values, item, depth + 1)
                return f"{{key: {value} for key, {item} in {source}.items()}} if {source} else {{}}"
            case _:
                return source


def _has_models(shape: Shape) -> bool:
    return isinstance(shape, Object | Tagged) or any(map(_has_models, parts(shape)))
