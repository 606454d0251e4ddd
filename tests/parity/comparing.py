"""Compares the responses of two servers by what does not depend on the data they hold: status, keys and types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from attrs import frozen
from trilogue_tools.drift.server import Exchange

from .calling import Responses

Verdict: TypeAlias = Literal["equal", "different", "not compared"]

Shape: TypeAlias = Mapping[str, frozenset[str]]
"""The types at each JSON pointer; `*` stands for the elements of a list, and for the keys of a free map."""

_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}


@frozen
class Comparison:
    """One operation on both servers; no value of either is in it."""

    operation: str
    verdict: Verdict
    differences: tuple[str, ...] = ()


def compare(ours: Responses, theirs: Responses) -> Iterator[Comparison]:
    """Yield how each operation that was called on either compares."""
    for operation in {**ours.by_operation, **theirs.by_operation}:
        left, right = (each.by_operation.get(operation, []) for each in (ours, theirs))
        if not left or not right:
            yield Comparison(operation, "not compared", (f"only {'the sandbox' if left else 'the server'} was asked",))
            continue
        differences = tuple(_differences(left, right))
        yield Comparison(operation, "different" if differences else "equal", differences)


def _differences(ours: list[Exchange], theirs: list[Exchange]) -> Iterator[str]:
    """Yield how the best responses differ: what one server grants, the other does too, with the same keys and types."""
    left, right = _best(ours), _best(theirs)
    if left.status != right.status:
        yield f"status {left.status} of the sandbox, {right.status} of the server"
    elif left.is_granted:
        yield from _between(shape_of(each.body for each in ours), shape_of(each.body for each in theirs))


def _best(exchanges: list[Exchange]) -> Exchange:
    return min(exchanges, key=lambda exchange: exchange.status or 1_000)


def shape_of(bodies: Iterable[Any]) -> Shape:
    """Return the types that the values at each pointer have, null left aside."""
    found: dict[str, set[str]] = {}
    for body in bodies:
        for pointer, name in _walk(body, ""):
            found.setdefault(pointer, set()).add(name)
    return {pointer: frozenset(names - {"null"}) for pointer, names in found.items()}


def _walk(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    yield pointer, _TYPES.get(type(value), "null")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, f"{pointer}/*")


def _between(ours: Shape, theirs: Shape) -> Iterator[str]:
    """Yield where the types differ, and keys that one server alone has in an object that both show."""
    for pointer in sorted({*ours, *theirs}):
        left, right = ours.get(pointer), theirs.get(pointer)
        parent = pointer.rpartition("/")[0]
        if left is not None and right is not None:
            if left and right and not left & right:
                yield f"{pointer}: {_listed(left)} of the sandbox, {_listed(right)} of the server"
        elif "object" in ours.get(parent, ()) and "object" in theirs.get(parent, ()):
            yield f"{pointer}: only in responses of the {'sandbox' if right is None else 'server'}"


def _listed(names: Iterable[str]) -> str:
    return " or ".join(sorted(names))
