"""What happens on channels besides messages: calls, first hellos, opt-outs."""

from __future__ import annotations

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import CREATED, JSON, KEY, TEXT, UUID, Row
from trilogue_sandbox.kernel.timestamps import DAY
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import contact_changes, flow_sessions
from trilogue_sandbox.rapidpro.arguments import named_contact, named_row
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.cursors import read_timestamp
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource
from trilogue_sandbox.rapidpro.lists import by_id, by_reference, listing, within
from trilogue_sandbox.rapidpro.older_server import OPTINS
from trilogue_sandbox.rapidpro.references import find_contact_by_uuid
from trilogue_sandbox.rapidpro.table_types import WORKSPACE, plain_table, ref
from trilogue_sandbox.rapidpro.tables import CHANNELS, CONTACTS
from trilogue_sandbox.rapidpro.views import ApiView

CHANNEL_EVENTS = plain_table(
    "channel_events",
    id=KEY,
    uuid=UUID,
    workspace_id=WORKSPACE,
    type=TEXT,
    contact_id=ref("contacts"),
    channel_id=ref("channels"),
    extra=JSON.nullable(),
    occurred_on=CREATED,
    created_on=CREATED,
    indexes=["workspace_id, created_on, id", "contact_id, created_on, id"],
)

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

_KEPT = 90 * DAY
_WAY = (
    "SELECT channel.* FROM rapidpro_urns AS urn JOIN rapidpro_channels AS channel"
    " ON channel.workspace_id = urn.workspace_id AND channel.is_active"
    " AND EXISTS (SELECT 1 FROM json_each(channel.schemes) WHERE value = urn.scheme)"
    " WHERE urn.contact_id = ? ORDER BY urn.priority DESC, urn.id, channel.id LIMIT 1"
)

EVENT = ApiView(
    "ChannelEvent",
    CHANNEL_EVENTS,
    references={"contact": (CONTACTS, "contact_id"), "channel": (CHANNELS, "channel_id")},
)


def _recent(exchange: Exchange, select: Select) -> Select:
    return select.where("item.created_on >= ?", exchange.now - _KEPT)


def channel_event(world: World, arguments: Fields) -> object:
    """Let anything happen on a channel that `type` names, with details in `extra`."""
    return _happen(world, arguments, arguments.choice("type", TYPES), arguments.object("extra"))


def place_call(world: World, arguments: Fields) -> object:
    """Let a contact be talked to by telephone for `duration` seconds, whoever called whom (`direction`)."""
    direction = arguments.choice("direction", ("in", "out"), "in")
    return _happen(world, arguments, f"call-{direction}", {"duration": arguments.integer("duration", 30)})


def miss_call(world: World, arguments: Fields) -> object:
    """Let a contact call, or be called (`direction`), and nobody answer; this can start a flow."""
    direction = arguments.choice("direction", ("in", "out"), "in")
    return _happen(world, arguments, f"call-{direction}-missed", {})


def stop_contact(world: World, arguments: Fields) -> object:
    """Let a contact tell the channel that they want no more messages."""
    return _happen(world, arguments, "stop-contact", {})


def opt_in(world: World, arguments: Fields) -> object:
    """Let a contact agree to something (`optin`, by name)."""
    return _happen(world, arguments, "optin", _read_optin(world, arguments))


def opt_out(world: World, arguments: Fields) -> object:
    """Let a contact no longer agree to something (`optin`, by name)."""
    return _happen(world, arguments, "optout", _read_optin(world, arguments))


def _happen(world: World, arguments: Fields, event_type: str, extra: JsonObject) -> object:
    context = WorkspaceContext.of(world, arguments)
    contact = named_contact(context, arguments)
    given = {"occurred_on": _read_time(arguments)} if "occurred_on" in arguments else {}
    channel = _channel_of(context, contact, arguments)
    values = {"type": event_type, "contact_id": contact["id"], "channel_id": channel["id"], "extra": extra}
    event = context.add(CHANNEL_EVENTS, **values, **given)
    if event_type in _FROM_CONTACT:
        world.records.touch(CONTACTS, contact, last_seen_on=world.now)
    _follow(context, event_type, contact["id"])
    return EVENT.show_one(context, event)


def _follow(context: WorkspaceContext, event_type: str, contact_id: int) -> None:
    """Do what an event leads to."""
    if event_type == "stop-contact":
        contact_changes.set_status(context, [contact_id], "stopped")
    elif event_type == "delete-contact":
        contact_changes.delete_contact(context, contact_id)
    else:
        contact_changes.touch(context, [contact_id])
    flow_id = flow_sessions.flow_of_missed_call(context) if event_type == "call-in-missed" else None
    if flow_id is not None:
        flow_sessions.start(context, flow_id, [contact_id])


def _channel_of(context: WorkspaceContext, contact: Row, arguments: Fields) -> Row:
    if "channel" in arguments:
        return named_row(context, arguments, "channel", CHANNELS)
    channel = context.store.one(_WAY, contact["id"])
    if channel is None:
        raise ControlError("`contact` has no URN that a channel reaches; name a `channel`", "contact")
    return channel


def _read_time(arguments: Fields) -> int:
    time = read_timestamp(arguments.string("occurred_on"))
    if time is None:
        raise ControlError("`occurred_on` is a time such as 2026-01-01T12:00:00Z", "occurred_on")
    return time


def _read_optin(world: World, arguments: Fields) -> JsonObject:
    optin = named_row(WorkspaceContext.of(world, arguments), arguments, "optin", OPTINS)
    return {"optin": {"uuid": optin["uuid"], "name": optin["name"]}}


RESOURCE = Resource(
    tables=[CHANNEL_EVENTS],
    operations={
        "channel_events_list": listing(
            EVENT, _recent, by_id, by_reference("contact", "contact_id", find_contact_by_uuid), within("created_on")
        )
    },
    actions={
        "channel_event": channel_event,
        "call": place_call,
        "miss_call": miss_call,
        "stop_contact": stop_contact,
        "opt_in": opt_in,
        "opt_out": opt_out,
    },
)
