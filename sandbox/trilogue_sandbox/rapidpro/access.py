"""Who may call, and how often: tokens, HTTP Basic, and the limits of a workspace."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.kernel.http import Response
from trilogue_sandbox.kernel.table import INTEGER, KEY, TEXT, UUID, Row, Table
from trilogue_sandbox.kernel.timestamps import HOUR, SECOND
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.context import WORKSPACES, Workspace, WorkspaceContext
from trilogue_sandbox.rapidpro.errors import ApiError, api_error
from trilogue_sandbox.rapidpro.table_types import WORKSPACE, plain_table, ref
from trilogue_sandbox.rapidpro.tables import USERS

LIMITS = plain_table("limits", workspace_id=WORKSPACE, name=TEXT, value=INTEGER, primary_key="workspace_id, name")
TEAMS = plain_table("teams", id=KEY, uuid=UUID, workspace_id=WORKSPACE, name=TEXT)
MEMBERS = plain_table(
    "members",
    workspace_id=WORKSPACE,
    user_id=ref("users"),
    role=TEXT,
    team_id=ref("teams").nullable(),
    primary_key="workspace_id, user_id",
)
TOKENS = plain_table("tokens", key=TEXT, workspace_id=WORKSPACE, user_id=ref("users"), primary_key="key")

Scope: TypeAlias = Literal["v2", "v2.broadcasts", "v2.contacts", "v2.messages", "v2.runs"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

LIMITED = ("fields", "globals", "groups", "labels", "topics")
"""The tables of which a workspace may have only so many rows, those of the system not counted."""

OBJECT_LIMIT = 250
"""How many rows it may have of each but topics, of which the server decides."""

_ROLES = ("administrator", "editor")  # between these there is no difference; no other role may use a token
_SESSION = (
    "SELECT workspace.*, user.id AS user_id, user.email, member.role,"
    " (SELECT value FROM rapidpro_limits WHERE workspace_id = workspace.id AND name = ?) AS allowed"
    " FROM rapidpro_tokens AS token JOIN rapidpro_users AS user ON user.id = token.user_id AND user.is_active"
    " JOIN rapidpro_workspaces AS workspace ON workspace.id = token.workspace_id"
    " LEFT JOIN rapidpro_members AS member ON member.user_id = user.id AND member.workspace_id = workspace.id"
    " WHERE token.key = ?"
)
_SESSION_TABLES = [table.name for table in (LIMITS, TOKENS, USERS, WORKSPACES, MEMBERS)]


@attrs.frozen
class Session:
    """A caller who is known, and the workspace their token is for; `role` is None if they have left it."""

    context: WorkspaceContext
    user_id: int
    email: str = attrs.field(repr=False)
    role: str | None
    allowed: int

    @property
    def is_permitted(self) -> bool:
        """Whether the caller may use the API at all."""
        return self.role in _ROLES


def authenticate(world: World, authorization: str, scope: Scope) -> Session | None:
    """Find out who sent this header, and how often the workspace may call; None for a scheme that is ignored.

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
    return world.store.remember(
        (TOKENS, scope, key),
        _SESSION_TABLES,
        lambda: _session(world, world.store.one(_SESSION, scope, key), scope, "Invalid token"),
    )


def _by_password(world: World, words: list[str], scope: Scope) -> Session:
    if not words:
        raise api_error("Invalid basic header. No credentials provided.", 403)
    if len(words) > 1:
        raise api_error("Invalid basic header. Credentials string should not contain spaces.", 403)
    try:
        email, key = base64.b64decode(words[0]).decode().split(":", 1)
    except (binascii.Error, ValueError) as error:
        raise api_error("Invalid basic header. Credentials not correctly base64 encoded.", 403) from error
    row = world.store.one(_SESSION, scope, key)
    return _session(world, row if row and row["email"] == email else None, scope, "Invalid token or email")


def _session(world: World, row: Row | None, scope: Scope, message: str) -> Session:
    if row is None:
        raise api_error(message, 403)
    context = WorkspaceContext(world, Workspace.of(row))
    allowed = context.server.calls_per_hour[scope] if row["allowed"] is None else row["allowed"]
    return Session(context, row["user_id"], row["email"], row["role"], allowed)


def count_call(session: Session, scope: Scope) -> None:
    """Count a call, unless there were too many in the last 60 minutes.

    Raises:
        ApiError: there were (429); the call is not counted.
    """
    context, now = session.context, session.context.now
    calls = context.store.calls.since(now - HOUR, "rapidpro", context.workspace.id, scope)
    if len(calls) >= session.allowed:
        if not calls or len(calls) > session.allowed:  # the limit was lowered since
            raise api_error("Request was throttled.", 429)
        raise ApiError(throttled(math.ceil((calls[0] + HOUR - now) / SECOND)))
    calls.append(now)


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
    rows = context.select(table, is_active=True)
    own = rows.where("NOT item.is_system") if "is_system" in table.columns else rows
    return own.count() < _limit(context, table)


def _limit(context: WorkspaceContext, table: Table) -> int:
    name = table.name.removeprefix("rapidpro_")
    row = context.find(LIMITS, name=name)
    default = context.server.topics if name == "topics" else OBJECT_LIMIT
    return int(row["value"]) if row else default


def check_room(context: WorkspaceContext, table: Table) -> None:
    """Make sure this workspace may have one more row of a table.

    Raises:
        ApiError: it is full (409).
    """
    if not has_room(context, table):
        raise api_error(context.server.limit_error.format(limit=_limit(context, table)), 409)
