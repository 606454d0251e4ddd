"""How much a workspace may have, and how often it may call; both can be set for each workspace."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, get_args

from trilogue_sandbox.kernel.http import Response
from trilogue_sandbox.rapidpro.errors import ApiError, refusal
from trilogue_sandbox.rapidpro.tenants import Tenant

Scope: TypeAlias = Literal["v2", "v2.contacts", "v2.messages", "v2.runs"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

CALLS_PER_HOUR = 3600
OBJECTS = {"fields": 250, "globals": 250, "groups": 250, "labels": 250, "topics": 50}
"""How many a workspace may have of a table, those of the system not counted."""

_HOUR = 3_600_000_000


def limit(tenant: Tenant, name: str) -> int:
    """Return what is set for this workspace, or else the default."""
    row = tenant.store.one(
        "SELECT value FROM rapidpro_limits WHERE workspace_id = ? AND name = ?", tenant.workspace.id, name
    )
    return row["value"] if row else OBJECTS.get(name, CALLS_PER_HOUR)


def set_limit(tenant: Tenant, name: str, value: int) -> None:
    """Set a limit for this workspace: a scope of calls or a table."""
    tenant.store.run("INSERT OR REPLACE INTO rapidpro_limits VALUES (?, ?, ?)", tenant.workspace.id, name, value)


def has_room(tenant: Tenant, name: str) -> bool:
    """Whether there is room for one more row of a table."""
    own = " AND NOT is_system" if name in ("groups", "topics") else ""
    row = tenant.store.one(
        f"SELECT COUNT(*) AS count FROM rapidpro_{name} WHERE workspace_id = ? AND is_active{own}", tenant.workspace.id
    )
    return row is not None and row["count"] < limit(tenant, name)


def check_room(tenant: Tenant, name: str) -> None:
    """Make sure there is room for one more row of a table.

    Raises:
        ApiError: the workspace is full (409).
    """
    if not has_room(tenant, name):
        raise refusal("Cannot create object because workspace has reached limit.", 409)


def count_call(tenant: Tenant, scope: Scope) -> None:
    """Count a call, unless there were too many in the last 60 minutes.

    Raises:
        ApiError: there were (429); the call is not counted.
    """
    allowed, now = limit(tenant, scope), tenant.now
    key = (tenant.workspace.id, scope)
    tenant.store.run("DELETE FROM rapidpro_calls WHERE workspace_id = ? AND scope = ? AND at <= ?", *key, now - _HOUR)
    first, last = _ends(tenant, scope)
    made = last - first + 1 if last else 0
    if made >= allowed:
        raise _throttled(tenant, scope, first) if made == allowed and made else _throttled_without_end()
    tenant.store.run("INSERT INTO rapidpro_calls VALUES (?, ?, ?, ?)", *key, last + 1, now)


def _ends(tenant: Tenant, scope: Scope) -> tuple[int, int]:
    """Return the first and the last number in the window; the calls between are numbered without gaps."""
    numbers = "SELECT number FROM rapidpro_calls WHERE workspace_id = ? AND scope = ? ORDER BY number"
    first = tenant.store.one(f"{numbers} LIMIT 1", tenant.workspace.id, scope)
    last = tenant.store.one(f"{numbers} DESC LIMIT 1", tenant.workspace.id, scope)
    return (first["number"], last["number"]) if first and last else (0, 0)


def _throttled(tenant: Tenant, scope: Scope, first: int) -> ApiError:
    row = tenant.store.one(
        "SELECT at FROM rapidpro_calls WHERE workspace_id = ? AND scope = ? AND number = ?",
        *(tenant.workspace.id, scope, first),
    )
    assert row is not None
    seconds = math.ceil((row["at"] + _HOUR - tenant.now) / 1_000_000)
    return ApiError(throttled(seconds))


def throttled(seconds: int) -> Response:
    """Answer that it was one call too many, and when the next one may come."""
    unit = "second" if seconds == 1 else "seconds"
    text = f"Request was throttled. Expected available in {seconds} {unit}."
    return Response.json({"detail": text}, 429, {"Retry-After": str(seconds)})


def _throttled_without_end() -> ApiError:
    return refusal("Request was throttled.", 429)
