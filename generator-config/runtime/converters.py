"""Tests and converters of JSON values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeGuard

Converter = Callable[[Any], Any]

UNEXPECTED = (KeyError, TypeError, ValueError, AttributeError)
"""What a decoder raises for a response that breaks the description."""

parse_datetime: Callable[[str], datetime] = datetime.fromisoformat
parse_date: Callable[[str], date] = date.fromisoformat


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value is a mapping; its keys are taken to be strings."""
    return isinstance(value, Mapping)


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Return whether a value is a JSON array."""
    return isinstance(value, list)


def expect(type_: type[Any], value: Any) -> Any:
    """Return a value that is of this type.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, type_):
        raise TypeError(f"expected a {type_.__name__}, not {type(value).__name__}")
    return value


def many(convert: Converter) -> Converter:
    """Return a converter of lists; an element that cannot be converted stays as it came."""

    def convert_all(values: Any) -> Any:
        return [_leniently(convert, value) for value in expect(list, values)]

    return convert_all


def mapping(convert: Converter) -> Converter:
    """Return a converter of maps; a value that cannot be converted stays as it came."""

    def convert_all(values: Any) -> Any:
        return {key: _leniently(convert, value) for key, value in expect(dict, values).items()}

    return convert_all


def tagged(key: str, models: Mapping[str, Callable[[], type[Any]]]) -> Converter:
    """Return a converter that chooses the model by a field; an object with an unknown choice stays a dict."""

    def convert_by_key(value: Any) -> Any:
        choice = expect(dict, value).get(key)
        choose = models.get(choice) if isinstance(choice, str) else None
        return value if choose is None else choose().from_dict(value)

    return convert_by_key


def _leniently(convert: Converter, value: Any) -> Any:
    try:
        return value if value is None else convert(value)
    except UNEXPECTED:
        return value
