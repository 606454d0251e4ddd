"""Arguments of control actions and seed data, with errors that name them."""

from __future__ import annotations

from trilogue_sandbox.arguments import choice, integer, text
from trilogue_sandbox.messages import Json, JsonObject
from trilogue_sandbox.platform import ControlError

__all__ = ["choice", "count", "integer", "mapping", "text"]


def mapping(arguments: JsonObject, name: str) -> JsonObject:
    """Return an argument that is an object; an empty one where it is missing.

    Raises:
        ControlError: it is no object.
    """
    value = arguments.get(name, {})
    if not isinstance(value, dict):
        raise ControlError(f"`{name}` is an object", name)
    return value


def count(value: Json, name: str) -> int:
    """Return how many of something the seed data asks for.

    Raises:
        ControlError: it is no number of things.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ControlError(f"`{name}` is a whole number, not below 0", name)
    return value
