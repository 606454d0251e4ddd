"""Who may call, and how often: tokens, HTTP Basic, and the limits of a workspace."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.kernel.http import Response
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.timestamps import HOUR, SECOND
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.context import Workspace, WorkspaceContext
from trilogue_sandbox.rapidpro.errors import ApiError, api_error
from trilogue_sandbox.rapidpro.tables import CALLS, LIMITS

Scope: TypeAlias = Literal["v2", "v2.contacts", "v2.messages", "v2.runs"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

OBJECT_LIMITS = {"fields": 250, "globals": 250, "groups": 250, "labels": 250, "topics": 50}
"""How many rows of a table a workspace may have, those of the system not counted."""

_CALLS_PER_HOUR = 3600
_PRUNED_EVERY = 1000
_ROLES = ("administrator", "editor")  # between these there is no difference; no other role may use a token
_SESSION = (
    "SELECT workspace.*, user.id AS user_id, user.email, member.role,"
    " (SELECT value FROM rapidpro_limits WHERE workspace_id = workspace.id AND name = ?) AS allowed,"
    " (SELECT MAX(number) FROM rapidpro_calls WHERE workspace_id = workspace.id AND scope = ?) AS last_call"
    " FROM rapidpro_tokens AS token JOIN rapidpro_users AS user ON user.id = token.user_id AND user.is_active"
    " JOIN rapidpro_workspaces AS workspace ON workspace.id = token.workspace_id"
    " LEFT JOIN rapidpro_members AS member ON member.user_id = user.id AND member.workspace_id = workspace.id"
    " WHERE token.key = ?"
)
_COUNT_CALL = (
    "INSERT INTO rapidpro_calls SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM rapidpro_calls"
    " WHERE workspace_id = ? AND scope = ? AND number = ? AND called_at > ?)"
)


@attrs.frozen
class Session:
    """A caller who is known, and the workspace their token is for; `role` is None if they have left it."""

    context: WorkspaceContext
    user_id: int
    email: str = attrs.field(repr=False)
    role: str | None
    allowed: int
    last_call: int

    @property
    def is_permitted(self) -> bool:
        """Whether the caller may use the API at all."""
        return self.role in _ROLES


def authenticate(world: World, authorization: str, scope: Scope) -> Session | None:
    """Find out who sent this header, and how often the workspace has called; None for a scheme that is ignored.

    Raises:
        ApiError: it names nobody. Every failure is 403, as on the real server.
    """
    scheme, *rest = authorization.split() or [""]
    if scheme.lower() == "token":
        return _by_token(world, rest, scope)
    if scheme.lower() == "basic":
        return _by_password(world, rest, scope)
    return None


def not_authenticated() -> ApiError:
    """Return the error of a caller who did not say who they are."""
    return api_error("Authentication credentials were not provided.", 403)


def not_permitted() -> ApiError:
    """Return the error of a caller who may not do this."""
    return api_error("You do not have permission to perform this action.", 403)


def _by_token(world: World, words: list[str], scope: Scope) -> Session:
    if not words:
        raise api_error("Invalid token header. No credentials provided.", 403)
    if len(words) > 1:
        raise api_error("Invalid token header. Token string should not contain spaces.", 403)
    try:
        key = words[0].encode("latin-1").decode()
    except UnicodeError as error:
        raise api_error("Invalid token header. Token string should not contain invalid characters.", 403) from error
    return _session(world, world.store.one(_SESSION, scope, scope, key), "Invalid token")


def _by_password(world: World, words: list[str], scope: Scope) -> Session:
    if not words:
        raise api_error("Invalid basic header. No credentials provided.", 403)
    if len(words) > 1:
        raise api_error("Invalid basic header. Credentials string should not contain spaces.", 403)
    try:
        email, key = base64.b64decode(words[0]).decode().split(":", 1)
    except (binascii.Error, ValueError) as error:
        raise api_error("Invalid basic header. Credentials not correctly base64 encoded.", 403) from error
    row = world.store.one(_SESSION, scope, scope, key)
    return _session(world, row if row and row["email"] == email else None, "Invalid token or email")


def _session(world: World, row: Row | None, message: str) -> Session:
    if row is None:
        raise api_error(message, 403)
    context = WorkspaceContext(world, Workspace.of(row))
    allowed = _CALLS_PER_HOUR if row["allowed"] is None else row["allowed"]
    return Session(context, row["user_id"], row["email"], row["role"], allowed, row["last_call"] or 0)


def count_call(session: Session, scope: Scope) -> None:
    """Count a call, unless there were too many in the last 60 minutes.

    Calls are numbered without gaps, so one more is allowed when the one that many before it is an hour old.

    Raises:
        ApiError: there were (429); the call is not counted.
    """
    context, last, now = session.context, session.last_call, session.context.now
    key = (context.workspace.id, scope)
    values = (*key, last + 1, now, *key, last + 1 - session.allowed, now - HOUR)
    if session.allowed < 1 or not context.store.run(_COUNT_CALL, *values):
        raise _throttled(session, scope, now)
    if last % _PRUNED_EVERY == _PRUNED_EVERY - 1:
        old = context.select(CALLS, scope=scope).where("item.called_at <= ?", now - HOUR)
        old.where("item.number < ?", last).remove()


def _throttled(session: Session, scope: Scope, now: int) -> ApiError:
    first = session.last_call + 1 - session.allowed
    calls = session.context.select(CALLS, scope=scope).among("number", [first - 1, first])
    times = [row["called_at"] for row in calls.where("item.called_at > ?", now - HOUR).all("ORDER BY item.number")]
    if session.allowed < 1 or len(times) != 1:  # the limit was lowered since
        return api_error("Request was throttled.", 429)
    return ApiError(throttled(math.ceil((times[0] + HOUR - now) / SECOND)))


def throttled(seconds: int) -> Response:
    """Return the response to one call too many, with the time until the next is allowed."""
    unit = "second" if seconds == 1 else "seconds"
    detail = f"Request was throttled. Expected available in {seconds} {unit}."
    return Response.json({"detail": detail}, 429, {"Retry-After": str(seconds)})


def set_limit(context: WorkspaceContext, name: str, value: int) -> None:
    """Set a limit of this workspace: calls per hour of a scope, or rows of a table."""
    context.records.set(LIMITS, {"workspace_id": context.workspace.id, "name": name, "value": value})


def has_room(context: WorkspaceContext, table: Table) -> bool:
    """Whether this workspace may have one more row of a table."""
    name = table.name.removeprefix("rapidpro_")
    row = context.find(LIMITS, name=name)
    own = {"is_system": False} if "is_system" in table.columns else {}
    return context.select(table, is_active=True, **own).count() < (row["value"] if row else OBJECT_LIMITS[name])


def check_room(context: WorkspaceContext, table: Table) -> None:
    """Make sure this workspace may have one more row of a table.

    Raises:
        ApiError: it is full (409).
    """
    if not has_room(context, table):
        raise api_error("Cannot create object because workspace has reached limit.", 409)
