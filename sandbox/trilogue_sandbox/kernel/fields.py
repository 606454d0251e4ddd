"""One reader for the values of a request, of a control action and of seed data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.timestamps import read_timestamp

T = TypeVar("T")
Word = TypeVar("Word", bound=str)

ErrorFactory: TypeAlias = Callable[[str, str], Exception]
"""Makes the error of a field out of its name and a sentence about it."""

_LARGEST_INTEGER = 2**63 - 1


def unexpected(name: str, message: str) -> Exception:
    """Return the error of a value whose description was checked already: a defect of the sandbox."""
    return AssertionError(f"`{name}` {message}, although its description was checked")


def as_integer(value: Json, largest: int = _LARGEST_INTEGER) -> int | None:
    """Return a number that is an integer, as 5 and 5.0 are, and not too large; None for every other value."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= largest:
        return None
    return int(value) if value == int(value) else None


@attrs.frozen
class Fields:
    """The values of an object, read with their types; a wrong one raises what `error` makes.

    Methods called `optional_...` return None where a field is missing or null; `in` tells the two apart. The others
    return the default, or raise where there is none. Timestamps are cut to `precision` microseconds.
    """

    values: JsonObject = attrs.field(repr=False)
    error: ErrorFactory = unexpected
    precision: int = 1

    @classmethod
    def of(cls, value: Json, error: ErrorFactory = unexpected) -> Fields:
        """Read a value that may be no object: then there are no fields."""
        return cls(value if isinstance(value, dict) else {}, error)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def given(self, *names: str) -> JsonObject:
        """Return those of some fields that are there, whatever their value, as an update takes them."""
        return {name: self.values[name] for name in names if name in self.values}

    def value(self, name: str) -> Json:
        """Return a field of any type; None where it is missing."""
        return self.values.get(name)

    def only(self, *names: str) -> None:
        """Raise an error for the first field of another name."""
        for name in self.values:
            if name not in names:
                raise self.error(name, f"is not known; there is: {', '.join(names) or 'none'}")

    def string(self, name: str, default: str | None = None, longest: int | None = None) -> str:
        """Return a string; with `longest`, of 1 to that many characters."""
        return self._given(name, self.optional_string(name, longest), default, "a string")

    def optional_string(self, name: str, longest: int | None = None) -> str | None:
        """Return a string or None."""
        value = self._typed(name, str, "a string")
        if value is not None and longest is not None and not 1 <= len(value) <= longest:
            raise self.error(name, f"must have 1 to {longest} characters")
        return value

    def choice(self, name: str, choices: Sequence[Word], default: str | None = None) -> Word:
        """Return one of some strings."""
        value = self.string(name, default)
        for word in choices:
            if word == value:
                return word
        raise self.error(name, f"must be one of: {', '.join(choices)}")

    def integer(
        self, name: str, default: int | None = None, smallest: int = -_LARGEST_INTEGER, largest: int = _LARGEST_INTEGER
    ) -> int:
        """Return an integer within bounds; 5.0 counts as 5."""
        value = self._given(name, self.optional_integer(name, largest), default, "an integer")
        if not smallest <= value <= largest:
            raise self.error(name, f"must be an integer from {smallest} to {largest}")
        return value

    def optional_integer(self, name: str, largest: int = _LARGEST_INTEGER) -> int | None:
        """Return an integer or None; 5.0 counts as 5."""
        value = self.values.get(name)
        if value is None:
            return None
        number = as_integer(value, largest)
        if number is None:
            raise self.error(name, f"must be an integer up to {largest}")
        return number

    def number(self, name: str, default: float | None = None) -> float:
        """Return a number."""
        return self._given(name, self.optional_number(name), default, "a number")

    def optional_number(self, name: str) -> float | None:
        """Return a number or None."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise self.error(name, "must be a number")
        return value

    def boolean(self, name: str, default: bool = False) -> bool:
        """Return a boolean; `default` where it is missing or null."""
        value = self.optional_boolean(name)
        return default if value is None else value

    def optional_boolean(self, name: str) -> bool | None:
        """Return a boolean or None."""
        return self._typed(name, bool, "a boolean")

    def object(self, name: str) -> JsonObject:
        """Return an object; an empty one where it is missing or null."""
        return self.optional_object(name) or {}

    def optional_object(self, name: str) -> JsonObject | None:
        """Return an object or None."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, dict):
            raise self.error(name, "must be an object")
        return value

    def nested(self, name: str) -> Fields:
        """Return the fields of an object."""
        return attrs.evolve(self, values=self.object(name))

    def items(self, name: str) -> list[Json]:
        """Return a list; an empty one where it is missing or null."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, list):
            raise self.error(name, "must be a list")
        return value or []

    def strings(self, name: str) -> list[str]:
        """Return a list of strings; an empty one where it is missing or null."""
        return [item for item in self.items(name) if isinstance(item, str)]

    def optional_strings(self, name: str) -> list[str] | None:
        """Return a list of strings or None."""
        return self.strings(name) if self.values.get(name) is not None else None

    def objects(self, name: str) -> list[Fields]:
        """Return a list of objects; an empty one where it is missing or null."""
        return [attrs.evolve(self, values=item) for item in self.items(name) if isinstance(item, dict)]

    def optional_timestamp(self, name: str) -> int | None:
        """Return a time in microseconds since 1970, or None."""
        text = self.optional_string(name)
        try:
            return None if text is None else read_timestamp(text) // self.precision * self.precision
        except ValueError as error:
            raise self.error(name, "must be a time in ISO 8601, such as 2026-11-03T14:15:00.000Z") from error

    def _typed(self, name: str, expected: type[T], article: str) -> T | None:
        value = self.values.get(name)
        if value is not None and not isinstance(value, expected):
            raise self.error(name, f"must be {article}")
        return value

    def _given(self, name: str, value: T | None, default: T | None, article: str) -> T:
        found = default if value is None else value
        if found is None:
            raise self.error(name, f"must be {article} and must be given")
        return found
