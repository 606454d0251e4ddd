"""Subscriptions: plans, add-ons and trials."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.botpress.caller import Caller

BILLING = "/v2/billing"
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
    return [invoice["amount"] for invoice in api.iterate(f"{BILLING}/invoices", "invoices")]


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
    guest.error("ResourceNotFound", "GET", f"{BILLING}/plans/gold")
    guest.error("ResourceNotFound", "GET", f"{BILLING}/addons/gold")


def test_a_plan_is_paid_when_it_begins(free: Caller) -> None:
    free.error("PaymentRequired", "PUT", f"{BILLING}/plans", {"planId": "plus", "interval": "month"})
    with_card(free)
    current = free.put(f"{BILLING}/plans", planId="plus", interval="month")["plan"]["current"]

    assert (current["planId"], current["price"], current["status"]) == ("plus", 89, "active")
    assert current["periodEnd"] == "2026-02-01T00:00:00.000Z"
    assert (plan_of(free), amounts(free)) == ("plus", [89])


def test_add_ons_keep_to_what_there_is(api: Caller, free: Caller) -> None:
    api.error("ReferenceNotFound", "PATCH", f"{BILLING}/addons", {"addons": {"gold": 1}})
    api.error("InvalidPayload", "PATCH", f"{BILLING}/addons", {"addons": {"bot_count": -1}})
    free.error("RelationConflict", "PATCH", f"{BILLING}/addons", {"addons": {"bot_count": 1}})


def test_a_plan_that_cannot_be_had_is_an_error(api: Caller) -> None:
    api.error("ReferenceNotFound", "PUT", f"{BILLING}/plans", {"planId": "gold", "interval": "month"})
    api.error("InvalidPayload", "PUT", f"{BILLING}/plans", {"planId": "managed", "interval": "year"})
    api.error("InvalidPayload", "PUT", f"{BILLING}/plans", {"planId": "enterprise", "interval": "month"})


def test_another_plan_holds_at_once_and_costs_what_its_preview_says(free: Caller) -> None:
    with_card(free).put(f"{BILLING}/plans", planId="plus", interval="month")
    free.patch(f"{BILLING}/addons", addons={"bot_count": 2})
    before = subscription(free), amounts(free)
    shown = preview(free, "team", "year", addons={"table_rows": 1})
    kept = subscription(free), amounts(free)
    free.put(f"{BILLING}/plans", planId="team", interval="year")
    free.patch(f"{BILLING}/addons", addons={"table_rows": 1})

    costs, due = shown["costs"], sum(amounts(free)[:2])
    assert (kept, shown["changeType"]) == (before, "upgrade")
    assert costs["nextCycle"]["total"] == 5340 + 11 * 25 + 2 * 11 * 10
    assert costs["immediate"]["total"] == costs["immediate"]["amountDue"] == due
    assert [[line["amount"] for line in part["lineItems"]] for part in costs.values()] == [[due], [due + 89 + 2 * 10]]
    assert shown["nextBillingDate"].startswith("2027-01-01")
    assert plan_of(free) == "team"


def test_no_change_and_a_smaller_plan_cost_nothing(api: Caller) -> None:
    before = amounts(api)
    same, smaller = preview(api, "team"), preview(api, "plus")
    api.put(f"{BILLING}/plans", planId="team", interval="month")
    api.put(f"{BILLING}/plans", planId="plus", interval="month")

    assert (same["changeType"], smaller["changeType"]) == ("same", "downgrade")
    assert amounts(api) == before


def test_add_ons_raise_quotas_and_leave_with_the_plan(api: Caller) -> None:
    rows = api.get(f"{BILLING}/quotas")["table_rows"]
    more = api.patch(f"{BILLING}/addons", addons={"table_rows": 3})["addons"]
    raised = amounts(api)[0], api.get(f"{BILLING}/quotas")["table_rows"]
    adjusted = preview(api, "community")["subscription"]["addons"]["table_rows"]
    free = api.put(f"{BILLING}/plans", planId="community", interval="month")

    assert more["table_rows"]["current"] == {"quantity": 3, "price": 75}
    assert raised == (50, rows + 200_000)
    assert adjusted == {"quantity": 0, "effectiveDate": None, "autoAdjusted": True}
    assert free["addons"] == {}


def test_a_cancelled_subscription_ends_with_its_period(api: Caller, free: Caller) -> None:
    cancelled = api.post(f"{BILLING}/subscriptions/cancel")
    api.sandbox.advance(A_MONTH)
    ended = subscription(api)

    assert cancelled["plan"]["current"]["cancelAtPeriodEnd"] is True
    assert cancelled["plan"]["next"]["effectiveDate"] == cancelled["plan"]["current"]["periodEnd"]
    assert (ended["plan"]["current"]["planId"], ended["addons"]) == ("community", {})
    free.error("RelationConflict", "POST", f"{BILLING}/subscriptions/cancel")


def test_a_cancelled_subscription_goes_on_if_a_plan_is_taken(api: Caller) -> None:
    api.post(f"{BILLING}/subscriptions/cancel")
    kept = api.put(f"{BILLING}/plans", planId="team", interval="month")
    api.sandbox.advance(A_MONTH)

    assert kept["plan"]["next"] is None
    assert plan_of(api) == "team"


def test_addons_need_a_card_that_can_be_charged(free: Caller) -> None:
    with_card(free).put(f"{BILLING}/plans", planId="plus", interval="month")
    free.post(f"{BILLING}/payment-methods", paymentMethodId="pm_card_chargeCustomerFail")
    free.error("PaymentRequired", "PATCH", f"{BILLING}/addons", {"addons": {"bot_count": 1}})

    assert subscription(free)["addons"] == {}


def test_there_are_no_coupons(api: Caller) -> None:
    plan = {"planId": "team", "interval": "month"}

    api.error("ReferenceNotFound", "PUT", f"{BILLING}/plans", {**plan, "couponCode": "WELCOME"})
    api.error("ReferenceNotFound", "PATCH", f"{BILLING}/addons", {"addons": {}, "couponCode": "WELCOME"})
    api.error("ReferenceNotFound", "POST", f"{BILLING}/subscriptions/preview", {"plan": plan, "couponCode": "WELCOME"})
    assert subscription(api)["discounts"] == preview(api, "team")["discounts"] == []


def test_a_trial_gives_a_plan_for_some_days(free: Caller) -> None:
    trial = free.post(f"{BILLING}/trials", plan="team", lengthInDays=7)
    workspace = free.get(f"/v1/admin/workspaces/{free.headers['x-workspace-id']}")
    bots = free.get(f"{BILLING}/quotas")["bot_count"]
    changed = free.put(f"/v1/admin/workspaces/{free.headers['x-workspace-id']}", about="Pumps")
    listed = free.get("/v1/admin/workspaces")["workspaces"]
    free.error("AlreadyExists", "POST", f"{BILLING}/trials", {"plan": "plus", "lengthInDays": 7})
    free.sandbox.advance(timedelta(days=7))

    assert (trial["trialPlan"], trial["fromPlan"], trial["isActive"]) == ("team", "community", True)
    assert (workspace["plan"], workspace["activeTrialId"], bots) == ("team", trial["id"], 100)
    assert changed["activeTrialId"] == trial["id"]
    assert trial["id"] in [workspace.get("activeTrialId") for workspace in listed]
    assert free.get(f"{BILLING}/trials") == {"trials": [{**trial, "isActive": False}]}
    assert (plan_of(free), free.get(f"{BILLING}/quotas")["bot_count"]) == ("community", 20)


def test_a_trial_can_be_ended(free: Caller) -> None:
    free.post(f"{BILLING}/trials", plan="team", lengthInDays=7)
    free.delete(f"{BILLING}/trials")

    assert plan_of(free) == "community"
    free.error("ResourceNotFound", "DELETE", f"{BILLING}/trials")
    free.error("RelationConflict", "POST", f"{BILLING}/trials", {"plan": "community", "lengthInDays": 7})
    free.error("InvalidPayload", "POST", f"{BILLING}/trials", {"plan": "team", "lengthInDays": 0})
    free.error("ReferenceNotFound", "POST", f"{BILLING}/trials", {"plan": "gold", "lengthInDays": 1})


def live(api: Caller) -> None:
    """Begin a trial, end it, subscribe, add, cancel."""
    owner = fresh(api)
    owner.post(f"{BILLING}/trials", plan="team", lengthInDays=7)
    owner.get(f"{BILLING}/trials")
    owner.delete(f"{BILLING}/trials")
    with_card(owner).put(f"{BILLING}/plans", planId="plus", interval="month")
    owner.patch(f"{BILLING}/addons", addons={"bot_count": 1})
    preview(owner, "team")
    owner.post(f"{BILLING}/subscriptions/cancel")
    subscription(owner)


LIVES = (
    test_plans_and_add_ons_can_be_looked_at,
    live,
)
