"""When the events of campaigns happen, to whom, and what they do then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.select import AMONG, json_list
from trilogue_sandbox.kernel.table import CHANGED, INTEGER, JSON, TEXT, TIMESTAMP, Row
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.table_types import NAMED, NO, object_table, plain_table, ref
from trilogue_sandbox.rapidpro.tables import FIELDS

CAMPAIGNS = object_table(
    "campaigns", name=TEXT, group_id=ref("groups"), is_archived=NO, modified_on=CHANGED, indexes=[NAMED]
)
CAMPAIGN_EVENTS = object_table(
    "campaign_events",
    campaign_id=ref("campaigns"),
    relative_to=TEXT,
    offset=INTEGER,
    unit=TEXT,
    delivery_hour=INTEGER,
    flow_id=ref("flows").nullable(),
    message=JSON.nullable(),
    status=TEXT.default("scheduling"),
    wakes_at=TIMESTAMP.nullable(),
    indexes=["campaign_id, is_active, created_on, id"],
)
CAMPAIGN_FIRES = plain_table(
    "campaign_fires",
    event_id=ref("campaign_events"),
    contact_id=ref("contacts"),
    due_on=TIMESTAMP,
    primary_key="event_id, contact_id",
    indexes=["event_id, due_on", "contact_id, due_on"],
)

SYSTEM_DATES = ("created_on", "last_seen_on")
"""The dates that every contact has, besides the fields of the workspace."""

SCHEDULING, READY = "scheduling", "ready"

_DUE = (
    'SELECT event.id AS event_id, event.relative_to, event."offset", event.unit, event.delivery_hour, event.wakes_at,'
    " contact.id AS contact_id, contact.fields, contact.created_on, contact.last_seen_on"
    " FROM rapidpro_campaign_events AS event"
    " JOIN rapidpro_campaigns AS campaign ON campaign.id = event.campaign_id"
    " JOIN rapidpro_memberships AS member ON member.group_id = campaign.group_id"
    " JOIN rapidpro_contacts AS contact ON contact.id = member.contact_id"
    " AND contact.is_active AND contact.status = 'active'"
    f" WHERE (event.relative_to IN {SYSTEM_DATES} OR contact.fields ->> event.relative_to IS NOT NULL)"
    " AND event.is_active AND event.status = 'ready' AND "
)
_RUNNING = "campaign.is_active AND NOT campaign.is_archived AND "


def field_names(context: WorkspaceContext) -> dict[str, str]:
    """Return the names of the fields that contacts can have, by their keys."""
    system = {key: field.name for key, field in context.server.system_fields.items()}
    return {**system, **{row["key"]: row["name"] for row in context.select(FIELDS).all()}}


def type_of_field(context: WorkspaceContext, key: str) -> str:
    """Return the type of a field of the workspace, or of one that every contact has."""
    system = context.server.system_fields.get(key)
    return system.type if system else context.field_types[key]


def plan(context: WorkspaceContext, event: Row) -> Row:
    """Let an event be scheduled for everybody soon; until then it neither happens nor can be changed."""
    context.records.select(CAMPAIGN_FIRES, event_id=event["id"]).remove()
    context.world.schedule(context.now + SECOND, "schedule_campaign_event", event=event["id"])
    return context.records.change(CAMPAIGN_EVENTS, event, status=SCHEDULING)


def schedule_event(world: World, arguments: Fields) -> None:
    """Find out when an event happens to each contact of its campaign."""
    event = world.records.find(CAMPAIGN_EVENTS, id=arguments.integer("event"), is_active=True)
    if event:
        schedule(WorkspaceContext.load(world, event["workspace_id"]), event)


def schedule(context: WorkspaceContext, event: Row) -> None:
    """Find out when an event happens to each member of its group."""
    context.records.change(CAMPAIGN_EVENTS, event, status=READY)
    _schedule(context, [event["id"]])


def reschedule(context: WorkspaceContext, contact_ids: Iterable[int]) -> None:
    """Find out again when the events of all campaigns happen to some contacts, about whom something has changed."""
    among, now = json_list(contact_ids), context.now
    context.records.select(CAMPAIGN_FIRES).where(f"item.contact_id {AMONG} AND item.due_on > ?", among, now).remove()
    _add_fires(context, context.store.all(f"{_DUE}{_RUNNING}member.contact_id {AMONG}", among))


def reschedule_group(context: WorkspaceContext, group_id: int) -> None:
    """Find out again when the events of a group's campaigns happen, to members of whom all may be others now."""
    campaigns = context.select(CAMPAIGNS, is_active=True, is_archived=False, group_id=group_id)
    ids = [row["id"] for row in campaigns.all()]
    events = context.records.select(CAMPAIGN_EVENTS, is_active=True, status=READY).among("campaign_id", ids)
    _schedule(context, [row["id"] for row in events.all()])


