"""How much workspaces use, and how much they may."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import (
    audit,
    billing_accounts,
    billing_block,
    meters,
    roles,
    timestamps,
    usages,
    workspaces,
)
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.meters import USAGE_TYPES, Owner, UsageType
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import require_member
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World


def _list_usages(call: Call) -> JsonObject:
    owner, usage_type = _owner(call), usages.read_type(call.query)
    if "period" in call.query:
        return {"usages": [usages.show(call.world, owner, usage_type, usages.read_period(call))]}
    return {"usages": usages.history(call.world, owner, usage_type)}


def _break_down(call: Call) -> JsonObject:
    owner, usage_type, period = _owner(call), usages.read_type(call.query), usages.read_period(call)
    rows = call.store.all("SELECT id FROM botpress_bots WHERE workspace_id = ? ORDER BY rowid", owner.workspace_id)
    values: list[Json] = [
        {"botId": row["id"], "value": meters.used(call.world, Owner(owner.workspace_id, row["id"]), usage_type, period)}
        for row in rows
    ]
    return {"data": values}


def _get_quota(call: Call) -> JsonObject:
    owner, usage_type, period = _owner(call), usages.read_type(call.query), usages.read_period(call)
    return {"quota": _show_quota(call.world, owner.workspace_id, usage_type, period)}


def _list_quotas(call: Call) -> JsonObject:
    owner, period = _owner(call), usages.read_period(call)
    quotas: list[Json] = [_show_quota(call.world, owner.workspace_id, each, period) for each in USAGE_TYPES]
    return {"quotas": quotas}


def _show_quota(world: World, workspace_id: str, usage_type: UsageType, period: Period) -> JsonObject:
    return {"period": str(period), "value": meters.quota(world, workspace_id, usage_type), "type": usage_type}


def _owner(call: Call) -> Owner:
    workspace_id = call.path.text("id")
    require_member(call.world, call.caller, workspace_id)
    return Owner(workspace_id)


def _list_completions(call: Call) -> JsonObject:
    rows = call.store.all(
        "SELECT workspace_id FROM botpress_members WHERE account_id = ? ORDER BY rowid", call.account_id
    )
    return {row["workspace_id"]: _completion(call.world, row["workspace_id"]) for row in rows}


def _completion(world: World, workspace_id: str) -> JsonObject:
    """Return the quota of a workspace that is used up the most."""
    parts = {usage_type: _used_part(world, Owner(workspace_id), usage_type) for usage_type in USAGE_TYPES}
    fullest = max(parts, key=lambda usage_type: parts[usage_type])
    return {"type": fullest, "completion": parts[fullest]}


def _used_part(world: World, owner: Owner, usage_type: UsageType) -> float:
    allowed = meters.quota(world, owner.workspace_id, usage_type)
    used = meters.used(world, owner, usage_type, Period.of(timestamps.now(world)))
    return used / allowed if allowed else float(used > 0)


def _change_ai_spend(call: Call) -> JsonObject:
    roles.require(call, "administer")
    billing_block.require_paid(call)
    limit = call.body.number("monthlySpendingLimit")
    if limit < 0:
        raise ApiError("InvalidPayload", "body/monthlySpendingLimit must not be below 0")
    account = billing_accounts.load(call.world, call.workspace_id)
    billing_accounts.save(call.world, call.workspace_id, attrs.evolve(account, ai_spending_limit=limit))
    name = str(workspaces.find(call.world, call.workspace_id)["name"])
    audit.record(call, "SET_AI_SPENDING_LIMIT", Subject(call.workspace_id, name), f"{limit:g}")
    return {}


RESOURCE = Resource(
    handlers={
        "listWorkspaceUsages": _list_usages,
        "breakDownWorkspaceUsageByBot": _break_down,
        "getWorkspaceQuota": _get_quota,
        "listWorkspaceQuotas": _list_quotas,
        "getAllWorkspaceQuotaCompletion": _list_completions,
        "changeAISpendQuota": _change_ai_spend,
    }
)
