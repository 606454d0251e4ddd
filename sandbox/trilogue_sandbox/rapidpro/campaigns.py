"""Campaigns: events for the members of a group, timed by a date that each of them has."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, campaign_schedule, references, timestamps
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import unknown
from trilogue_sandbox.rapidpro.exchanges import Call, Kind
from trilogue_sandbox.rapidpro.fields import Reference, name_in, required
from trilogue_sandbox.rapidpro.refer import refs
from trilogue_sandbox.rapidpro.tenants import Tenant

CAMPAIGN = Kind("Campaign", "rapidpro_campaigns")


@attrs.frozen
class CampaignBody:
    """What a campaign is made of."""

    name: str = required(name_in("campaigns"))
    group: sqlite3.Row = required(Reference(references.group))


def list_campaigns(call: Call) -> Response:
    """Answer GET."""
    select = call.select("rapidpro_campaigns").where("item.is_active = 1").where("NOT item.is_archived")
    return call.page(call.with_uuid(select), NEWEST_FIRST, show_campaigns)


def save_campaign(call: Call) -> Response:
    """Answer POST."""
    campaign = call.target(CAMPAIGN)
    if campaign and campaign["is_archived"]:
        raise unknown(CAMPAIGN.model)
    body = call.body(CampaignBody, campaign)
    if campaign is None:
        return Response.json(call.shown("rapidpro_campaigns", create_campaign(call.tenant, body), show_campaigns), 201)
    _change(call.tenant, campaign, body)
    return Response.json(call.shown("rapidpro_campaigns", campaign["id"], show_campaigns))


def show_campaigns(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return campaigns as the API shows them."""
    groups = refs(tenant, "groups", [row["group_id"] for row in rows])
    return [
        {
            "uuid": row["uuid"],
            "name": row["name"],
            "archived": bool(row["is_archived"]),
            "group": groups[row["group_id"]],
            "created_on": timestamps.show(row["created_on"]),
        }
        for row in rows
    ]


def create_campaign(tenant: Tenant, body: CampaignBody) -> int:
    """Make a campaign and return its number."""
    return tenant.store.insert(
        "INSERT INTO rapidpro_campaigns (uuid, workspace_id, name, group_id, created_on, modified_on)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        *(tenant.world.ids.uuid4(), tenant.workspace.id, body.name, body.group["id"], tenant.now, tenant.now),
    )


def archive_campaign(world: World, given: JsonObject) -> object:
    """Put a campaign away, as people do in the user interface; its events no longer happen."""
    tenant = arguments.tenant(world, given)
    campaign = arguments.row(tenant, given, "campaign", "campaigns")
    tenant.store.run(
        "UPDATE rapidpro_campaigns SET is_archived = 1, modified_on = ? WHERE id = ?", tenant.now, campaign["id"]
    )
    return {"uuid": campaign["uuid"]}


def _change(tenant: Tenant, campaign: sqlite3.Row, body: CampaignBody) -> None:
    tenant.store.run(
        "UPDATE rapidpro_campaigns SET name = ?, group_id = ?, modified_on = ? WHERE id = ?",
        *(body.name, body.group["id"], tenant.now, campaign["id"]),
    )
    if body.group["id"] != campaign["group_id"]:
        for event in tenant.store.all(
            "SELECT id FROM rapidpro_campaign_events WHERE campaign_id = ? AND is_active", campaign["id"]
        ):
            campaign_schedule.plan(tenant, event["id"])


ENDPOINT = Endpoint("campaigns", get=list_campaigns, post=save_campaign, actions={"archive_campaign": archive_campaign})
