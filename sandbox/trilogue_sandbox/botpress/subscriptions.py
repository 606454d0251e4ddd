"""Subscriptions: the plan and the add-ons of a workspace, and trials of a larger plan.

A change takes effect at once, and what it costs more in an interval is charged at once. A subscription that was
canceled ends with its period. There are no coupons.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from trilogue_sandbox.botpress import payments, roles
from trilogue_sandbox.botpress.account_tables import BILLING
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.plans import ADDONS, FREE_PLAN, INTERVALS, PLANS, Interval, find_offer
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import DAY, format_milliseconds, month_start
from trilogue_sandbox.kernel.views import View, each

_MONTHS: dict[Interval, int] = {"month": 1, "year": 12}
_MOST_ADDONS, _MOST_DAYS = 10_000, 90
"""The limits are the sandbox's own."""

_WHOLE: JsonObject = {"description": "Plan and add-ons", "quantity": 1}
"""The one line of what is paid."""


@attrs.frozen
class Subscription:
    """A plan, how often it is paid, how many of each add-on there are, and when it ends if it was canceled."""

    plan_id: str = FREE_PLAN
    interval: Interval = "month"
    addons: Mapping[str, int] = attrs.field(factory=dict[str, int])
    ends_at: int | None = None

    @property
    def plan_price(self) -> int:
        """What the plan costs in an interval, in dollars."""
        return PLANS[self.plan_id].prices[self.interval]

    def addon_price(self, addon_id: str) -> int:
        """Return what all units of an add-on cost in an interval."""
        return self.addons[addon_id] * ADDONS[addon_id].prices[self.interval]

    @property
    def price(self) -> int:
        """What plan and add-ons cost together."""
        return self.plan_price + sum(map(self.addon_price, self.addons))

    def period_end(self, now: int) -> int:
        """Return when the current period ends."""
        return self.ends_at or month_start(now, _MONTHS[self.interval])


def read(row: Row, now: int) -> Subscription:
    """Return the subscription of a workspace from its row of billing; one that has ended is the free plan again."""
    if row["ends_at"] is not None and row["ends_at"] <= now:
        return Subscription()
    return Subscription(row["plan_id"], row["interval"], row["addons"], row["ends_at"])


def _load(exchange: Exchange) -> Subscription:
    code = exchange.body.optional_string("couponCode")
    if code is not None:
        raise ApiError("ReferenceNotFound", f"no coupon has the code {code!r}")
    return read(payments.find(exchange), exchange.now)


