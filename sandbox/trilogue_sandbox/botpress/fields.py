"""Parameters and bodies that have passed their description, read with their types."""

from __future__ import annotations

from typing import TypeVar

import attrs

from trilogue_sandbox.botpress import timestamps
from trilogue_sandbox.botpress.errors import ApiError, ErrorType
from trilogue_sandbox.kernel.http import Json, JsonObject

T = TypeVar("T")

_LARGEST_INTEGER = 2**53
"""Up to here all readers of JSON keep whole numbers exact."""


def whole(value: Json) -> int | None:
    """Return a number that is whole, as 5 and 5.0 are, and not too large; None for every other value."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= _LARGEST_INTEGER:
        return None
    return int(value) if value == int(value) else None


@attrs.frozen
class Fields:
    """An object of which the description has been checked already, so that a wrong type here is a defect of ours.

    Methods called `optional_...` give None where the field is missing or null; `in` tells the two apart.
    """

    values: JsonObject = attrs.field(repr=False)
    error_type: ErrorType = "InvalidPayload"

    @classmethod
    def of(cls, value: Json) -> Fields:
        """Read a body; none at all is an object without fields."""
        return cls(value if isinstance(value, dict) else {})

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def value(self, name: str) -> Json:
        """Return a field of any type; None where it is missing."""
        return self.values.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string."""
        value = self.optional_text(name)
        return _given(name, value if value is not None else default)

    def optional_text(self, name: str) -> str | None:
        """Return a string or None."""
        value = self.values.get(name)
        assert value is None or isinstance(value, str), name
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self.optional_integer(name)
        return _given(name, value if value is not None else default)

    def optional_integer(self, name: str) -> int | None:
        """Return a whole number or None; 5.0 counts as 5.

        Raises:
            ApiError: it is not whole, or too large (InvalidPayload, or InvalidQuery for a parameter).
        """
        if self.values.get(name) is None:
            return None
        number = whole(self.values[name])
        if number is None:
            raise ApiError(self.error_type, f"{name}: must be a whole number, up to 2 to the power of 53")
        return number

    def number(self, name: str) -> float:
        """Return a number."""
        return _given(name, self.optional_number(name))

    def optional_number(self, name: str) -> float | None:
        """Return a number or None."""
        value = self.values.get(name)
        assert value is None or (isinstance(value, int | float) and not isinstance(value, bool)), name
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a truth value."""
        value = self.values.get(name)
        assert value is None or isinstance(value, bool), name
        return default if value is None else value

    def optional_flag(self, name: str) -> bool | None:
        """Return a truth value or None."""
        return self.flag(name) if self.values.get(name) is not None else None

    def object(self, name: str) -> JsonObject:
        """Return an object; an empty one where it is missing or null."""
        value = self.values.get(name)
        assert value is None or isinstance(value, dict), name
        return value or {}

    def optional_object(self, name: str) -> JsonObject | None:
        """Return an object or None."""
        return self.object(name) if self.values.get(name) is not None else None

    def below(self, name: str) -> Fields:
        """Return the fields of an object within."""
        return Fields(self.object(name))

    def items(self, name: str) -> list[Json]:
        """Return a list; an empty one where it is missing or null."""
        value = self.values.get(name)
        assert value is None or isinstance(value, list), name
        return value or []

    def texts(self, name: str) -> list[str]:
        """Return a list of strings; an empty one where it is missing or null."""
        return [item for item in self.items(name) if isinstance(item, str)]

    def optional_texts(self, name: str) -> list[str] | None:
        """Return a list of strings or None."""
        return self.texts(name) if self.values.get(name) is not None else None

    def objects(self, name: str) -> list[Fields]:
        """Return a list of objects; an empty one where it is missing or null."""
        return [Fields(item) for item in self.items(name) if isinstance(item, dict)]

    def optional_moment(self, name: str) -> int | None:
        """Return a time in microseconds since 1970, or None.

        Raises:
            ApiError: the text is no time (InvalidPayload, or InvalidQuery for a parameter).
        """
        text = self.optional_text(name)
        try:
            return None if text is None else timestamps.read(text)
        except ValueError as error:
            raise ApiError(
                self.error_type, f"{name} must be a time in ISO 8601, such as 2026-11-03T14:15:00.000Z"
            ) from error


def _given(name: str, value: T | None) -> T:
    assert value is not None, f"{name} is missing"
    return value
