"""Which classes responses contain, and which requests."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from .shapes import Array, Either, Map, Nullable, Object, Shape, Shapes, Tagged


@frozen
class Usage:
    """The names of the classes in responses (`received`) and in requests (`sent`)."""

    received: set[str] = field(factory=set[str])
    sent: set[str] = field(factory=set[str])

    @property
    def classes(self) -> set[str]:
        """All classes that are needed."""
        return self.received | self.sent


def collect(found: set[str], start: Iterable[Shape], shapes: Shapes) -> None:
    """Add the classes that values of the given shapes are made of."""
    for shape in start:
        for name in _classes(shape) - found:
            found.add(name)
            collect(found, (member.shape for member in shapes.fields(name)), shapes)


def _classes(shape: Shape) -> set[str]:
    match shape:
        case Object():
            return {shape.name}
        case Tagged():
            return {name for _, name in shape.classes}
        case _:
            return {name for part in parts(shape) for name in _classes(part)}


def parts(shape: Shape) -> tuple[Shape, ...]:
    """Return the shapes that a shape is made of; none of what has classes of its own."""
    match shape:
        case Array():
            return (shape.items,)
        case Map():
            return (shape.values,)
        case Nullable():
            return (shape.inner,)
        case Either():
            return shape.members
        case _:
            return ()
