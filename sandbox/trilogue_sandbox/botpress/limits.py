"""Limits on requests, and errors that tests plan for requests to come."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

import attrs
import msgspec

from trilogue_sandbox.botpress.errors import BY_NAME, ERROR_TYPES, ERRORS, ApiError
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.table import INTEGER, KEY, TEXT, Table
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.kernel.world import World

LIMITS = Table("botpress_limits", {"name": TEXT.key(), "value": INTEGER})

PLANNED_ERRORS = Table(
    "botpress_planned_errors", {"id": KEY, "operation_id": TEXT, "type": TEXT, "message": TEXT, "times": INTEGER}
)

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
REQUESTS = "requests_per_second"

DEFAULTS: dict[str, int] = {
    REQUESTS: 100,
    "runtime_body_bytes": MEGABYTE,
    "files_body_bytes": MEGABYTE,
    "tables_body_bytes": 40 * MEGABYTE,
    "admin_body_bytes": 50 * MEGABYTE,
    "billing_body_bytes": 50 * MEGABYTE,
}
"""The limits of the platform; that of billing is not published and taken to be that of administration.

On a clock that stands still each request takes a millisecond, so that any program would exceed 100 requests a second.
There the limit is 1000, which is never reached, until it is set.
"""

_REQUESTS_ON_A_STANDING_CLOCK = 1000


@attrs.frozen
class Allowance:
    """What the rate limit still allows a caller."""

    limit: int
    remaining: int
    is_exceeded: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every response. What a caller has used is free again within a second."""
        return {"RateLimit-Limit": str(self.limit), "RateLimit-Remaining": str(self.remaining), "RateLimit-Reset": "1"}


def count_request(world: World, caller: str, limit: int) -> Allowance:
    """Count a request of a caller within the last second; one that exceeds the limit is not counted."""
    requests = world.store.calls.since(world.now - SECOND, "botpress", caller)
    if len(requests) >= limit:
        return Allowance(limit, 0, is_exceeded=True)
    requests.append(world.now)
    return Allowance(limit, limit - len(requests))


def limit(world: World, name: str) -> int:
    """Return a limit as it was set, or else its default."""
    row = world.records.find(LIMITS, name=name)
    return limit_among(world, {row["name"]: row["value"]} if row else {}, name)


def limit_among(world: World, limits: Mapping[str, int], name: str) -> int:
    """Return a limit as it is among those that were set, or else its default."""
    if name == REQUESTS and not world.clock.is_running:
        return limits.get(name, _REQUESTS_ON_A_STANDING_CLOCK)
    return limits.get(name, DEFAULTS[name])


def raise_planned_error(world: World, operation_id: str) -> None:
    """Raise the error that `refuse_next` planned for an operation."""
    for row in world.records.select(PLANNED_ERRORS).where("item.times > 0").all("ORDER BY item.id"):
        if fnmatchcase(operation_id, row["operation_id"]):
            world.records.change(PLANNED_ERRORS, row, times=row["times"] - 1)
            raise ApiError(BY_NAME[row["type"]], row["message"])


def _plan_errors(world: World, given: Fields) -> object:
    """Respond to the next `times` requests (1) of `operation_id` (a shell pattern, any by default) with an error.

    The error is of `type`; the description of the operation must have its status.
    """
    error_type = given.choice("type", ERROR_TYPES)
    world.records.add(
        PLANNED_ERRORS,
        {
            "operation_id": given.string("operation_id", "*"),
            "type": error_type,
            "message": given.string("message", ERRORS[error_type].description),
            "times": given.integer("times", 1),
        },
    )
    return {}


def _set_limit(world: World, given: Fields) -> object:
    """Set the limit `name` to `value`."""
    world.records.set(LIMITS, {"name": given.choice("name", tuple(DEFAULTS)), "value": given.integer("value")})
    return {}


def require_size(value: Json, name: str, kilobytes: int) -> None:
    """Make sure a value is not too large as JSON.

    Raises:
        ApiError: it is (LimitExceeded).
    """
    if len(msgspec.json.encode(value)) > kilobytes * KILOBYTE:
        raise ApiError("LimitExceeded", f"{name} is larger than {kilobytes} KB")


RESOURCE = Resource(tables=(LIMITS, PLANNED_ERRORS), actions={"refuse_next": _plan_errors, "set_limit": _set_limit})
