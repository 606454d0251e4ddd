"""Numbers about a bot, day by day (UTC): counted from what the sandbox holds, except for calls of language models.

No model is called here. The control action `record_llm_call` says that one was.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator

import attrs

from trilogue_sandbox.botpress import arguments, bot_access, targets, timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_llm_calls (
    id INTEGER PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE,
    input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, milliseconds INTEGER NOT NULL, cost REAL NOT NULL,
    is_error INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX botpress_llm_calls_by_time ON botpress_llm_calls (bot_id, created_at);
"""

_DAY = 24 * 60 * 60 * 1_000_000
_MILLISECOND = 1000


@attrs.frozen
class Span:
    """A day of a bot, or the part of it that was asked for; both ends belong to it."""

    bot_id: str
    start: int
    end: int

    @property
    def values(self) -> tuple[str, int, int]:
        """The values of the conditions on bot and time."""
        return self.bot_id, self.start, self.end


def _get(call: Call) -> JsonObject:
    bot = bot_access.find(call)
    start, end = call.query.optional_moment("startDate"), call.query.optional_moment("endDate")
    assert start is not None, call.operation_id
    assert end is not None, call.operation_id
    if start > end:
        raise ApiError("InvalidQuery", "query/startDate must not be after query/endDate")
    records: list[Json] = [_record_of(call.world, span) for span in _spans(bot, start, min(end, call.now))]
    return {"records": records}


def _spans(bot: sqlite3.Row, start: int, end: int) -> Iterator[Span]:
    """Return the days on which there can be anything: from when the bot was made until now."""
    start = max(start, bot["created_at"] - bot["created_at"] % _DAY)
    while start <= end:
        last = start - start % _DAY + _DAY - _MILLISECOND
        yield Span(bot["id"], start, min(last, end))
        start = last + _MILLISECOND


_AT_THAT_TIME = "bot_id = ? AND created_at BETWEEN ? AND ?"


def _record_of(world: World, span: Span) -> JsonObject:
    user_messages = _count(world, "messages", span, "is_said AND direction = 'incoming'")
    return {
        "startDateTimeUtc": timestamps.show(span.start),
        "endDateTimeUtc": timestamps.show(span.end),
        "returningUsers": _count_returning(world, span),
        "newUsers": _count(world, "users", span),
        "sessions": _count(world, "conversations", span),
        "messages": user_messages,
        "userMessages": user_messages,
        "botMessages": _count(world, "messages", span, "is_said AND direction = 'outgoing'"),
        "events": _count(world, "events", span),
        "eventTypes": _sums(world, "SELECT type, COUNT(*) FROM botpress_events", span, "type"),
        "customEvents": _sums(world, "SELECT name, SUM(count) FROM botpress_analytics", span, "name"),
        "llm": _llm(world, span),
    }


def _count(world: World, kind: str, span: Span, condition: str = "TRUE") -> int:
    sql = f"SELECT COUNT(*) AS count FROM botpress_{kind} WHERE {_AT_THAT_TIME} AND {condition}"
    row = world.store.one(sql, *span.values)
    return int(row["count"]) if row else 0


def _count_returning(world: World, span: Span) -> int:
    """Count the users who wrote in a span and had been there before."""
    row = world.store.one(
        "SELECT COUNT(DISTINCT user_id) AS count FROM botpress_messages AS message"
        " JOIN botpress_users AS user ON user.id = message.user_id WHERE message.bot_id = ?"
        " AND message.created_at BETWEEN ? AND ? AND is_said AND direction = 'incoming' AND user.created_at < ?",
        *(*span.values, span.start),
    )
    return int(row["count"]) if row else 0


def _sums(world: World, select: str, span: Span, group: str) -> JsonObject:
    rows = world.store.all(f"{select} WHERE {_AT_THAT_TIME} GROUP BY {group} ORDER BY {group}", *span.values)
    return {row[0]: row[1] for row in rows}


def _llm(world: World, span: Span) -> JsonObject:
    calls = world.store.all(f"SELECT * FROM botpress_llm_calls WHERE {_AT_THAT_TIME} ORDER BY id", *span.values)
    costs = [call["cost"] for call in calls]
    speeds = [call["output_tokens"] / call["milliseconds"] * 1000 for call in calls if call["milliseconds"]]
    return {
        "calls": len(calls),
        "errors": sum(call["is_error"] for call in calls),
        "inputTokens": sum(call["input_tokens"] for call in calls),
        "outputTokens": sum(call["output_tokens"] for call in calls),
        "latency": _spread([call["milliseconds"] for call in calls]),
        "tokensPerSecond": _spread(speeds),
        "cost": {"sum": sum(costs), **_spread(costs)},
    }


def _spread(values: list[float]) -> JsonObject:
    """Return how values are spread; all zero where there are none."""
    if not values:
        return {"mean": 0, "sd": 0, "min": 0, "max": 0}
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    return {"mean": mean, "sd": deviation, "min": min(values), "max": max(values)}


def _record_llm_call(world: World, given: JsonObject) -> object:
    """Say that `bot` called a language model: `input_tokens`, `output_tokens`, `milliseconds`, and `cost` in cents.

    With `is_error` the call failed.
    """
    world.store.run(
        "INSERT INTO botpress_llm_calls (bot_id, input_tokens, output_tokens, milliseconds, cost, is_error, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(targets.bot(world, given), arguments.integer(given, "input_tokens", 0)),
        *(arguments.integer(given, "output_tokens", 0), arguments.integer(given, "milliseconds", 0)),
        *(arguments.integer(given, "cost", 0) / 100, given.get("is_error") is True, timestamps.now(world)),
    )
    return {}


RESOURCE = Resource(schema=_SCHEMA, handlers={"getBotAnalytics": _get}, actions={"record_llm_call": _record_llm_call})
