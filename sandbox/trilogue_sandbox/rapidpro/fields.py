"""The fields of request bodies, each with the messages of the real server.

A body is declared as a class:

    @attrs.frozen
    class LabelBody:
        name: str = required(name_in("labels"))

and read with `read_body`, which reports all fields that fail at once.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast, overload

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.rapidpro.errors import Errors, invalid
from trilogue_sandbox.rapidpro.tenants import Tenant, User

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
D = TypeVar("D")


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
"""Stands for a field that was not sent, where null means something else."""


@attrs.frozen
class Context:
    """What a field may look at.

    `changed` is the row that is being changed, and `identified_by` the parameter that named it; None for a new one.
    """

    tenant: Tenant
    user: User
    changed: sqlite3.Row | None = None
    identified_by: str | None = None
    is_form: bool = False

    @property
    def changed_id(self) -> int | None:
        """The number of the row that is being changed."""
        return self.changed["id"] if self.changed else None


class InvalidValue(Exception):
    """A value that a field refuses."""

    def __init__(self, *messages: str, errors: Errors | None = None) -> None:
        super().__init__(*messages)
        self.errors: Errors = messages if errors is None else errors


class Field(Protocol[T_co]):
    """Reads one value, which is not null.

    Raises:
        InvalidValue: it is refused.
    """

    def read(self, value: Json, context: Context) -> T_co:
        """Return the value as handlers want it."""
        ...


Rule: TypeAlias = Callable[[str, Context], "str | None"]
"""Looks at a text and returns what is wrong with it, or None."""


def required(field: Field[T]) -> T:
    """Declare a field that must be sent."""
    return cast("T", attrs.field(metadata={"field": field}))


@overload
def optional(field: Field[T]) -> T | Unset: ...
@overload
def optional(field: Field[T], default: D) -> T | D: ...
def optional(field: Field[T], default: object = UNSET) -> object:
    """Declare a field that may be left out; the value is then `default`."""
    return attrs.field(default=default, metadata={"field": field})


def read_body(body_type: type[T], body: JsonObject, context: Context) -> T:
    """Read a body into its class.

    Raises:
        ApiError: one field or more failed; all of them are named.
    """
    values, errors = _read_fields(body_type, body, context)
    if errors:
        raise invalid(errors)
    return body_type(**values)


def read_object(body_type: type[T], body: JsonObject, context: Context) -> T:
    """Read an object inside a body into its class.

    Raises:
        InvalidValue: one field or more failed; all of them are named.
    """
    values, errors = _read_fields(body_type, body, context)
    if errors:
        raise InvalidValue(errors=errors)
    return body_type(**values)


def _read_fields(body_type: type[T], body: JsonObject, context: Context) -> tuple[dict[str, Any], dict[str, Errors]]:
    values: dict[str, Any] = {}
    errors: dict[str, Errors] = {}
    for declared in attrs.fields(cast("type[attrs.AttrsInstance]", body_type)):
        if _is_absent(declared, body, context):
            if declared.default is attrs.NOTHING:
                errors[declared.name] = ["This field is required."]
            continue
        try:
            values[declared.name] = read_value(declared.metadata["field"], body[declared.name], context)
        except InvalidValue as error:
            errors[declared.name] = error.errors
    return values, errors


def _is_absent(declared: attrs.Attribute[Any], body: JsonObject, context: Context) -> bool:
    if declared.name not in body:
        return True
    return context.is_form and body[declared.name] == "" and declared.default is not attrs.NOTHING


def read_value(field: Field[T], value: Json, context: Context) -> T:
    """Read a value that may be null.

    Raises:
        InvalidValue: it is null and may not be, or the field refuses it.
    """
    if value is None and not _takes_null(field):
        raise InvalidValue("This field may not be null.")
    return field.read(value, context)


def _takes_null(field: object) -> bool:
    return isinstance(field, Nullable)


@attrs.frozen
class Nullable(Field["T | None"]):
    """Another field, or null."""

    field: Field[T]

    def read(self, value: Json, context: Context) -> T | None:
        """Return None for null."""
        return None if value is None else self.field.read(value, context)


@attrs.frozen
class Text(Field[str]):
    """A text, without the space around it. Numbers are taken for their digits."""

    max_length: int | None = None
    min_length: int | None = None
    rules: Sequence[Rule] = ()
    may_be_blank: bool = False

    def read(self, value: Json, context: Context) -> str:
        """Return the trimmed text."""
        if isinstance(value, (bool, list, dict)) or value is None:
            raise InvalidValue("Not a valid string.")
        text = str(value).strip()
        if not text and not self.may_be_blank:
            raise InvalidValue("This field may not be blank.")
        if complaints := [*self._complaints(text, context)]:
            raise InvalidValue(*complaints)
        return text

    def _complaints(self, text: str, context: Context) -> Iterable[str]:
        yield from filter(None, (rule(text, context) for rule in self.rules))
        if self.max_length is not None and len(text) > self.max_length:
            yield f"Ensure this field has no more than {self.max_length} characters."
        if self.min_length is not None and len(text) < self.min_length:
            yield f"Ensure this field has at least {self.min_length} characters."
        if "\0" in text:
            yield "Null characters are not allowed."


def name_in(table: str, max_length: int = 64) -> Text:
    """Return the field for the name of an object: unlike any other of its table, whatever the case of the letters."""
    return Text(max_length, rules=(_name_rule(max_length), unique_in(table)))


def any_name(max_length: int = 64) -> Text:
    """Return the field for a name that others may have too."""
    return Text(max_length, rules=(_name_rule(max_length),))


def _name_rule(max_length: int) -> Rule:
    def check(name: str, context: Context) -> str | None:
        if len(name) > max_length:
            return f"Cannot be longer than {max_length} characters."
        if forbidden := next((character for character in '"\\' if character in name), None):
            return f"Cannot contain the character: {forbidden}"
        return "Cannot contain null characters." if "\0" in name else None

    return check


def unique_in(table: str) -> Rule:
    """Return the rule that no other active row of the table in this workspace has the name."""

    def check(name: str, context: Context) -> str | None:
        rows = context.tenant.store.all(
            f"SELECT id, name FROM rapidpro_{table} WHERE workspace_id = ? AND is_active", context.tenant.workspace.id
        )
        is_taken = any(row["name"].lower() == name.lower() and row["id"] != context.changed_id for row in rows)
        return "This field must be unique." if is_taken else None

    return check


@attrs.frozen
class Integer(Field[int]):
    """A whole number, as such or as text."""

    minimum: int | None = None
    maximum: int | None = None

    def read(self, value: Json, context: Context) -> int:
        """Return the number."""
        digits = re.fullmatch(r"\s*([-+]?[0-9]{1,18})(\.0*)?\s*", str(value))
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

    def read(self, value: Json, context: Context) -> bool:
        """Return the truth value."""
        word = str(value).lower()
        if isinstance(value, (list, dict)) or word not in (*_TRUE, *_FALSE):
            raise InvalidValue("Must be a valid boolean.")
        return word in _TRUE


@attrs.frozen
class Choice(Field[str]):
    """One of some words."""

    words: Sequence[str]

    def read(self, value: Json, context: Context) -> str:
        """Return the word."""
        if str(value) not in self.words:
            raise InvalidValue(f'"{value}" is not a valid choice.')
        return str(value)


@attrs.frozen
class Items(Field["list[T]"]):
    """A list; what is wrong with its items is reported by their index."""

    item: Field[T]
    max_items: int | None = None

    def read(self, value: Json, context: Context) -> list[T]:
        """Return the items."""
        items = as_list(value, context)
        if self.max_items is not None and len(items) > self.max_items:
            raise InvalidValue(too_many(self.max_items))
        return list(_read_each(self.item, {str(index): item for index, item in enumerate(items)}, context).values())


@attrs.frozen
class Entries(Field["dict[str, T]"]):
    """An object used as a map; what is wrong with its values is reported by their key."""

    value: Field[T]
    max_entries: int | None = None
    may_be_empty: bool = True

    def read(self, value: Json, context: Context) -> dict[str, T]:
        """Return the map."""
        if not isinstance(value, dict):
            raise InvalidValue(f'Expected a dictionary of items but got type "{type(value).__name__}".')
        if not value and not self.may_be_empty:
            raise InvalidValue("This dictionary may not be empty.")
        if self.max_entries is not None and len(value) > self.max_entries:
            raise InvalidValue(too_many(self.max_entries))
        return _read_each(self.value, value, context)


def as_list(value: Json, context: Context) -> list[Json]:
    """Return a value that must be a list.

    Raises:
        InvalidValue: it is none.
    """
    if context.is_form and isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise InvalidValue(f'Expected a list of items but got type "{type(value).__name__}".')
    return value


def too_many(maximum: int) -> str:
    """Say that a list or a map is too long."""
    return f"Ensure this field has no more than {maximum} elements."


def _read_each(field: Field[T], values: Mapping[str, Json], context: Context) -> dict[str, T]:
    read: dict[str, T] = {}
    errors: dict[str, Errors] = {}
    for key, value in values.items():
        try:
            read[key] = read_value(field, value, context)
        except InvalidValue as error:
            errors[key] = error.errors
    if errors:
        raise InvalidValue(errors=errors)
    return read


@attrs.frozen
class JsonMap(Field[JsonObject]):
    """An object of any content."""

    max_length: int | None = None

    def read(self, value: Json, context: Context) -> JsonObject:
        """Return the object."""
        if not isinstance(value, dict):
            raise InvalidValue("Must be a valid JSON object")
        if self.max_length is not None and len(json.dumps(value)) > self.max_length:
            raise InvalidValue(f"Cannot exceed {self.max_length:,} characters encoded.")
        return value


Lookup: TypeAlias = "Callable[[Tenant, str], T | None]"
"""Finds what a reference names in a workspace; raises InvalidValue if it is not to be had."""


@attrs.frozen
class Reference(Field[T]):
    """The name of another object, in whatever form its look-up takes."""

    find: Lookup[T]

    def read(self, value: Json, context: Context) -> T:
        """Return what it names."""
        if value is None or value == "":
            raise InvalidValue("This field may not be null.")
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise InvalidValue("Must be a string or integer")
        found = self.find(context.tenant, str(value))
        if found is None:
            raise InvalidValue(f"No such object: {value}")
        return found


@attrs.frozen
class References(Field["list[T]"]):
    """Names of other objects. Only the first bad one is reported, and without its index."""

    find: Lookup[T]
    max_items: int = 100

    def read(self, value: Json, context: Context) -> list[T]:
        """Return what they name."""
        items = as_list(value, context)
        if len(items) > self.max_items:
            raise InvalidValue(too_many(self.max_items))
        return [Reference(self.find).read(item, context) for item in items]
