"""Bodies that have passed their description, read with their types."""

from __future__ import annotations

from typing import TypeVar

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject

T = TypeVar("T")


@attrs.frozen
class Fields:
    """An object of which the description has been checked already, so that a wrong type here is a defect of ours.

    Methods called `optional_...` give None where the field is missing or null; `in` tells the two apart.
    """

    values: JsonObject = attrs.field(repr=False)

    @classmethod
    def of(cls, value: Json) -> Fields:
        """Read a body; none at all is an object without fields."""
        return cls(value if isinstance(value, dict) else {})

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text."""
        value = self.optional_text(name)
        return _given(name, default if value is None else value)

    def optional_text(self, name: str) -> str | None:
        """Return a text or None."""
        value = self.values.get(name)
        assert value is None or isinstance(value, str), name
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a whole number; 5.0 is one too."""
        value = self.values.get(name)
        assert value is None or (isinstance(value, int | float) and not isinstance(value, bool)), name
        return _given(name, default if value is None else int(value))

    def object(self, name: str) -> JsonObject:
        """Return an object; an empty one where it is missing."""
        value = self.values.get(name, {})
        assert isinstance(value, dict), name
        return value

    def below(self, name: str) -> Fields:
        """Return an object, with its fields to be read."""
        return Fields(self.object(name))

    def objects(self, name: str) -> list[Fields]:
        """Return a list of objects; an empty one where it is missing."""
        return [Fields.of(item) for item in self.items(name)]

    def items(self, name: str) -> list[Json]:
        """Return a list; an empty one where it is missing."""
        value = self.values.get(name, [])
        assert isinstance(value, list), name
        return value


def _given(name: str, value: T | None) -> T:
    assert value is not None, f"{name} is missing"
    return value
