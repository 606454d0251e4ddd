"""The functions of VRL that the sandbox knows."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from trilogue_sandbox.kernel.http import Json

_LARGEST = 2**63 - 1


class VrlError(Exception):
    """A program that cannot be read, uses what is not understood here, or fails."""


def text(value: Json) -> str:
    """Return a value that must be a string."""
    if not isinstance(value, str):
        raise VrlError(f"expected string, got {_kind(value)}")
    return value


def number(value: Json) -> int | float:
    """Return a value that must be a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise VrlError(f"expected number, got {_kind(value)}")
    return value


def array(value: Json) -> list[Json]:
    """Return a value that must be an array."""
    if not isinstance(value, list):
        raise VrlError(f"expected array, got {_kind(value)}")
    return value


def fields(value: Json) -> dict[str, Json]:
    """Return a value that must be an object."""
    if not isinstance(value, dict):
        raise VrlError(f"expected object, got {_kind(value)}")
    return value


def bounded(value: Json) -> Json:
    """Return a value that, if it is a whole number, must have at most 64 bits."""
    if isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
        raise VrlError("a number is out of range")
    return value


def boolean(value: Json) -> bool:
    """Return a value that must be a truth value."""
    if not isinstance(value, bool):
        raise VrlError(f"expected boolean, got {_kind(value)}")
    return value


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    names = {bool: "boolean", int: "integer", float: "float", str: "string", list: "array", dict: "object"}
    return names[type(value)]


def to_string(value: Json) -> str:
    """Return a string, number, truth value or null as text."""
    if isinstance(value, list | dict):
        raise VrlError(f"unable to coerce {_kind(value)} into string")
    if isinstance(value, str):
        return value
    return "" if value is None else encode_json(value)


def _to_int(value: Json) -> Json:
    try:
        return 0 if value is None else int(value) if isinstance(value, bool | float) else int(to_string(value))
    except (ValueError, OverflowError) as error:
        raise VrlError(f"unable to coerce {_kind(value)} into integer") from error


def _to_float(value: Json) -> Json:
    try:
        return 0.0 if value is None else float(value) if isinstance(value, bool) else float(to_string(value))
    except ValueError as error:
        raise VrlError(f"unable to coerce {_kind(value)} into float") from error


def encode_json(value: Json) -> str:
    """Return a value as JSON."""
    return msgspec.json.encode(value).decode()


def _parse_json(value: Json) -> Json:
    try:
        parsed: Json = msgspec.json.decode(text(value))
    except msgspec.DecodeError as error:
        raise VrlError(f"unable to parse json: {error}") from error
    return parsed


def _length(value: Json) -> int:
    return (
        len(text(value).encode()) if isinstance(value, str) else len(value if isinstance(value, dict) else array(value))
    )


def _join(value: Json, separator: Json) -> str:
    return text(separator).join(text(item) for item in array(value))


UNARY: dict[str, Callable[[Json], Json]] = {
    "array": array,
    "bool": boolean,
    "downcase": lambda value: text(value).lower(),
    "encode_json": encode_json,
    "float": number,
    "int": number,
    "is_null": lambda value: value is None,
    "is_string": lambda value: isinstance(value, str),
    "keys": lambda value: [*fields(value)],
    "length": _length,
    "object": fields,
    "parse_json": _parse_json,
    "string": text,
    "strip_whitespace": lambda value: text(value).strip(),
    "strlen": lambda value: len(text(value)),
    "to_float": _to_float,
    "to_int": _to_int,
    "to_string": to_string,
    "upcase": lambda value: text(value).upper(),
    "values": lambda value: [*fields(value).values()],
}
"""Functions of one argument, by name.

A name may be written with a `!`, which changes nothing here: whatever fails ends the program.
"""

BINARY: dict[str, Callable[[Json, Json], Json]] = {
    "contains": lambda value, part: text(part) in text(value),
    "ends_with": lambda value, part: text(value).endswith(text(part)),
    "join": _join,
    "merge": lambda value, other: {**fields(value), **fields(other)},
    "push": lambda value, item: [*array(value), item],
    "split": lambda value, separator: [*text(value).split(text(separator))],
    "starts_with": lambda value, part: text(value).startswith(text(part)),
}
"""Functions of two arguments."""

TERNARY: dict[str, Callable[[Json, Json, Json], Json]] = {
    "replace": lambda value, old, new: text(value).replace(text(old), text(new)),
}
"""Functions of three arguments."""
