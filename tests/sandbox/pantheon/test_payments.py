"""Payments and refunds."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue_sandbox.kernel.http import Request

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import CREDENTIALS, conversation, paid, payment

FINAL = ("failed", "canceled", "expired", "refunded")


def get(api: Caller, made: Any) -> Any:
    return api.ok("payments/getPayment", payment_id=made["id"])


def refund(api: Caller, made: Any, **body: object) -> Any:
    return api.ok("payments/refundPayment", payment_id=made["id"], **body)


@pytest.mark.parametrize("channel_type", CREDENTIALS)
def test_a_payment_is_asked_for_by_a_message_over_any_channel(api: Caller, channel_type: str) -> None:
    talk = conversation(api, channel_type)
    made = payment(api, talk["id"], reference="10482", metadata={"a": "1"})
    sent = api.ok("messages/getMessage", message_id=made["message_id"])

    assert (made["status"], made["amount"], made["currency"], made["amount_refunded"]) == ("requested", 2599, "EUR", 0)
    assert (made["reference"], made["metadata"], made["paid_at"], made["failure"]) == ("10482", {"a": "1"}, None, None)
    asked = {"payment_id": made["id"], "amount": 2599, "currency": "EUR", "description": "Order"}
    assert sent["content"] == {"type": "payment_request", **asked}


def test_the_page_of_a_payment_tells_how_it_stands(api: Caller) -> None:
    made = payment(api, conversation(api)["id"])
    path = made["url"].removeprefix("http://127.0.0.1:8000")
    api.control("pay", payment_id=made["id"])
    page = api.sandbox.respond(Request("GET", path))

    assert (page.status, page.content_type) == (200, "text/html")
    assert b"paid" in page.body
    assert api.sandbox.respond(Request("GET", path + "x")).status == 404


@pytest.mark.parametrize(("currency", "errors"), [("XXX", ["currency"]), ("ZZZ", ["currency"]), ("eur", ["currency"])])
def test_a_currency_is_one_of_iso_4217(api: Caller, currency: str, errors: list[str]) -> None:
    body = {"conversation_id": conversation(api)["id"], "amount": 1, "currency": currency, "description": "x"}

    assert api.field_errors("payments/requestPayment", **body) == errors


@pytest.mark.parametrize("amount", [0, -1, 1_000_000_000_000, 1.5, "1", True])
def test_an_amount_is_a_positive_number_of_minor_units(api: Caller, amount: object) -> None:
    body = {"conversation_id": conversation(api)["id"], "amount": amount, "currency": "EUR", "description": "x"}

    assert api.field_errors("payments/requestPayment", **body) == ["amount"]


def test_a_payment_expires_when_the_contact_has_not_begun_to_pay(api: Caller) -> None:
    talk = conversation(api)
    made, begun = (payment(api, talk["id"], expires_in=300) for _ in range(2))
    api.control("confirm_payment", payment_id=begun["id"])
    api.advance(seconds=299)
    before = get(api, made)["status"]
    api.advance(seconds=1)

    assert (before, get(api, made)["status"]) == ("requested", "expired")
    assert get(api, made)["updated_at"] == made["expires_at"]
    assert get(api, begun)["status"] == "pending"


def test_a_payment_expires_after_a_day_unless_told_otherwise(api: Caller) -> None:
    made = payment(api, conversation(api)["id"])
    api = api.later(days=1, seconds=-1)
    before = get(api, made)["status"]
    api.advance(seconds=1)

    assert (before, get(api, made)["status"]) == ("requested", "expired")


def test_a_pending_payment_fails_after_seven_days(api: Caller) -> None:
    made = payment(api, conversation(api)["id"])
    api.control("confirm_payment", payment_id=made["id"])
    api = api.later(days=7, seconds=-1)
    before = get(api, made)
    api.advance(seconds=1)
    after = get(api, made)

    assert (before["status"], before["failure"]) == ("pending", None)
    assert (after["status"], after["failure"]["code"]) == ("failed", "timed_out")


def test_a_refund_of_a_part_and_of_the_rest(api: Caller) -> None:
    made = paid(api, conversation(api)["id"], 1000)
    part = refund(api, made, amount=300, reason="Broken")
    between = get(api, made)
    rest = refund(api, made)
    after = get(api, made)

    assert (part["amount"], part["currency"], part["reason"]) == (300, "EUR", "Broken")
    assert (between["status"], between["amount_refunded"]) == ("partially_refunded", 300)
    assert (rest["amount"], rest["reason"]) == (700, None)
    assert (after["status"], after["amount_refunded"]) == ("refunded", 1000)
    assert api.ids("payments/listRefunds", payment_id=made["id"], currency="EUR") == [rest["id"], part["id"]]
    assert api.ids("payments/listRefunds", payment_id=made["id"], limit=1, order="asc") == [part["id"], rest["id"]]


def test_no_more_is_given_back_than_was_paid(api: Caller) -> None:
    made = paid(api, conversation(api)["id"], 1000)
    refund(api, made, amount=999)

    assert api.field_errors("payments/refundPayment", payment_id=made["id"], amount=2) == ["amount"]
    assert get(api, made)["amount_refunded"] == 999
    refund(api, made, amount=1)
    assert api.field_errors("payments/refundPayment", payment_id=made["id"], amount=1) == ["payment_id"]
    assert get(api, made)["amount_refunded"] == 1000


def in_state(api: Caller, state: str) -> Any:
    """Return a payment in a state."""
    made = payment(api, conversation(api)["id"], 1000, expires_in=300)
    if state in ("pending", "paid", "partially_refunded", "refunded"):
        api.control("confirm_payment", payment_id=made["id"])
    if state in ("paid", "partially_refunded", "refunded"):
        api.control("pay", payment_id=made["id"])
    if state in ("partially_refunded", "refunded"):
        refund(api, made, amount=1000 if state == "refunded" else 400)
    if state == "failed":
        api.control("decline_payment", payment_id=made["id"], code="insufficient_funds")
    if state == "canceled":
        api.ok("payments/cancelPayment", payment_id=made["id"])
    if state == "expired":
        api.advance(seconds=300)
    assert get(api, made)["status"] == state
    return made


ARROWS = {
    "requested": {"cancel": "canceled", "confirm": "pending", "pay": "paid", "decline": "failed", "wait": "expired"},
    "pending": {"pay": "paid", "decline": "failed"},
    "paid": {"refund a part": "partially_refunded", "refund all": "refunded"},
    "partially_refunded": {"refund a part": "partially_refunded", "refund all": "refunded"},
    **{key: dict[str, str]() for key in FINAL},
}
MOVES = ("cancel", "confirm", "pay", "decline", "refund a part", "refund all", "wait")
CONTROLS = {"confirm": "confirm_payment", "pay": "pay", "decline": "decline_payment"}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", ARROWS)
def test_a_payment_moves_along_its_arrows_and_no_others(api: Caller, state: str, move: str) -> None:
    made = in_state(api, state)
    before, outcome = get(api, made), ARROWS[state].get(move)
    body = {"payment_id": made["id"]}
    if move == "wait":
        api.advance(minutes=10)
    elif move in CONTROLS:
        if outcome:
            api.control(CONTROLS[move], **body)
        else:
            assert api.rejected_argument(CONTROLS[move], **body) == "payment_id"
    else:
        method = "payments/cancelPayment" if move == "cancel" else "payments/refundPayment"
        amount = {"amount": 100} if move == "refund a part" else {}
        if outcome:
            api.ok(method, **body, **amount)
        else:
            assert api.field_errors(method, **body, **amount) == ["payment_id"]
    after = get(api, made)

    assert after["status"] == (outcome or state)
    assert outcome or after == before


def test_what_failed_says_why(api: Caller) -> None:
    failed = in_state(api, "failed")
    assert get(api, failed)["failure"]["code"] == "insufficient_funds"
    assert api.items("payments/listPayments", status="failed")[0]["failure"]["code"] == "insufficient_funds"
    made = payment(api, conversation(api)["id"])
    assert api.rejected_argument("decline_payment", payment_id=made["id"], code="bad luck") == "code"


def test_a_payment_goes_on_when_its_message_or_conversation_ends(api: Caller) -> None:
    talk = conversation(api)
    made = payment(api, talk["id"])
    api.ok("messages/deleteMessage", message_id=made["message_id"])
    api.ok("conversations/closeConversation", conversation_id=talk["id"])

    assert api.control("pay", payment_id=made["id"])["status"] == "paid"


def test_payments_are_found_by_what_they_are(api: Caller) -> None:
    talk = conversation(api)
    first, second = payment(api, talk["id"], reference="a"), payment(api, talk["id"], reference="b", currency="JPY")
    api.control("pay", payment_id=first["id"])
    of_talk = {"conversation_id": talk["id"], "contact_id": talk["contact_id"]}

    assert api.ids("payments/listPayments", **of_talk) == [second["id"], first["id"]]
    assert api.ids("payments/listPayments", **of_talk, reference="a", status="paid", currency="EUR") == [first["id"]]
    assert api.ids("payments/listPayments", **of_talk, currency="JPY", status="paid") == []


def test_an_unknown_payment_is_a_404(api: Caller) -> None:
    for method in ("getPayment", "cancelPayment", "refundPayment"):
        assert api.is_missing(f"payments/{method}", payment_id="pay_nothing")
    body = {"conversation_id": "conv_nothing", "amount": 1, "currency": "EUR", "description": "x"}
    assert api.is_missing("payments/requestPayment", **body)
    assert api.rejected_argument("pay", payment_id="pay_nothing") == "payment_id"


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    talk = conversation(api)
    refund(api, paid(api, talk["id"]))
    api.ok("payments/cancelPayment", payment_id=payment(api, talk["id"])["id"])
    get(api, api.items("payments/listPayments")[0])
    api.ok("payments/listRefunds")
