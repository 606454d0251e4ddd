"""Checks a value against its type and returns it as JSON has it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeGuard
from uuid import UUID

from trilogue_generated.runtime.model import Model, format_datetime, is_mapping
from trilogue_generated.runtime.operation import ANY, STRING, Schema
from trilogue_generated.runtime.unset import UNSET

from .._http.file_parts import FilePart
from ..errors import InvalidArgument
from .files import file_part
from .objects import additional_members, choose_variant, match_properties, members_of
from .scalars import LARGEST_INTEGER, SCALARS, SMALLEST_INTEGER, STRINGS, is_sent_as_given, types_sent_as_given
from .strings import require_encodable


def serialize_value(value_type: Schema, value: Any, name: str) -> Any:
    """Check a value against its type and return it as JSON has it.

    Raises:
        InvalidArgument: it is not of that type; the message calls it `name`.
    """
    try:
        return _SERIALIZERS[value_type.type](value_type, value, name)
    except RecursionError:
        raise InvalidArgument(f"{name}: nested too deeply, or contains itself") from None


def _unexpected(name: str, expected: str, value: Any) -> InvalidArgument:
    return InvalidArgument(f"{name}: expected {expected}, not {type(value).__name__}{_hint(expected, value)}")


def _hint(expected: str, value: Any) -> str:
    """Return what to pass instead, where the value given tells what was meant."""
    if isinstance(value, Model):
        key = next((field.name for field in value.FIELDS if field.name in ("uuid", "id")), None)
        return f"; pass its .{key}" if key and expected == "a string" else ""
    if isinstance(value, str) and expected in ("a datetime", "a date"):
        return f"; {expected.removeprefix('a ')}.fromisoformat() reads one from a string"
    if isinstance(value, str) and expected in ("an integer", "a number"):
        return "; convert it first, with int() or float()"
    return ""


def _serialize_string(value_type: Schema, value: Any, name: str) -> str:
    if isinstance(value, UUID):
        value = str(value)
    if not isinstance(value, str):
        raise _unexpected(name, "a string", value)
    plain = str.__str__(value)  # what an enum of strings holds; its own str() may say its name
    if value_type.choices and plain not in value_type.choices:
        raise InvalidArgument(f"{name}: expected one of {', '.join(value_type.choices)}")
    return require_encodable(plain, name)


def _serialize_integer(_: Schema, value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unexpected(name, "an integer", value)
    if not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
        raise InvalidArgument(f"{name}: expected a 64-bit integer")
    return int(value)


def _serialize_number(_: Schema, value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _unexpected(name, "a number", value)
    if isinstance(value, int):
        return _serialize_integer(_, value, name)
    if not math.isfinite(value):
        raise InvalidArgument(f"{name}: expected a finite number")
    return float(value)


def _serialize_boolean(_: Schema, value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _unexpected(name, "True or False", value)
    return value


def _serialize_datetime(_: Schema, value: Any, name: str) -> str:
    if not isinstance(value, datetime):
        raise _unexpected(name, "a datetime", value)
    try:
        timestamp = format_datetime(value)
    except (ValueError, OverflowError) as error:
        raise InvalidArgument(f"{name}: {error}") from None
    return timestamp if value.microsecond else timestamp.replace("Z", ".000Z")  # Botpress requires a fraction


def _serialize_date(_: Schema, value: Any, name: str) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _unexpected(name, "a date", value)
    return value.isoformat()


def _serialize_uuid(_: Schema, value: Any, name: str) -> str:
    try:
        return str(value if isinstance(value, UUID) else UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise InvalidArgument(f"{name}: expected a UUID such as 5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9") from None


def _serialize_array(value_type: Schema, value: Any, name: str) -> list[Any]:
    if isinstance(value, (str, bytes)):
        raise InvalidArgument(f"{name}: expected a list, not a single {type(value).__name__}; pass {name}=[...]")
    if not _is_iterable(value):
        raise _unexpected(name, "a list", value)
    inner = value_type.items or ANY
    types = types_sent_as_given(inner)
    return [
        item if is_sent_as_given(item, types) else serialize_value(inner, item, f"{name}[{index}]")
        for index, item in enumerate(value)
    ]


def _is_iterable(value: object) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, Iterable) and not isinstance(value, Mapping)


def _serialize_map(value_type: Schema, value: Any, name: str) -> dict[str, Any]:
    if not is_mapping(value):
        raise _unexpected(name, "a mapping", value)
    inner = value_type.items or ANY
    types = types_sent_as_given(inner)
    return {
        key if is_sent_as_given(key, STRINGS) else _serialize_string(STRING, key, f"{name} key"): item
        if is_sent_as_given(item, types)
        else _serialize_member(inner, item, f"{name}.{key}")
        for key, item in value.items()
    }


def _serialize_member(value_type: Schema, value: Any, name: str) -> Any:
    return None if value is None else serialize_value(value_type, value, name)


def _serialize_object(value_type: Schema, value: Any, name: str) -> Any:
    if not isinstance(value, Model) and not is_mapping(value):
        raise _unexpected(name, "a model or a mapping", value)
    members = members_of(value)
    chosen = choose_variant(value_type, members, name)
    if chosen.properties is None:
        return _serialize_free(chosen, value, name)
    others = additional_members(chosen, members) if chosen.is_open else {}
    free: dict[str, Any] = _serialize_free(ANY, others, name)
    known = {
        each.wire: _serialize_member(each.schema, member, f"{name}.{each.name}")
        for each, member in match_properties(chosen, members, name)
    }
    return {**free, **known}


def _serialize_file(_: Schema, value: Any, name: str) -> FilePart:
    return file_part(value, name).buffered()


def _serialize_any(value_type: Schema, value: Any, name: str) -> Any:
    option = next((each for each in value_type.options if isinstance(value, _TYPES[each.type])), ANY)
    return _serialize_free(ANY, value, name) if option is ANY else serialize_value(option, value, name)


def _serialize_free(_: Schema, value: Any, name: str) -> Any:
    if isinstance(value, Model):
        return _serialize_free(_, _to_dict(value, name), name)
    if isinstance(value, datetime):
        return _serialize_datetime(_, value, name)
    if isinstance(value, (date, UUID)):
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _serialize_string(_, value, name)
    if isinstance(value, (int, float)):
        return _serialize_number(_, value, name)
    if is_mapping(value):
        return {
            key if is_sent_as_given(key, STRINGS) else _serialize_key(key, name): item
            if is_sent_as_given(item, SCALARS)
            else _serialize_free(_, item, f"{name}.{key}")
            for key, item in value.items()
            if item is not UNSET
        }
    if _is_collection(value):
        return [
            item if is_sent_as_given(item, SCALARS) else _serialize_free(_, item, f"{name}[{index}]")
            for index, item in enumerate(value)
        ]
    raise InvalidArgument(f"{name}: {type(value).__name__} cannot be sent as JSON")


def _serialize_key(key: Any, name: str) -> str:
    return require_encodable(str.__str__(key) if isinstance(key, str) else str(key), f"{name} key")


def _is_collection(value: object) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, (list, tuple, set, frozenset))


def _to_dict(model: Model, name: str) -> dict[str, Any]:
    try:
        return model.to_dict()
    except (ValueError, OverflowError) as error:
        raise InvalidArgument(f"{name}: {error}") from None


_SERIALIZERS: dict[str, Callable[[Schema, Any, str], Any]] = {
    "string": _serialize_string,
    "integer": _serialize_integer,
    "number": _serialize_number,
    "boolean": _serialize_boolean,
    "datetime": _serialize_datetime,
    "date": _serialize_date,
    "uuid": _serialize_uuid,
    "array": _serialize_array,
    "map": _serialize_map,
    "object": _serialize_object,
    "file": _serialize_file,
    "any": _serialize_any,
}

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": (str, UUID),
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "datetime": datetime,
    "date": date,
    "uuid": (str, UUID),
    "array": (list, tuple, set, frozenset),
    "map": Mapping,
    "object": (Mapping, Model),
    "file": object,
    "any": object,
}
"""The types of Python that each of several options takes."""
