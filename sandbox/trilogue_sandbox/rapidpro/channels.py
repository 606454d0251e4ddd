"""Channels: the ways in and out of a workspace."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, timestamps
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.tenants import Tenant

_SCHEMES = {
    "android": "tel",
    "external": "tel",
    "facebook": "facebook",
    "telegram": "telegram",
    "twilio": "tel",
    "viber": "viber",
    "whatsapp": "whatsapp",
}
"""The URNs that the types of channels on offer here reach."""


def list_channels(call: Call) -> Response:
    """Answer GET."""
    select = call.with_uuid(call.select("rapidpro_channels").where("item.is_active = 1"))
    if address := call.text("address"):
        select = select.where("item.address = ?", address)
    return call.page(select, NEWEST_FIRST, show_channels)


def show_channels(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return channels as the API shows them."""
    return [
        {
            "uuid": row["uuid"],
            "name": row["name"],
            "address": row["address"],
            "type": row["type"],
            "country": row["country"],
            "device": json.loads(row["device"]) if row["device"] else None,
            "last_seen": timestamps.show_optional(row["last_seen"]),
            "created_on": timestamps.show(row["created_on"]),
        }
        for row in rows
    ]


def add_channel(world: World, given: JsonObject) -> object:
    """Connect a channel; one of type `android` has a device that has not reported yet."""
    tenant = arguments.tenant(world, given)
    kind = arguments.choice(given, "type", tuple(_SCHEMES), "external")
    device = {"name": None, "power_level": -1, "power_status": None, "power_source": None, "network_type": None}
    channel_id = tenant.store.insert(
        "INSERT INTO rapidpro_channels (uuid, workspace_id, name, address, type, country, schemes, device, created_on)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(world.ids.uuid4(), tenant.workspace.id, arguments.text(given, "name"), arguments.text(given, "address")),
        *(kind, arguments.text(given, "country", tenant.workspace.country) or None, json.dumps([_SCHEMES[kind]])),
        *(json.dumps(device) if kind == "android" else None, tenant.now),
    )
    return show_channels(tenant, _read(tenant, channel_id))[0]


def report_device(world: World, given: JsonObject) -> object:
    """Let the phone behind an Android channel say how it is."""
    tenant = arguments.tenant(world, given)
    channel = arguments.row(tenant, given, "channel", "channels")
    device = {
        "name": arguments.text(given, "name", "Nexus 5X"),
        "power_level": arguments.integer(given, "power_level", 100),
        "power_status": arguments.choice(given, "power_status", ("CHA", "DIS", "NOT", "FUL", "UNK"), "FUL"),
        "power_source": arguments.choice(given, "power_source", ("AC", "USB", "WIR", "BAT"), "AC"),
        "network_type": arguments.text(given, "network_type", "WIFI"),
    }
    tenant.store.run(
        "UPDATE rapidpro_channels SET device = ?, last_seen = ? WHERE id = ?",
        *(json.dumps(device), tenant.now, channel["id"]),
    )
    return show_channels(tenant, _read(tenant, channel["id"]))[0]


def remove_channel(world: World, given: JsonObject) -> object:
    """Take a channel out of its workspace; what came and went through it stays."""
    tenant = arguments.tenant(world, given)
    channel = arguments.row(tenant, given, "channel", "channels")
    tenant.store.run("UPDATE rapidpro_channels SET is_active = 0 WHERE id = ?", channel["id"])
    return {"uuid": channel["uuid"]}


def _read(tenant: Tenant, channel_id: int) -> list[sqlite3.Row]:
    return tenant.store.all("SELECT * FROM rapidpro_channels WHERE id = ?", channel_id)


ENDPOINT = Endpoint(
    "channels",
    get=list_channels,
    actions={"add_channel": add_channel, "report_device": report_device, "remove_channel": remove_channel},
)
