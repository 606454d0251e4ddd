"""Plans and add-ons: what can be bought, and buying it."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import (
    billing_accounts,
    billing_payments,
    catalogue,
    coupons,
    invoices,
    roles,
    subscriptions,
    timestamps,
)
from trilogue_sandbox.botpress.billing_subscriptions import read_addons, read_interval
from trilogue_sandbox.botpress.catalogue import ADDONS, FEATURES, FREE_PLAN, PLANS, Addon, Plan
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.invoices import Bill
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.pricing import Selection
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import WORKSPACE_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World

_MILLISECOND = 1000


def _list_plans(_: Call) -> list[Json]:
    return [_show_plan(plan) for plan in PLANS.values()]


def _get_plan(call: Call) -> JsonObject:
    plan_id = call.path.text("planId")
    if plan_id not in PLANS:
        raise ApiError("ResourceNotFound", f"no plan has the id {plan_id!r}")
    return _show_plan(PLANS[plan_id])


def _list_addons(_: Call) -> list[Json]:
    return [_show_addon(addon) for addon in ADDONS.values()]


def _get_addon(call: Call) -> JsonObject:
    addon_id = call.path.text("addonId")
    if addon_id not in ADDONS:
        raise ApiError("ResourceNotFound", f"no add-on has the id {addon_id!r}")
    return _show_addon(ADDONS[addon_id])


def _set_plan(call: Call) -> JsonObject:
    """Subscribe to a plan. `testReferenceTime`, in milliseconds since 1970, decides what part of the period is paid."""
    roles.require(call, "pay")
    account, coupon = subscriptions.keep_plan(call.world, call.workspace_id), coupons.refer(call)
    if account.plan_readonly:
        raise ApiError("Forbidden", "the plan of this workspace is closed to changes")
    plan = catalogue.refer_plan(call.body.text("planId"))
    wanted = Selection(plan.id, read_interval(call.body), subscriptions.selected_next(account).addons)
    reference = call.body.optional_number("testReferenceTime")
    now = call.now if reference is None else reference * _MILLISECOND
    change = subscriptions.change_of(account, subscriptions.fitting(wanted), now)
    subscriptions.apply(call.world, call.workspace_id, change, coupon)
    return subscriptions.show(call.world, call.workspace_id)


def _set_addons(call: Call) -> JsonObject:
    roles.require(call, "pay")
    account, coupon = billing_accounts.load(call.world, call.workspace_id), coupons.refer(call)
    if account.addons_readonly:
        raise ApiError("Forbidden", "the add-ons of this workspace are closed to changes")
    if account.plan.plan_id == FREE_PLAN:
        raise ApiError("RelationConflict", "add-ons need a plan that is paid")
    plan = account.plan
    wanted = Selection(plan.plan_id, plan.interval, read_addons(call.body, account))
    change = subscriptions.change_of(account, wanted, call.now)
    subscriptions.apply(call.world, call.workspace_id, change, coupon)
    return subscriptions.show(call.world, call.workspace_id)


def _show_plan(plan: Plan) -> JsonObject:
    prices: JsonObject = {
        interval: {"amount": cents / 100, "currency": "usd"} for interval, cents in plan.prices.items()
    }
    features: JsonObject = {feature: plan.features[feature] for feature in FEATURES}
    return {
        "id": plan.id,
        "name": plan.name,
        "description": plan.description,
        "prices": prices,
        "features": features,
        "metadata": {},
    }


def _show_addon(addon: Addon) -> JsonObject:
    prices: JsonObject = {
        f"{interval}ly": {"amount": cents / 100, "currency": "usd", "interval": interval}
        for interval, cents in addon.prices.items()
    }
    return {
        "id": addon.id,
        "name": addon.name,
        "description": addon.description,
        "prices": prices,
        "metadata": {},
        "increments": {addon.id: addon.increment},
    }


def _furnish(world: World) -> None:
    """Let the first workspace have a plan that is paid, with an add-on, and an invoice that is not paid yet."""
    account = billing_accounts.load(world, WORKSPACE_ID)
    card, address = billing_payments.card_of("pm_card_visa"), {"lineOne": "Main Street 1"}
    address |= {"city": "Springfield", "postalCode": "12345", "country": "US"}
    billing_accounts.save(world, WORKSPACE_ID, attrs.evolve(account, card=card, address=address))
    wanted, now = Selection("team", "month", {"table_rows": 1}), timestamps.now(world)
    subscriptions.apply(world, WORKSPACE_ID, subscriptions.change_of(account, wanted, now))
    invoices.issue(world, WORKSPACE_ID, Bill(12_00, "Use beyond the plan", now, Period.of(now).end))


RESOURCE = Resource(
    handlers={
        "listPlans": _list_plans,
        "getPlan": _get_plan,
        "setPlan": _set_plan,
        "listAddons": _list_addons,
        "getAddon": _get_addon,
        "setAddons": _set_addons,
    },
    furnish=_furnish,
)
