"""Request bodies, parsed and read as Django REST Framework's serializers do, with the messages of the real server.

A body is declared as a class:

    @attrs.frozen
    class LabelBody:
        name: str = required(name_in("labels"))

and read with `read_body`, which reports all fields that fail at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast, overload
from urllib.parse import parse_qsl

import attrs

from trilogue_sandbox.kernel.bodies import UnreadableBody, UploadedFile
from trilogue_sandbox.kernel.bodies import read_body as read_any_body
from trilogue_sandbox.kernel.http import Json, JsonObject, Request
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import ApiError, Errors, api_error, invalid, invalid_together
from trilogue_sandbox.rapidpro.servers import Server

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
D = TypeVar("D")


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
"""Stands for a field that was not sent, where null means something else."""


@attrs.frozen
class Serializer:
    """What a field may look at.

    `changed` is the row that is being changed, and `identified_by` the parameter that named it; None for a new one.
    `fail_as` fails as the real server is known to at a value of a field.
    """

    context: WorkspaceContext
    changed: Row | None = None
    identified_by: str | None = None
    is_form: bool = False
    fail_as: Callable[[str, str], None] = attrs.field(default=lambda fault, field: None, repr=False)

    @property
    def changed_id(self) -> int | None:
        """The number of the row that is being changed."""
        return self.changed["id"] if self.changed else None


class InvalidValue(Exception):
    """A value that a field rejects."""

    def __init__(self, *messages: str, errors: Errors | None = None) -> None:
        super().__init__(*messages)
        self.errors: Errors = messages if errors is None else errors


class Field(Protocol[T_co]):
    """Reads one value, which is not null.

    Raises:
        InvalidValue: it is invalid.
    """

    def read(self, value: Json, serializer: Serializer) -> T_co:
        """Return the value as handlers want it."""
        ...


Rule: TypeAlias = Callable[[str, Serializer], "str | None"]
"""Looks at a string and returns what is wrong with it, or None."""


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


def read_body(body_type: type[T], body: JsonObject, serializer: Serializer) -> T:
    """Read a body into its class.

    Raises:
        ApiError: one field or more failed; all of them are named.
    """
    values, errors = _read_fields(body_type, body, serializer)
    if errors:
        raise invalid(errors)
    return body_type(**values)


def read_object(body_type: type[T], body: JsonObject, serializer: Serializer) -> T:
    """Read an object inside a body into its class.

    Raises:
        InvalidValue: one field or more failed; all of them are named.
    """
    values, errors = _read_fields(body_type, body, serializer)
    if errors:
        raise InvalidValue(errors=errors)
    return body_type(**values)


def _read_fields(
    body_type: type[T], body: JsonObject, serializer: Serializer
) -> tuple[dict[str, Any], dict[str, Errors]]:
    values: dict[str, Any] = {}
    errors: dict[str, Errors] = {}
    for declared in attrs.fields(cast("type[attrs.AttrsInstance]", body_type)):
        if _is_absent(declared, body, serializer):
            if declared.default is attrs.NOTHING:
                errors[declared.name] = ["This field is required."]
            continue
        try:
            values[declared.name] = read_value(declared.metadata["field"], body[declared.name], serializer)
        except InvalidValue as error:
            errors[declared.name] = error.errors
    return values, errors


def _is_absent(declared: attrs.Attribute[Any], body: JsonObject, serializer: Serializer) -> bool:
    if declared.name not in body:
        return True
    return serializer.is_form and body[declared.name] == "" and declared.default is not attrs.NOTHING


def read_value(field: Field[T], value: Json, serializer: Serializer) -> T:
    """Read a value that may be null.

    Raises:
        InvalidValue: it is null and may not be, or the field rejects it.
    """
    if value is None and not isinstance(field, ReadsNull):
        raise InvalidValue("This field may not be null.")
    return field.read(value, serializer)


class ReadsNull:
    """Marks a field that reads null too."""


@attrs.frozen
class Nullable(ReadsNull, Field["T | None"]):
    """Another field, or null."""

    field: Field[T]

    def read(self, value: Json, serializer: Serializer) -> T | None:
        """Return None for null."""
        return None if value is None else self.field.read(value, serializer)


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


Lookup: TypeAlias = "Callable[[WorkspaceContext, str], T | None]"
"""Finds what a reference names in a workspace; raises InvalidValue if it is not to be had."""


@attrs.frozen
class Reference(Field[T]):
    """The name of another object, in whatever form its look-up takes."""

    find: Lookup[T]

    def read(self, value: Json, serializer: Serializer) -> T:
        """Return what it names."""
        if value is None or value == "":
            raise InvalidValue("This field may not be null.")
        return self.resolve(value, serializer)

    def resolve(self, value: Json, serializer: Serializer) -> T:
        """Return what a value names that may stand in a list."""
        found = self.find(serializer.context, str(name_of(value)))
        if found is None:
            raise InvalidValue(f"No such object: {value}")
        return found


def name_of(value: Json) -> str | int:
    """Return a value that can name an object.

    Raises:
        InvalidValue: it is neither a string nor an integer; a boolean counts as one.
    """
    if not isinstance(value, (str, int)):
        raise InvalidValue("Must be a string or integer")
    return value


def names_in(value: Json, serializer: Serializer, max_items: int) -> list[Json]:
    """Return the items of a list of names, or the keys of an object.

    Raises:
        InvalidValue: it is neither, or too long.
    """
    if isinstance(value, (str, list, dict)) and len(value) > max_items:
        raise InvalidValue(too_many(max_items))
    return [*value] if isinstance(value, dict) else as_list(value, serializer)


@attrs.frozen
class References(Field["list[T]"]):
    """Names of other objects. Only the first bad one is reported, and without its index."""

    find: Lookup[T]
    max_items: int = 100

    def read(self, value: Json, serializer: Serializer) -> list[T]:
        """Return what they name."""
        items = names_in(value, serializer, self.max_items)
        return [Reference(self.find).resolve(item, serializer) for item in items]


# -- parsing ---------------------------------------------------------------------------------------------------------


def parse_body(request: Request) -> tuple[JsonObject, bool]:
    """Return the fields of a body, and whether it is a form. An empty body has no fields.

    Raises:
        ApiError: it is malformed (400) or of a type that is not taken (415).
    """
    if not request.body:
        return {}, False
    media_type = _media_type(request)
    if media_type == _FORM:
        return _gather(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)), True
    if media_type == _MULTIPART:
        return _parse_multipart(request)[0], True
    if media_type != "application/json":
        raise _unsupported(request)
    return _parse_json(request.body), False


def parse_upload(request: Request) -> tuple[JsonObject, Mapping[str, UploadedFile]]:
    """Return the fields and the files of a body that can only be a form.

    Raises:
        ApiError: it is malformed (400) or of a type that is not taken (415).
    """
    media_type = _media_type(request)
    if request.body and media_type not in (_FORM, _MULTIPART):
        raise _unsupported(request)
    return _parse_multipart(request) if media_type == _MULTIPART and request.body else (parse_body(request)[0], {})


def _parse_multipart(request: Request) -> tuple[JsonObject, Mapping[str, UploadedFile]]:
    try:
        body = read_any_body(request.headers.get("content-type", ""), None, request.body)
    except UnreadableBody as error:
        raise api_error(f"Multipart form parse error - {error}") from error
    fields = body.value if isinstance(body.value, dict) else {}
    return {name: value for name, value in fields.items() if name not in body.files}, body.files


def _unsupported(request: Request) -> ApiError:
    return api_error(f'Unsupported media type "{request.headers.get("content-type", "")}" in request.', 415)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _gather(pairs: Iterable[tuple[str, str]]) -> JsonObject:
    gathered: dict[str, list[Json]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in gathered.items()}


def _parse_json(body: bytes) -> JsonObject:
    try:
        document: Json = json.loads(body.decode(), parse_constant=_reject_constant)
        json.dumps(document, ensure_ascii=False).encode()  # fails on lone surrogates, which nothing can keep
    except RecursionError as error:
        raise api_error("JSON parse error - the document is nested too deeply") from error
    except ValueError as error:
        raise api_error(f"JSON parse error - {error}") from error
    if not isinstance(document, dict):
        raise invalid_together("Request body should be a single JSON object")
    return document


def _reject_constant(constant: str) -> Json:
    raise ValueError(f"Out of range float values are not JSON compliant: {constant!r}")
