"""How much bots and workspaces use, period by period, and what it was."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from trilogue_sandbox.botpress import arguments, credit_grants, documents, making, meters, targets, timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.meters import USAGE_TYPES, Counted, Owner, UsageType
from trilogue_sandbox.botpress.paging import Ordering, find_page
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import BOT_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_RECORDED: tuple[Counted, ...] = (
    "ai_spend",
    "openai_spend",
    "bing_search_spend",
    "integration_spend",
    "invocation_timeout",
)
_KINDS = ("IntegrationAction", "FileIndexing", "BingSearch", "WebSearch")


def read_type(fields: Fields, name: str = "type") -> UsageType:
    """Return what is counted, as a field of the query names it."""
    return next(usage_type for usage_type in USAGE_TYPES if usage_type == fields.text(name))


def read_period(call: Call) -> Period:
    """Return the period that the query names, or else the present one."""
    text = call.query.optional_text("period")
    return Period.of(call.now) if text is None else Period.read(text)


def show(world: World, owner: Owner, usage_type: UsageType, period: Period) -> JsonObject:
    """Return how much of something was used in a period."""
    return {
        "id": owner.id,
        "period": str(period),
        "value": meters.used(world, owner, usage_type, period),
        "quota": meters.quota(world, owner.workspace_id, usage_type),
        "type": usage_type,
    }


def history(world: World, owner: Owner, usage_type: UsageType) -> list[Json]:
    """Return how much of something was used in each period since the owner was made, the latest first."""
    table = "botpress_bots" if owner.bot_id else "botpress_workspaces"
    row = world.store.one(f"SELECT created_at FROM {table} WHERE id = ?", owner.id)
    assert row is not None
    return [show(world, owner, usage_type, period) for period in _periods(world, row["created_at"])]


def _periods(world: World, since: int) -> Iterator[Period]:
    period, first = Period.of(timestamps.now(world)), Period.of(since)
    while period.start >= first.start:
        yield period
        period = period.previous


def _get(call: Call) -> JsonObject:
    usage_type = read_type(call.query)
    return {"usage": show(call.world, _owner(call, usage_type), usage_type, read_period(call))}


def _list_history(call: Call) -> JsonObject:
    usage_type = read_type(call.query)
    return {"usages": history(call.world, _owner(call, usage_type), usage_type)}


def _list_activity(call: Call) -> JsonObject:
    usage_type = read_type(call.query)
    first, last = call.query.optional_moment("timestampFrom"), call.query.optional_moment("timestampUntil")
    select = _owner(call, usage_type).counted(usage_type).between("at", first, last)
    return find_page(call, select, Ordering("item.at")).show("data", _show_activity)


def _show_activity(row: sqlite3.Row) -> JsonObject:
    return {
        "timestamp": timestamps.show(row["at"]),
        "value": row["value"],
        "period": str(Period.of(row["at"])),
        "metadata": {"botId": row["bot_id"], **documents.decode_object(row["about"])},
    }


_DAYS = """(
    SELECT date(at / 1000000, 'unixepoch') AS date, item.bot_id, about ->> 'type' AS kind,
        about ->> 'subtype' AS subtype, about ->> 'source' AS source, SUM(value) AS value, MIN(item.rowid) AS rowid
    FROM botpress_counted AS item WHERE {conditions} GROUP BY 1, 2, 3, 4, 5)"""


def _list_daily(call: Call) -> JsonObject:
    usage_type = read_type(call.query)
    counted = _owner(call, usage_type).counted(usage_type)
    days = Select(_DAYS.format(conditions=" AND ".join(counted.conditions)), values=counted.values)
    select = days.between("date", _date(call, "dateFrom"), _date(call, "dateUntil"))
    return find_page(call, select, Ordering("item.date")).show("data", _show_day)


def _date(call: Call, name: str) -> str | None:
    text = call.query.optional_text(name)
    if text is None:
        return None
    if not _DATE.match(text):
        raise ApiError("InvalidQuery", f"query/{name} must be a day such as 2026-01-31")
    return text[:10]


def _show_day(row: sqlite3.Row) -> JsonObject:
    metadata: JsonObject = {"type": row["kind"], "subtype": row["subtype"], "source": row["source"]}
    parts = (row["bot_id"], row["kind"], row["subtype"], row["source"])
    shown: JsonObject = {"metadata": {"botId": row["bot_id"], **documents.without_nulls(metadata)}}
    return {
        "key": ":".join(part for part in parts if part) or "workspace",
        "date": row["date"],
        "value": row["value"],
        **(shown if row["kind"] else {}),
    }


def _owner(call: Call, usage_type: UsageType) -> Owner:
    """Return the bot, or the workspace, that the path names."""
    owner_id = call.path.text("id")
    if owner_id == call.workspace_id:
        return Owner(owner_id)
    call.find(call.of_workspace("botpress_bots"), "bot or workspace", owner_id)
    _require_of_bots(usage_type)
    return Owner(call.workspace_id, owner_id)


def _require_of_bots(usage_type: UsageType) -> None:
    if usage_type in meters.WORKSPACE_ONLY:
        raise ApiError("InvalidQuery", f"{usage_type} counts for workspaces; give the id of one")


def _list_multiple(call: Call) -> JsonObject:
    """Return all of the types for all of the ids, which must be bots, or all workspaces."""
    owners = [_owner_of(call, owner_id) for owner_id in call.query.texts("ids")]
    if len({owner.bot_id is None for owner in owners}) > 1:
        raise ApiError("InvalidQuery", "query/ids must all be bots, or all workspaces")
    types: list[UsageType] = [read_type(Fields({"type": name})) for name in call.query.texts("types")]
    if owners[0].bot_id:
        for usage_type in types:
            _require_of_bots(usage_type)
    period = read_period(call)
    usages: list[Json] = [show(call.world, owner, usage_type, period) for owner in owners for usage_type in types]
    return {"usages": usages}


def _owner_of(call: Call, owner_id: str) -> Owner:
    row = call.store.one(
        "SELECT workspace_id, NULL AS bot_id FROM botpress_members WHERE account_id = ? AND workspace_id = ?"
        " UNION ALL SELECT bot.workspace_id, bot.id FROM botpress_bots AS bot"
        " JOIN botpress_members AS member ON member.workspace_id = bot.workspace_id"
        " WHERE member.account_id = ? AND bot.id = ?",
        *(call.account_id, owner_id, call.account_id, owner_id),
    )
    if row is None:
        raise ApiError("ResourceNotFound", f"no bot or workspace has the id {owner_id!r}")
    return Owner(row["workspace_id"], row["bot_id"])


def _record(world: World, given: JsonObject) -> object:
    """Count that `bot` has used `cents` of money for `type`, by a `kind` of work of a `source`.

    `type` is one of the spendings, or invocation_timeout. What was spent on integrations may set off a recharge.
    """
    bot_id = targets.bot(world, given)
    counted: Counted = arguments.choice(given, "type", _RECORDED, "ai_spend")
    about: JsonObject = {
        "type": arguments.choice(given, "kind", _KINDS, "IntegrationAction"),
        "source": arguments.text(given, "source", "sandbox"),
    }
    meters.record(world, bot_id, counted, arguments.integer(given, "cents") / 100, about)
    credit_grants.recharge_if_low(world, bot_id)
    return {}


def _make(world: World, value: Json) -> object:
    """Count as many cents spent on language models as the number says, a second apart."""
    number = arguments.count(value, "usage")
    about = documents.encode({"type": "IntegrationAction", "source": "openai"})
    world.store.run_many(
        "INSERT INTO botpress_usage_events VALUES (?, ?, 'ai_spend', 0.01, ?, ?)",
        ((row_id, BOT_ID, about, at) for _, row_id, at in making.rows(world, "usage", number)),
    )
    return number


RESOURCE = Resource(
    handlers={
        "getUsage": _get,
        "getMultipleUsages": _list_multiple,
        "listUsageHistory": _list_history,
        "listUsageActivity": _list_activity,
        "listUsageActivityDaily": _list_daily,
    },
    actions={"record_usage": _record},
    makers={"usage": _make},
)
