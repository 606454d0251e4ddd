"""Checks the arguments of a method and writes them as a path, a query, headers and a body."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode
from uuid import UUID

from attrs import define, field
from trilogue_generated.runtime.model import Model, format_datetime, is_array, is_mapping, is_object
from trilogue_generated.runtime.operation import Operation, Parameter, Schema
from trilogue_generated.runtime.unset import UNSET

from ._http import FilePart
from ._uploads import file_part
from .errors import InvalidArgument

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**64 - 1


@define(repr=False, eq=False)
class Written:
    """The arguments as they travel."""

    path: str
    query: str = ""
    headers: dict[str, str] = field(factory=dict[str, str])
    body: Any = UNSET
    files: tuple[FilePart, ...] = ()


def write(operation: Operation[Any], arguments: Mapping[str, Any]) -> Written:
    """Check the arguments of an operation and write them.

    Raises:
        InvalidArgument: one of them is wrong; nothing was sent.
    """
    _check_groups(operation, arguments)
    places: dict[str, dict[str, Any]] = {}
    for parameter in operation.parameters:
        value = arguments.get(parameter.name, UNSET)
        if _is_given(parameter, value):
            places.setdefault(parameter.location, {})[parameter.wire] = _write(parameter, value)
    return _assemble(operation, places)


def _assemble(operation: Operation[Any], places: Mapping[str, Mapping[str, Any]]) -> Written:
    path = operation.path
    for name, value in places.get("path", {}).items():
        path = path.replace(f"{{{name}}}", _segment(name, value))
    parts = places.get("multipart", {})
    return Written(
        path,
        _query(operation, places["query"]) if "query" in places else "",
        {name: text(value) for name, value in places.get("header", {}).items()},
        _body(operation, places),
        tuple(part for part in parts.values() if isinstance(part, FilePart)),
    )


def _body(operation: Operation[Any], places: Mapping[str, Mapping[str, Any]]) -> Any:
    if operation.content_type == "multipart/form-data":
        return {
            name: text(part) for name, part in places.get("multipart", {}).items() if not isinstance(part, FilePart)
        }
    if operation.content_type is None:
        return UNSET
    body = places.get("body", {})
    return body[""] if "" in body else dict(body)


def given(names: Iterable[str], arguments: Mapping[str, Any]) -> list[str]:
    """Return those of the names that an argument was given for; None is none."""
    return [name for name in names if arguments.get(name) is not None and arguments[name] is not UNSET]


def _check_groups(operation: Operation[Any], arguments: Mapping[str, Any]) -> None:
    for group in operation.exactly_one:
        if len(given(group, arguments)) != 1:
            raise InvalidArgument(f"give exactly one of {', '.join(group)}")
    for group in operation.at_most_one:
        if len(given(group, arguments)) > 1:
            raise InvalidArgument(f"give only one of {', '.join(given(group, arguments))}")
    for group in operation.at_least_one:
        if not given(group, arguments):
            raise InvalidArgument(f"give at least one of {', '.join(group)}")


def _is_given(parameter: Parameter, value: Any) -> bool:
    if value is UNSET and parameter.required:
        raise InvalidArgument(f"{parameter.name}: it is required")
    if value is UNSET or (value is None and not parameter.required and parameter.location in ("query", "header")):
        return False
    if value is None and not parameter.nullable:
        hint = "it cannot be null" if parameter.required else "it cannot be null; leave it out instead"
        raise InvalidArgument(f"{parameter.name}: {hint}")
    return True


def _write(parameter: Parameter, value: Any) -> Any:
    if value is None:
        return None
    written = write_value(parameter.schema, value, parameter.name)
    if parameter.location == "header" and not fits_in_header(text(written)):
        raise InvalidArgument(
            f"{parameter.name}: expected printable ASCII alone, without a space at either end, for it is a header"
        )
    return written


def fits_in_header(value: str) -> bool:
    """Whether a header can have this value."""
    return value.isascii() and value.isprintable() and value == value.strip()


def write_value(schema: Schema, value: Any, name: str) -> Any:
    """Check a value against its schema and return it as JSON has it; `name` is how errors call it."""
    try:
        return _WRITERS[schema.type](schema, value, name)
    except RecursionError:
        raise InvalidArgument(f"{name}: it is nested too deeply, or holds itself") from None


def _wrong(name: str, expected: str, value: Any) -> InvalidArgument:
    return InvalidArgument(f"{name}: expected {expected}, not {type(value).__name__}")


def _string(schema: Schema, value: Any, name: str) -> str:
    if isinstance(value, UUID):
        value = str(value)
    if not isinstance(value, str):
        raise _wrong(name, "a string", value)
    plain = str.__str__(value)  # what an enum of strings holds; its own str() may say its name
    if schema.choices and plain not in schema.choices:
        raise InvalidArgument(f"{name}: expected one of {', '.join(schema.choices)}")
    return whole(plain, name)


def whole(string: str, name: str) -> str:
    """Return a string that can be encoded; raises InvalidArgument for one that holds half of a character."""
    try:
        string.encode()
    except UnicodeEncodeError:
        raise InvalidArgument(f"{name}: it holds half of a character (a lone surrogate)") from None
    return string


def _integer(_: Schema, value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(name, "an integer", value)
    if not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
        raise InvalidArgument(f"{name}: expected an integer of 64 bits")
    return int(value)


def _number(_: Schema, value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(name, "a number", value)
    if isinstance(value, int):
        return _integer(_, value, name)
    if not math.isfinite(value):
        raise InvalidArgument(f"{name}: expected a finite number")
    return float(value)


def _boolean(_: Schema, value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "True or False", value)
    return value


def _datetime(_: Schema, value: Any, name: str) -> str:
    if not isinstance(value, datetime):
        raise _wrong(name, "a datetime", value)
    try:
        text = format_datetime(value)
    except (ValueError, OverflowError) as error:
        raise InvalidArgument(f"{name}: {error}") from None
    return text if value.microsecond else text.replace("Z", ".000Z")  # Botpress takes no moment without a fraction


def _date(_: Schema, value: Any, name: str) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong(name, "a date", value)
    return value.isoformat()


def _uuid(_: Schema, value: Any, name: str) -> str:
    try:
        return str(value if isinstance(value, UUID) else UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise InvalidArgument(f"{name}: expected a UUID such as 5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9") from None


def _array(schema: Schema, value: Any, name: str) -> list[Any]:
    if isinstance(value, (str, bytes)):
        raise InvalidArgument(f"{name}: expected a list, not a single {type(value).__name__}; write {name}=[...]")
    if not _is_iterable(value):
        raise _wrong(name, "a list", value)
    inner = schema.items or Schema("any")
    return [write_value(inner, item, f"{name}[{index}]") for index, item in enumerate(value)]


def _is_iterable(value: object) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, Iterable) and not isinstance(value, Mapping)


def _map(schema: Schema, value: Any, name: str) -> dict[str, Any]:
    if not is_mapping(value):
        raise _wrong(name, "a mapping", value)
    inner = schema.items or Schema("any")
    return {
        _string(Schema("string"), key, f"{name} key"): _member(inner, item, f"{name}.{key}")
        for key, item in value.items()
    }


def _member(schema: Schema, value: Any, name: str) -> Any:
    return None if value is None else write_value(schema, value, name)


def _object(schema: Schema, value: Any, name: str) -> Any:
    if not isinstance(value, Model) and not is_mapping(value):
        raise _wrong(name, "a model or a mapping", value)
    return _any(schema, value, name)


def _file(_: Schema, value: Any, name: str) -> FilePart:
    return file_part(value, name).settled()


def _any(_: Schema, value: Any, name: str) -> Any:
    if isinstance(value, Model):
        return _any(_, _as_dict(value, name), name)
    if isinstance(value, datetime):
        return _datetime(_, value, name)
    if isinstance(value, (date, UUID)):
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _string(_, value, name)
    if isinstance(value, (int, float)):
        return _number(_, value, name)
    if is_mapping(value):
        return {_key(key, name): _any(_, item, f"{name}.{key}") for key, item in value.items() if item is not UNSET}
    if _is_collection(value):
        return [_any(_, item, f"{name}[{index}]") for index, item in enumerate(value)]
    raise InvalidArgument(f"{name}: {type(value).__name__} cannot be sent as JSON")


def _key(key: Any, name: str) -> str:
    return whole(str.__str__(key) if isinstance(key, str) else str(key), f"{name} key")


def _is_collection(value: object) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, (list, tuple, set, frozenset))


def _as_dict(model: Model, name: str) -> dict[str, Any]:
    try:
        return model.to_dict()
    except (ValueError, OverflowError) as error:
        raise InvalidArgument(f"{name}: {error}") from None


_WRITERS: dict[str, Callable[[Schema, Any, str], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "datetime": _datetime,
    "date": _date,
    "uuid": _uuid,
    "array": _array,
    "map": _map,
    "object": _object,
    "file": _file,
    "any": _any,
}


def _segment(name: str, value: Any) -> str:
    """Quote a value as one segment of a path; an empty one or a dot would lead to another address."""
    segment = text(value)
    if segment in ("", ".", ".."):
        raise InvalidArgument(f"{name}: expected an identifier, not {segment!r}")
    return quote(segment, safe="")


def text(value: Any) -> str:
    """Return a single value as it stands in a query, a form, a path or a header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def form_field(value: Any, name: str) -> str:
    """Return a single value as it stands in a form; raises InvalidArgument for what a form cannot say."""
    if value is None or isinstance(value, (dict, list)):
        raise InvalidArgument(f"{name}: expected a single value, for it travels in a form")
    return text(value)


