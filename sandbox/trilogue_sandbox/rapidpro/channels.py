"""Channels: the ways in and out of a workspace, and how many messages they have carried, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.arguments import named_row
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import api_error
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource
from trilogue_sandbox.rapidpro.lists import by_string, by_uuid, listing
from trilogue_sandbox.rapidpro.tables import CHANNELS
from trilogue_sandbox.rapidpro.views import ApiView

CHANNEL = ApiView("Channel", CHANNELS)

_SCHEMES = {
    "android": "tel",
    "external": "tel",
    "facebook": "facebook",
    "telegram": "telegram",
    "twilio": "tel",
    "viber": "viber",
    "whatsapp": "whatsapp",
}
"""The URNs that the types of channels on offer here reach."""

_NEW_DEVICE: JsonObject = {
    "name": None,
    "power_level": -1,
    "power_status": None,
    "power_source": None,
    "network_type": None,
}


def add_channel(world: World, arguments: Fields) -> object:
    """Connect a channel; one of type `android` has a device that has not reported yet."""
    context = WorkspaceContext.of(world, arguments)
    channel_type = arguments.choice("type", tuple(_SCHEMES), "external")
    channel = context.add(
        CHANNELS,
        name=arguments.string("name"),
        address=arguments.string("address"),
        type=channel_type,
        country=arguments.string("country", context.workspace.country) or None,
        schemes=[_SCHEMES[channel_type]],
        device=_NEW_DEVICE if channel_type == "android" else None,
    )
    return CHANNEL.show_one(context, channel)


def report_device(world: World, arguments: Fields) -> object:
    """Let the phone behind an Android channel say how it is."""
    context = WorkspaceContext.of(world, arguments)
    channel = named_row(context, arguments, "channel", CHANNELS)
    device = {
        "name": arguments.string("name", "Nexus 5X"),
        "power_level": arguments.integer("power_level", 100),
        "power_status": arguments.choice("power_status", ("CHA", "DIS", "NOT", "FUL", "UNK"), "FUL"),
        "power_source": arguments.choice("power_source", ("AC", "USB", "WIR", "BAT"), "AC"),
        "network_type": arguments.string("network_type", "WIFI"),
    }
    return CHANNEL.show_one(context, world.records.change(CHANNELS, channel, device=device, last_seen=world.now))


def remove_channel(world: World, arguments: Fields) -> object:
    """Take a channel out of its workspace; what came and went through it stays."""
    context = WorkspaceContext.of(world, arguments)
    channel = named_row(context, arguments, "channel", CHANNELS)
    world.records.change(CHANNELS, channel, is_active=False)
    return {"uuid": channel["uuid"]}


# -- statistics --------------------------------------------------------------------------------------------------------

_LONGEST = timedelta(days=366)
_COUNTS = (
    "SELECT SUBSTR(counted.name, 1, 10) AS day, SUBSTR(counted.name, 12) AS counter, counted.count,"
    " channel.uuid, channel.type FROM rapidpro_channels AS channel"
    " JOIN rapidpro_counts AS counted ON counted.counted = 'channels' AND counted.id = channel.id"
    " WHERE channel.workspace_id = ? AND channel.is_active AND counted.name >= ? AND counted.name < ?"
    " ORDER BY day, channel.id, counter"
)


def get_statistics(exchange: Exchange) -> JsonObject:
    """Handle GET."""
    today = exchange.world.clock.now().astimezone(UTC).date()
    since = _read_date(exchange, "since", today - timedelta(days=90))
    until = _read_date(exchange, "until", today + timedelta(days=1))
    if until - since > _LONGEST:
        raise api_error("Date range can't be more than 366 days.")
    span = (since.isoformat(), until.isoformat())
    return {"results": _by_day(exchange.context.store.all(_COUNTS, exchange.workspace.id, *span))}


def _read_date(exchange: Exchange, name: str, default: date) -> date:
    value = exchange.string(name)
    if not value:
        return default
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise api_error(f"Invalid date value for '{name}'.") from error


def _by_day(rows: Sequence[Row]) -> list[Json]:
    days: dict[str, dict[str, dict[str, Json]]] = {}
    for row in rows:
        channel = days.setdefault(row["day"], {}).setdefault(row["uuid"], {"type": row["type"]})
        channel[row["counter"]] = row["count"]
    return [{"date": day, "channels": {**channels}} for day, channels in days.items()]


RESOURCE = Resource(
    tables=[CHANNELS],
    operations={"channels_list": listing(CHANNEL, by_uuid, by_string("address")), "statistics_get": get_statistics},
    actions={"add_channel": add_channel, "report_device": report_device, "remove_channel": remove_channel},
)
