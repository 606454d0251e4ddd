"""What happens on channels besides messages: calls, first hellos, opt-outs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, contact_changes, conversations, references, timestamps, triggers
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.refer import contact_refs, refs
from trilogue_sandbox.rapidpro.tenants import Tenant

TYPES = (
    "call-in",
    "call-in-missed",
    "call-out",
    "call-out-missed",
    "delete-contact",
    "new-conversation",
    "optin",
    "optout",
    "referral",
    "stop-contact",
    "welcome-message",
)
_FROM_CONTACT = ("call-in", "call-in-missed", "new-conversation", "optin", "optout", "referral", "stop-contact")
"""Events by which a contact is seen."""

_KEPT = timedelta(days=90) // timedelta(microseconds=1)


def list_events(call: Call) -> Response:
    """Answer GET, with the events of the last 90 days."""
    select = call.select("rapidpro_channel_events").where("item.created_on >= ?", call.tenant.now - _KEPT)
    if (wanted := call.integer("id")) is not None:
        select = select.where("item.id = ?", wanted)
    if uuid := call.text("contact"):
        contact = references.by_uuid("contacts")(call.tenant, uuid)
        select = select.where("item.contact_id = ?", contact["id"]) if contact else select.nothing()
    return call.page(call.within(select, "created_on"), NEWEST_FIRST, show_events)


def show_events(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return events as the API shows them."""
    contacts = contact_refs(tenant, [row["contact_id"] for row in rows])
    channels = refs(tenant, "channels", [row["channel_id"] for row in rows])
    return [
        {
            "id": row["id"],
            "type": row["type"],
            "contact": contacts[row["contact_id"]],
            "channel": channels[row["channel_id"]],
            "extra": json.loads(row["extra"]) if row["extra"] else None,
            "occurred_on": timestamps.show(row["occurred_on"]),
            "created_on": timestamps.show(row["created_on"]),
        }
        for row in rows
    ]


def channel_event(world: World, given: JsonObject) -> object:
    """Let anything happen on a channel that `type` names, with details in `extra`."""
    return _happen(world, given, arguments.choice(given, "type", TYPES), _read_extra(given))


def place_call(world: World, given: JsonObject) -> object:
    """Let a contact be talked to by telephone for `duration` seconds, whoever called whom (`direction`)."""
    direction = arguments.choice(given, "direction", ("in", "out"), "in")
    return _happen(world, given, f"call-{direction}", {"duration": arguments.integer(given, "duration", 30)})


def miss_call(world: World, given: JsonObject) -> object:
    """Let a contact call, or be called (`direction`), and nobody answer; this can start a flow."""
    direction = arguments.choice(given, "direction", ("in", "out"), "in")
    return _happen(world, given, f"call-{direction}-missed", {})


def stop_contact(world: World, given: JsonObject) -> object:
    """Let a contact tell the channel that they want no more messages."""
    return _happen(world, given, "stop-contact", {})


def opt_in(world: World, given: JsonObject) -> object:
    """Let a contact agree to something (`optin`, by name)."""
    return _happen(world, given, "optin", _read_optin(world, given))


def opt_out(world: World, given: JsonObject) -> object:
    """Let a contact no longer agree to something (`optin`, by name)."""
    return _happen(world, given, "optout", _read_optin(world, given))


def record_event(
    tenant: Tenant, kind: str, contact_id: int, channel_id: int, extra: JsonObject, occurred_on: int | None = None
) -> int:
    """Keep what has happened on a channel and return its number."""
    return tenant.store.insert(
        "INSERT INTO rapidpro_channel_events (uuid, workspace_id, type, contact_id, channel_id, extra, occurred_on,"
        " created_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(tenant.world.ids.uuid4(), tenant.workspace.id, kind, contact_id, channel_id, json.dumps(extra)),
        *(tenant.now if occurred_on is None else occurred_on, tenant.now),
    )


def _happen(world: World, given: JsonObject, kind: str, extra: JsonObject) -> object:
    tenant = arguments.tenant(world, given)
    contact = arguments.contact(tenant, given)
    channel = arguments.row(tenant, given, "channel", "channels") if "channel" in given else _way_to(tenant, contact)
    event_id = record_event(tenant, kind, contact["id"], channel["id"], extra, _read_moment(given))
    if kind in _FROM_CONTACT:
        tenant.store.run("UPDATE rapidpro_contacts SET last_seen_on = ? WHERE id = ?", tenant.now, contact["id"])
    _follow(tenant, kind, contact["id"])
    return show_events(tenant, tenant.store.all("SELECT * FROM rapidpro_channel_events WHERE id = ?", event_id))[0]


def _follow(tenant: Tenant, kind: str, contact_id: int) -> None:
    """Do what an event leads to."""
    if kind == "stop-contact":
        contact_changes.set_status(tenant, [contact_id], "stopped")
    elif kind == "delete-contact":
        contact_changes.delete_contact(tenant, contact_id)
    else:
        contact_changes.touch(tenant, [contact_id])
    flow_id = triggers.flow_of_missed_call(tenant) if kind == "call-in-missed" else None
    if flow_id is not None:
        conversations.start(tenant, flow_id, [contact_id])


def _way_to(tenant: Tenant, contact: sqlite3.Row) -> sqlite3.Row:
    row = tenant.store.one(
        "SELECT channel.* FROM rapidpro_urns AS urn JOIN rapidpro_channels AS channel"
        " ON channel.workspace_id = urn.workspace_id AND channel.is_active"
        " AND EXISTS (SELECT 1 FROM json_each(channel.schemes) WHERE value = urn.scheme)"
        " WHERE urn.contact_id = ? ORDER BY urn.priority DESC, urn.id, channel.id LIMIT 1",
        contact["id"],
    )
    if row is None:
        raise ControlError("`contact` has no URN that a channel reaches; name a `channel`", "contact")
    return row


def _read_moment(given: JsonObject) -> int | None:
    if "occurred_on" not in given:
        return None
    moment = timestamps.read(arguments.text(given, "occurred_on"))
    if moment is None:
        raise ControlError("`occurred_on` is a time such as 2026-01-01T12:00:00Z", "occurred_on")
    return moment


def _read_extra(given: JsonObject) -> JsonObject:
    extra = given.get("extra", {})
    if not isinstance(extra, dict):
        raise ControlError("`extra` is an object", "extra")
    return extra


def _read_optin(world: World, given: JsonObject) -> JsonObject:
    optin = arguments.row(arguments.tenant(world, given), given, "optin", "optins")
    return {"optin": {"uuid": optin["uuid"], "name": optin["name"]}}


ENDPOINT = Endpoint(
    "channel_events",
    get=list_events,
    actions={
        "channel_event": channel_event,
        "call": place_call,
        "miss_call": miss_call,
        "stop_contact": stop_contact,
        "opt_in": opt_in,
        "opt_out": opt_out,
    },
)