def _query(operation: Operation[Any], values: Mapping[str, Any]) -> str:
    pairs: list[tuple[str, str]] = []
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.wire in values:
            pairs += _pairs(parameter.schema.style, parameter.wire, values[parameter.wire], parameter.name)
    return encode_query(pairs)


def _pairs(style: str, wire: str, value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield a value as pairs: a map as one for each member, a list as its name again and again."""
    if is_object(value):
        for key, item in value.items():
            if item is not None:
                inner = f"{wire}[{key}]" if style == "deep" else f"{wire}.{key}"
                yield from _pairs(style, inner, item, f"{name}.{key}")
    elif is_array(value):
        members = [_member_text(style, item, f"{name}[{index}]") for index, item in enumerate(value)]
        if not members:
            raise InvalidArgument(f"{name}: expected at least one; leave it out for no filter")
        yield from [(wire, ",".join(members))] if style == "comma" else [(wire, member) for member in members]
    else:
        yield wire, text(value)


def _member_text(style: str, value: Any, name: str) -> str:
    if isinstance(value, (dict, list)):
        raise InvalidArgument(f"{name}: expected a single value, for nothing can be nested in a list of a query")
    if style == "comma" and "," in text(value):
        raise InvalidArgument(f"{name}: expected no comma, for commas stand between the values")
    return text(value)


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Write pairs as a query; a space becomes %20 and a plus sign %2B."""
    return urlencode(list(pairs), quote_via=quote, safe="")
