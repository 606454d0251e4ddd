"""Campaigns, and their events: messages and flows for the members of a group, timed by a date that each of them has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import campaign_schedule, flow_sessions, outgoing
from trilogue_sandbox.rapidpro.arguments import named_row
from trilogue_sandbox.rapidpro.campaign_schedule import (
    CAMPAIGN_EVENTS,
    CAMPAIGN_FIRES,
    CAMPAIGNS,
    SCHEDULING,
    field_names,
    type_of_field,
)
from trilogue_sandbox.rapidpro.contents import TEXT_OF_MESSAGE
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import invalid, invalid_together, not_found
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.languages import Translations
from trilogue_sandbox.rapidpro.lists import by_reference, by_uuid, listing, where
from trilogue_sandbox.rapidpro.references import Reference, find_exactly, find_field, find_flow, find_group, uuid_lookup
from trilogue_sandbox.rapidpro.serializer_fields import Choice, Integer, name_in
from trilogue_sandbox.rapidpro.serializers import Field, InvalidValue, Serializer, optional, required
from trilogue_sandbox.rapidpro.tables import CONTACTS, FLOWS, GROUPS
from trilogue_sandbox.rapidpro.templating import Templates
from trilogue_sandbox.rapidpro.views import ApiView

_CAMPAIGN = Model("Campaign", CAMPAIGNS)
_EVENT = Model("CampaignEvent", CAMPAIGN_EVENTS)
_FIND_CAMPAIGN = uuid_lookup(CAMPAIGNS, is_active=True, is_archived=False)
_UNITS = ("minutes", "hours", "days", "weeks")
_LARGEST_OFFSET = 2**31 - 1

CAMPAIGN = ApiView(
    "Campaign", CAMPAIGNS, columns={"archived": "is_archived"}, references={"group": (GROUPS, "group_id")}
)


@attrs.frozen
class CampaignBody:
    """What can be written of a campaign."""

    name: str = required(name_in(CAMPAIGNS))
    group: Row = required(Reference(find_group))


def save_campaign(exchange: Exchange) -> Response:
    """Handle POST."""
    campaign = exchange.target(_CAMPAIGN)
    if campaign and campaign["is_archived"]:
        raise not_found(_CAMPAIGN.name)
    body = exchange.read_body(CampaignBody, campaign)
    if campaign is None:
        created = exchange.context.add(CAMPAIGNS, name=body.name, group_id=body.group["id"])
        return exchange.saved(CAMPAIGN, created, is_new=True)
    changed = exchange.records.touch(CAMPAIGNS, campaign, name=body.name, group_id=body.group["id"])
    if changed["group_id"] != campaign["group_id"]:
        events = exchange.records.select(CAMPAIGN_EVENTS, campaign_id=campaign["id"], is_active=True)
        for event in events.all("ORDER BY item.id"):
            campaign_schedule.plan(exchange.context, event)
    return exchange.saved(CAMPAIGN, changed, is_new=False)


def archive_campaign(world: World, arguments: Fields) -> object:
    """Put a campaign away, as people do in the user interface; its events no longer happen."""
    context = WorkspaceContext.of(world, arguments)
    campaign = named_row(context, arguments, "campaign", CAMPAIGNS)
    world.records.touch(CAMPAIGNS, campaign, is_archived=True)
    return {"uuid": campaign["uuid"]}


# -- events ------------------------------------------------------------------------------------------------------------


def _find_date(context: WorkspaceContext, key: str) -> str | None:
    """Return the key of a field of contacts, which is to be a date, or of one that all of them have."""
    return key if key in context.server.system_fields or find_field(context, key) else None


@attrs.frozen
class _CampaignField(Field[Row]):
    """A campaign; of an event that is being changed, the one it already has."""

    def read(self, value: Json, serializer: Serializer) -> Row:
        campaign = Reference(_FIND_CAMPAIGN).read(value, serializer)
        if serializer.changed and serializer.changed["campaign_id"] != campaign["id"]:
            raise InvalidValue("Cannot change campaign for existing events")
        return campaign


@attrs.frozen
class _MessageField(Field[Mapping[str, str]]):
    """A text in several languages, of which the first of the workspace must be one."""

    def read(self, value: Json, serializer: Serializer) -> Mapping[str, str]:
        texts = Translations(TEXT_OF_MESSAGE, lambda server: server.wraps_texts).read(value, serializer)
        if serializer.context.workspace.language not in texts:
            raise InvalidValue("Message text in default flow language is required.")
        return texts


@attrs.frozen
class EventBody:
    """What can be written of an event."""

    campaign: Row = required(_CampaignField())
    offset: int = required(Integer())
    unit: str = required(Choice(_UNITS))
    delivery_hour: int = required(Integer(-1, 23))
    relative_to: str = required(Reference(_find_date))
    message: Mapping[str, str] | None = optional(_MessageField(), None)
    flow: Row | None = optional(Reference(find_flow), None)

    @property
    def timing(self) -> dict[str, Any]:
        """What it depends on when the event happens."""
        return {
            "relative_to": self.relative_to,
            "offset": self.offset,
            "unit": self.unit,
            "delivery_hour": self.delivery_hour,
        }

    @property
    def content(self) -> dict[str, Any]:
        """What happens."""
        return {"flow_id": self.flow["id"] if self.flow else None, "message": self.message or None}


def _find_listed_campaign(context: WorkspaceContext, value: str) -> Row | None:
    return find_exactly(context, CAMPAIGNS, value)


def save_event(exchange: Exchange) -> Response:
    """Handle POST."""
    event = exchange.target(_EVENT)
    body = exchange.read_body(EventBody, event)
    renews = exchange.server.renews_events
    if event and event["status"] == SCHEDULING and not renews:
        raise invalid_together("Cannot modify events which are currently being scheduled.")
    if bool(body.flow) == bool(body.message):
        raise invalid_together("Flow or a message text required.")
    _check_timing(exchange, body, is_new=event is None)
    if event is None or renews:
        if event:
            _remove(exchange, event)
        created = exchange.context.add(CAMPAIGN_EVENTS, campaign_id=body.campaign["id"], **body.timing, **body.content)
        return exchange.saved(EVENT, campaign_schedule.plan(exchange.context, created), is_new=event is None)
    changed = exchange.records.change(CAMPAIGN_EVENTS, event, **body.timing, **body.content)
    if any(event[name] != value for name, value in body.timing.items()):
        changed = campaign_schedule.plan(exchange.context, changed)
    return exchange.saved(EVENT, changed, is_new=False)


def _check_timing(exchange: Exchange, body: EventBody, *, is_new: bool) -> None:
    if not -_LARGEST_OFFSET <= body.offset <= _LARGEST_OFFSET:
        exchange.fail_as("offset-range", "offset")
        raise invalid({"offset": [f"Ensure this value is between -{_LARGEST_OFFSET} and {_LARGEST_OFFSET}."]})
    if is_new and type_of_field(exchange.context, body.relative_to) != "datetime":
        exchange.fail_as("field-type", "relative_to")
        raise invalid({"relative_to": [f"Field must be of type datetime: {body.relative_to}"]})


def _remove(exchange: Exchange, event: Row) -> None:
    exchange.records.change(CAMPAIGN_EVENTS, event, is_active=False)
    exchange.records.select(CAMPAIGN_FIRES, event_id=event["id"]).remove()


def delete_event(exchange: Exchange) -> Response:
    """Handle DELETE."""
    _remove(exchange, exchange.deleted(_EVENT))
    return Response.empty()


def _show_dates(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    names = field_names(context)
    keys = [row["relative_to"] for row in rows]
    return [{"key": key, "name": names[key], "label": names[key]} for key in keys]


EVENT = ApiView(
    "CampaignEvent",
    CAMPAIGN_EVENTS,
    computed={"relative_to": _show_dates},
    references={"campaign": (CAMPAIGNS, "campaign_id"), "flow": (FLOWS, "flow_id")},
)


def fire_event(world: World, arguments: Fields) -> None:
    """Let an event happen to everybody to whom it is due, unless it was planned again since."""
    due_on = arguments.integer("due_on")
    event = world.records.find(CAMPAIGN_EVENTS, id=arguments.integer("event"), wakes_at=due_on, is_active=True)
    if event is None or world.records.get(CAMPAIGNS, event["campaign_id"])["is_archived"]:
        return
    context = WorkspaceContext.load(world, event["workspace_id"])
    contact_ids = campaign_schedule.take_due(context, event["id"], due_on)
    if event["flow_id"]:
        flow_sessions.start(context, event["flow_id"], contact_ids)
    else:
        _send(context, event["message"], contact_ids)
    campaign_schedule.wake_for_next(context, event["id"])


def _send(context: WorkspaceContext, texts: Mapping[str, str], contact_ids: Sequence[int]) -> None:
    """Send a text in each contact's language, if the workspace uses it, or else in the workspace's first."""
    templates = Templates.of(context)
    for contact_id in contact_ids:
        contact = context.records.get(CONTACTS, contact_id)
        language, workspace = contact["language"], context.workspace
        is_spoken = language in workspace.languages and language in texts
        text = texts[language if is_spoken else workspace.language]
        outgoing.send(context, contact_id, outgoing.Content(templates.fill_in(text, contact)))


RESOURCE = Resource(
    tables=[CAMPAIGNS, CAMPAIGN_EVENTS, CAMPAIGN_FIRES],
    operations={
        "campaigns_list": listing(CAMPAIGN, where("NOT item.is_archived"), by_uuid),
        "campaigns_save": save_campaign,
        "campaign_events_list": listing(EVENT, by_uuid, by_reference("campaign", "campaign_id", _find_listed_campaign)),
        "campaign_events_save": save_event,
        "campaign_events_delete": delete_event,
    },
    actions={"archive_campaign": archive_campaign},
    jobs={"schedule_campaign_event": campaign_schedule.schedule_event, "fire_campaign_event": fire_event},
)
