"""What a test sets for the platform itself: limits, and refusals that do not come about by themselves."""

from __future__ import annotations

from fnmatch import fnmatchcase

from trilogue_sandbox.botpress import arguments, limits
from trilogue_sandbox.botpress.errors import BY_NAME, ERROR_TYPES, KINDS, ApiError
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World


def raise_planned_refusal(world: World, operation_id: str) -> None:
    """Refuse the call if `refuse_next` said so.

    Raises:
        ApiError: as it was planned.
    """
    for row in world.store.all("SELECT * FROM botpress_refusals WHERE times > 0 ORDER BY id"):
        if fnmatchcase(operation_id, row["operation_id"]):
            world.store.run("UPDATE botpress_refusals SET times = times - 1 WHERE id = ?", row["id"])
            raise ApiError(BY_NAME[row["type"]], row["message"])


def _refuse_next(world: World, given: JsonObject) -> object:
    """Refuse the next `times` calls (1) of `operation_id` (a shell pattern, any by default).

    The error is of `type`; its status must be one that the description of the operation has.
    """
    error_type = BY_NAME[arguments.choice(given, "type", ERROR_TYPES)]
    operation_id = arguments.text(given, "operation_id", "*")
    message = arguments.text(given, "message", KINDS[error_type].description)
    world.store.run(
        "INSERT INTO botpress_refusals (operation_id, type, message, times) VALUES (?, ?, ?, ?)",
        *(operation_id, error_type, message, arguments.integer(given, "times", 1)),
    )
    return {}


def _set_limit(world: World, given: JsonObject) -> object:
    """Set the limit `name` to `value`."""
    name = arguments.choice(given, "name", tuple(limits.DEFAULTS))
    limits.set_limit(world, name, arguments.integer(given, "value"))
    return {}


RESOURCE = Resource(actions={"refuse_next": _refuse_next, "set_limit": _set_limit})
