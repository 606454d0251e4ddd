"""Invoices, the card that pays them, credit, and the billing address."""

from __future__ import annotations

from typing import Any

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_workspaces import join

BILLING = "/v2/billing"


def unpaid(api: Caller, number: int = 2) -> list[Any]:
    """Make unpaid invoices over 1, 2, 3 ... dollars beside the one that is there; return all of them."""
    api.sandbox.seed_data("botpress", {"invoices": number})
    return [invoice for invoice in api.iterate(f"{BILLING}/invoices", "invoices") if invoice["status"] == "open"]


def workspace_billing(api: Caller) -> str:
    """Return the path of what the administration knows of billing."""
    return f"/v1/admin/workspaces/{api.headers['x-workspace-id']}/billing"


def test_an_invoice_is_paid_once(api: Caller) -> None:
    invoice = unpaid(api)[0]
    path = f"{BILLING}/invoices/{invoice['id']}/pay"
    paid = api.post(path, idempotencyKey="one")
    again = api.post(path, idempotencyKey="one")

    assert paid == again == {**invoice, "status": "paid"}
    api.error("AlreadyExists", "POST", path, {"idempotencyKey": "two"})
    api.error("AlreadyExists", "POST", path, {})
    api.error("ResourceNotFound", "POST", f"{BILLING}/invoices/inv_none/pay", {})


def test_a_card_that_does_not_pay_leaves_the_invoice_open(api: Caller) -> None:
    invoice = unpaid(api)[0]
    api.post(f"{BILLING}/payment-methods", paymentMethodId="pm_card_chargeCustomerFail")
    api.error("PaymentRequired", "POST", f"{BILLING}/invoices/{invoice['id']}/pay", {})
    found = {row["id"]: row for row in api.get(f"{workspace_billing(api)}/invoices")["invoices"]}[invoice["id"]]

    assert found["paymentStatus"] == "open"


def test_unpaid_invoices_are_paid_together_or_fail_together(api: Caller) -> None:
    invoices = {invoice["amount"]: invoice["id"] for invoice in unpaid(api)}
    charge, path = f"{workspace_billing(api)}/invoices/charge-unpaid", f"{BILLING}/payment-methods"
    api.post(path, paymentMethodId="pm_card_chargeCustomerFail")
    failed = api.post(charge)
    api.post(path, paymentMethodId="pm_card_visa")
    paid = api.post(charge)

    reason = {"failedReason": "the card was declined"}
    assert failed["chargedInvoices"] == paid["failedInvoices"] == []
    assert failed["failedInvoices"] == [{**charged, **reason} for charged in paid["chargedInvoices"]]
    assert {row["id"] for row in paid["chargedInvoices"]} == set(invoices.values())
    api.error("AlreadyExists", "POST", charge, {"invoiceIds": [invoices[1]]})
    api.error("ReferenceNotFound", "POST", charge, {"invoiceIds": ["no"]})


def test_settings_of_automatic_recharges_are_kept(api: Caller) -> None:
    settings = {"integration_spend": {"enabled": True, "threshold": 10}}
    api.put(f"{BILLING}/auto-recharge/settings", settings=settings)

    assert api.get(f"{BILLING}/auto-recharge/settings") == {"settings": settings}


def test_only_the_invoices_that_are_named_are_charged(api: Caller) -> None:
    one, *others = unpaid(api)
    outcome = api.post(f"{workspace_billing(api)}/invoices/charge-unpaid", invoiceIds=[one["id"]])
    still_open = [row["id"] for row in api.iterate(f"{BILLING}/invoices", "invoices") if row["status"] == "open"]

    assert [row["id"] for row in outcome["chargedInvoices"]] == [one["id"]]
    assert still_open == [row["id"] for row in others]


def test_the_next_invoice_is_previewed_in_cents(api: Caller) -> None:
    upcoming = api.get(f"{workspace_billing(api)}/upcoming-invoice")

    assert upcoming["total"] == sum(item["totalInCents"] for item in upcoming["lineItems"]) == 52_000
    assert upcoming["lineItems"][0]["periodStart"] == "2026-02-01"


def test_a_card_is_set_through_the_payment_provider(api: Caller) -> None:
    secret = api.post(f"{BILLING}/payment-methods/intent")["clientSecret"]
    made = api.post(f"{BILLING}/payment-methods", paymentMethodId="pm_card_amex")

    assert secret.startswith("seti_")
    assert made["id"] == "pm_card_amex"
    assert api.get(f"{BILLING}/payment-methods") == {"paymentMethod": made}
    assert Caller.of(api.sandbox, "stranger").get(f"{BILLING}/payment-methods") == {"paymentMethod": None}
    api.error("ReferenceNotFound", "POST", f"{BILLING}/payment-methods", {"paymentMethodId": "4242"})


def test_credit_is_paid_at_once_and_raises_the_quota(api: Caller) -> None:
    before = api.get(f"{BILLING}/quotas")["integration_spend"]
    grant = api.post(f"{BILLING}/credit-grants", amount=25, feature="integration_spend")
    (invoice,) = [row for row in api.get(f"{BILLING}/invoices")["invoices"] if row["id"] == grant["invoice_id"]]

    assert (invoice["amount"], invoice["status"]) == (25, "paid")
    assert api.get(f"{BILLING}/quotas")["integration_spend"] == before + 25
    assert grant["period_end"] == "2026-02-01T00:00:00.000Z"
    stranger, body = Caller.of(api.sandbox, "stranger"), {"amount": 25, "feature": "integration_spend"}
    stranger.error("PaymentRequired", "POST", f"{BILLING}/credit-grants", body)
    api.error("InvalidPayload", "POST", f"{BILLING}/credit-grants", {**body, "amount": 0})


def test_the_address_takes_the_place_of_the_one_before(api: Caller) -> None:
    address = {"lineOne": "Rua Nova 3", "city": "Porto", "postalCode": "4000-001", "country": "PT"}
    before = api.get(f"{BILLING}/address")["address"]
    api.put(f"{BILLING}/address", **address)

    assert before["lineOne"] == "Main Street 1"
    assert api.get(f"{BILLING}/address") == {"address": address}
    assert Caller.of(api.sandbox, "stranger").get(f"{BILLING}/address") == {"address": None}


def test_nothing_of_billing_is_read_only(api: Caller) -> None:
    assert api.get(f"{BILLING}/readonly") == {"planReadonly": False, "addonsReadonly": False}


def test_a_developer_may_look_at_invoices_and_pay_none(api: Caller) -> None:
    developer = join(api, "developer")
    invoice = developer.get(f"{BILLING}/invoices")["invoices"][0]

    developer.get(f"{workspace_billing(api)}/invoices")
    developer.error("Forbidden", "POST", f"{BILLING}/invoices/{invoice['id']}/pay", {})
    developer.error("Forbidden", "POST", f"{workspace_billing(api)}/invoices/charge-unpaid", {})


LIVES = (
    test_an_invoice_is_paid_once,
    test_a_card_that_does_not_pay_leaves_the_invoice_open,
    test_unpaid_invoices_are_paid_together_or_fail_together,
    test_the_next_invoice_is_previewed_in_cents,
    test_a_card_is_set_through_the_payment_provider,
    test_credit_is_paid_at_once_and_raises_the_quota,
    test_settings_of_automatic_recharges_are_kept,
    test_the_address_takes_the_place_of_the_one_before,
    test_nothing_of_billing_is_read_only,
)
