"""The operations that show quotas, and how much of them is used up."""

from __future__ import annotations

from trilogue_sandbox.botpress import audit_records, roles
from trilogue_sandbox.botpress.account_tables import MEMBERS, WORKSPACES
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.usage_reports import period_of, usage_type_of, workspace_of
from trilogue_sandbox.botpress.usages import (
    COUNTED_BY_FEATURE,
    USAGE_TYPES,
    Owner,
    UsageType,
    amount_used,
    quota,
    quotas,
    set_quota,
)
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World


def _get_quota(exchange: Exchange) -> JsonObject:
    return {"quota": _show_quota(exchange, workspace_of(exchange), usage_type_of(exchange))}


def _list_quotas(exchange: Exchange) -> JsonObject:
    owner = workspace_of(exchange)
    return {"quotas": [_show_quota(exchange, owner, usage_type) for usage_type in USAGE_TYPES]}


def _list_completions(exchange: Exchange) -> JsonObject:
    """Return, for each workspace of the account, the quota that is used up the most."""
    period, completions = Period.of(exchange.now), dict[str, Json]()
    for row in exchange.records.select(MEMBERS, account_id=exchange.account_id).all("ORDER BY item.rowid"):
        owner = Owner(row["workspace_id"])
        parts = {usage_type: _used_part(exchange.world, owner, usage_type, period) for usage_type in USAGE_TYPES}
        fullest = max(parts, key=lambda usage_type: parts[usage_type])
        completions[owner.id] = {"type": fullest, "completion": parts[fullest]}
    return completions


def _used_part(world: World, owner: Owner, usage_type: UsageType, period: Period) -> float:
    allowed, used = quota(world, owner.workspace_id, usage_type), amount_used(world, owner, usage_type, period)
    return used / allowed if allowed else float(used > 0)


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


def _get_quotas(exchange: Exchange) -> JsonObject:
    return dict(quotas(exchange.world, exchange.workspace_id).items())


def _get_use_of_feature(exchange: Exchange) -> JsonObject:
    return _use_by_feature(exchange)[exchange.query.string("feature")]


def _list_use_by_feature(exchange: Exchange) -> JsonObject:
    return {"quotas": dict(_use_by_feature(exchange).items())}


def _use_by_feature(exchange: Exchange) -> dict[str, JsonObject]:
    period, owner = Period.read(exchange.query.string("period")), Owner(exchange.workspace_id)
    return {
        feature: {"usage": amount_used(exchange.world, owner, COUNTED_BY_FEATURE[feature], period), "quota": allowed}
        for feature, allowed in quotas(exchange.world, exchange.workspace_id).items()
    }


def _show_quota(exchange: Exchange, owner: Owner, usage_type: UsageType) -> JsonObject:
    value = quota(exchange.world, owner.workspace_id, usage_type)
    return {"period": str(period_of(exchange)), "value": value, "type": usage_type}


RESOURCE = Resource(
    operations={
        "getWorkspaceQuota": _get_quota,
        "listWorkspaceQuotas": _list_quotas,
        "getAllWorkspaceQuotaCompletion": _list_completions,
        "changeAISpendQuota": _set_ai_spend_quota,
        "getQuotas": _get_quotas,
        "getWorkspaceUsage": _get_use_of_feature,
        "getWorkspaceUsages": _list_use_by_feature,
    }
)
