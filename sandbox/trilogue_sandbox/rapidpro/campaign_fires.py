"""Events of campaigns that happen: contacts get their message, or begin their flow."""

from __future__ import annotations

import json
import sqlite3

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, campaign_schedule, conversations, outgoing, templating
from trilogue_sandbox.rapidpro.tenants import Tenant


def fire_event(world: World, given: JsonObject) -> None:
    """Let an event happen to everybody to whom it is due, unless the timer was planted for an older plan."""
    due_on = arguments.integer(given, "due_on")
    event = world.store.one(
        "SELECT event.* FROM rapidpro_campaign_events AS event JOIN rapidpro_campaigns AS campaign"
        " ON campaign.id = event.campaign_id AND NOT campaign.is_archived"
        " WHERE event.id = ? AND event.wakes_at = ? AND event.is_active",
        *(arguments.integer(given, "event"), due_on),
    )
    if event is None:
        return
    tenant = Tenant.load(world, event["workspace_id"])
    contact_ids = _take_due(tenant, event["id"], due_on)
    if event["flow_id"]:
        conversations.start(tenant, event["flow_id"], contact_ids)
    else:
        for contact_id in contact_ids:
            _send(tenant, event, contact_id)
    campaign_schedule.wake(tenant, event["id"])


def _take_due(tenant: Tenant, event_id: int, due_on: int) -> list[int]:
    rows = tenant.store.all(
        "SELECT contact_id FROM rapidpro_campaign_fires WHERE event_id = ? AND due_on <= ? ORDER BY contact_id",
        *(event_id, due_on),
    )
    tenant.store.run("DELETE FROM rapidpro_campaign_fires WHERE event_id = ? AND due_on <= ?", event_id, due_on)
    return [row["contact_id"] for row in rows]


def _send(tenant: Tenant, event: sqlite3.Row, contact_id: int) -> None:
    known = templating.values_of_globals(tenant) | templating.values_of_contact(tenant, contact_id)
    text = templating.fill_in(_translation(tenant, event, contact_id), known)
    outgoing.send(tenant, contact_id, outgoing.Content(text))


def _translation(tenant: Tenant, event: sqlite3.Row, contact_id: int) -> str:
    """Return the text in the contact's language, if the workspace uses it, or else in the workspace's first."""
    texts: dict[str, str] = json.loads(event["message"])
    row = tenant.store.one("SELECT language FROM rapidpro_contacts WHERE id = ?", contact_id)
    language = row["language"] if row else None
    return texts[
        language if language in tenant.workspace.languages and language in texts else tenant.workspace.language
    ]


ACTIONS = {
    "schedule_campaign_event": campaign_schedule.schedule_event,
    "fire_campaign_event": fire_event,
}
