"""Analytics: the counts a bot keeps of its own, and what happened in it, day by day (UTC).

No language model is called in the sandbox, so that their numbers are zero.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from trilogue_sandbox.botpress import bot_access, documents, timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import Json, JsonObject

_SCHEMA = """
CREATE TABLE botpress_analytics (
    id INTEGER PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, name TEXT NOT NULL,
    count INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX botpress_analytics_by_time ON botpress_analytics (bot_id, created_at);
"""

_DAY = 24 * 60 * 60 * 1_000_000
_MILLISECOND = 1000

_IN_SPAN = "JOIN span ON item.bot_id = span.bot_id AND item.created_at BETWEEN span.start AND span.end"
_SAID = f"SELECT COUNT(*) FROM botpress_messages AS item {_IN_SPAN} WHERE item.is_said AND item.direction"
_COUNTS = f"""
WITH span AS (SELECT ? AS bot_id, ? AS start, ? AS end)
SELECT (SELECT COUNT(*) FROM botpress_users AS item {_IN_SPAN}) AS newUsers,
    (SELECT COUNT(DISTINCT item.user_id) FROM botpress_messages AS item {_IN_SPAN}
        JOIN botpress_users AS user ON user.id = item.user_id AND user.created_at < span.start
        WHERE item.is_said AND item.direction = 'incoming') AS returningUsers,
    (SELECT COUNT(*) FROM botpress_conversations AS item {_IN_SPAN}) AS sessions,
    ({_SAID} = 'incoming') AS userMessages,
    ({_SAID} = 'outgoing') AS botMessages,
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


def _track(call: Call) -> JsonObject:
    call.store.run(
        "INSERT INTO botpress_analytics (bot_id, name, count, created_at) VALUES (?, ?, ?, ?)",
        *(call.bot_id, call.body.text("name"), call.body.integer("count"), call.now),
    )
    return {}


def _get_of_bot(call: Call) -> JsonObject:
    bot = bot_access.find(call)
    start, end = call.query.optional_moment("startDate"), call.query.optional_moment("endDate")
    assert start is not None, call.operation_id
    assert end is not None, call.operation_id
    if start > end:
        raise ApiError("InvalidQuery", "query/startDate must not be after query/endDate")
    days = _days(max(start, bot["created_at"] - bot["created_at"] % _DAY), min(end, call.now))
    return {"records": [_record(call, bot, first, last) for first, last in days]}


def _days(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Return the start and the end of each day, or of the part of it that was asked for; both are included."""
    while start <= end:
        last = start - start % _DAY + _DAY - _MILLISECOND
        yield start, min(last, end)
        start = last + _MILLISECOND


def _record(call: Call, bot: sqlite3.Row, start: int, end: int) -> Json:
    row = call.store.one(_COUNTS, bot["id"], start, end)
    assert row is not None
    names = ("returningUsers", "newUsers", "sessions", "userMessages", "botMessages", "events")
    return {
        "startDateTimeUtc": timestamps.show(start),
        "endDateTimeUtc": timestamps.show(end),
        **{name: row[name] for name in names},
        "messages": row["userMessages"],
        "eventTypes": documents.decode(row["eventTypes"]),
        "customEvents": documents.decode(row["customEvents"]),
        "llm": _LLM,
    }


RESOURCE = Resource(schema=_SCHEMA, handlers={"trackAnalytics": _track, "getBotAnalytics": _get_of_bot})
