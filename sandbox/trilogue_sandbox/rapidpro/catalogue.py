"""The small things of a workspace, in any number: campaigns, topics, opt-ins, templates, resthooks, archives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.rapidpro import activity, archiving, campaign_schedule
from trilogue_sandbox.rapidpro.population import next_id
from trilogue_sandbox.rapidpro.tenants import Tenant

_MINUTE = 60_000_000


def add(tenant: Tenant, table: str, created_on: int, /, **values: SqlValue) -> int:
    """Add one row to `rapidpro_<table>` of this workspace and return its number."""
    row = {"workspace_id": tenant.workspace.id, "created_on": created_on, **values}
    columns, marks = ", ".join(f'"{column}"' for column in row), ", ".join("?" * len(row))
    return tenant.store.insert(f"INSERT INTO rapidpro_{table} ({columns}) VALUES ({marks})", *row.values())


def _numbered(tenant: Tenant, table: str, count: int) -> Iterator[tuple[int, int]]:
    """Yield the numbers of new rows, and when they were made: one a minute until now."""
    first = next_id(tenant, table)
    return ((first + place, tenant.now - (count - place) * _MINUTE) for place in range(count))


def make_channels(tenant: Tenant, count: int) -> None:
    """Add channels that reach no kind of URN, so that messages go the ways they went before."""
    for number, moment in _numbered(tenant, "channels", count):
        address, uuid = str(8000 + number), tenant.world.ids.uuid4()
        add(
            tenant, "channels", moment, uuid=uuid, name=f"Line {number}", address=address, type="external", schemes="[]"
        )


def make_classifiers(tenant: Tenant, count: int) -> None:
    """Add classifiers."""
    intents = json.dumps(["book_flight", "book_car"])
    for number, moment in _numbered(tenant, "classifiers", count):
        uuid = tenant.world.ids.uuid4()
        add(tenant, "classifiers", moment, uuid=uuid, name=f"Booker {number}", type="wit", intents=intents)


def make_optins(tenant: Tenant, count: int) -> None:
    """Add opt-ins."""
    for number, moment in _numbered(tenant, "optins", count):
        add(tenant, "optins", moment, uuid=tenant.world.ids.uuid4(), name=f"News {number}")


def make_topics(tenant: Tenant, count: int) -> None:
    """Add topics, also more than the API would."""
    for number, moment in _numbered(tenant, "topics", count):
        add(tenant, "topics", moment, uuid=tenant.world.ids.uuid4(), name=f"Topic {number}")


def make_templates(tenant: Tenant, count: int) -> None:
    """Add templates without translations."""
    for number, moment in _numbered(tenant, "templates", count):
        uuid = tenant.world.ids.uuid4()
        add(tenant, "templates", moment, uuid=uuid, name=f"notice_{number}", modified_on=moment)


def make_resthooks(tenant: Tenant, count: int) -> None:
    """Add resthooks."""
    for number, moment in _numbered(tenant, "resthooks", count):
        add(tenant, "resthooks", moment, slug=f"event-{number}", modified_on=moment)


def make_subscribers(tenant: Tenant, count: int) -> None:
    """Add subscribers to the first resthook, if there is one."""
    resthook = _first(tenant, "resthooks")
    if resthook is None:
        return
    for number, moment in _numbered(tenant, "resthook_subscribers", count):
        url = f"https://example.com/hooks/{number}"
        add(tenant, "resthook_subscribers", moment, resthook_id=resthook, target_url=url)


def make_campaigns(tenant: Tenant, count: int) -> None:
    """Add campaigns without events, for the first group, if there is one."""
    group = _first(tenant, "groups")
    if group is None:
        return
    for number, moment in _numbered(tenant, "campaigns", count):
        name, uuid = f"Campaign {number}", tenant.world.ids.uuid4()
        add(tenant, "campaigns", moment, uuid=uuid, name=name, group_id=group, modified_on=moment)


def make_campaign_events(tenant: Tenant, count: int) -> None:
    """Add events to the first campaign, if there is one; they are for years to come."""
    campaign = _first(tenant, "campaigns")
    if campaign is None:
        return
    message = json.dumps({tenant.workspace.language: "It has been a while. How are you?"})
    for number, moment in _numbered(tenant, "campaign_events", count):
        timing: dict[str, SqlValue] = {"relative_to": "created_on", "offset": 500 + number, "unit": "weeks"}
        content: dict[str, SqlValue] = {"campaign_id": campaign, "delivery_hour": 9, "message": message}
        event_id = add(tenant, "campaign_events", moment, uuid=tenant.world.ids.uuid4(), **timing, **content)
        campaign_schedule.schedule_event(tenant.world, {"event": event_id})


def make_archives(tenant: Tenant, count: int) -> None:
    """Add archives of messages, one for each day before the earliest there is, every third without a record."""
    row = tenant.store.one(
        "SELECT MIN(start_date) AS first FROM rapidpro_archives WHERE workspace_id = ? AND type = 'message'",
        tenant.workspace.id,
    )
    today = tenant.world.clock.now().date()
    earliest = date.fromisoformat(row["first"]) if row and row["first"] else today
    for place in range(1, count + 1):
        records: list[JsonObject] = [{"id": number, "text": "Yego"} for number in range(place % 3)]
        archiving.add_archive(tenant, "message", "daily", earliest - timedelta(days=place), archiving.File.of(records))


def _first(tenant: Tenant, table: str) -> int | None:
    row = tenant.store.one(
        f"SELECT MIN(id) AS first FROM rapidpro_{table} WHERE workspace_id = ? AND is_active", tenant.workspace.id
    )
    return row["first"] if row else None


MAKERS: Mapping[str, Callable[[Tenant, int], None]] = {
    "channels": make_channels,
    "classifiers": make_classifiers,
    "optins": make_optins,
    "topics": make_topics,
    "templates": make_templates,
    "flows": activity.make_flows,
    "flow_starts": activity.make_flow_starts,
    "runs": activity.make_runs,
    "tickets": activity.make_tickets,
    "channel_events": activity.make_channel_events,
    "campaigns": make_campaigns,
    "campaign_events": make_campaign_events,
    "resthooks": make_resthooks,
    "resthook_subscribers": make_subscribers,
    "resthook_events": activity.make_resthook_events,
    "archives": make_archives,
}
"""What can be added, in the order in which it is: what comes later stands on what came before."""
