"""How many messages the channels have carried, day by day."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict

from trilogue_sandbox.kernel.http import Response
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import refusal
from trilogue_sandbox.rapidpro.exchanges import Call

_LONGEST = timedelta(days=366)


def get_statistics(call: Call) -> Response:
    """Answer GET."""
    today = call.tenant.world.clock.now().astimezone(UTC).date()
    since = _read_date(call, "since", today - timedelta(days=90))
    until = _read_date(call, "until", today + timedelta(days=1))
    if until - since > _LONGEST:
        raise refusal("Date range can't be more than 366 days.")
    return Response.json({"results": _by_day(_count(call, since, until))})


def _read_date(call: Call, name: str, default: date) -> date:
    text = call.text(name)
    if not text:
        return default
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise refusal(f"Invalid date value for '{name}'.") from error


def _count(call: Call, since: date, until: date) -> list[sqlite3.Row]:
    return call.store.all(
        "SELECT SUBSTR(counted.name, 1, 10) AS day, SUBSTR(counted.name, 12) AS counter, counted.count,"
        " channel.uuid, channel.type FROM rapidpro_channels AS channel"
        " JOIN rapidpro_counts AS counted ON counted.counted = 'channels' AND counted.id = channel.id"
        " WHERE channel.workspace_id = ? AND channel.is_active AND counted.name >= ? AND counted.name < ?"
        " ORDER BY day, channel.id, counter",
        *(call.workspace.id, since.isoformat(), until.isoformat()),
    )


class _Day(TypedDict):
    date: str
    channels: dict[str, dict[str, str | int]]


def _by_day(rows: Sequence[sqlite3.Row]) -> list[_Day]:
    days: dict[str, dict[str, dict[str, str | int]]] = {}
    for row in rows:
        channel = days.setdefault(row["day"], {}).setdefault(row["uuid"], {"type": row["type"]})
        channel[row["counter"]] = row["count"]
    return [{"date": day, "channels": channels} for day, channels in days.items()]


ENDPOINT = Endpoint("statistics", get=get_statistics, is_list=False, is_fixed=True)
