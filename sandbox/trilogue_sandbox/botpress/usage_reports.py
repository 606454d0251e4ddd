"""The operations that show usages and quotas: of a bot, a workspace or a feature, in a month.

The past months are not in a history; each can be asked for.
"""

from __future__ import annotations

import re
from typing import Any

import attrs
import msgspec

from trilogue_sandbox.botpress import audit_records, roles
from trilogue_sandbox.botpress.account_tables import MEMBERS, WORKSPACES
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.botpress.usages import (
    BY_FEATURE,
    USAGE_TYPES,
    Owner,
    amount_used,
    period_of,
    quota,
    quotas,
    set_quota,
)
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import DAY, format_milliseconds
from trilogue_sandbox.kernel.views import each

_OF_WORKSPACES_ONLY = (
    *("bot_count", "workspace_ratelimit", "workspace_member_count", "integrations_owned_count", "file_max_size_bytes"),
)
_PERIOD = re.compile(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])")
_DAYS = """(
    SELECT date(at / 1000000, 'unixepoch') AS date, item.bot_id, about, SUM(value) AS value, MIN(item.rowid) AS rowid
    FROM {table} AS item WHERE {conditions} GROUP BY 1, 2, about ->> 'type', about ->> 'subtype', about ->> 'source')"""


def _list_multiple(exchange: Exchange) -> JsonObject:
    """Return all of the types for all of the ids, which must be bots, or all workspaces."""
    owners = [_find(exchange, owner_id) for owner_id in exchange.query.strings("ids")]
    if len({owner.bot_id is None for owner in owners}) > 1:
        raise ApiError("InvalidQuery", "query/ids must all be bots, or all workspaces")
    types = exchange.query.strings("types")
    if unknown := set(types) - set(USAGE_TYPES):
        raise ApiError("InvalidQuery", f"query/types: {min(unknown)!r} must be one of: {', '.join(USAGE_TYPES)}")
    return {"usages": [_show(exchange, owner, usage_type) for owner in owners for usage_type in types]}


def _list_activity(exchange: Exchange) -> JsonObject:
    first, last = (exchange.query.optional_timestamp(name) for name in ("timestampFrom", "timestampUntil"))
    select = _owner(exchange).counted(exchange.world, _type(exchange)).between("at", first, last)
    return paginate(exchange, "data", select, each(lambda _, row: _show_activity(row)), order_by("item.at", "desc"))


def _show_activity(row: Row) -> JsonObject:
    metadata = {"botId": row["bot_id"], **msgspec.json.decode(row["about"])}
    at: JsonObject = {"timestamp": format_milliseconds(row["at"]), "period": period_of(row["at"])}
    return {**at, "value": row["value"], "metadata": metadata}


def _list_daily(exchange: Exchange) -> JsonObject:
    first, last = (exchange.query.optional_timestamp(name) for name in ("dateFrom", "dateUntil"))
    counted = _owner(exchange).counted(exchange.world, _type(exchange))
    counted = counted.between("at", first, last and last + DAY - 1)
    table = _DAYS.format(table=counted.table, conditions=" AND ".join(counted.conditions))
    select = attrs.evolve(counted, table=table, conditions=())
    return paginate(exchange, "data", select, each(lambda _, row: _show_day(row)), order_by("item.date", "desc"))


def _show_day(row: Row) -> JsonObject:
    about = {"botId": row["bot_id"], **msgspec.json.decode(row["about"])}
    metadata: JsonObject = {"metadata": about} if "type" in about else {}
    return {"key": ":".join(map(str, about.values())), "date": row["date"], "value": row["value"], **metadata}


def _break_down(exchange: Exchange) -> JsonObject:
    owner, usage_type, period = _workspace(exchange), _type(exchange), _period(exchange)
    rows = exchange.records.select(BOTS, workspace_id=owner.workspace_id).all("ORDER BY item.rowid")
    bots = [Owner(owner.workspace_id, row["id"]) for row in rows]
    return {
        "data": [{"botId": bot.bot_id, "value": amount_used(exchange.world, bot, usage_type, period)} for bot in bots]
    }


def _list_quotas(exchange: Exchange) -> JsonObject:
    owner = _workspace(exchange)
    return {"quotas": [_show_quota(exchange, owner, usage_type) for usage_type in USAGE_TYPES]}


def _list_completions(exchange: Exchange) -> JsonObject:
    """Return, for each workspace of the account, the quota that is used up the most."""
    fullest: JsonObject = {}
    for row in exchange.records.select(MEMBERS, account_id=exchange.account_id).all("ORDER BY item.rowid"):
        usages = [_show(exchange, Owner(row["workspace_id"]), usage_type) for usage_type in USAGE_TYPES]
        completion, usage_type = max((usage["value"] / (usage["quota"] or 1), usage["type"]) for usage in usages)
        fullest[row["workspace_id"]] = {"type": usage_type, "completion": completion}
    return fullest


