"""What else billing knows of a workspace: what is closed to changes, the address, and what may be used."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import allowances, audit, billing_accounts, documents, meters, roles, targets
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.catalogue import FEATURES
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.meters import COUNTED, Owner
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World


def _get_readonly(call: Call) -> JsonObject:
    account = billing_accounts.load(call.world, call.workspace_id)
    return {"planReadonly": account.plan_readonly, "addonsReadonly": account.addons_readonly}


def _close(world: World, given: JsonObject) -> object:
    """Close `plan` and `addons` of the workspace `workspace` to changes, or open them; true closes."""
    workspace_id = targets.workspace(world, given)
    account = billing_accounts.load(world, workspace_id)
    plan, addons = (
        given.get("plan", account.plan_readonly) is True,
        given.get("addons", account.addons_readonly) is True,
    )
    billing_accounts.save(world, workspace_id, attrs.evolve(account, plan_readonly=plan, addons_readonly=addons))
    audit.add(world, workspace_id, "UPDATE_WORKSPACE_PLAN_READONLY", Subject(workspace_id), str(plan).lower())
    audit.add(world, workspace_id, "UPDATE_WORKSPACE_ADDONS_READONLY", Subject(workspace_id), str(addons).lower())
    return {"plan": plan, "addons": addons}


def _get_address(call: Call) -> JsonObject:
    address = billing_accounts.load(call.world, call.workspace_id).address
    shown: JsonObject = {**address} if address else {}
    return {"address": shown or None}


def _set_address(call: Call) -> JsonObject:
    roles.require(call, "pay")
    address = {name: call.body.text(name) for name in call.body.values}
    account = billing_accounts.load(call.world, call.workspace_id)
    billing_accounts.save(call.world, call.workspace_id, attrs.evolve(account, address=address))
    return {}


def _get_quotas(call: Call) -> JsonObject:
    quotas = allowances.of(call.world, call.workspace_id)
    return {feature: quotas[feature] for feature in FEATURES}


def _get_usage(call: Call) -> JsonObject:
    return documents.as_object(_usages(call)[call.query.text("feature")])


def _get_usages(call: Call) -> JsonObject:
    return {"quotas": _usages(call)}


def _usages(call: Call) -> JsonObject:
    period, quotas = Period.read(call.query.text("period")), allowances.of(call.world, call.workspace_id)
    owner = Owner(call.workspace_id)
    return {
        feature: {
            "usage": meters.used(call.world, owner, COUNTED[feature], period),
            "quota": quotas[feature],
        }
        for feature in FEATURES
    }


RESOURCE = Resource(
    handlers={
        "getBillingReadonly": _get_readonly,
        "getBillingAddress": _get_address,
        "setBillingAddress": _set_address,
        "getQuotas": _get_quotas,
        "getWorkspaceUsage": _get_usage,
        "getWorkspaceUsages": _get_usages,
    },
    actions={"close_billing": _close},
)
