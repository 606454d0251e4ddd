"""JSON values as Python source, as a caller gives them in arguments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeGuard

from attrs import field, frozen

from .annotations import literal
from .models import field_name
from .shapes import ANY, Array, Either, Map, Nullable, Object, Scalar, Shape, Shapes, Tagged, json_type


@frozen
class Expressions:
    """Writes values, and remembers the names of `datetime` that their source needs."""

    shapes: Shapes
    names: set[str] = field(factory=set[str])

    def of(self, shape: Shape, value: Any) -> str:
        """Return the source of a value."""
        match shape:
            case Nullable():
                return "None" if value is None else self.of(shape.inner, value)
            case Either():
                return self.of(_member(shape, value), value)
            case Scalar("datetime"):
                return self._datetime(datetime.fromisoformat(value))
            case Scalar("date"):
                self.names.add("date")
                return repr(date.fromisoformat(value)).removeprefix("datetime.")
            case _:
                return self._json(shape, value)

    def _datetime(self, value: datetime) -> str:
        self.names.update(("UTC", "datetime"))
        return repr(value.astimezone(UTC)).removeprefix("datetime.").replace("datetime.timezone.utc", "UTC")

    def _json(self, shape: Shape, value: Any) -> str:
        if _is_mapping(value):
            return self._mapping(shape, value)
        if _is_array(value):
            items = shape.items if isinstance(shape, Array) else ANY
            return f"[{', '.join(self.of(items, item) for item in value)}]"
        return literal(value) if isinstance(value, str) else repr(value)

    def _mapping(self, shape: Shape, value: Mapping[str, Any]) -> str:
        fields = self._fields(shape, value)
        others = shape.values if isinstance(shape, Map) else ANY
        pairs = ((*fields.get(key, (key, others)), inner) for key, inner in value.items())
        return f"{{{', '.join(f'{literal(name)}: {self.of(known, inner)}' for name, known, inner in pairs)}}}"

    def _fields(self, shape: Shape, value: Mapping[str, Any]) -> Mapping[str, tuple[str, Shape]]:
        """Return the names in Python and the shapes of what a dict may hold, by the names on the wire."""
        if isinstance(shape, Tagged):
            shape = Object(dict(shape.classes)[value[shape.key]])
        if not isinstance(shape, Object):
            return {}
        return {each.wire: (field_name(each), each.shape) for each in self.shapes.fields(shape.name)}


def _member(shape: Either, value: Any) -> Shape:
    """Return the member of a union that a value is of."""
    names = (json_type(member) for member in shape.members)
    numbers = ("float", "int") if isinstance(value, int) else ()
    accepted = {type(value).__name__, *numbers, "object"}
    return next((member for member, name in zip(shape.members, names, strict=True) if name in accepted), ANY)


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
