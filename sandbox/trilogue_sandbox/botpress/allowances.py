"""How much of each feature a workspace may use."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import arguments, billing_accounts, targets, timestamps, trials
from trilogue_sandbox.botpress.billing_accounts import BillingAccount
from trilogue_sandbox.botpress.catalogue import ADDONS, FEATURES, PLANS, Feature
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World


def of(world: World, workspace_id: str) -> dict[Feature, float]:
    """Return the quota of each feature: what the plan gives, or the one that is tried, with add-ons and credit."""
    account, trial = billing_accounts.load(world, workspace_id), trials.active(world, workspace_id)
    given = PLANS[trial.trial_plan if trial else account.plan.plan_id].features
    credit = _credit(world, workspace_id)
    return {feature: _quota(account, feature, given[feature] + credit.get(feature, 0)) for feature in FEATURES}


def _quota(account: BillingAccount, feature: Feature, given: float) -> float:
    if feature in account.quotas:
        return account.quotas[feature]
    if feature == "ai_spend" and account.ai_spending_limit is not None:
        return account.ai_spending_limit
    addon = account.addons.get(feature)
    return given + (addon.quantity * ADDONS[feature].increment if addon else 0)


def _credit(world: World, workspace_id: str) -> dict[str, float]:
    rows = world.store.all(
        "SELECT feature, SUM(amount) AS amount FROM botpress_credit_grants"
        " WHERE workspace_id = ? AND ? BETWEEN period_start AND period_end - 1 GROUP BY feature",
        *(workspace_id, timestamps.now(world)),
    )
    return {row["feature"]: row["amount"] for row in rows}


def _set_quota(world: World, given: JsonObject) -> object:
    """Set the quota of a `feature` of the workspace `workspace` to `value`, whatever its plan gives."""
    workspace_id = targets.workspace(world, given)
    feature, value = arguments.choice(given, "feature", FEATURES), arguments.integer(given, "value")
    account = billing_accounts.load(world, workspace_id)
    changed = attrs.evolve(account, quotas={**account.quotas, feature: value})
    billing_accounts.save(world, workspace_id, changed)
    return {}


RESOURCE = Resource(actions={"set_quota": _set_quota})
