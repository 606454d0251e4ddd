"""Shapes as the source of decoders.

Every model is decoded twice: by a fast expression that expects what the description says, and by the converters of its
fields, which take what comes.
"""

from __future__ import annotations

from attrs import field, frozen

from .annotations import literal
from .errors import GenerationError
from .parser_internals import snake_case
from .shapes import Array, Choice, Either, Empty, Map, Nullable, Object, Scalar, Shape, Tagged, json_type

_TESTS = {"list": "is_array", "dict": "is_object"}

_PARSERS = {"datetime": "parse_datetime", "date": "parse_date"}


def is_plain(shape: Shape) -> bool:
    """Return whether the Python value is the JSON value."""
    match shape:
        case Scalar():
            return shape.name not in _PARSERS
        case Choice() | Empty():
            return True
        case Array():
            return is_plain(shape.items)
        case Map():
            return is_plain(shape.values)
        case Nullable():
            return is_plain(shape.inner)
        case Either():
            return all(map(is_plain, shape.members))
        case Object() | Tagged():
            return False


@frozen
class Decoders:
    """Writes the decoders of one module, and collects the `tables` that they need there as constants."""

    runtime: str
    tables: dict[Tagged, str] = field(factory=dict[Tagged, str])

    def expression(self, shape: Shape, value: str, depth: int = 0) -> str:
        """Return an expression that decodes `value`, and raises if it breaks the description."""
        if is_plain(shape):
            return value
        match shape:
            case Array():
                return self._array(shape, value, depth)
            case Map():
                return self._map(shape, value, depth)
            case Nullable(inner=Array() | Map()):
                return self.expression(shape.inner, value, depth)
            case Nullable():
                name, test = _named(value)
                return f"None if {test} is None else {self.expression(shape.inner, name, depth)}"
            case Either():
                return self._by_type(shape, value, depth)
            case Object():
                return f"m.{shape.name}.from_dict({value})"
            case Tagged():
                return f"{self._table_name(shape)}({value})"
            case _:
                return f"{self.runtime}{_parser(shape)}({value})"

    def converter(self, shape: Shape) -> str | None:
        """Return a function that decodes leniently, or None if there is nothing to decode."""
        if is_plain(shape):
            return None
        match shape:
            case Array():
                return f"{self.runtime}many({self.converter(shape.items)})"
            case Map():
                return f"{self.runtime}mapping({self.converter(shape.values)})"
            case Nullable():
                return self.converter(shape.inner)
            case Object():
                return f"lambda value: m.{shape.name}.from_dict(value)"
            case Either():
                return f"lambda value: {self._leniently_by_type(shape)}"
            case Tagged():
                return self._table_name(shape)
            case _:
                return f"{self.runtime}{_parser(shape)}"

    def rows(self, shape: Array) -> str:
        """Return an expression that decodes `rows`, a list."""
        return "rows" if is_plain(shape) else f"[{self._each(shape.items, 'rows', 0)}]"

    def _array(self, shape: Array, value: str, depth: int) -> str:
        """Return what decodes each item; an empty list is left alone, and so is null."""
        name, test = _named(value)
        return f"{test} and [{self._each(shape.items, f'{self.runtime}expect(list, {name})', depth)}]"

    def _map(self, shape: Map, value: str, depth: int) -> str:
        item, (name, test) = _item(depth), _named(value)
        decoded = self.expression(shape.values, item, depth + 1)
        return f"{test} and {{key: {decoded} for key, {item} in {name}.items()}}"

    def _each(self, shape: Shape, items: str, depth: int) -> str:
        """Return what decodes each item; `map` does where that is one call, which is faster than a loop."""
        item = _item(depth)
        decoded = self.expression(shape, item, depth + 1)
        function = decoded.removesuffix(f"({item})")
        return (
            f"*map({function}, {items})"
            if function.replace(".", "").isidentifier()
            else f"{decoded} for {item} in {items}"
        )

    def _by_type(self, shape: Either, value: str, depth: int) -> str:
        name, test = _named(value)
        branches: list[str] = []
        for member in _told_apart(shape):
            branches.append(f"{self.expression(member, name, depth)} if {self._test(member, test)}")
            test = name
        return f"{' else '.join(branches)} else {name}"

    def _leniently_by_type(self, shape: Either) -> str:
        branches = [f"{self._applied(member)} if {self._test(member, 'value')}" for member in _told_apart(shape)]
        return f"{' else '.join(branches)} else value"

    def _applied(self, shape: Shape) -> str:
        return f"m.{shape.name}.from_dict(value)" if isinstance(shape, Object) else f"{self.converter(shape)}(value)"

    def _test(self, shape: Shape, value: str) -> str:
        """Return the test for the JSON type; the runtime has those that tell type checkers what is inside."""
        name = json_type(shape)
        return f"{self.runtime}{_TESTS[name]}({value})" if name in _TESTS else f"isinstance({value}, {name})"

    def _table_name(self, shape: Tagged) -> str:
        if shape.name is not None:
            return f"unions.{union_decoder(shape.name)}"
        number = f"_{len(self.tables) + 1}" if self.tables else ""
        return self.tables.setdefault(shape, f"_BY_{snake_case(shape.key).upper()}{number}")

    def table(self, shape: Tagged) -> str:
        """Return the source of the table that a union is decoded by."""
        entries = ", ".join(f"{literal(value)}: lambda: m.{name}" for value, name in shape.classes)
        return f"{self.runtime}tagged({literal(shape.key)}, {{{entries}}})"


def union_decoder(name: str) -> str:
    """Return the name of the decoder of a named union."""
    return f"decode_{snake_case(name)}"


def _parser(shape: Shape) -> str:
    return _PARSERS[shape.name] if isinstance(shape, Scalar) else ""


def _item(depth: int) -> str:
    return "item" if depth == 0 else f"item_{depth}"


def _named(value: str) -> tuple[str, str]:
    """Return a name for a value, and the expression that gives it this name where it is first read."""
    return (value, value) if value.isidentifier() else ("value", f"(value := {value})")


def _told_apart(shape: Either) -> list[Shape]:
    types = [json_type(member) for member in shape.members]
    decoded = [member for member in shape.members if not is_plain(member)]
    if any(json_type(member) == "object" or types.count(json_type(member)) > 1 for member in decoded):
        raise GenerationError(f"the members of {shape} cannot be told apart by their JSON types")
    return decoded
