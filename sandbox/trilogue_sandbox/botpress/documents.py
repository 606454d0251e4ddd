"""JSON texts in the store."""

from __future__ import annotations

import msgspec

from trilogue_sandbox.kernel.http import Json, JsonObject


def encode(value: Json) -> str:
    """Return a value as compact JSON."""
    return msgspec.json.encode(value).decode()


def decode(text: str) -> Json:
    """Return the value of a JSON text that this sandbox wrote."""
    value: Json = msgspec.json.decode(text)
    return value


def decode_object(text: str) -> JsonObject:
    """Return the object of a JSON text that this sandbox wrote."""
    return as_object(decode(text))


def as_object(value: Json) -> JsonObject:
    """Return a value that is known to be an object."""
    assert isinstance(value, dict), value
    return value


def without_nulls(values: JsonObject) -> JsonObject:
    """Return an object without the fields that are null, for answers that leave out what is not there."""
    return {name: value for name, value in values.items() if value is not None}
