"""The workspace a token is for."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, limits
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call

_STATES = ("active", "suspended", "flagged")


def show_workspace(call: Call) -> Response:
    """Answer GET."""
    workspace = call.workspace
    return Response.json(
        {
            "uuid": workspace.uuid,
            "name": workspace.name,
            "country": workspace.country,
            "languages": workspace.languages,
            "timezone": workspace.timezone,
            "date_style": workspace.date_style,
            "anon": workspace.is_anonymous,
            "credits": {"used": -1, "remaining": -1},
            "primary_language": workspace.language,
        }
    )


def set_workspace_state(world: World, given: JsonObject) -> JsonObject:
    """Suspend or flag a workspace, or let it go on: `state` is `suspended`, `flagged` or `active`."""
    tenant = arguments.tenant(world, given)
    state = arguments.choice(given, "state", _STATES)
    world.store.run(
        "UPDATE rapidpro_workspaces SET is_suspended = ?, is_flagged = ? WHERE id = ?",
        *(state == "suspended", state == "flagged", tenant.workspace.id),
    )
    return {"workspace": tenant.workspace.name, "state": state}


def throttle(world: World, given: JsonObject) -> JsonObject:
    """Let a workspace make `limit` calls in 60 minutes within a `scope`, `v2` unless given."""
    return _set_limit(world, given, arguments.choice(given, "scope", limits.SCOPES, "v2"))


def limit_objects(world: World, given: JsonObject) -> JsonObject:
    """Let a workspace have `limit` objects of a `kind`: fields, globals, groups, labels or topics."""
    return _set_limit(world, given, arguments.choice(given, "kind", tuple(limits.OBJECTS)))


def _set_limit(world: World, given: JsonObject, name: str) -> JsonObject:
    limit = arguments.integer(given, "limit")
    if limit < 0:
        raise ControlError("`limit` is not negative", "limit")
    limits.set_limit(arguments.tenant(world, given), name, limit)
    return {name: limit}


ENDPOINT = Endpoint(
    "workspace",
    get=show_workspace,
    is_list=False,
    is_fixed=True,
    actions={"set_workspace_state": set_workspace_state, "throttle": throttle, "limit_objects": limit_objects},
)
FORMER_ENDPOINT = Endpoint("org", get=show_workspace, is_list=False, is_fixed=True)
