"""Shapes as Python annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from attrs import frozen

from .parser_internals import in_double_quote_literal
from .shapes import Array, Choice, Either, Empty, Map, Nullable, Object, Scalar, Shape, Tagged

Use = Literal["response", "request", "argument"]
"""A response may have unknown choices, a request may not; an argument takes whatever can be serialized as the value."""

_SCALARS = {"uuid": "str", "file": "bytes", "any": "Any", "null": "None"}
_ARGUMENTS = {**_SCALARS, "uuid": "str | UUID", "file": "FileContent"}


def literal(value: str | float) -> str:
    """Return the source of a constant; the only way in which text of a description becomes code."""
    return f'"{in_double_quote_literal(value)}"' if isinstance(value, str) else repr(value)


def tuple_of(sources: Iterable[str]) -> str:
    """Return the source of a tuple."""
    listed = list(sources)
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"


@frozen
class Annotations:
    """Annotations inside a class; `members` are its names, which would hide types of the same name.

    `inputs` goes before the names of the dicts that an argument may be.
    """

    members: frozenset[str] = frozenset()
    inputs: str = "inputs."

    def of(self, shape: Shape, use: Use, *others: str) -> str:
        """Return the annotation of a shape, or of the `others`."""
        return _union((*self._alternatives(shape, use), *others))

    def _alternatives(self, shape: Shape, use: Use) -> Iterator[str]:
        match shape:
            case Scalar():
                names = _ARGUMENTS if use == "argument" else _SCALARS
                yield self._visible(names.get(shape.name, shape.name))
            case Choice():
                yield from _choice(shape, use)
            case Object():
                yield f"m.{shape.name}"
                if use == "argument":
                    yield "Mapping[str, Any]" if shape.is_open else f"{self.inputs}{input_name(shape.name)}"
            case Tagged():
                yield from self._tagged(shape, use)
            case _:
                yield from self._compound(shape, use)

    def _tagged(self, shape: Tagged, use: Use) -> Iterator[str]:
        names = tuple(dict.fromkeys(name for _, name in shape.classes))
        yield from (f"m.{name}" for name in names) if shape.name is None else (f"unions.{shape.name}",)
        if use == "argument":
            inputs = names if shape.name is None else (shape.name,)
            yield from (f"{self.inputs}{input_name(name)}" for name in inputs)
        else:
            yield self._dict("Any")

    def _compound(self, shape: Array | Map | Empty | Either | Nullable, use: Use) -> Iterator[str]:
        match shape:
            case Array():
                container = "Sequence" if use == "argument" else self._visible("list")
                yield f"{container}[{self.of(shape.items, use)}]"
            case Map():
                values = self.of(shape.values, use)
                yield f"Mapping[str, {values}]" if use == "argument" else self._dict(values)
            case Empty():
                yield "Mapping[str, Any]" if use == "argument" else self._dict("Any")
            case Either():
                for member in shape.members:
                    yield from self._alternatives(member, use)
            case Nullable():
                yield from self._alternatives(shape.inner, use)
                yield "None"

    def _dict(self, values: str) -> str:
        return f"{self._visible('dict')}[str, {values}]"

    def _visible(self, name: str) -> str:
        return f"_{name}" if name in self.members else name


def input_name(name: str) -> str:
    """Return the name of the dict that can be given in the place of a model or a union."""
    return f"{name}Dict"


def _union(alternatives: tuple[str, ...]) -> str:
    """Join annotations; None and Unset come last, and Any replaces the others."""
    if "Any" in alternatives:
        return "Any"
    return " | ".join(sorted(dict.fromkeys(alternatives), key=("None", "Unset").__contains__))


def _choice(shape: Choice, use: Use) -> Iterator[str]:
    if shape.name is None:
        yield f"Literal[{', '.join(map(literal, shape.values))}]"
    else:
        yield f"literals.{shape.name}"
    if use == "response":
        yield f"Unrecognized{type(shape.values[0]).__name__.title()}"
