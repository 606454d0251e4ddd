"""Groups of contacts, filled by hand or by a query."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import timedelta

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, contact_changes, counts, memberships, queries
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import refusal
from trilogue_sandbox.rapidpro.exchanges import Call, Kind
from trilogue_sandbox.rapidpro.fields import name_in, required
from trilogue_sandbox.rapidpro.tenants import Tenant

GROUP = Kind("ContactGroup", "rapidpro_groups")

_FILLING = timedelta(seconds=1)
_USES = {
    "triggers": "SELECT 1 FROM rapidpro_trigger_groups AS used"
    " JOIN rapidpro_triggers AS user ON user.id = used.trigger_id"
    " WHERE used.group_id = ? AND user.is_active AND NOT user.is_archived",
    "campaigns": "SELECT 1 FROM rapidpro_campaigns AS user"
    " WHERE user.group_id = ? AND user.is_active AND NOT user.is_archived",
}


@attrs.frozen
class GroupBody:
    """What can be written of a group."""

    name: str = required(name_in("groups"))


def list_groups(call: Call) -> Response:
    """Answer GET."""
    call.refuse_together("uuid", "name")
    select = call.select("rapidpro_groups").where("item.is_active = 1").where("item.status <> 'initializing'")
    if call.boolean("manual_only"):
        select = select.where("item.query IS NULL")
    return call.page(call.with_name(call.with_uuid(select)), NEWEST_FIRST, show_groups)


def save_group(call: Call) -> Response:
    """Answer POST."""
    group = call.target(GROUP)
    if group and group["is_system"]:
        raise refusal("Cannot modify system object.", 403)
    if group is None:
        call.check_room("groups")
    body = call.body(GroupBody, group)
    if group is None:
        return Response.json(call.shown(GROUP.table, create_group(call.tenant, body.name), show_groups), 201)
    call.store.run("UPDATE rapidpro_groups SET name = ? WHERE id = ?", body.name, group["id"])
    return Response.json(call.shown(GROUP.table, group["id"], show_groups))


def delete_group(call: Call) -> Response:
    """Answer DELETE."""
    group = call.target(GROUP)
    assert group is not None
    if group["is_system"]:
        raise refusal("Cannot delete system object.", 403)
    for users, query in _USES.items():
        if call.store.one(query, group["id"]):
            raise refusal(f"Group is being used by {users} which must be archived first.")
    call.store.run("UPDATE rapidpro_groups SET is_active = 0 WHERE id = ?", group["id"])
    _release_members(call.tenant, group["id"])
    return Response.empty()


def create_group(tenant: Tenant, name: str, query: str | None = None) -> int:
    """Make a group and return its number; a smart one has still to be filled."""
    return tenant.store.insert(
        "INSERT INTO rapidpro_groups (uuid, workspace_id, name, query, status, created_on) VALUES (?, ?, ?, ?, ?, ?)",
        tenant.world.ids.uuid4(),
        tenant.workspace.id,
        name,
        query,
        "initializing" if query else "ready",
        tenant.now,
    )


def show_groups(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return groups as the API shows them."""
    members = counts.read(tenant, "groups", [row["id"] for row in rows])
    return [
        {
            "uuid": row["uuid"],
            "name": row["name"],
            "query": row["query"],
            "status": row["status"],
            "system": bool(row["is_system"]),
            "count": members[row["id"], ""],
        }
        for row in rows
    ]


def _release_members(tenant: Tenant, group_id: int) -> None:
    """Empty a group that is gone; its members have been changed by that."""
    members = tenant.store.all("SELECT contact_id FROM rapidpro_memberships WHERE group_id = ?", group_id)
    tenant.store.run("DELETE FROM rapidpro_memberships WHERE group_id = ?", group_id)
    contact_changes.touch(tenant, [row["contact_id"] for row in members])


def add_smart_group(world: World, given: JsonObject) -> JsonObject:
    """Do what a person does in the browser: make a group with a `name` and a `query`. It is filled a second later."""
    tenant = arguments.tenant(world, given)
    name, query = arguments.text(given, "name"), arguments.text(given, "query")
    try:
        queries.parse(tenant, query)
    except queries.QueryError as error:
        raise ControlError(f"`query`: {error}", "query") from error
    group_id = create_group(tenant, name, query)
    world.timers.after(_FILLING, "fill_group", {"group": group_id})
    row = tenant.store.one("SELECT uuid FROM rapidpro_groups WHERE id = ?", group_id)
    return {"uuid": row["uuid"] if row else None}


def fill_group(world: World, given: JsonObject) -> None:
    """Fill the smart group with the number `group`."""
    group_id = arguments.integer(given, "group")
    group = world.store.one("SELECT * FROM rapidpro_groups WHERE id = ? AND query IS NOT NULL", group_id)
    if group is None:
        raise ControlError(f"`group`: there is no smart group with the number {group_id}", "group")
    memberships.fill(Tenant.load(world, group["workspace_id"]), group)


ENDPOINT = Endpoint(
    "groups",
    get=list_groups,
    post=save_group,
    delete=delete_group,
    actions={"add_smart_group": add_smart_group, "fill_group": fill_group},
)
