"""Analytics: the counts a bot keeps of its own, and what happened in it, day by day (UTC).

No language model is called in the sandbox, so that their numbers are zero.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from trilogue_sandbox.botpress import bot_allowlist
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import CREATED, INTEGER, KEY, TEXT, Row, Table
from trilogue_sandbox.kernel.timestamps import DAY, MILLISECOND, format_milliseconds

_COUNTS_OF_BOTS = Table(
    "botpress_analytics",
    {"id": KEY, "bot_id": of("bots"), "name": TEXT, "count": INTEGER, "created_at": CREATED},
    indexes=("bot_id, created_at",),
)

_IN_SPAN = "JOIN span ON item.bot_id = span.bot_id AND item.created_at BETWEEN span.start AND span.end"
_SENT = f"SELECT COUNT(*) FROM botpress_messages AS item {_IN_SPAN} WHERE item.is_sent AND item.direction"
_COUNTS = f"""
WITH span AS (SELECT ? AS bot_id, ? AS start, ? AS end)
SELECT (SELECT COUNT(*) FROM botpress_users AS item {_IN_SPAN}) AS newUsers,
    (SELECT COUNT(DISTINCT item.user_id) FROM botpress_messages AS item {_IN_SPAN}
        JOIN botpress_users AS user ON user.id = item.user_id AND user.created_at < span.start
        WHERE item.is_sent AND item.direction = 'incoming') AS returningUsers,
    (SELECT COUNT(*) FROM botpress_conversations AS item {_IN_SPAN}) AS sessions,
    ({_SENT} = 'incoming') AS userMessages,
    ({_SENT} = 'outgoing') AS botMessages,
    (SELECT COUNT(*) FROM botpress_events AS item {_IN_SPAN}) AS events,
    (SELECT json_group_object(type, count) FROM (
        SELECT item.type, COUNT(*) AS count FROM botpress_events AS item {_IN_SPAN} GROUP BY 1)) AS eventTypes,
    (SELECT json_group_object(name, count) FROM (
        SELECT item.name, SUM(count) AS count FROM botpress_analytics AS item {_IN_SPAN} GROUP BY 1)) AS customEvents
"""
_SPREAD: JsonObject = {"mean": 0, "sd": 0, "min": 0, "max": 0}
_LLM: JsonObject = {
    **dict.fromkeys(("calls", "errors", "inputTokens", "outputTokens"), 0),
    "latency": _SPREAD,
    "tokensPerSecond": _SPREAD,
    "cost": {"sum": 0, **_SPREAD},
}


def _track(exchange: Exchange) -> JsonObject:
    count = {"name": exchange.body.string("name"), "count": exchange.body.integer("count")}
    exchange.records.add(_COUNTS_OF_BOTS, {"bot_id": exchange.bot_id, **count})
    return {}


def _get_of_bot(exchange: Exchange) -> JsonObject:
    bot, query = bot_allowlist.find(exchange), exchange.query
    start, end = query.optional_timestamp("startDate"), query.optional_timestamp("endDate")
    assert start is not None, exchange.operation.id
    assert end is not None, exchange.operation.id
    if start > end:
        raise ApiError("InvalidQuery", "query/startDate must not be after query/endDate")
    days = _days(max(start, bot["created_at"] - bot["created_at"] % DAY), min(end, exchange.now))
    return {"records": [_record(exchange, bot, first, last) for first, last in days]}


def _days(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Return the start and the end of each day, or of the part of it that was asked for; both are included."""
    while start <= end:
        last = start - start % DAY + DAY - MILLISECOND
        yield start, min(last, end)
        start = last + MILLISECOND


def _record(exchange: Exchange, bot: Row, start: int, end: int) -> Json:
    row = exchange.actor.store.one(_COUNTS, bot["id"], start, end)
    assert row is not None
    names = ("returningUsers", "newUsers", "sessions", "userMessages", "botMessages", "events")
    return {
        "startDateTimeUtc": format_milliseconds(start),
        "endDateTimeUtc": format_milliseconds(end),
        **{name: row[name] for name in names},
        "messages": row["userMessages"],
        "eventTypes": msgspec.json.decode(row["eventTypes"]),
        "customEvents": msgspec.json.decode(row["customEvents"]),
        "llm": _LLM,
    }


RESOURCE = Resource(tables=(_COUNTS_OF_BOTS,), operations={"trackAnalytics": _track, "getBotAnalytics": _get_of_bot})
