"""The types of fields that request bodies have, with the messages of the real server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Table
from trilogue_sandbox.rapidpro.errors import Errors
from trilogue_sandbox.rapidpro.serializers import Field, InvalidValue, Serializer, read_value
from trilogue_sandbox.rapidpro.servers import Server

T = TypeVar("T")

Rule: TypeAlias = Callable[[str, Serializer], "str | None"]
"""Looks at a string and returns what is wrong with it, or None."""


@attrs.frozen
class String(Field[str]):
    """A string, without the space around it. A number is taken for its digits.

    What `rules` and `last_rules` say is reported together with what is wrong with its length; `checks` are made only
    when nothing is wrong yet.
    """

    max_length: int | None = None
    min_length: int | None = None
    rules: Sequence[Rule] = ()
    last_rules: Sequence[Rule] = ()
    checks: Sequence[Rule] = ()
    may_be_blank: bool = False

    def read(self, value: Json, serializer: Serializer) -> str:
        """Return the trimmed string."""
        if isinstance(value, (bool, list, dict)) or value is None:
            raise InvalidValue("Not a valid string.")
        text = str(value).strip()
        if not text and not self.may_be_blank:
            raise InvalidValue("This field may not be blank.")
        if errors := [*self._errors(text, serializer)] or [*_complaints(self.checks, text, serializer)][:1]:
            raise InvalidValue(*errors)
        return text

    def _errors(self, text: str, serializer: Serializer) -> Iterable[str]:
        yield from _complaints(self.rules, text, serializer)
        if self.max_length is not None and len(text) > self.max_length:
            yield f"Ensure this field has no more than {self.max_length} characters."
        if self.min_length is not None and len(text) < self.min_length:
            yield f"Ensure this field has at least {self.min_length} characters."
        if "\0" in text:
            yield "Null characters are not allowed."
        yield from _complaints(self.last_rules, text, serializer)


def _complaints(rules: Iterable[Rule], text: str, serializer: Serializer) -> Iterator[str]:
    yield from filter(None, (rule(text, serializer) for rule in rules))


@attrs.frozen
class ServerString(Field[str]):
    """A string whose length each server limits in its own way."""

    max_length: Callable[[Server], int]

    def read(self, value: Json, serializer: Serializer) -> str:
        """Return the trimmed string."""
        return String(self.max_length(serializer.context.server)).read(value, serializer)


def name_in(table: Table, max_length: int = 64) -> String:
    """Return the field for the name of an object: unlike any other of its table, whatever the case of the letters."""
    return String(max_length, rules=(_name_rule(max_length), unique_in(table)))


def any_name(max_length: int = 64) -> String:
    """Return the field for a name that others may have too."""
    return String(max_length, rules=(_name_rule(max_length),))


def _name_rule(max_length: int) -> Rule:
    def check(name: str, serializer: Serializer) -> str | None:
        if len(name) > max_length:
            return f"Cannot be longer than {max_length} characters."
        if forbidden := next((character for character in '"\\' if character in name), None):
            return f"Cannot contain the character: {forbidden}"
        return "Cannot contain null characters." if "\0" in name else None

    return check


def unique_in(table: Table) -> Rule:
    """Return the rule that no other active row of the table in this workspace has the name, whatever its case."""

    def check(name: str, serializer: Serializer) -> str | None:
        same = serializer.context.select(table, "item.id", is_active=True).where(
            "lowercase(item.name) = ?", name.lower()
        )
        is_taken = same.where("item.id IS NOT ?", serializer.changed_id).exists()
        return "This field must be unique." if is_taken else None

    return check


@attrs.frozen
class Integer(Field[int]):
    """An integer, as such or in a string."""

    minimum: int | None = None
    maximum: int | None = None

    def read(self, value: Json, serializer: Serializer) -> int:
        """Return the number."""
        digits = re.fullmatch(r"\s*([-+]?[0-9]{1,1000})(\.0*)?\s*", str(value))
        if digits is None:
            raise InvalidValue("A valid integer is required.")
        number = int(digits[1])
        if self.maximum is not None and number > self.maximum:
            raise InvalidValue(f"Ensure this value is less than or equal to {self.maximum}.")
        if self.minimum is not None and number < self.minimum:
            raise InvalidValue(f"Ensure this value is greater than or equal to {self.minimum}.")
        return number


_TRUE = ("t", "y", "yes", "true", "on", "1")
_FALSE = ("f", "n", "no", "false", "off", "0", "0.0")


@attrs.frozen
class Boolean(Field[bool]):
    """True or false, as such or as a word."""

    def read(self, value: Json, serializer: Serializer) -> bool:
        """Return the truth value."""
        word = str(value).lower()
        if isinstance(value, (list, dict)) or word not in (*_TRUE, *_FALSE):
            raise InvalidValue("Must be a valid boolean.")
        return word in _TRUE


@attrs.frozen
class Choice(Field[str]):
    """One of some words."""

    words: Sequence[str]

    def read(self, value: Json, serializer: Serializer) -> str:
        """Return the word."""
        if str(value) not in self.words:
            raise InvalidValue(f'"{value}" is not a valid choice.')
        return str(value)


@attrs.frozen
class Items(Field["list[T]"]):
    """A list; what is wrong with its items is reported by their index."""

    item: Field[T]
    max_items: int | None = None

    def read(self, value: Json, serializer: Serializer) -> list[T]:
        """Return the items."""
        given = {str(index): item for index, item in enumerate(as_list(value, serializer))}
        items = [*_read_each(self.item, given, serializer).values()]
        if self.max_items is not None and len(items) > self.max_items:
            raise InvalidValue(too_many(self.max_items))
        return items


@attrs.frozen
class Entries(Field["dict[str, T]"]):
    """An object used as a map; what is wrong with its values is reported by their key."""

    value: Field[T]
    max_entries: int | None = None
    may_be_empty: bool = True

    def read(self, value: Json, serializer: Serializer) -> dict[str, T]:
        """Return the map."""
        if not isinstance(value, dict):
            raise InvalidValue(f'Expected a dictionary of items but got type "{type(value).__name__}".')
        if not value and not self.may_be_empty:
            raise InvalidValue("This dictionary may not be empty.")
        entries = _read_each(self.value, value, serializer)
        if self.max_entries is not None and len(entries) > self.max_entries:
            raise InvalidValue(too_many(self.max_entries))
        return entries


def as_list(value: Json, serializer: Serializer) -> list[Json]:
    """Return a value that must be a list.

    Raises:
        InvalidValue: it is none.
    """
    if serializer.is_form and isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise InvalidValue(f'Expected a list of items but got type "{type(value).__name__}".')
    return value


def too_many(maximum: int) -> str:
    """Say that a list or a map is too long."""
    return f"Ensure this field has no more than {maximum} elements."


def _read_each(field: Field[T], values: Mapping[str, Json], serializer: Serializer) -> dict[str, T]:
    read: dict[str, T] = {}
    errors: dict[str, Errors] = {}
    for key, value in values.items():
        try:
            read[key] = read_value(field, value, serializer)
        except InvalidValue as error:
            errors[key] = error.errors
    if errors:
        raise InvalidValue(errors=errors)
    return read


@attrs.frozen
class JsonMap(Field[JsonObject]):
    """An object of any content."""

    max_length: int | None = None

    def read(self, value: Json, serializer: Serializer) -> JsonObject:
        """Return the object."""
        if not isinstance(value, dict):
            raise InvalidValue("Must be a valid JSON object")
        if self.max_length is not None and len(json.dumps(value)) > self.max_length:
            raise InvalidValue(f"Cannot exceed {self.max_length:,} characters encoded.")
        return value
