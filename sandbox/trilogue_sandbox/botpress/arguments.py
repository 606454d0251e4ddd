"""Arguments of control actions and seed data, with errors that name them."""

from __future__ import annotations

from trilogue_sandbox.kernel.control_arguments import choice, count, integer, text
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError

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
