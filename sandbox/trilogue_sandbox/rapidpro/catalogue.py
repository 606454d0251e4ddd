"""The small things of a workspace, in any number: campaigns, topics, opt-ins, templates, resthooks, archives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, TypeAlias

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.timestamps import MINUTE
from trilogue_sandbox.rapidpro import archives, campaign_schedule
from trilogue_sandbox.rapidpro.archives import ARCHIVES
from trilogue_sandbox.rapidpro.campaign_schedule import CAMPAIGN_EVENTS, CAMPAIGNS
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.older_server import CLASSIFIERS, OPTINS, TEMPLATES
from trilogue_sandbox.rapidpro.population import next_id
from trilogue_sandbox.rapidpro.resthooks import RESTHOOK_SUBSCRIBERS, RESTHOOKS
from trilogue_sandbox.rapidpro.tables import CHANNELS, GROUPS
from trilogue_sandbox.rapidpro.tickets import TOPICS

Maker: TypeAlias = Callable[[WorkspaceContext, int], None]


def _maker(table: Table, values: Callable[[int], Mapping[str, Any]], owner: tuple[str, Table] | None = None) -> Maker:
    """Return what adds rows, whose values depend on their numbers.

    With `owner`, the rows belong to the first row of another table, named by a column; without one, none are added.
    """

    def make(context: WorkspaceContext, count: int) -> None:
        first = _first(context, owner[1]) if owner else None
        if owner and first is None:
            return
        owned = {owner[0]: first["id"]} if owner and first else {}
        for number, created_on in _numbered(context, table, count):
            times = {name: created_on for name in ("created_on", "modified_on") if name in table.columns}
            context.add(table, **owned, **values(number), **times)

    return make


def _numbered(context: WorkspaceContext, table: Table, count: int) -> Iterator[tuple[int, int]]:
    """Yield the numbers of new rows, and when they were made: one a minute until now."""
    first, now = next_id(context, table), context.now
    return ((first + place, now - (count - place) * MINUTE) for place in range(count))


def _first(context: WorkspaceContext, table: Table) -> Row | None:
    return context.select(table, is_active=True).first("ORDER BY item.id")


def _channel(number: int) -> Mapping[str, Any]:
    """Return a channel that reaches no URNs, so that messages go the ways they went before."""
    return {"name": f"Line {number}", "address": str(8000 + number), "type": "external", "schemes": []}


def _classifier(number: int) -> Mapping[str, Any]:
    return {"name": f"Booker {number}", "type": "wit", "intents": ["book_flight", "book_car"]}


make_channels = _maker(CHANNELS, _channel)
make_classifiers = _maker(CLASSIFIERS, _classifier)
make_optins = _maker(OPTINS, lambda number: {"name": f"News {number}"})
make_topics = _maker(TOPICS, lambda number: {"name": f"Topic {number}"})
make_templates = _maker(TEMPLATES, lambda number: {"name": f"notice_{number}"})
make_resthooks = _maker(RESTHOOKS, lambda number: {"slug": f"event-{number}"})
make_subscribers = _maker(
    RESTHOOK_SUBSCRIBERS,
    lambda number: {"target_url": f"https://example.com/hooks/{number}"},
    owner=("resthook_id", RESTHOOKS),
)
make_campaigns = _maker(CAMPAIGNS, lambda number: {"name": f"Campaign {number}"}, owner=("group_id", GROUPS))


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
