"""Sorts the arguments of a method by where they go: path, query, headers, body or file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import field
from trilogue_generated.runtime.operation import Operation, Parameter
from trilogue_generated.runtime.unset import UNSET

from .._http.file_parts import FilePart
from .._records import Record
from ..errors import InvalidArgument
from .queries import serialize_query
from .strings import fits_in_header, to_form_value, to_path_segment
from .values import serialize_value

Locations = Mapping[str, Mapping[str, Any]]
"""Serialized values by their names on the wire, for each location: path, query, header, body or multipart."""


class Serialized(Record, frozen=True):
    """The arguments of a call as they are sent; `is_retryable` if the call does no harm when it is repeated.

    The names of `headers` are in lower case.
    """

    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: Any = UNSET
    file: FilePart | None = None
    is_retryable: bool = False


def serialize(operation: Operation[Any], arguments: Mapping[str, Any]) -> Serialized:
    """Check the arguments of an operation and serialize them.

    Raises:
        InvalidArgument: one of them is wrong.
    """
    _check_groups(operation, arguments)
    locations: dict[str, dict[str, Any]] = {}
    for parameter in operation.parameters:
        value = arguments.get(parameter.name, UNSET)
        if _is_sent(parameter, value):
            locations.setdefault(parameter.location, {})[parameter.wire] = _serialize(parameter, value)
    return Serialized(
        _fill_in(operation.path, locations.get("path", {})),
        serialize_query(operation, locations["query"]) if "query" in locations else "",
        {name.lower(): to_form_value(value) for name, value in locations.get("header", {}).items()},
        _body(operation, locations),
        _file(locations["multipart"]) if "multipart" in locations else None,
        operation.retry != "non-idempotent" and not names_given(operation.retry_unless, arguments),
    )


def names_given(names: Iterable[str], arguments: Mapping[str, Any]) -> list[str]:
    """Return those of the names that have an argument; None counts as not given."""
    return [name for name in names if arguments.get(name) is not None and arguments[name] is not UNSET]


def _check_groups(operation: Operation[Any], arguments: Mapping[str, Any]) -> None:
    for group in operation.exactly_one:
        if len(names_given(group, arguments)) != 1:
            raise InvalidArgument(f"pass exactly one of {', '.join(group)}")
    for group in operation.at_most_one:
        if len(names_given(group, arguments)) > 1:
            raise InvalidArgument(f"pass only one of {', '.join(names_given(group, arguments))}")
    for group in operation.at_least_one:
        if not names_given(group, arguments):
            raise InvalidArgument(f"pass at least one of {', '.join(group)}")


def _is_sent(parameter: Parameter, value: Any) -> bool:
    if value is UNSET and parameter.required:
        raise InvalidArgument(f"{parameter.name}: required")
    if value is None and parameter.required and not parameter.nullable:
        raise InvalidArgument(f"{parameter.name}: cannot be None")
    return value is not UNSET and (value is not None or parameter.nullable)


def _serialize(parameter: Parameter, value: Any) -> Any:
    if value is None:
        return None
    serialized = serialize_value(parameter.schema, value, parameter.name)
    if parameter.bounds is not None:
        _require_within(parameter.bounds, serialized, parameter.name)
    if parameter.location == "header" and not fits_in_header(to_form_value(serialized)):
        raise InvalidArgument(
            f"{parameter.name}: expected printable ASCII without a space at either end, as it is sent in a header"
        )
    return serialized


def _require_within(bounds: tuple[int, int], value: str | int, name: str) -> None:
    """Raise InvalidArgument for a value at which a server would fail, and not say what is wrong with it."""
    least, most = bounds
    if isinstance(value, str) and not least <= len(value) <= most:
        raise InvalidArgument(f"{name}: expected at most {most} characters, not {len(value)}")
    if isinstance(value, int) and not least <= value <= most:
        raise InvalidArgument(f"{name}: expected {least} to {most}")


def _fill_in(path: str, values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", to_path_segment(value, name))
    return path


def _body(operation: Operation[Any], locations: Locations) -> Any:
    if operation.content_type == "multipart/form-data":
        parts = locations.get("multipart", {})
        return {name: to_form_value(part) for name, part in parts.items() if not isinstance(part, FilePart)}
    if operation.content_type is None:
        return UNSET
    body = locations.get("body", {})
    return body[""] if "" in body else dict(body)


def _file(parts: Mapping[str, Any]) -> FilePart | None:
    return next((part for part in parts.values() if isinstance(part, FilePart)), None)
