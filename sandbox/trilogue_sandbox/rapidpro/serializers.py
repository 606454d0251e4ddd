"""The fields of request bodies, read as Django REST Framework's serializers do, with the messages of the real server.

A body is declared as a class:

    @attrs.frozen
    class LabelBody:
        name: str = required(name_in("labels"))

and read with `read_body`, which reports all fields that fail at once.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Protocol, TypeVar, cast, overload

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import Errors, invalid

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
