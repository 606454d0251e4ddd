"""The operations that show and change the subscription of a workspace."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from trilogue_sandbox.botpress import billing_settings, plans, roles
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.botpress.periods import add_months
from trilogue_sandbox.botpress.plans import FREE_PLAN, PLANS, Interval
from trilogue_sandbox.botpress.subscriptions import (
    MONTHS,
    Line,
    Subscription,
    is_other_plan,
    lines_due,
    load,
    save,
    subscribe,
    total,
)
from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.timestamps import format_milliseconds

_MOST_ADDONS = 10_000

ChangeType: TypeAlias = Literal["upgrade", "downgrade", "same"]


def _get(exchange: Exchange) -> JsonObject:
    return _show(load(exchange.world, exchange.workspace_id), exchange.now)


def _set_plan(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    billing_settings.require_changeable(exchange, "plan")
    _refuse_coupon(exchange)
    plan = plans.find_plan(exchange.body.string("planId"))
    before = load(exchange.world, exchange.workspace_id)
    after = attrs.evolve(before, plan_id=plan.id, interval=_interval(exchange.body), ends_at=None)
    return _change(exchange, before, _fitting(after))


def _set_addons(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    billing_settings.require_changeable(exchange, "addons")
    _refuse_coupon(exchange)
    before = load(exchange.world, exchange.workspace_id)
    if before.plan_id == FREE_PLAN:
        raise ApiError("RelationConflict", "add-ons need a plan that is paid")
    return _change(exchange, before, _with_addons(before, exchange.body))


def _cancel(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    billing_settings.require_changeable(exchange, "plan")
    before = load(exchange.world, exchange.workspace_id)
    if before.plan_id == FREE_PLAN:
        raise ApiError("RelationConflict", "the workspace has the free plan; there is nothing to cancel")
    after = attrs.evolve(before, ends_at=before.period_end(exchange.now))
    save(exchange.world, exchange.workspace_id, after)
    return _show(after, exchange.now)


def _preview(exchange: Exchange) -> JsonObject:
    _refuse_coupon(exchange)
    before, choice = load(exchange.world, exchange.workspace_id), exchange.body.nested("plan")
    plan = plans.find_plan(choice.string("planId"))
    wanted = attrs.evolve(before, plan_id=plan.id, interval=_interval(choice), ends_at=None)
    wanted = _with_addons(wanted, exchange.body)
    after = _fitting(wanted)
    begins = exchange.now if is_other_plan(before, after) else before.started_at
    due = lines_due(before, after)
    return {
        "subscription": _show_preview(after, wanted),
        "changeType": _change_type(before, after),
        "costs": {
            "immediate": {**_show_costs(due), "accountBalance": 0, "amountDue": total(due) / 100},
            "nextCycle": _show_costs(after.lines()),
        },
        "discounts": [],
        "nextBillingDate": format_milliseconds(attrs.evolve(after, started_at=begins).period_end(exchange.now)),
    }


def _interval(fields: Fields) -> Interval:
    return "year" if fields.string("interval") == "year" else "month"


def _refuse_coupon(exchange: Exchange) -> None:
    code = exchange.body.optional_string("couponCode")
    if code is not None:
        raise ApiError("ReferenceNotFound", f"no coupon has the code {code!r}")


def _with_addons(subscription: Subscription, body: Fields) -> Subscription:
    """Return a subscription with the quantities of the field `addons`; those that are not named stay."""
    given, addons = body.nested("addons"), dict(subscription.addons)
    for name in given.values:
        if not 0 <= given.integer(name) <= _MOST_ADDONS:
            raise ApiError("InvalidPayload", f"body/addons/{name} must be from 0 to {_MOST_ADDONS}")
        addons[plans.find_addon(name).id] = given.integer(name)
    return attrs.evolve(subscription, addons={name: quantity for name, quantity in addons.items() if quantity})


def _fitting(subscription: Subscription) -> Subscription:
    """Return a subscription without what its plan does not allow: the free plan has no add-ons."""
    return attrs.evolve(subscription, addons={}) if subscription.plan_id == FREE_PLAN else subscription


def _change(exchange: Exchange, before: Subscription, after: Subscription) -> JsonObject:
    subscribe(exchange.world, exchange.workspace_id, before, after)
    return _get(exchange)


def _change_type(before: Subscription, after: Subscription) -> ChangeType:
    old, new = ((PLANS[each.plan_id].rank, MONTHS[each.interval]) for each in (before, after))
    return "same" if new == old else "upgrade" if new > old else "downgrade"


def _get_upcoming(exchange: Exchange) -> JsonObject:
    """Return the next invoice. Its amounts are in cents."""
    workspace_id = exchange.path.string("id")
    roles.require_member(exchange.actor, workspace_id)
    subscription = load(exchange.world, workspace_id)
    start = subscription.period_end(exchange.now)
    period = (start, add_months(start, MONTHS[subscription.interval]))
    lines = [] if subscription.ends_at else subscription.lines()
    shown: list[Json] = [_show_upcoming(line, period) for line in lines]
    return {"total": total(lines), "lineItems": shown}


def _show_upcoming(line: Line, period: tuple[int, int]) -> JsonObject:
    first, last = (from_microseconds(end).date().isoformat() for end in period)
    return {
        "id": line.id,
        "description": line.description,
        "totalInCents": line.cents,
        "currency": "usd",
        "pricePerUnitInCents": line.cents / line.quantity,
        "quantity": line.quantity,
        "type": "subscription",
        "periodStart": first,
        "periodEnd": last,
    }


def _show(subscription: Subscription, now: int) -> JsonObject:
    later: JsonObject = {"effectiveDate": subscription.ends_at and format_milliseconds(subscription.ends_at)}
    is_ending, prices = subscription.ends_at is not None, subscription.lines()
    addons: JsonObject = {
        line.id: {
            "current": {"quantity": line.quantity, "price": line.cents / 100},
            "next": {"quantity": 0, "price": 0, **later} if is_ending else None,
        }
        for line in prices
        if line.type == "addon"
    }
    current: JsonObject = {
        "status": "active",
        "planId": subscription.plan_id,
        "interval": subscription.interval,
        "price": sum(line.cents for line in prices if line.type == "plan") / 100,
        "cancelAtPeriodEnd": is_ending,
        "periodEnd": format_milliseconds(subscription.period_end(now)),
    }
    following: JsonObject = {"planId": FREE_PLAN, "interval": "month", "price": 0, **later}
    return {
        "plan": {"current": current, "next": following if is_ending else None},
        "addons": addons,
        "discounts": [],
    }


def _show_preview(after: Subscription, wanted: Subscription) -> JsonObject:
    addons: JsonObject = {}
    for addon_id, quantity in wanted.addons.items():
        count = after.addons.get(addon_id, 0)
        adjusted: JsonObject = {} if count == quantity else {"autoAdjusted": True}
        addons[addon_id] = {"quantity": count, "effectiveDate": None, **adjusted}
    plan: JsonObject = {"planId": after.plan_id, "interval": after.interval, "effectiveDate": None}
    return {"plan": plan, "addons": addons}


def _show_costs(lines: list[Line]) -> JsonObject:
    return {"total": total(lines) / 100, "lineItems": [line.show() for line in lines]}


RESOURCE = Resource(
    operations={
        "getSubscription": _get,
        "setPlan": _set_plan,
        "setAddons": _set_addons,
        "setCancelAtPeriodEnd": _cancel,
        "previewSubscriptionUpdate": _preview,
        "getUpcomingInvoice": _get_upcoming,
    },
)
