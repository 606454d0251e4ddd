"""The operations that show usages: now, by month and by day, of a bot, a workspace or a feature."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs
import msgspec

from trilogue_sandbox.botpress import roles
from trilogue_sandbox.botpress.account_tables import MEMBERS, WORKSPACES
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.usages import USAGE_TYPES, Counted, Owner, UsageType, amount_used, quota
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import format_milliseconds
from trilogue_sandbox.kernel.views import each

_TYPES_BY_NAME: dict[str, UsageType] = {usage_type: usage_type for usage_type in USAGE_TYPES}
_OF_WORKSPACES_ONLY: tuple[Counted, ...] = (
    *("bot_count", "workspace_ratelimit", "workspace_member_count", "integrations_owned_count", "file_max_size_bytes"),
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _get(exchange: Exchange) -> JsonObject:
    usage_type = usage_type_of(exchange)
    return {"usage": _show(exchange, _owner(exchange, usage_type), usage_type, period_of(exchange))}


def _list_multiple(exchange: Exchange) -> JsonObject:
    """Return all of the types for all of the ids, which must be bots, or all workspaces."""
    owners, period = [_owner_of(exchange, owner_id) for owner_id in exchange.query.strings("ids")], period_of(exchange)
    if len({owner.bot_id is None for owner in owners}) > 1:
        raise ApiError("InvalidQuery", "query/ids must all be bots, or all workspaces")
    types: list[UsageType] = [_known_type(name) for name in exchange.query.strings("types")]
    for usage_type in types:
        _require_of_bots(usage_type, owners[0])
    return {"usages": [_show(exchange, owner, usage_type, period) for owner in owners for usage_type in types]}


def _known_type(name: str) -> UsageType:
    if name not in _TYPES_BY_NAME:
        raise ApiError("InvalidQuery", f"query/types: {name!r} must be one of: {', '.join(USAGE_TYPES)}")
    return _TYPES_BY_NAME[name]


def _owner_of(exchange: Exchange, owner_id: str) -> Owner:
    bot = exchange.records.find(BOTS, id=owner_id)
    workspace_id = bot["workspace_id"] if bot else owner_id
    if not exchange.records.find(MEMBERS, workspace_id=workspace_id, account_id=exchange.account_id):
        raise ApiError("ResourceNotFound", f"no bot or workspace has the id {owner_id!r}")
    return Owner(workspace_id, bot["id"] if bot else None)


def _list_history(exchange: Exchange) -> JsonObject:
    usage_type = usage_type_of(exchange)
    return _show_history(exchange, _owner(exchange, usage_type), usage_type)


def _show_history(exchange: Exchange, owner: Owner, usage_type: UsageType) -> JsonObject:
    """Return how much of something was used in each period since the owner was created, the latest first."""
    row = exchange.records.get(BOTS if owner.bot_id else WORKSPACES, owner.id)
    periods = _periods(row["created_at"], exchange.now)
    return {"usages": [_show(exchange, owner, usage_type, period) for period in periods]}


def _periods(since: int, until: int) -> Iterator[Period]:
    period = Period.of(until)
    while period.start >= Period.of(since).start:
        yield period
        period = period.previous


def _list_activity(exchange: Exchange) -> JsonObject:
    usage_type, query = usage_type_of(exchange), exchange.query
    first, last = query.optional_timestamp("timestampFrom"), query.optional_timestamp("timestampUntil")
    select = _owner(exchange, usage_type).counted(exchange.world, usage_type).between("at", first, last)
    order = order_by("item.at", "desc")
    return paginate(exchange, "data", select, each(lambda _, row: _show_activity(row)), order)


def _show_activity(row: Row) -> JsonObject:
    return {
        "timestamp": format_milliseconds(row["at"]),
        "value": row["value"],
        "period": str(Period.of(row["at"])),
        "metadata": {"botId": row["bot_id"], **msgspec.json.decode(row["about"])},
    }


_DAYS = """(
    SELECT date(at / 1000000, 'unixepoch') AS date, item.bot_id, about ->> 'type' AS type,
        about ->> 'subtype' AS subtype, about ->> 'source' AS source, SUM(value) AS value, MIN(item.rowid) AS rowid
    FROM {table} AS item WHERE {conditions} GROUP BY 1, 2, 3, 4, 5)"""


def _list_daily(exchange: Exchange) -> JsonObject:
    usage_type = usage_type_of(exchange)
    counted = _owner(exchange, usage_type).counted(exchange.world, usage_type)
    table = _DAYS.format(table=counted.table, conditions=" AND ".join(counted.conditions))
    select = attrs.evolve(counted, table=table, conditions=())
    select = select.between("date", _date(exchange, "dateFrom"), _date(exchange, "dateUntil"))
    return paginate(exchange, "data", select, each(lambda _, row: _show_day(row)), order_by("item.date", "desc"))


def _date(exchange: Exchange, name: str) -> str | None:
    text = exchange.query.optional_string(name)
    if text is not None and not _DATE.match(text):
        raise ApiError("InvalidQuery", f"query/{name} must be a day such as 2026-01-31")
    return text and text[:10]


def _show_day(row: Row) -> JsonObject:
    about: JsonObject = {name: row[name] for name in ("type", "subtype", "source") if row[name] is not None}
    shown: JsonObject = {"metadata": {"botId": row["bot_id"], **about}} if row["type"] else {}
    key = ":".join(map(str, filter(None, (row["bot_id"], *about.values())))) or "workspace"
    return {"key": key, "date": row["date"], "value": row["value"], **shown}


def _list_of_workspace(exchange: Exchange) -> JsonObject:
    owner, usage_type = workspace_of(exchange), usage_type_of(exchange)
    if "period" in exchange.query:
        return {"usages": [_show(exchange, owner, usage_type, period_of(exchange))]}
    return _show_history(exchange, owner, usage_type)


def _break_down(exchange: Exchange) -> JsonObject:
    owner, usage_type, period = workspace_of(exchange), usage_type_of(exchange), period_of(exchange)
    rows = exchange.records.select(BOTS, workspace_id=owner.workspace_id).all("ORDER BY item.rowid")
    bots = [Owner(owner.workspace_id, row["id"]) for row in rows]
    return {"data": [{"botId": bot.id, "value": amount_used(exchange.world, bot, usage_type, period)} for bot in bots]}


def usage_type_of(exchange: Exchange) -> UsageType:
    """Return the type that the query names."""
    return exchange.query.choice("type", USAGE_TYPES)


def period_of(exchange: Exchange) -> Period:
    """Return the period that the query names, or else the present one."""
    text = exchange.query.optional_string("period")
    return Period.of(exchange.now) if text is None else Period.read(text)


def _owner(exchange: Exchange, usage_type: UsageType) -> Owner:
    """Return the bot, or the workspace, that the path names."""
    owner_id = exchange.path.string("id")
    if owner_id == exchange.workspace_id:
        return Owner(owner_id)
    if not exchange.actor.rows(BOTS).equal("id", owner_id).exists():
        raise ApiError("ResourceNotFound", f"no bot or workspace has the id {owner_id!r}")
    owner = Owner(exchange.workspace_id, owner_id)
    _require_of_bots(usage_type, owner)
    return owner


def _require_of_bots(usage_type: UsageType, owner: Owner) -> None:
    if owner.bot_id and usage_type in _OF_WORKSPACES_ONLY:
        raise ApiError("InvalidQuery", f"{usage_type} counts for workspaces; give the id of one")


def workspace_of(exchange: Exchange) -> Owner:
    """Return the workspace that the path names, of which the caller must be a member."""
    workspace_id = exchange.path.string("id")
    roles.require_member(exchange.actor, workspace_id)
    return Owner(workspace_id)


def _show(exchange: Exchange, owner: Owner, usage_type: UsageType, period: Period) -> Json:
    return {
        "id": owner.id,
        "period": str(period),
        "value": amount_used(exchange.world, owner, usage_type, period),
        "quota": quota(exchange.world, owner.workspace_id, usage_type),
        "type": usage_type,
    }


RESOURCE = Resource(
    operations={
        "getUsage": _get,
        "getMultipleUsages": _list_multiple,
        "listUsageHistory": _list_history,
        "listUsageActivity": _list_activity,
        "listUsageActivityDaily": _list_daily,
        "listWorkspaceUsages": _list_of_workspace,
        "breakDownWorkspaceUsageByBot": _break_down,
    },
)
