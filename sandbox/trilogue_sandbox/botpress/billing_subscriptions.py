"""The subscription of a workspace: looking at it, previewing changes, ending it."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import billing_accounts, catalogue, coupons, pricing, roles, subscriptions, timestamps
from trilogue_sandbox.botpress.billing_accounts import BillingAccount, Coupon, NextPlan
from trilogue_sandbox.botpress.catalogue import FREE_PLAN, Feature
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.periods import MONTHS, Interval, add_months
from trilogue_sandbox.botpress.pricing import Change, Item, Selection
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import Json, JsonObject

_MOST = 10_000
"""How many of an add-on can be had; the limit is the sandbox's own."""


def read_interval(fields: Fields) -> Interval:
    """Return the field `interval`."""
    return "year" if fields.text("interval") == "year" else "month"


def read_addons(fields: Fields, held: BillingAccount) -> dict[Feature, int]:
    """Return how many of each add-on there shall be: those of the field `addons`, and as many as before of the others.

    Raises:
        ApiError: an add-on does not exist (ReferenceNotFound), or a quantity is out of range (InvalidPayload).
    """
    wanted = dict(subscriptions.selected_next(held).addons)
    counts = fields.below("addons")
    for name in counts.values:
        if not 0 <= counts.integer(name) <= _MOST:
            raise ApiError("InvalidPayload", f"body/addons/{name} must be from 0 to {_MOST}")
        wanted[catalogue.refer_addon(name).id] = counts.integer(name)
    return wanted


def _get(call: Call) -> JsonObject:
    return subscriptions.show(call.world, call.workspace_id)


def _preview(call: Call) -> JsonObject:
    account, coupon, choice = _account(call), coupons.refer(call), call.body.below("plan")
    plan = catalogue.refer_plan(choice.text("planId"))
    wanted = Selection(plan.id, read_interval(choice), read_addons(call.body, account))
    change = subscriptions.change_of(account, subscriptions.fitting(wanted), call.now)
    end = account.plan.period_end
    billing_date = add_months(call.now, MONTHS[change.after.interval]) if change.begins_anew else end
    return {
        "subscription": _show_previewed(change, wanted, end),
        "changeType": change.type,
        "costs": {
            "immediate": _immediate(call, account, change, coupon),
            "nextCycle": _next_cycle(call, change, coupon),
        },
        "discounts": _discounts(call, account, change, coupon),
        "nextBillingDate": timestamps.show(billing_date),
    }


def _show_previewed(change: Change, wanted: Selection, period_end: int) -> JsonObject:
    later = timestamps.show(period_end)
    addons: JsonObject = {}
    for addon_id in wanted.addons:
        count = change.after.addons.get(addon_id, 0)
        is_less = count < change.before.addons.get(addon_id, 0) and not change.begins_anew
        adjusted: JsonObject = {"autoAdjusted": True} if count != wanted.addons[addon_id] else {}
        addons[addon_id] = {"quantity": count, "effectiveDate": later if is_less else None, **adjusted}
    plan: JsonObject = {
        "planId": change.after.plan_id,
        "interval": change.after.interval,
        "effectiveDate": later if change.type == "downgrade" else None,
    }
    return {"plan": plan, "addons": addons}


def _discounts(call: Call, account: BillingAccount, change: Change, coupon: Coupon | None) -> list[Json]:
    is_used = bool(change.immediate)
    added = subscriptions.discounts_of(call.world, account.plan, coupon, is_used)
    return [*subscriptions.show_discounts(account, call.now), *map(coupons.show_discount, added)]


def _immediate(call: Call, account: BillingAccount, change: Change, coupon: Coupon | None) -> JsonObject:
    items = subscriptions.immediate_items(call.world, account, change, coupon)
    due = max(0, pricing.total(items) - account.balance)
    return {**_costs(items), "accountBalance": account.balance / 100, "amountDue": due / 100}


def _next_cycle(call: Call, change: Change, coupon: Coupon | None) -> JsonObject:
    held = subscriptions.coupons_of(_account(call), call.now)
    lasting = [each for each in (*held, *([coupon] if coupon else [])) if each.duration != "once"]
    return _costs(pricing.discounted(pricing.cycle(change.after), lasting))


def _costs(items: list[Item]) -> JsonObject:
    lines: list[Json] = [item.show() for item in items]
    return {"total": pricing.total(items) / 100, "lineItems": lines}


def _cancel(call: Call) -> JsonObject:
    roles.require(call, "pay")
    account = _account(call)
    if account.plan_readonly:
        raise ApiError("Forbidden", "the plan of this workspace is closed to changes")
    if account.plan.plan_id == FREE_PLAN:
        raise ApiError("RelationConflict", "the workspace has the free plan; there is nothing to cancel")
    plan = attrs.evolve(account.plan, cancel_at_period_end=True, next=NextPlan(FREE_PLAN, "month"))
    addons = {name: attrs.evolve(addon, next=0) for name, addon in account.addons.items()}
    billing_accounts.save(call.world, call.workspace_id, attrs.evolve(account, plan=plan, addons=addons))
    return subscriptions.show(call.world, call.workspace_id)


def _account(call: Call) -> BillingAccount:
    return billing_accounts.load(call.world, call.workspace_id)


RESOURCE = Resource(
    handlers={"getSubscription": _get, "previewSubscriptionUpdate": _preview, "setCancelAtPeriodEnd": _cancel}
)