def _schedule(context: WorkspaceContext, event_ids: Sequence[int]) -> None:
    """Note when events happen to all members of their groups; what is due right now still happens."""
    among = json_list(event_ids)
    fires = context.records.select(CAMPAIGN_FIRES)
    fires.where(f"item.event_id {AMONG} AND item.due_on > ?", among, context.now).remove()
    _add_fires(context, context.store.all(f"{_DUE}event.id {AMONG}", among))


def _add_fires(context: WorkspaceContext, pairs: Sequence[Row]) -> None:
    """Note when events happen to contacts, and wake for the first of them if that is earlier than planned."""
    zone, now = ZoneInfo(context.workspace.timezone), context.now
    fires = [(pair, due) for pair in pairs if (due := _due(pair, zone)) is not None and due > now]
    rows = ((pair["event_id"], pair["contact_id"], due) for pair, due in fires)
    context.records.add_tuples(CAMPAIGN_FIRES, ("event_id", "contact_id", "due_on"), rows)
    planned = {pair["event_id"]: pair["wakes_at"] for pair, _ in fires}
    for event_id, wakes_at in planned.items():
        first = min(due for pair, due in fires if pair["event_id"] == event_id)
        if wakes_at is None or wakes_at <= now or first < wakes_at:
            _wake(context, event_id, first)


def _wake(context: WorkspaceContext, event_id: int, due_on: int) -> None:
    context.records.select(CAMPAIGN_EVENTS, id=event_id).change("wakes_at = ?", due_on)
    context.world.schedule(due_on, "fire_campaign_event", event=event_id, due_on=due_on)


def take_due(context: WorkspaceContext, event_id: int, due_on: int) -> list[int]:
    """Return the contacts to whom an event happens now, and wake again for the next of them."""
    fires = context.records.select(CAMPAIGN_FIRES, event_id=event_id)
    due = fires.where("item.due_on <= ?", due_on)
    contact_ids = [row["contact_id"] for row in due.all("ORDER BY item.contact_id")]
    due.remove()
    return contact_ids


def wake_for_next(context: WorkspaceContext, event_id: int) -> None:
    """Wake for the next time at which an event happens to anybody."""
    following = context.records.select(CAMPAIGN_FIRES, event_id=event_id).first("ORDER BY item.due_on")
    if following and following["due_on"] != context.records.get(CAMPAIGN_EVENTS, event_id)["wakes_at"]:
        _wake(context, event_id, following["due_on"])


def _due(pair: Row, zone: ZoneInfo) -> int | None:
    """Return when an event happens to a contact; None if it has no such date, or that is beyond the calendar."""
    date = _date_of(pair)
    if date is None:
        return None
    try:
        due = date.astimezone(zone) + timedelta(**{pair["unit"]: pair["offset"]})
        if pair["delivery_hour"] >= 0:
            due = due.replace(hour=pair["delivery_hour"], minute=0, second=0, microsecond=0)
        return to_microseconds(due)
    except OverflowError:
        return None


def _date_of(pair: Row) -> datetime | None:
    key = pair["relative_to"]
    if key in SYSTEM_DATES:
        return from_microseconds(pair[key]) if pair[key] is not None else None
    try:
        return datetime.fromisoformat(pair["fields"][key])
    except (KeyError, ValueError):
        return None
