"""When the events of campaigns happen, and to whom."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments
from trilogue_sandbox.rapidpro.tenants import Tenant

SYSTEM_DATES = {"created_on": "Created On", "last_seen_on": "Last Seen On"}
"""The dates that every contact has, besides the fields of the workspace."""

SCHEDULING, READY = "scheduling", "ready"

_DELAY = timedelta(seconds=1)


def date_names(tenant: Tenant) -> dict[str, str]:
    """Return the names of the dates that contacts can have, by their keys."""
    rows = tenant.store.all("SELECT key, name FROM rapidpro_fields WHERE workspace_id = ?", tenant.workspace.id)
    return {**SYSTEM_DATES, **{row["key"]: row["name"] for row in rows}}


def plan(tenant: Tenant, event_id: int) -> None:
    """Let an event be scheduled for everybody soon; until then it neither happens nor can be changed."""
    tenant.store.run("DELETE FROM rapidpro_campaign_fires WHERE event_id = ?", event_id)
    tenant.store.run("UPDATE rapidpro_campaign_events SET status = ? WHERE id = ?", SCHEDULING, event_id)
    tenant.world.timers.after(_DELAY, "schedule_campaign_event", {"event": event_id})


def schedule_event(world: World, given: JsonObject) -> None:
    """Find out when an event happens to each contact of its campaign."""
    event = world.store.one(
        "SELECT event.*, campaign.group_id FROM rapidpro_campaign_events AS event JOIN rapidpro_campaigns AS campaign"
        " ON campaign.id = event.campaign_id WHERE event.id = ? AND event.is_active",
        arguments.integer(given, "event"),
    )
    if event is None:
        return
    tenant = Tenant.load(world, event["workspace_id"])
    tenant.store.run("UPDATE rapidpro_campaign_events SET status = ? WHERE id = ?", READY, event["id"])
    _schedule(tenant, event)


def reschedule(tenant: Tenant, contact_ids: Sequence[int]) -> None:
    """Find out anew when the events of all campaigns happen to some contacts, about whom something has changed."""
    among = json.dumps(contact_ids)
    for event in _ready_events(tenant):
        _schedule(tenant, event, among)


def reschedule_group(tenant: Tenant, group_id: int) -> None:
    """Find out anew when the events of a group's campaigns happen, to members of whom all may be others now."""
    for event in _ready_events(tenant):
        if event["group_id"] == group_id:
            _schedule(tenant, event)


def wake(tenant: Tenant, event_id: int) -> None:
    """Plant the timer for the next time at which the event happens to anybody."""
    row = tenant.store.one(
        "SELECT MIN(fire.due_on) AS next, event.wakes_at FROM rapidpro_campaign_events AS event"
        " LEFT JOIN rapidpro_campaign_fires AS fire ON fire.event_id = event.id WHERE event.id = ?",
        event_id,
    )
    if row is None or row["next"] is None or row["next"] == row["wakes_at"]:
        return
    tenant.store.run("UPDATE rapidpro_campaign_events SET wakes_at = ? WHERE id = ?", row["next"], event_id)
    due: JsonObject = {"event": event_id, "due_on": row["next"]}
    tenant.world.timers.at(from_microseconds(row["next"]), "fire_campaign_event", due)


def _ready_events(tenant: Tenant) -> list[sqlite3.Row]:
    return tenant.store.all(
        "SELECT event.*, campaign.group_id FROM rapidpro_campaign_events AS event JOIN rapidpro_campaigns AS campaign"
        " ON campaign.id = event.campaign_id AND campaign.is_active AND NOT campaign.is_archived"
        " WHERE event.workspace_id = ? AND event.is_active AND event.status = ?",
        *(tenant.workspace.id, READY),
    )


def _schedule(tenant: Tenant, event: sqlite3.Row, among: str | None = None) -> None:
    """Note when an event happens to all members of its group, or to some; what is due right now still happens."""
    limit, values = ("", ()) if among is None else (" AND contact_id IN (SELECT value FROM json_each(?))", (among,))
    tenant.store.run(
        f"DELETE FROM rapidpro_campaign_fires WHERE event_id = ? AND due_on > ?{limit}",
        *(event["id"], tenant.now, *values),
    )
    members = tenant.store.all(
        "SELECT contact.id, contact.fields, contact.created_on, contact.last_seen_on"
        " FROM rapidpro_memberships AS membership JOIN rapidpro_contacts AS contact"
        " ON contact.id = membership.contact_id AND contact.is_active AND contact.status = 'active'"
        f" WHERE membership.group_id = ?{limit}",
        *(event["group_id"], *values),
    )
    tenant.store.run_many(
        "INSERT OR IGNORE INTO rapidpro_campaign_fires VALUES (?, ?, ?)", _fires(tenant, event, members)
    )
    wake(tenant, event["id"])


def _fires(tenant: Tenant, event: sqlite3.Row, contacts: Sequence[sqlite3.Row]) -> Iterator[tuple[int, int, int]]:
    for contact in contacts:
        date = _date_of(contact, event["relative_to"])
        due = _due(tenant, event, date) if date else None
        if due is not None and due > tenant.now:
            yield event["id"], contact["id"], due


def _date_of(contact: sqlite3.Row, key: str) -> datetime | None:
    if key in SYSTEM_DATES:
        return from_microseconds(contact[key]) if contact[key] is not None else None
    try:
        return datetime.fromisoformat(json.loads(contact["fields"])[key])
    except (KeyError, ValueError):
        return None


def _due(tenant: Tenant, event: sqlite3.Row, date: datetime) -> int | None:
    """Return when an event happens that is relative to a date; None if that is beyond the calendar."""
    try:
        due = date.astimezone(ZoneInfo(tenant.workspace.timezone)) + timedelta(**{event["unit"]: event["offset"]})
        if event["delivery_hour"] >= 0:
            due = due.replace(hour=event["delivery_hour"], minute=0, second=0, microsecond=0)
        return to_microseconds(due)
    except OverflowError:
        return None
