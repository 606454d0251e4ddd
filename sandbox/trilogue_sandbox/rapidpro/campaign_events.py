"""The events of campaigns: messages and flows, some time before or after a date of the contact."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.rapidpro import campaign_fires, campaign_schedule, references, timestamps
from trilogue_sandbox.rapidpro.campaign_schedule import SCHEDULING, SYSTEM_DATES, date_names
from trilogue_sandbox.rapidpro.contents import MAX_TEXT
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call, Kind
from trilogue_sandbox.rapidpro.fields import (
    Choice,
    Context,
    Field,
    Integer,
    InvalidValue,
    Reference,
    Text,
    optional,
    required,
)
from trilogue_sandbox.rapidpro.refer import refs
from trilogue_sandbox.rapidpro.tenants import Tenant
from trilogue_sandbox.rapidpro.translations import Translations

EVENT = Kind("CampaignEvent", "rapidpro_campaign_events")
UNITS = ("minutes", "hours", "days", "weeks")


def find_date(tenant: Tenant, key: str) -> str | None:
    """Return the key of a date that contacts have: a field of type datetime, or one that all of them have."""
    if key in SYSTEM_DATES:
        return key
    field = references.field(tenant, key)
    if field is None:
        return None
    if field["type"] != "datetime":
        raise InvalidValue(f"Field must be of type datetime: {key}")
    return key


@attrs.frozen
class CampaignField(Field[sqlite3.Row]):
    """A campaign; of an event that is being changed, the one it already has."""

    def read(self, value: Json, context: Context) -> sqlite3.Row:
        """Return the campaign."""
        campaign = Reference(references.campaign).read(value, context)
        if context.changed_id is not None and not _belongs(context.tenant, context.changed_id, campaign["id"]):
            raise InvalidValue("Cannot change campaign for existing events")
        return campaign


@attrs.frozen
class MessageField(Field[Mapping[str, str]]):
    """A text in several languages, of which the first of the workspace must be one."""

    def read(self, value: Json, context: Context) -> Mapping[str, str]:
        """Return the texts by language."""
        texts = Translations(Text(MAX_TEXT)).read(value, context)
        if context.tenant.workspace.language not in texts:
            raise InvalidValue("Message text in default flow language is required.")
        return texts


@attrs.frozen
class EventBody:
    """What an event is made of."""

    campaign: sqlite3.Row = required(CampaignField())
    relative_to: str = required(Reference(find_date))
    offset: int = required(Integer())
    unit: str = required(Choice(UNITS))
    delivery_hour: int = required(Integer(-1, 23))
    message: Mapping[str, str] | None = optional(MessageField(), None)
    flow: sqlite3.Row | None = optional(Reference(references.flow), None)

    @property
    def timing(self) -> tuple[str | int, ...]:
        """What it depends on when the event happens."""
        return (self.relative_to, self.offset, self.unit, self.delivery_hour)


def list_events(call: Call) -> Response:
    """Answer GET."""
    select = call.with_uuid(call.select("rapidpro_campaign_events").where("item.is_active = 1"))
    if wanted := call.text("campaign"):
        select = select.where("item.campaign_id = ?", _find_campaign(call.tenant, wanted))
    return call.page(select, NEWEST_FIRST, show_events)


def save_event(call: Call) -> Response:
    """Answer POST."""
    event = call.target(EVENT)
    body = call.body(EventBody, event)
    if bool(body.flow) == bool(body.message):
        raise invalid_together("Flow or a message text required.")
    if event is None:
        return Response.json(call.shown(EVENT.table, create_event(call.tenant, body), show_events), 201)
    if event["status"] == SCHEDULING:
        raise invalid_together("Cannot modify events which are currently being scheduled.")
    _change(call.tenant, event, body)
    return Response.json(call.shown(EVENT.table, event["id"], show_events))


def delete_event(call: Call) -> Response:
    """Answer DELETE."""
    event = call.target(EVENT)
    assert event is not None
    call.store.run("UPDATE rapidpro_campaign_events SET is_active = 0 WHERE id = ?", event["id"])
    call.store.run("DELETE FROM rapidpro_campaign_fires WHERE event_id = ?", event["id"])
    return Response.empty()


def create_event(tenant: Tenant, body: EventBody) -> int:
    """Make an event, let it be scheduled, and return its number."""
    event_id = tenant.store.insert(
        'INSERT INTO rapidpro_campaign_events (uuid, workspace_id, campaign_id, relative_to, "offset", unit,'
        " delivery_hour, flow_id, message, created_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(tenant.world.ids.uuid4(), tenant.workspace.id, body.campaign["id"], *body.timing, *_content(body)),
        tenant.now,
    )
    campaign_schedule.plan(tenant, event_id)
    return event_id


def show_events(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return events as the API shows them."""
    campaigns = refs(tenant, "campaigns", [row["campaign_id"] for row in rows])
    flows = refs(tenant, "flows", [row["flow_id"] for row in rows])
    dates = date_names(tenant)
    return [
        {
            "uuid": row["uuid"],
            "campaign": campaigns[row["campaign_id"]],
            "relative_to": _show_date(row["relative_to"], dates),
            "offset": row["offset"],
            "unit": row["unit"],
            "delivery_hour": row["delivery_hour"],
            "flow": flows[row["flow_id"]],
            "message": json.loads(row["message"]) if row["message"] else None,
            "created_on": timestamps.show(row["created_on"]),
        }
        for row in rows
    ]


def _belongs(tenant: Tenant, event_id: int, campaign_id: int) -> bool:
    return (
        tenant.store.one(
            "SELECT 1 FROM rapidpro_campaign_events WHERE id = ? AND campaign_id = ?", event_id, campaign_id
        )
        is not None
    )


def _find_campaign(tenant: Tenant, wanted: str) -> int | None:
    row = tenant.store.one(
        "SELECT id FROM rapidpro_campaigns WHERE workspace_id = ? AND is_active AND (uuid = ? OR name = ?)",
        *(tenant.workspace.id, references.normal_uuid(wanted), wanted),
    )
    return row["id"] if row else None


def _content(body: EventBody) -> tuple[int | None, str | None]:
    return (body.flow["id"] if body.flow else None, json.dumps(body.message) if body.message else None)


def _change(tenant: Tenant, event: sqlite3.Row, body: EventBody) -> None:
    tenant.store.run(
        'UPDATE rapidpro_campaign_events SET relative_to = ?, "offset" = ?, unit = ?, delivery_hour = ?, flow_id = ?,'
        " message = ? WHERE id = ?",
        *(*body.timing, *_content(body), event["id"]),
    )
    if body.timing != (event["relative_to"], event["offset"], event["unit"], event["delivery_hour"]):
        campaign_schedule.plan(tenant, event["id"])


def _show_date(key: str, dates: Mapping[str, str]) -> JsonObject:
    return {"key": key, "name": dates[key], "label": dates[key]}


ENDPOINT = Endpoint(
    "campaign_events", get=list_events, post=save_event, delete=delete_event, actions=campaign_fires.ACTIONS
)
