"""The small things of a workspace, in any number: campaigns, topics, opt-ins, templates, resthooks, archives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.timestamps import MINUTE
from trilogue_sandbox.rapidpro import archives, campaign_schedule
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.population import next_id
from trilogue_sandbox.rapidpro.tables import (
    ARCHIVES,
    CAMPAIGN_EVENTS,
    CAMPAIGNS,
    CHANNELS,
    CLASSIFIERS,
    GROUPS,
    OPTINS,
    RESTHOOK_SUBSCRIBERS,
    RESTHOOKS,
    TEMPLATES,
    TOPICS,
)


def _numbered(context: WorkspaceContext, table: Table, count: int) -> Iterator[tuple[int, int]]:
    """Yield the numbers of new rows, and when they were made: one a minute until now."""
    first, now = next_id(context, table), context.now
    return ((first + place, now - (count - place) * MINUTE) for place in range(count))


def make_channels(context: WorkspaceContext, count: int) -> None:
    """Add channels that reach no URNs, so that messages go the ways they went before."""
    for number, created_on in _numbered(context, CHANNELS, count):
        values = {"name": f"Line {number}", "address": str(8000 + number), "type": "external"}
        context.add(CHANNELS, **values, schemes=[], created_on=created_on)


def make_classifiers(context: WorkspaceContext, count: int) -> None:
    """Add classifiers."""
    for number, created_on in _numbered(context, CLASSIFIERS, count):
        values = {"name": f"Booker {number}", "type": "wit", "intents": ["book_flight", "book_car"]}
        context.add(CLASSIFIERS, **values, created_on=created_on)


def make_optins(context: WorkspaceContext, count: int) -> None:
    """Add opt-ins."""
    for number, created_on in _numbered(context, OPTINS, count):
        context.add(OPTINS, name=f"News {number}", created_on=created_on)


def make_topics(context: WorkspaceContext, count: int) -> None:
    """Add topics, also more than the API would."""
    for number, created_on in _numbered(context, TOPICS, count):
        context.add(TOPICS, name=f"Topic {number}", created_on=created_on)


def make_templates(context: WorkspaceContext, count: int) -> None:
    """Add templates without translations."""
    for number, created_on in _numbered(context, TEMPLATES, count):
        context.add(TEMPLATES, name=f"notice_{number}", created_on=created_on, modified_on=created_on)


def make_resthooks(context: WorkspaceContext, count: int) -> None:
    """Add resthooks."""
    for number, created_on in _numbered(context, RESTHOOKS, count):
        context.add(RESTHOOKS, slug=f"event-{number}", created_on=created_on, modified_on=created_on)


def make_subscribers(context: WorkspaceContext, count: int) -> None:
    """Add subscribers to the first resthook, if there is one."""
    if resthook := _first(context, RESTHOOKS):
        for number, created_on in _numbered(context, RESTHOOK_SUBSCRIBERS, count):
            values = {"resthook_id": resthook["id"], "target_url": f"https://example.com/hooks/{number}"}
            context.add(RESTHOOK_SUBSCRIBERS, **values, created_on=created_on)


def make_campaigns(context: WorkspaceContext, count: int) -> None:
    """Add campaigns without events, for the first group, if there is one."""
    if group := _first(context, GROUPS):
        for number, created_on in _numbered(context, CAMPAIGNS, count):
            values = {"name": f"Campaign {number}", "group_id": group["id"]}
            context.add(CAMPAIGNS, **values, created_on=created_on, modified_on=created_on)


def make_campaign_events(context: WorkspaceContext, count: int) -> None:
    """Add events to the first campaign, if there is one; they are for years to come."""
    if campaign := _first(context, CAMPAIGNS):
        message = {context.workspace.language: "It has been a while. How are you?"}
        for number, created_on in _numbered(context, CAMPAIGN_EVENTS, count):
            timing = {"relative_to": "created_on", "offset": 500 + number, "unit": "weeks", "delivery_hour": 9}
            values = {**timing, "campaign_id": campaign["id"], "message": message}
            campaign_schedule.schedule(context, context.add(CAMPAIGN_EVENTS, **values, created_on=created_on))


def make_archives(context: WorkspaceContext, count: int) -> None:
    """Add archives of messages, one for each day before the earliest there is, every third without a record."""
    earliest = context.select(ARCHIVES, type="message").first("ORDER BY item.start_date")
    today = context.world.clock.now().date()
    first = date.fromisoformat(earliest["start_date"]) if earliest else today
    for place in range(1, count + 1):
        records: list[JsonObject] = [{"id": number, "text": "Yego"} for number in range(place % 3)]
        archives.add_archive(context, "message", "daily", first - timedelta(days=place), records)


def _first(context: WorkspaceContext, table: Table) -> Row | None:
    return context.select(table, is_active=True).first("ORDER BY item.id")
