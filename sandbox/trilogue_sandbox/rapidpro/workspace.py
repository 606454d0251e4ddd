"""The workspace a token is for, the people who work in it, and its limits."""

from __future__ import annotations

from collections.abc import Sequence

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import constant, each
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.access import LIMITED, LIMITS, MEMBERS, SCOPES, TEAMS, TOKENS, set_limit
from trilogue_sandbox.rapidpro.context import WORKSPACES, WorkspaceContext
from trilogue_sandbox.rapidpro.counts import COUNTS
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource
from trilogue_sandbox.rapidpro.tables import USERS
from trilogue_sandbox.rapidpro.views import ApiView, refer_to

_STATES = ("active", "suspended", "flagged")
_ROLES = ("administrator", "editor", "agent")

WORKSPACE = ApiView(
    "Workspace",
    WORKSPACES,
    computed={
        "credits": constant({"used": -1, "remaining": -1}),
        "primary_language": each(lambda context, row: row["languages"][0]),
    },
    columns={"anon": "is_anonymous"},
)


def get_workspace(exchange: Exchange) -> JsonObject:
    """Handle GET."""
    row = exchange.records.get(WORKSPACES, exchange.workspace.id)
    return WORKSPACE.show_one(exchange.context, row)


def set_workspace_state(world: World, arguments: Fields) -> JsonObject:
    """Suspend or flag a workspace, or let it go on: `state` is `suspended`, `flagged` or `active`."""
    context = WorkspaceContext.of(world, arguments)
    state = arguments.choice("state", _STATES)
    row = world.records.get(WORKSPACES, context.workspace.id)
    world.records.change(WORKSPACES, row, is_suspended=state == "suspended", is_flagged=state == "flagged")
    return {"workspace": context.workspace.name, "state": state}


def throttle(world: World, arguments: Fields) -> JsonObject:
    """Let a workspace make `limit` calls in 60 minutes within a `scope`, `v2` unless given."""
    return _set_limit(world, arguments, arguments.choice("scope", SCOPES, "v2"))


def limit_objects(world: World, arguments: Fields) -> JsonObject:
    """Let a workspace have `limit` objects of a `type`: fields, globals, groups, labels or topics."""
    return _set_limit(world, arguments, arguments.choice("type", LIMITED))


def _set_limit(world: World, arguments: Fields, name: str) -> JsonObject:
    limit = arguments.integer("limit", smallest=0)
    set_limit(WorkspaceContext.of(world, arguments), name, limit)
    return {name: limit}


# -- users -------------------------------------------------------------------------------------------------------------


def list_users(exchange: Exchange) -> JsonObject:
    """Handle GET."""
    select = exchange.records.select(USERS, "item.*, member.role, member.team_id", is_active=True)
    select = select.through(MEMBERS, "member", "member.user_id = item.id")
    select = select.where("member.workspace_id = ?", exchange.workspace.id)
    if uuids := exchange.uuids("uuid"):
        select = select.among("uuid", uuids)
    if emails := exchange.strings("email"):
        select = select.among("lowercase(item.email)", [email.lower() for email in emails])
    if roles := exchange.strings("role"):
        select = select.among("member.role", [role for role in roles if role in _ROLES])
    return exchange.page(select, USER)


def _show_names(context: WorkspaceContext, row: Row) -> Json:
    return f"{row['first_name']} {row['last_name']}".strip()


def _show_teams(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    teams = refer_to(context, TEAMS, [row["team_id"] for row in rows])
    return [teams[row["team_id"]] for row in rows]


USER = ApiView(
    "User",
    USERS,
    computed={"name": each(_show_names), "team": _show_teams},
    selected=("role",),
)

RESOURCE = Resource(
    tables=[WORKSPACES, LIMITS, USERS, TEAMS, MEMBERS, TOKENS, COUNTS],
    operations={"workspace_get": get_workspace, "org_get": get_workspace, "users_list": list_users},
    actions={"set_workspace_state": set_workspace_state, "throttle": throttle, "limit_objects": limit_objects},
)