def _set_plan(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    before = _load(exchange)
    return _change(exchange, before, _with_plan(before, exchange.body))


def _set_addons(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    before = _load(exchange)
    if before.plan_id == FREE_PLAN:
        raise ApiError("RelationConflict", "add-ons need a plan that is paid")
    return _change(exchange, before, _with_addons(before, exchange.body))


def _cancel(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    before = _load(exchange)
    if before.plan_id == FREE_PLAN:
        raise ApiError("RelationConflict", "the workspace has the free plan; there is nothing to cancel")
    return _change(exchange, before, attrs.evolve(before, ends_at=before.period_end(exchange.now)))


def _change(exchange: Exchange, before: Subscription, after: Subscription) -> JsonObject:
    """Change the subscription, after what is due has been paid."""
    if due := _due(before, after):
        payments.charge(exchange.world, exchange.workspace_id, due, "Subscription")
    exchange.records.change(BILLING, payments.find(exchange), **attrs.asdict(after))
    return _show(after, exchange.now)


def _due(before: Subscription, after: Subscription) -> int:
    return max(0, after.price - before.price)


def _with_plan(before: Subscription, choice: Fields) -> Subscription:
    """Return a subscription with the plan and the interval of a choice; the free plan has no add-ons."""
    plan, interval = find_offer(PLANS, choice.string("planId")), choice.choice("interval", INTERVALS)
    if interval not in plan.prices:
        raise ApiError("InvalidPayload", f"the plan {plan.id} cannot be paid by the {interval}")
    return Subscription(plan.id, interval, {} if plan.id == FREE_PLAN else before.addons)


def _with_addons(before: Subscription, body: Fields) -> Subscription:
    """Return a subscription with the quantities of the field `addons`; those that are not named stay."""
    given, addons = body.nested("addons"), dict(before.addons)
    for name in given.values:
        addon = find_offer(ADDONS, name)
        addons[addon.id] = given.integer(name, smallest=0, largest=_MOST_ADDONS)
    return attrs.evolve(before, addons={name: quantity for name, quantity in addons.items() if quantity})


def _preview(exchange: Exchange) -> JsonObject:
    before = _load(exchange)
    wanted = _with_addons(before, exchange.body)
    after = _with_plan(wanted, exchange.body.nested("plan"))
    due = _due(before, after)
    plan: JsonObject = {"planId": after.plan_id, "interval": after.interval, "effectiveDate": None}
    is_adjusted = after.addons != wanted.addons
    addons: JsonObject = {
        name: {"quantity": after.addons.get(name, 0), "effectiveDate": None, "autoAdjusted": is_adjusted}
        for name in wanted.addons
    }
    immediate: JsonObject = {**_costs(after, due), "accountBalance": 0, "amountDue": due}
    return {
        "subscription": {"plan": plan, "addons": addons},
        "changeType": "same" if after.price == before.price else "upgrade" if due else "downgrade",
        "costs": {"immediate": immediate, "nextCycle": _costs(after, after.price)},
        "discounts": [],
        "nextBillingDate": format_milliseconds(after.period_end(exchange.now)),
    }


def _costs(subscription: Subscription, amount: int) -> JsonObject:
    line: JsonObject = {"type": "plan", "id": subscription.plan_id, "amount": amount, **_WHOLE}
    return {"total": amount, "lineItems": [line]}


def _get_upcoming(exchange: Exchange) -> JsonObject:
    """Return the next invoice. Its amounts are in cents."""
    workspace_id = exchange.path.string("id")
    roles.require_member(exchange.actor, workspace_id)
    subscription = read(exchange.records.get(BILLING, workspace_id), exchange.now)
    start = subscription.period_end(exchange.now)
    first, last = (format_milliseconds(at)[:10] for at in (start, subscription.period_end(start)))
    cents = 0 if subscription.ends_at else 100 * subscription.price
    line: JsonObject = {"id": subscription.plan_id, "type": "subscription", "currency": "usd", **_WHOLE}
    line |= {"totalInCents": cents, "pricePerUnitInCents": cents, "periodStart": first, "periodEnd": last}
    return {"total": cents, "lineItems": [line] if cents else []}


def _show(subscription: Subscription, now: int) -> JsonObject:
    is_ending, period_end = subscription.ends_at is not None, format_milliseconds(subscription.period_end(now))
    later: JsonObject = {"price": 0, "effectiveDate": period_end}
    current: JsonObject = {"status": "active", "planId": subscription.plan_id, "interval": subscription.interval}
    current |= {"price": subscription.plan_price, "cancelAtPeriodEnd": is_ending, "periodEnd": period_end}
    following: Json = {"planId": FREE_PLAN, "interval": "month", **later} if is_ending else None
    addons: JsonObject = {
        name: {
            "current": {"quantity": quantity, "price": subscription.addon_price(name)},
            "next": {"quantity": 0, **later} if is_ending else None,
        }
        for name, quantity in subscription.addons.items()
    }
    return {"plan": {"current": current, "next": following}, "addons": addons, "discounts": []}


def has_trial(billing: Row, now: int) -> bool:
    """Whether a trial is running, by the row of billing of a workspace."""
    return billing["trial_ends_at"] is not None and billing["trial_ends_at"] > now


_TRIAL = View[Actor](
    "Trial",
    BILLING,
    computed={"isActive": each(lambda actor, row: has_trial(row, actor.now))},
    columns={"id": "trial_id", "endsAt": "trial_ends_at"},
)


def _list_trials(exchange: Exchange) -> JsonObject:
    row = payments.find(exchange)
    return {"trials": [_TRIAL.show_one(exchange.actor, row)] if row["trial_id"] else []}


def _create_trial(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    roles.require_paid_by(exchange.actor)
    days = exchange.body.integer("lengthInDays", smallest=1, largest=_MOST_DAYS)
    plan = find_offer(PLANS, exchange.body.string("plan"))
    row, current = payments.find(exchange), _load(exchange).plan_id
    if [*PLANS].index(plan.id) <= [*PLANS].index(current):
        raise ApiError("RelationConflict", f"the workspace has the plan {current}, which gives as much as {plan.id}")
    if has_trial(row, exchange.now):
        raise ApiError("AlreadyExists", "a trial is running already")
    trial = {"trial_id": exchange.world.ids.prefixed("trial"), "trial_plan": plan.id, "from_plan": current}
    row = exchange.records.change(BILLING, row, **trial, trial_ends_at=exchange.now + days * DAY)
    return _TRIAL.show_one(exchange.actor, row)


def _remove_trial(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    row = payments.find(exchange)
    if not has_trial(row, exchange.now):
        raise ApiError("ResourceNotFound", "no trial is running")
    exchange.records.change(BILLING, row, trial_ends_at=exchange.now)
    return {}


RESOURCE = Resource(
    operations={
        "getSubscription": lambda exchange: _show(_load(exchange), exchange.now),
        "setPlan": _set_plan,
        "setAddons": _set_addons,
        "setCancelAtPeriodEnd": _cancel,
        "previewSubscriptionUpdate": _preview,
        "getUpcomingInvoice": _get_upcoming,
        "getTrials": _list_trials,
        "createTrial": _create_trial,
        "removeTrial": _remove_trial,
    },
)
