"""How many messages the channels have carried, day by day."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict

from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.http import Response
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import refusal
from trilogue_sandbox.rapidpro.exchanges import Call

_LONGEST = timedelta(days=366)
_MICROSECONDS_A_DAY = 86_400_000_000


def get_statistics(call: Call) -> Response:
    """Answer GET."""
    today = call.tenant.world.clock.now().astimezone(UTC).date()
    since = _read_date(call, "since", today - timedelta(days=90))
    until = _read_date(call, "until", today + timedelta(days=1))
    if until - since > _LONGEST:
        raise refusal("Date range can't be more than 366 days.")
    return Response.json({"results": _by_day(_count(call, _moment(since), _moment(until)))})


def _read_date(call: Call, name: str, default: date) -> date:
    text = call.text(name)
    if not text:
        return default
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise refusal(f"Invalid date value for '{name}'.") from error


def _moment(day: date) -> int:
    return to_microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _count(call: Call, since: int, until: int) -> list[sqlite3.Row]:
    return call.store.all(
        "SELECT message.created_on / ? AS day, channel.uuid, channel.type,"
        " CASE message.type WHEN 'voice' THEN 'voice' ELSE 'text' END || ':' || message.direction AS counter,"
        " COUNT(*) AS count FROM rapidpro_channels AS channel"
        " JOIN rapidpro_messages AS message ON message.channel_id = channel.id"
        " WHERE channel.workspace_id = ? AND channel.is_active"
        " AND message.created_on >= ? AND message.created_on < ?"
        " GROUP BY day, channel.id, counter ORDER BY day, channel.id, counter",
        *(_MICROSECONDS_A_DAY, call.workspace.id, since, until),
    )


class _Day(TypedDict):
    date: str
    channels: dict[str, dict[str, str | int]]


def _by_day(rows: Sequence[sqlite3.Row]) -> list[_Day]:
    days: dict[int, dict[str, dict[str, str | int]]] = {}
    for row in rows:
        channel = days.setdefault(row["day"], {}).setdefault(row["uuid"], {"type": row["type"]})
        channel[row["counter"]] = row["count"]
    return [{"date": _show_day(day), "channels": channels} for day, channels in days.items()]


def _show_day(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


ENDPOINT = Endpoint("statistics", get=get_statistics, is_list=False, is_fixed=True)
