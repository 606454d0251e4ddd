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


def decode_optional(text: str | None) -> Json:
    """Return the value of a JSON text, or None for None."""
    return None if text is None else decode(text)


def decode_object(text: str) -> JsonObject:
    """Return the object of a JSON text that this sandbox wrote."""
    value = decode(text)
    assert isinstance(value, dict), text
    return value


def decode_list(text: str) -> list[Json]:
    """Return the list of a JSON text that this sandbox wrote."""
    value = decode(text)
    assert isinstance(value, list), text
    return value
