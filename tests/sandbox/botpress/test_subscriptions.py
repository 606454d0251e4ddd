"""Subscriptions: plans, add-ons, coupons, trials, and what happens when a period ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.botpress.caller import Caller

BILLING = "/v2/billing"
HALF_A_MONTH = timedelta(days=15, hours=12)
A_MONTH = timedelta(days=31)


@pytest.fixture
def free(api: Caller) -> Caller:
    """The owner of a new workspace: on the free plan and without a card."""
    return fresh(api)


def fresh(api: Caller) -> Caller:
    """Make a workspace; return its owner."""
    return api.with_headers(x_workspace_id=api.post("/v1/admin/workspaces", name="New")["id"])


def with_card(api: Caller) -> Caller:
    """Give the workspace a card; return the caller."""
    api.post(f"{BILLING}/payment-methods", paymentMethodId="pm_card_visa")
    return api


def subscription(api: Caller) -> Any:
    """Return the subscription."""
    return api.get(f"{BILLING}/subscriptions")


def amounts(api: Caller) -> list[float]:
    """Return the amounts of all invoices, the newest first."""
    return [invoice["amount"] for invoice in api.walk(f"{BILLING}/invoices", "invoices")]


def plan_of(api: Caller) -> str:
    """Return the plan that the workspace shows."""
    return str(api.get(f"/v1/admin/workspaces/{api.headers['x-workspace-id']}")["plan"])


def preview(api: Caller, plan: str, interval: str = "month", **more: Any) -> Any:
    """Preview a change."""
    return api.post(f"{BILLING}/subscriptions/preview", plan={"planId": plan, "interval": interval}, **more)


def test_plans_and_add_ons_can_be_looked_at(api: Caller) -> None:
    guest = api.with_headers(x_workspace_id=None)
    plans, addons = guest.get(f"{BILLING}/plans"), guest.get(f"{BILLING}/addons")

    assert [plan["id"] for plan in plans] == ["community", "plus", "team", "managed", "enterprise"]
    assert guest.get(f"{BILLING}/plans/plus") == plans[1]
    assert guest.get(f"{BILLING}/addons/{addons[0]['id']}") == addons[0]
    guest.refused("ResourceNotFound", "GET", f"{BILLING}/plans/gold")
    guest.refused("ResourceNotFound", "GET", f"{BILLING}/addons/gold")


def test_a_plan_is_paid_when_it_begins(free: Caller) -> None:
    free.refused("PaymentRequired", "PUT", f"{BILLING}/plans", {"planId": "plus", "interval": "month"})
    with_card(free)
    current = free.put(f"{BILLING}/plans", planId="plus", interval="month")["plan"]["current"]

    assert (current["planId"], current["price"], current["status"]) == ("plus", 89, "active")
    assert current["periodEnd"].startswith("2026-02-01T12:00")
    assert (plan_of(free), amounts(free)) == ("plus", [89])


def test_a_larger_plan_holds_at_once_and_is_paid_for_the_rest_of_the_period(free: Caller) -> None:
    with_card(free).put(f"{BILLING}/plans", planId="plus", interval="month")
    free.sandbox.advance(HALF_A_MONTH)
    shown = preview(free, "team")
    free.put(f"{BILLING}/plans", planId="team", interval="month")

    items = [(item["type"], item["amount"]) for item in shown["costs"]["immediate"]["lineItems"]]
    assert items == [("proration_credit", -44.5), ("proration_charge", 247.5)]
    assert shown["changeType"] == "upgrade"
    assert shown["costs"]["immediate"]["amountDue"] == 203
    assert shown["costs"]["nextCycle"]["total"] == 495
    assert (plan_of(free), amounts(free)) == ("team", [203, 89])


def test_a_smaller_plan_holds_from_the_next_period_on(api: Caller) -> None:
    after = api.put(f"{BILLING}/plans", planId="plus", interval="month")
    before = plan_of(api)
    api.sandbox.advance(A_MONTH)

    assert after["plan"]["next"] == {
        "planId": "plus",
        "interval": "month",
        "price": 89,
        "effectiveDate": "2026-02-01T12:00:00.000Z",
    }
    assert (before, plan_of(api)) == ("team", "plus")
    assert amounts(api)[0] == 89 + 25
    assert subscription(api)["plan"]["next"] is None


def test_a_change_that_was_to_come_can_be_taken_back(api: Caller) -> None:
    api.put(f"{BILLING}/plans", planId="plus", interval="month")
    kept = api.put(f"{BILLING}/plans", planId="team", interval="month")
    api.sandbox.advance(A_MONTH)

    assert kept["plan"]["next"] is None
    assert plan_of(api) == "team"


def test_a_cancelled_subscription_ends_with_its_period(api: Caller, free: Caller) -> None:
    cancelled = api.call("POST", f"{BILLING}/subscriptions/cancel")
    api.sandbox.advance(A_MONTH)
    ended = subscription(api)

    assert cancelled.status == 200
    assert (ended["plan"]["current"]["planId"], ended["addons"]) == ("community", {})
    free.refused("RelationConflict", "POST", f"{BILLING}/subscriptions/cancel")


def test_more_of_an_add_on_holds_at_once_and_less_from_the_next_period_on(api: Caller) -> None:
    rows = api.get(f"{BILLING}/quotas")["table_rows"]
    api.sandbox.advance(HALF_A_MONTH)
    api.patch(f"{BILLING}/addons", addons={"table_rows": 3})
    more = amounts(api)[0], api.get(f"{BILLING}/quotas")["table_rows"]
    less = api.patch(f"{BILLING}/addons", addons={"table_rows": 0, "bot_count": 1})["addons"]
    api.sandbox.advance(HALF_A_MONTH)

    assert more == (25, rows + 200_000)
    assert less["table_rows"]["current"]["quantity"] == 3
    assert (less["table_rows"]["next"]["quantity"], less["bot_count"]["next"]) == (0, None)
    assert set(subscription(api)["addons"]) == {"bot_count"}
    assert amounts(api)[0] == 495 + 10


def test_add_ons_keep_to_what_there_is(api: Caller, free: Caller) -> None:
    api.refused("ReferenceNotFound", "PATCH", f"{BILLING}/addons", {"addons": {"gold": 1}})
    api.refused("InvalidPayload", "PATCH", f"{BILLING}/addons", {"addons": {"bot_count": -1}})
    free.refused("RelationConflict", "PATCH", f"{BILLING}/addons", {"addons": {"bot_count": 1}})


def test_a_plan_that_cannot_be_had_is_refused(api: Caller) -> None:
    api.refused("ReferenceNotFound", "PUT", f"{BILLING}/plans", {"planId": "gold", "interval": "month"})
    api.refused("InvalidPayload", "PUT", f"{BILLING}/plans", {"planId": "managed", "interval": "year"})
    api.refused("InvalidPayload", "PUT", f"{BILLING}/plans", {"planId": "enterprise", "interval": "month"})


def test_paying_by_the_year_begins_a_new_period(api: Caller) -> None:
    api.sandbox.advance(HALF_A_MONTH)
    shown = preview(api, "team", "year")
    current = api.put(f"{BILLING}/plans", planId="team", interval="year")["plan"]["current"]

    assert shown["costs"]["immediate"]["total"] == 5340 + 270 - 260
    assert shown["nextBillingDate"].startswith("2027-01-17")
    assert current["periodEnd"].startswith("2027-01-17")
    assert amounts(api)[0] == 5350


def test_a_preview_changes_nothing(api: Caller) -> None:
    before = subscription(api), amounts(api)
    shown = preview(api, "community", addons={"table_rows": 2}, couponCode="WELCOME10")

    assert shown["changeType"] == "downgrade"
    assert shown["subscription"]["plan"]["effectiveDate"] == subscription(api)["plan"]["current"]["periodEnd"]
    assert shown["subscription"]["addons"]["table_rows"]["autoAdjusted"] is True
    assert shown["costs"]["nextCycle"] == {"total": 0, "lineItems": []}
    assert (subscription(api), amounts(api)) == before


def test_a_coupon_makes_a_plan_cheaper_once(free: Caller) -> None:
    with_card(free)
    shown = preview(free, "plus", couponCode="WELCOME10")["costs"]
    free.put(f"{BILLING}/plans", planId="plus", interval="month", couponCode="WELCOME10")
    free.sandbox.advance(A_MONTH)

    assert (shown["immediate"]["amountDue"], shown["nextCycle"]["total"]) == (80.1, 89)
    assert amounts(free) == [89, 80.1]
    body = {"planId": "team", "interval": "month", "couponCode": "NOPE"}
    free.refused("ReferenceNotFound", "PUT", f"{BILLING}/plans", body)


def test_a_coupon_can_hold_for_some_months(free: Caller) -> None:
    with_card(free).control("add_coupon", code="TWO", amount_off=9, duration="repeating", months=2)
    made = free.put(f"{BILLING}/plans", planId="plus", interval="month", couponCode="TWO")
    for _ in range(3):
        free.sandbox.advance(A_MONTH)

    discount = made["discounts"][0]
    assert (discount["amountOff"], discount["currency"], discount["durationInMonths"]) == (9, "usd", 2)
    assert amounts(free) == [89, 80, 80, 80]
    assert subscription(free)["discounts"] == []


def test_a_closed_subscription_does_not_change(api: Caller) -> None:
    api.control("close_billing", plan=True, addons=True)

    assert api.get(f"{BILLING}/readonly") == {"planReadonly": True, "addonsReadonly": True}
    api.refused("Forbidden", "PUT", f"{BILLING}/plans", {"planId": "plus", "interval": "month"})
    api.refused("Forbidden", "PATCH", f"{BILLING}/addons", {"addons": {"bot_count": 1}})
    api.refused("Forbidden", "POST", f"{BILLING}/subscriptions/cancel")


def test_what_is_given_back_pays_later(free: Caller) -> None:
    with_card(free).put(f"{BILLING}/plans", planId="team", interval="year")
    free.put(f"{BILLING}/plans", planId="managed", interval="month")
    balance = preview(free, "managed")["costs"]["immediate"]["accountBalance"]
    free.sandbox.advance(A_MONTH)

    assert balance == pytest.approx(5340 - 1495, abs=1)
    assert len(amounts(free)) == 1
    assert preview(free, "managed")["costs"]["immediate"]["accountBalance"] == pytest.approx(balance - 1495)


def test_a_renewal_that_is_not_paid_blocks_the_workspace_until_it_is(free: Caller) -> None:
    with_card(free).put(f"{BILLING}/plans", planId="plus", interval="month")
    workspace = f"/v1/admin/workspaces/{free.headers['x-workspace-id']}"
    free.control("limit_card", workspace=free.headers["x-workspace-id"], amount=10)
    free.sandbox.advance(A_MONTH)
    due = free.get(f"{workspace}/billing/invoices")["invoices"][0]
    status = subscription(free)["plan"]["current"]["status"]
    free.sandbox.advance(timedelta(days=6))
    failed = free.get(f"{workspace}/billing/invoices")["invoices"][0]
    blocked = free.get(workspace)["blocked"]
    with_card(free).post(f"{BILLING}/invoices/{due['id']}/pay")

    assert (due["paymentStatus"], due["paymentAttemptCount"], status) == ("open", 1, "past_due")
    assert due["nextPaymentAttemptDate"].startswith("2026-02-04T12:00")
    assert (failed["paymentStatus"], failed["paymentAttemptCount"], blocked) == ("uncollectible", 3, True)
    assert free.get(workspace)["blocked"] is False
    assert subscription(free)["plan"]["current"]["status"] == "active"


def test_a_trial_gives_a_plan_for_some_days(free: Caller) -> None:
    trial = free.post(f"{BILLING}/trials", plan="team", lengthInDays=7)
    workspace = free.get(f"/v1/admin/workspaces/{free.headers['x-workspace-id']}")
    bots = free.get(f"{BILLING}/quotas")["bot_count"]
    free.refused("AlreadyExists", "POST", f"{BILLING}/trials", {"plan": "plus", "lengthInDays": 7})
    free.sandbox.advance(timedelta(days=7))

    assert (trial["trialPlan"], trial["fromPlan"], trial["isActive"]) == ("team", "community", True)
    assert (workspace["plan"], workspace["activeTrialId"], bots) == ("team", trial["id"], 100)
    assert free.get(f"{BILLING}/trials") == {"trials": [{**trial, "isActive": False}]}
    assert (plan_of(free), free.get(f"{BILLING}/quotas")["bot_count"]) == ("community", 20)


def test_a_trial_can_be_ended(free: Caller) -> None:
    free.post(f"{BILLING}/trials", plan="team", lengthInDays=7)
    free.delete(f"{BILLING}/trials")

    assert plan_of(free) == "community"
    free.refused("ResourceNotFound", "DELETE", f"{BILLING}/trials")
    free.refused("RelationConflict", "POST", f"{BILLING}/trials", {"plan": "community", "lengthInDays": 7})
    free.refused("InvalidPayload", "POST", f"{BILLING}/trials", {"plan": "team", "lengthInDays": 0})
    free.refused("ReferenceNotFound", "POST", f"{BILLING}/trials", {"plan": "gold", "lengthInDays": 1})


def test_subscribing_ends_the_trial(free: Caller) -> None:
    free.post(f"{BILLING}/trials", plan="team", lengthInDays=7)
    with_card(free).put(f"{BILLING}/plans", planId="plus", interval="month")

    assert plan_of(free) == "plus"


def live(api: Caller) -> None:
    """Begin a trial, end it, subscribe, add, cancel."""
    owner = fresh(api)
    owner.post(f"{BILLING}/trials", plan="team", lengthInDays=7)
    owner.get(f"{BILLING}/trials")
    owner.delete(f"{BILLING}/trials")
    with_card(owner).put(f"{BILLING}/plans", planId="plus", interval="month")
    owner.patch(f"{BILLING}/addons", addons={"bot_count": 1})
    owner.post(f"{BILLING}/subscriptions/cancel")


LIVES = (
    test_plans_and_add_ons_can_be_looked_at,
    test_a_preview_changes_nothing,
    test_a_closed_subscription_does_not_change,
    live,
)
