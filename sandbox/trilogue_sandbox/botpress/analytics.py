"""Analytics: the counts a bot keeps of its own, and what happened in it, day by day (UTC).

No language model is called in the sandbox, so that their numbers are zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trilogue_sandbox.botpress import bot_allowlist
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, EVENTS, MESSAGES, USERS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import CREATED, INTEGER, KEY, TEXT, Row, Table
from trilogue_sandbox.kernel.timestamps import DAY, MILLISECOND, format_milliseconds

_COUNTS_OF_BOTS = Table(
    "botpress_analytics",
    {"id": KEY, "bot_id": of("bots"), "name": TEXT, "count": INTEGER, "created_at": CREATED},
    indexes=("bot_id, created_at",),
)
_SPREAD: JsonObject = {"mean": 0, "sd": 0, "min": 0, "max": 0}
_LLM: JsonObject = {
    **dict.fromkeys(("calls", "errors", "inputTokens", "outputTokens"), 0),
    **dict.fromkeys(("latency", "tokensPerSecond"), _SPREAD),
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
    return {"records": [_record(exchange, bot["id"], first, last) for first, last in days]}


def _days(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Return the start and the end of each day, or of the part of it that was asked for; both are included."""
    while start <= end:
        last = start - start % DAY + DAY - MILLISECOND
        yield start, min(last, end)
        start = last + MILLISECOND


def _record(exchange: Exchange, bot_id: str, start: int, end: int) -> JsonObject:
    def happened(table: Table, **values: str | bool) -> list[Row]:
        return exchange.records.select(table, bot_id=bot_id, **values).between("created_at", start, end).all()

    users, events = happened(USERS), happened(EVENTS)
    incoming, outgoing = (happened(MESSAGES, is_sent=True, direction=way) for way in ("incoming", "outgoing"))
    counts = Counter[str]()
    for row in happened(_COUNTS_OF_BOTS):
        counts[row["name"]] += row["count"]
    times: JsonObject = {"startDateTimeUtc": format_milliseconds(start), "endDateTimeUtc": format_milliseconds(end)}
    said: JsonObject = {"messages": len(incoming), "userMessages": len(incoming), "botMessages": len(outgoing)}
    return {
        **times,
        **said,
        "newUsers": len(users),
        "returningUsers": len({row["user_id"] for row in incoming} - {user["id"] for user in users}),
        "sessions": len(happened(CONVERSATIONS)),
        "events": len(events),
        "eventTypes": dict(Counter(event["type"] for event in events)),
        "customEvents": dict(counts),
        "llm": _LLM,
    }


RESOURCE = Resource(tables=(_COUNTS_OF_BOTS,), operations={"trackAnalytics": _track, "getBotAnalytics": _get_of_bot})