def _set_ai_spend_quota(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "administer")
    roles.require_paid_by(exchange.actor)
    limit = exchange.body.number("monthlySpendingLimit")
    if limit < 0:
        raise ApiError("InvalidPayload", "body/monthlySpendingLimit must not be below 0")
    set_quota(exchange.world, exchange.workspace_id, "ai_spend", limit)
    workspace = exchange.records.get(WORKSPACES, exchange.workspace_id)
    audit_records.record(exchange, "SET_AI_SPENDING_LIMIT", workspace, f"{limit:g}")
    return {}


def _use_by_feature(exchange: Exchange) -> dict[str, JsonObject]:
    period, owner = _period(exchange), Owner(exchange.workspace_id)
    return {
        feature: {"usage": amount_used(exchange.world, owner, BY_FEATURE[feature], period), "quota": allowed}
        for feature, allowed in quotas(exchange.world, exchange.workspace_id).items()
    }


def _type(exchange: Exchange) -> str:
    return exchange.query.choice("type", USAGE_TYPES)


def _period(exchange: Exchange) -> str:
    """Return the period that the query names, or else the present one."""
    text = exchange.query.string("period", period_of(exchange.now))
    if not _PERIOD.fullmatch(text):
        raise ApiError("InvalidQuery", "query/period must be a month such as 2026-01")
    return text


def _owner(exchange: Exchange) -> Owner:
    """Return the bot, or the workspace, that the path names; it is or is in that of the header."""
    return _find(exchange, exchange.path.string("id"), exchange.workspace_id)


def _find(exchange: Exchange, owner_id: str, workspace_id: str | None = None) -> Owner:
    """Return a bot or a workspace of which the caller is a member."""
    bot = exchange.records.find(BOTS, id=owner_id)
    owner = Owner(bot["workspace_id"], owner_id) if bot else Owner(owner_id)
    is_member = exchange.records.find(MEMBERS, workspace_id=owner.workspace_id, account_id=exchange.account_id)
    if not is_member or workspace_id not in (None, owner.workspace_id):
        raise ApiError("ResourceNotFound", f"no bot or workspace has the id {owner_id!r}")
    return owner


def _workspace(exchange: Exchange) -> Owner:
    """Return the workspace that the path names, of which the caller must be a member."""
    workspace_id = exchange.path.string("id")
    roles.require_member(exchange.actor, workspace_id)
    return Owner(workspace_id)


def _show(exchange: Exchange, owner: Owner, usage_type: str | None = None) -> dict[str, Any]:
    """Return the usage of a type, or of the one that the query names."""
    usage_type = usage_type or _type(exchange)
    if owner.bot_id and usage_type in _OF_WORKSPACES_ONLY:
        raise ApiError("InvalidQuery", f"{usage_type} counts for workspaces; give the id of one")
    value = amount_used(exchange.world, owner, usage_type, _period(exchange))
    shown = _show_quota(exchange, owner, usage_type)
    return {"id": owner.bot_id or owner.workspace_id, **shown, "quota": shown["value"], "value": value}


def _show_quota(exchange: Exchange, owner: Owner, usage_type: str) -> dict[str, Any]:
    value = quota(exchange.world, owner.workspace_id, usage_type)
    return {"period": _period(exchange), "value": value, "type": usage_type}


RESOURCE = Resource(
    operations={
        "getUsage": lambda exchange: {"usage": _show(exchange, _owner(exchange))},
        "getMultipleUsages": _list_multiple,
        "listUsageHistory": lambda exchange: {"usages": [_show(exchange, _owner(exchange))]},
        "listUsageActivity": _list_activity,
        "listUsageActivityDaily": _list_daily,
        "listWorkspaceUsages": lambda exchange: {"usages": [_show(exchange, _workspace(exchange))]},
        "breakDownWorkspaceUsageByBot": _break_down,
        "getWorkspaceQuota": lambda exchange: {"quota": _show_quota(exchange, _workspace(exchange), _type(exchange))},
        "listWorkspaceQuotas": _list_quotas,
        "getAllWorkspaceQuotaCompletion": _list_completions,
        "changeAISpendQuota": _set_ai_spend_quota,
        "getQuotas": lambda exchange: quotas(exchange.world, exchange.workspace_id),
        "getWorkspaceUsage": lambda exchange: _use_by_feature(exchange)[exchange.query.string("feature")],
        "getWorkspaceUsages": lambda exchange: {"quotas": _use_by_feature(exchange)},
    },
)
