"""Subscriptions: what a workspace has, what it changes to, and its renewal when a period ends."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import billing_accounts, coupons, invoices, pricing, timestamps, trials
from trilogue_sandbox.botpress.billing_accounts import (
    BillingAccount,
    Coupon,
    Discount,
    NextPlan,
    SubscribedAddon,
    SubscribedPlan,
)
from trilogue_sandbox.botpress.catalogue import FREE_PLAN, PLANS, Feature
from trilogue_sandbox.botpress.invoices import Bill
from trilogue_sandbox.botpress.periods import MONTHS, add_months
from trilogue_sandbox.botpress.pricing import Change, Item, Selection
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World


def selected(account: BillingAccount) -> Selection:
    """Return what a workspace has now."""
    addons: dict[Feature, int] = {addon_id: addon.quantity for addon_id, addon in account.addons.items()}
    return Selection(account.plan.plan_id, account.plan.interval, addons)


def selected_next(account: BillingAccount) -> Selection:
    """Return what a workspace will have from the next period on."""
    following = account.plan.next or NextPlan(account.plan.plan_id, account.plan.interval)
    addons: dict[Feature, int] = {}
    for addon_id, addon in account.addons.items():
        if count := addon.quantity if addon.next is None else addon.next:
            addons[addon_id] = count
    return Selection(following.plan_id, following.interval, addons)


def change_of(account: BillingAccount, after: Selection, now: float) -> Change:
    """Return the change from what a workspace has; `now` says how much of the period is still to come."""
    plan = account.plan
    share = (plan.period_end - now) / (plan.period_end - plan.period_start)
    return Change(selected(account), after, min(1.0, max(0.0, share)))


def fitting(selection: Selection) -> Selection:
    """Return a selection without what its plan does not take: the free plan has no add-ons."""
    return attrs.evolve(selection, addons={}) if selection.plan_id == FREE_PLAN else selection


def coupons_of(account: BillingAccount, now: int) -> list[Coupon]:
    """Return the coupons that hold at a moment."""
    return [discount.coupon for discount in account.discounts if discount.end is None or discount.end >= now]


def immediate_items(world: World, account: BillingAccount, change: Change, coupon: Coupon | None) -> list[Item]:
    """Return what a change costs at once, discounts included."""
    held = coupons_of(account, timestamps.now(world))
    return pricing.discounted(change.immediate, [*held, *([coupon] if coupon else [])])


def keep_plan(world: World, workspace_id: str) -> BillingAccount:
    """Take back a change of plan that was to come, so that the plan stays; return what billing knows then."""
    account = billing_accounts.load(world, workspace_id)
    plan = attrs.evolve(account.plan, next=None, cancel_at_period_end=False)
    billing_accounts.save(world, workspace_id, attrs.evolve(account, plan=plan))
    return billing_accounts.load(world, workspace_id)


def apply(world: World, workspace_id: str, change: Change, coupon: Coupon | None = None) -> None:
    """Make a change, after what it costs at once has been paid.

    Raises:
        ApiError: the card does not pay, or there is none (PaymentRequired).
    """
    account = billing_accounts.load(world, workspace_id)
    due = pricing.total(immediate_items(world, account, change, coupon))
    plan = _changed_plan(account.plan, change, timestamps.now(world))
    _pay(world, workspace_id, due, Bill(due, "Change of the subscription", plan.period_start, plan.period_end))
    account = billing_accounts.load(world, workspace_id)
    discounts = (*account.discounts, *discounts_of(world, plan, coupon, is_used=due > 0))
    changed = attrs.evolve(account, plan=plan, addons=_changed_addons(change), discounts=discounts)
    billing_accounts.save(world, workspace_id, changed)
    if change.begins_anew:
        billing_accounts.plan_renewal(world, workspace_id, plan)
    if change.type == "upgrade":
        trials.end_running(world, workspace_id)


def _changed_plan(plan: SubscribedPlan, change: Change, now: int) -> SubscribedPlan:
    after = change.after
    if change.begins_anew:
        return SubscribedPlan(after.plan_id, after.interval, now, add_months(now, MONTHS[after.interval]))
    if change.type == "downgrade":
        following = NextPlan(after.plan_id, after.interval)
        return attrs.evolve(plan, next=following, cancel_at_period_end=after.plan_id == FREE_PLAN)
    return attrs.evolve(plan, plan_id=after.plan_id)


def _changed_addons(change: Change) -> dict[Feature, SubscribedAddon]:
    before, after = change.before.addons, change.after.addons
    if change.begins_anew:
        return {addon_id: SubscribedAddon(count) for addon_id, count in after.items() if count}
    changed: dict[Feature, SubscribedAddon] = {}
    for addon_id in dict.fromkeys((*before, *after)):
        old, new = before.get(addon_id, 0), after.get(addon_id, 0)
        if old or new:
            changed[addon_id] = SubscribedAddon(max(old, new), new if new < old else None)
    return changed


def discounts_of(world: World, plan: SubscribedPlan, coupon: Coupon | None, is_used: bool) -> tuple[Discount, ...]:
    """Return the discount that a coupon gives, if there is one; `is_used` says that it has made something cheaper."""
    if coupon is None:
        return ()
    now = timestamps.now(world)
    end = add_months(now, coupon.months or 0) if coupon.duration == "repeating" else None
    if coupon.duration == "once":
        end = now if is_used else plan.period_end
    return (Discount(world.ids.prefixed("discount"), coupon, now, end),)


def _pay(world: World, workspace_id: str, due: int, bill: Bill) -> None:
    rest = _use_balance(world, workspace_id, due)
    if rest > 0:
        invoices.charge_now(world, workspace_id, attrs.evolve(bill, cents=rest))


def _use_balance(world: World, workspace_id: str, due: int) -> int:
    """Pay from what the account holds, or add to it what is given back; return what is left to pay."""
    account = billing_accounts.load(world, workspace_id)
    balance = max(0, account.balance - due)
    billing_accounts.save(world, workspace_id, attrs.evolve(account, balance=balance))
    return max(0, due - account.balance)


def _renew(world: World, given: JsonObject) -> object:
    """Begin the next period of the workspace `workspace_id`, if the one that ends at `period_end` is still running."""
    workspace_id = str(given.get("workspace_id"))
    if not world.store.one("SELECT 1 FROM botpress_billing WHERE workspace_id = ?", workspace_id):
        return {"renewed": False}
    account = billing_accounts.load(world, workspace_id)
    if account.plan.period_end != given.get("period_end"):
        return {"renewed": False}
    selection, start = selected_next(account), account.plan.period_end
    plan = SubscribedPlan(selection.plan_id, selection.interval, start, add_months(start, MONTHS[selection.interval]))
    addons = {addon_id: SubscribedAddon(count) for addon_id, count in selection.addons.items()}
    billing_accounts.save(world, workspace_id, attrs.evolve(account, plan=plan, addons=addons))
    billing_accounts.plan_renewal(world, workspace_id, plan)
    _charge_period(world, workspace_id, pricing.discounted(pricing.cycle(selection), coupons_of(account, start)))
    return {"renewed": True}


def _charge_period(world: World, workspace_id: str, items: list[Item]) -> None:
    rest = _use_balance(world, workspace_id, pricing.total(items))
    plan = billing_accounts.load(world, workspace_id).plan
    bill = Bill(rest, f"{PLANS[plan.plan_id].name} for a {plan.interval}", plan.period_start, plan.period_end)
    if rest > 0 and not invoices.charge_later(world, workspace_id, bill):
        account = billing_accounts.load(world, workspace_id)
        unpaid = attrs.evolve(account.plan, status="past_due")
        billing_accounts.save(world, workspace_id, attrs.evolve(account, plan=unpaid))


def show(world: World, workspace_id: str) -> JsonObject:
    """Return the subscription of a workspace as the API has it."""
    account, now = billing_accounts.load(world, workspace_id), timestamps.now(world)
    return {
        "plan": _show_plan(account),
        "addons": {addon_id: _show_addon(account, addon_id) for addon_id in account.addons},
        "discounts": show_discounts(account, now),
    }


def show_discounts(account: BillingAccount, now: int) -> list[Json]:
    """Return the discounts that hold after a moment, as the API has them."""
    held = (discount for discount in account.discounts if discount.end is None or discount.end > now)
    return [coupons.show_discount(discount) for discount in held]


def _show_plan(account: BillingAccount) -> JsonObject:
    plan = account.plan
    return {
        "current": {
            "status": plan.status,
            "planId": plan.plan_id,
            "interval": plan.interval,
            "price": selected(account).plan_cents / 100,
            "cancelAtPeriodEnd": plan.cancel_at_period_end,
            "periodEnd": timestamps.show(plan.period_end),
        },
        "next": _show_next_plan(account, plan.next) if plan.next else None,
    }


def _show_next_plan(account: BillingAccount, following: NextPlan) -> JsonObject:
    return {
        "planId": following.plan_id,
        "interval": following.interval,
        "price": selected_next(account).plan_cents / 100,
        "effectiveDate": timestamps.show(account.plan.period_end),
    }


def _show_addon(account: BillingAccount, addon_id: Feature) -> JsonObject:
    count, following = account.addons[addon_id].quantity, account.addons[addon_id].next
    later: JsonObject = {"effectiveDate": timestamps.show(account.plan.period_end)}
    return {
        "current": _show_count(account, addon_id, count),
        "next": None if following is None else {**_show_count(account, addon_id, following), **later},
    }


def _show_count(account: BillingAccount, addon_id: Feature, count: int) -> JsonObject:
    return {"quantity": count, "price": selected(account).addon_cents(addon_id, count) / 100}


RESOURCE = Resource(actions={"renew_subscription": _renew})
