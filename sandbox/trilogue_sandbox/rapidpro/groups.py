"""Groups of contacts, filled by hand or by a query."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import contact_changes, memberships, named_objects, queries
from trilogue_sandbox.rapidpro.campaign_schedule import CAMPAIGNS
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.counts import read_counts
from trilogue_sandbox.rapidpro.errors import api_error
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.flow_sessions import TRIGGERS
from trilogue_sandbox.rapidpro.lists import at_most_one_of, by_name, by_uuid, listing, where
from trilogue_sandbox.rapidpro.serializer_fields import name_in
from trilogue_sandbox.rapidpro.serializers import required
from trilogue_sandbox.rapidpro.tables import GROUPS, MEMBERSHIPS
from trilogue_sandbox.rapidpro.views import ApiView

_GROUP = Model("ContactGroup", GROUPS)


@attrs.frozen
class GroupBody:
    """What can be written of a group."""

    name: str = required(name_in(GROUPS))


def _manual_only(exchange: Exchange, select: Select) -> Select:
    return select.where("item.query IS NULL") if exchange.boolean("manual_only") else select


def delete_group(exchange: Exchange) -> Response:
    """Handle DELETE."""
    group = exchange.deleted(_GROUP)
    if group["is_system"]:
        raise api_error("Cannot delete system object.", 403)
    _check_unused(exchange.context, group)
    exchange.records.change(GROUPS, group, is_active=False)
    members = exchange.records.select(MEMBERSHIPS, group_id=group["id"])
    contact_ids = [row["contact_id"] for row in members.all()]
    members.remove()
    contact_changes.touch(exchange.context, contact_ids)
    return Response.empty()


def _check_unused(context: WorkspaceContext, group: Row) -> None:
    triggers = context.select(TRIGGERS, is_active=True, is_archived=False)
    used_by = {
        "triggers": triggers.where(
            "item.id IN (SELECT trigger_id FROM rapidpro_trigger_groups WHERE group_id = ?)", group["id"]
        ),
        "campaigns": context.select(CAMPAIGNS, is_active=True, is_archived=False, group_id=group["id"]),
    }
    for users, select in used_by.items():
        if select.exists():
            raise api_error(f"Group is being used by {users} which must be archived first.")


def create_group(context: WorkspaceContext, name: str, query: str | None = None) -> Row:
    """Create a group; a smart one has still to be filled."""
    return context.add(GROUPS, name=name, query=query, status="initializing" if query else "ready")


def _count_members(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    counts = read_counts(context.records, GROUPS, [row["id"] for row in rows])
    return [counts[row["id"], ""] for row in rows]


GROUP = ApiView("Group", GROUPS, computed={"count": _count_members}, columns={"system": "is_system"})


def add_smart_group(world: World, arguments: Fields) -> JsonObject:
    """Do what a person does in the browser: make a group with a `name` and a `query`. It is filled a second later."""
    context = WorkspaceContext.of(world, arguments)
    name, query = arguments.string("name"), arguments.string("query")
    try:
        queries.parse(context, query)
    except queries.QueryError as error:
        raise ControlError(f"`query`: {error}", "query") from error
    group = create_group(context, name, query)
    world.schedule(world.now + SECOND, "fill_group", group=group["id"])
    return {"uuid": group["uuid"]}


def fill_group(world: World, arguments: Fields) -> None:
    """Fill the smart group with the number `group`."""
    group_id = arguments.integer("group")
    group = world.records.select(GROUPS, id=group_id).where("item.query IS NOT NULL").first()
    if group is None:
        raise ControlError(f"`group`: there is no smart group with the number {group_id}", "group")
    memberships.fill(WorkspaceContext.load(world, group["workspace_id"]), group)


RESOURCE = Resource(
    tables=[GROUPS, MEMBERSHIPS],
    operations={
        "groups_list": listing(
            GROUP,
            at_most_one_of("uuid", "name"),
            where("item.status <> 'initializing'"),
            _manual_only,
            by_uuid,
            by_name,
        ),
        "groups_save": named_objects.saving(GROUP, _GROUP, GroupBody),
        "groups_delete": delete_group,
    },
    actions={"add_smart_group": add_smart_group},
    jobs={"fill_group": fill_group},
)
