"""The objects of requests as dicts with typed keys, which a caller may give in the place of models."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from .annotations import Annotations, input_name
from .description import Description
from .docstrings import docstring, lead
from .models import field_name
from .shapes import ObjectField, Shapes
from .unions import NamedUnion


@frozen
class InputDict:
    """One `TypedDict`, as source: its keys, each with a docstring or an empty one."""

    name: str
    docstring: str
    keys: list[tuple[str, str]]


@frozen
class InputUnion:
    """The alias of a named union of them, as source."""

    name: str
    members: tuple[str, ...]
    text: str


def input_dicts(shapes: Shapes, description: Description, classes: set[str]) -> Iterator[InputDict]:
    """Yield the dicts for the classes that requests contain; those with any keys are plain mappings."""
    for name in sorted(classes):
        if not shapes.is_open(name):
            yield _input_dict(name, shapes.fields(name), description)


def input_unions(unions: list[NamedUnion], shapes: Shapes, classes: set[str]) -> Iterator[InputUnion]:
    """Yield the unions whose members are all in requests."""
    for union in unions:
        if set(union.members) <= classes:
            members = ("Mapping[str, Any]" if shapes.is_open(name) else input_name(name) for name in union.members)
            yield InputUnion(input_name(union.name), tuple(dict.fromkeys(members)), union.text)


def _input_dict(name: str, fields: list[ObjectField], description: Description) -> InputDict:
    node = description.resolve(description.schemas[name])
    annotations = Annotations(frozenset(map(field_name, fields)), inputs="")
    keys = [
        (_declaration(field, annotations), docstring(text) if text else "")
        for field in sorted(fields, key=lambda field: not field.required)
        for text in (description.text(node["properties"][field.wire]),)
    ]
    return InputDict(input_name(name), docstring(lead(description.text(node)) or f"{name}."), keys)


def _declaration(field: ObjectField, annotations: Annotations) -> str:
    annotation = annotations.of(field.shape, "argument")
    return f"{field_name(field)}: {annotation if field.required else f'NotRequired[{annotation}]'}"
