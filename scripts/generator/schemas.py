"""Shapes as the schemas by which the client checks and serializes arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .annotations import literal, tuple_of
from .models import field_name
from .naming import python_name
from .parser_internals import snake_case
from .shapes import Array, Choice, Either, Empty, Map, Nullable, Object, Scalar, Shape, Shapes, Tagged

_SCALARS = {
    "str": "STRING",
    "int": "INTEGER",
    "float": "NUMBER",
    "bool": "BOOLEAN",
    "datetime": "DATETIME",
    "date": "DATE",
    "uuid": "UUID",
    "file": "FILE",
    "any": "ANY",
    "null": "ANY",
}


def schema(shape: Shape, style: str = "", *, module: str = "schemas.") -> str:
    """Return the source of the `Schema` of a shape; `module` goes before the names of objects."""
    match shape:
        case Nullable():
            return schema(shape.inner, style, module=module)
        case Array():
            return f'Schema("array", items={schema(shape.items, module=module)}{_styled(style)})'
        case Map():
            return f'Schema("map", items={schema(shape.values, module=module)}{_styled(style)})'
        case Choice() if isinstance(shape.values[0], str):
            return f'Schema("string", choices={tuple_of(map(literal, shape.values))})'
        case Choice():
            return "INTEGER"
        case Scalar():
            return _SCALARS[shape.name]
        case Object():
            return f"{module}{constant(shape.name)}"
        case Tagged():
            return _union(shape, module)
        case Empty():
            return "OBJECT"
        case Either():
            options = tuple_of(schema(member, module=module) for member in shape.members)
            return f'Schema("any", options={options})'


def parameter(name: str, wire: str, location: str, shape: Shape, required: bool, style: str = "", **at: str) -> str:
    """Return the source of the `Parameter` of an argument, or of a property of one."""
    parts = [literal(name), literal(wire), literal(location), schema(shape, style, **at)]
    parts += ["required=True"] if required else []
    parts += ["nullable=True"] if location in ("body", "multipart") and isinstance(shape, Nullable) else []
    return f"Parameter({', '.join(parts)})"


def objects(shapes: Shapes, classes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the constants of the classes that requests contain, and the sources of their schemas."""
    for name in sorted(classes):
        fields = shapes.fields(name)
        properties = tuple_of(
            parameter(field_name(field), field.wire, "body", field.shape, field.required, module="")
            for field in sorted(fields, key=lambda field: not field.required)
        )
        is_open = ", is_open=True" if shapes.is_open(name) else ""
        yield constant(name), f'Schema("object", properties=lambda: {properties}{is_open})'


def constant(name: str) -> str:
    """Return the name of the constant of a class."""
    return snake_case(name).upper()


def _union(shape: Tagged, module: str) -> str:
    tag = tuple_of((literal(python_name(shape.key, "field_")), literal(shape.key)))
    variants = ", ".join(f"{literal(value)}: {module}{constant(name)}" for value, name in shape.classes)
    return f'Schema("object", tag={tag}, variants=lambda: {{{variants}}})'


def _styled(style: str) -> str:
    return f", style={literal(style)}" if style else ""
