"""The shapes of values: what a schema allows, as far as code differs.

The parser's own classes of properties are known here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from .description import Description
from .errors import GenerationError
from .naming import python_name
from .parser_internals import (
    AnyProperty,
    BooleanProperty,
    DateProperty,
    DateTimeProperty,
    FileProperty,
    FloatProperty,
    IntProperty,
    ListProperty,
    LiteralEnumProperty,
    ModelProperty,
    NoneProperty,
    PropertyProtocol,
    StringProperty,
    UnionProperty,
    UuidProperty,
)
from .parsing import Parsed

ScalarName = Literal["str", "int", "float", "bool", "datetime", "date", "uuid", "file", "any", "null"]


@frozen
class Scalar:
    """A single value."""

    name: ScalarName


@frozen
class Choice:
    """One of a few values; `name` is that of its component, if it is one."""

    values: tuple[str | int, ...]
    name: str | None


@frozen
class Array:
    """A list."""

    items: Shape


@frozen
class Map:
    """An object with any keys."""

    values: Shape


@frozen
class Empty:
    """An object without properties."""


@frozen
class Object:
    """An object with a class of its own; `is_open` if a request may have other keys."""

    name: str
    is_open: bool = False


@frozen
class Tagged:
    """One of several objects, told apart by a field; `name` is that of its component, if it is one."""

    key: str
    classes: tuple[tuple[str, str], ...]
    name: str | None


@frozen
class Either:
    """One of several shapes, told apart by their JSON types."""

    members: tuple[Shape, ...]


@frozen
class Nullable:
    """A shape, or null."""

    inner: Shape


Shape = Scalar | Choice | Array | Map | Empty | Object | Tagged | Either | Nullable

ANY = Scalar("any")

_SCALARS: Mapping[type[PropertyProtocol], ScalarName] = {
    AnyProperty: "any",
    BooleanProperty: "bool",
    DateProperty: "date",
    DateTimeProperty: "datetime",
    FileProperty: "file",
    FloatProperty: "float",
    IntProperty: "int",
    NoneProperty: "null",
    StringProperty: "str",
    UuidProperty: "uuid",
}


@frozen
class ObjectField:
    """One property of an object."""

    wire: str
    python: str
    shape: Shape
    required: bool


class Shapes:
    """The shapes of one description."""

    def __init__(self, parsed: Parsed, description: Description) -> None:
        self._parsed = parsed
        self._description = description

    def of(self, prop: PropertyProtocol) -> Shape:
        """Return the shape of what the parser made of a schema.

        Raises:
            GenerationError: the schema uses something the conventions forbid.
        """
        match prop:
            case LiteralEnumProperty():
                return self._choice(prop)
            case ModelProperty():
                return self._object(prop)
            case ListProperty():
                return Array(self.of(prop.inner_property))
            case UnionProperty():
                return self._union(prop)
            case _:
                return self._scalar(prop)

    def member(self, prop: PropertyProtocol, component: str) -> Shape | None:
        """Return the shape of the member of a union that is a component, None if there is none."""
        members = prop.inner_properties if isinstance(prop, UnionProperty) else []
        name = self._description.class_name(component)
        found = (member for member in members if isinstance(member, ModelProperty) and member.class_info.name == name)
        return next(map(self.of, found), None)

    def fields(self, class_name: str) -> list[ObjectField]:
        """Return the properties of a class, the required ones first."""
        model = self._parsed.models[class_name]
        listed = [*(model.required_properties or ()), *(model.optional_properties or ())]
        return [self._field(prop) for prop in listed]

    def is_open(self, class_name: str) -> bool:
        """Return whether a class may have other keys than its own."""
        return self._parsed.models[class_name].data.additionalProperties not in (None, False)

    def _field(self, prop: PropertyProtocol) -> ObjectField:
        wire = prop.name.get_untrusted_value()
        return ObjectField(wire, python_name(wire, self._description.prefix), self.of(prop), prop.required)

    def _scalar(self, prop: PropertyProtocol) -> Scalar:
        name = _SCALARS.get(type(prop))
        if name is None:
            raise GenerationError(f"{prop.name.get_untrusted_value()}: {type(prop).__name__} is not used here")
        return Scalar(name)

    def _choice(self, prop: LiteralEnumProperty) -> Choice:
        name = str(prop.class_info.name)
        return Choice(
            self._description.choices[frozenset(prop.values)], name if name in self._description.schemas else None
        )

    def _object(self, prop: ModelProperty) -> Shape:
        model = self._parsed.models[str(prop.class_info.name)]
        if model.required_properties or model.optional_properties:
            if model.class_info.name not in self._description.schemas:
                raise GenerationError(f"{model.class_info.name}: an object with properties must be a named component")
            name = str(model.class_info.name)
            return Object(name, self.is_open(name))
        if model.data.additionalProperties in (None, False):
            return Empty()
        return Map(ANY if model.additional_properties is None else self.of(model.additional_properties))

    def _union(self, prop: UnionProperty) -> Shape:
        members = list(dict.fromkeys(self.of(member) for member in prop.inner_properties))
        real = tuple(member for member in members if member != Scalar("null"))
        shape = self._either(real, prop.name.get_untrusted_value())
        return shape if len(real) == len(members) else Nullable(shape)

    def _either(self, members: tuple[Shape, ...], name: str) -> Shape:
        if len(members) == 1:
            return members[0]
        objects = frozenset(member.name for member in members if isinstance(member, Object))
        if len(objects) < 2:
            return Either(members)
        others = tuple(member for member in members if not isinstance(member, Object))
        return self._either((*others, self._tagged(objects, name)), name)

    def _tagged(self, classes: frozenset[str], name: str) -> Tagged:
        found = self._description.discriminators.get(classes)
        if found is None:
            listed = ", ".join(sorted(classes))
            raise GenerationError(f"{name}: the union of {listed} needs a `discriminator` with a `mapping`")
        return Tagged(found.key, tuple(found.classes.items()), self._description.unions.get(classes))


def object_in(shape: Shape | None) -> Object | None:
    """Return the object that a value is, or that a list consists of."""
    match shape:
        case Object():
            return shape
        case Array():
            return object_in(shape.items)
        case Nullable():
            return object_in(shape.inner)
        case _:
            return None


def json_type(shape: Shape) -> str:
    """Return the Python type that json.loads gives for a shape: str, int, float, bool, list, dict or object."""
    match shape:
        case Array():
            return "list"
        case Map() | Empty() | Object() | Tagged():
            return "dict"
        case Choice():
            return type(shape.values[0]).__name__
        case Scalar("int" | "float" | "bool"):
            return shape.name
        case Scalar("any") | Either() | Nullable():
            return "object"
        case _:
            return "str"
