"""Serializes the parameters of a query, each in the style that the description names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trilogue_generated.runtime.model import is_array, is_object
from trilogue_generated.runtime.operation import Operation

from ..errors import InvalidArgument
from .strings import encode_query, to_form_value


def serialize_query(operation: Operation[Any], values: Mapping[str, Any]) -> str:
    """Return a query with the values of an operation's parameters, given by their names on the wire."""
    pairs: list[tuple[str, str]] = []
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.wire in values:
            value = values[parameter.wire]
            if not parameter.required:
                _require_not_empty(value, parameter.name)
            pairs += _pairs(parameter.schema.style, parameter.wire, value, parameter.name)
    return encode_query(pairs)


def _require_not_empty(value: Any, name: str) -> None:
    """Raise InvalidArgument for an empty string, which servers take for no filter, and list everything."""
    if value == "":
        raise InvalidArgument(f"{name}: is empty; leave it out for no filter")


def _pairs(style: str, wire: str, value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield a value as pairs: a map as one for each member, a list with its name repeated."""
    if is_object(value):
        for key, item in value.items():
            if item is not None:
                inner = f"{wire}[{key}]" if style == "deep" else f"{wire}.{key}"
                yield from _pairs(style, inner, item, f"{name}.{key}")
    elif is_array(value):
        members = [_to_list_member(style, item, f"{name}[{index}]") for index, item in enumerate(value)]
        if not members:
            raise InvalidArgument(f"{name}: expected at least one; leave it out for no filter")
        yield from [(wire, ",".join(members))] if style == "comma" else [(wire, member) for member in members]
    else:
        yield wire, to_form_value(value)


def _to_list_member(style: str, value: Any, name: str) -> str:
    if isinstance(value, (dict, list)):
        raise InvalidArgument(f"{name}: expected a single value; a list in a query cannot be nested")
    if style == "comma" and "," in to_form_value(value):
        raise InvalidArgument(f"{name}: contains a comma; values are separated by commas, so none may have one")
    _require_not_empty(value, name)
    return to_form_value(value)
