"""Payments and refunds, and what contacts and payment providers do about them."""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping
from functools import cache
from html import escape

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import INTEGER, JSON, TEXT, TIMESTAMP, Row
from trilogue_sandbox.kernel.timestamps import DAY
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.accounts import Account, account_table, new_id, settings
from trilogue_sandbox.pantheon.conversations import CONVERSATIONS, obstacles_to_send
from trilogue_sandbox.pantheon.errors import ValidationErrors, error_response, require
from trilogue_sandbox.pantheon.identities import CONTACTS
from trilogue_sandbox.pantheon.lists import Listing
from trilogue_sandbox.pantheon.operations import AppExchange, acting, changing, find_named, getting, job
from trilogue_sandbox.pantheon.requests import ask, expiring, request_table
from trilogue_sandbox.pantheon.webhooks import emit

FAILURES: Mapping[str, str] = {
    "declined": "The bank or wallet of the payer refused.",
    "insufficient_funds": "The account of the payer does not hold enough money.",
    "authentication_failed": "The payer did not prove who they are.",
    "timed_out": "There was no result within 7 days.",
    "provider_error": "The payment provider failed.",
}

_DEFAULT_LIFE_SECONDS = 86400
_LONGEST_PENDING = 7 * DAY
_UNPAID = ("requested", "pending")

PAYMENTS = request_table(
    "payments",
    "pay",
    {
        "status": TEXT.default("requested"),
        "amount": INTEGER,
        "currency": TEXT,
        "amount_refunded": INTEGER.default(0),
        "description": TEXT,
        "reference": TEXT.nullable(),
        "url": TEXT,
        "failure": JSON.nullable(),
        "paid_at": TIMESTAMP.nullable(),
    },
    constraints=("CHECK (amount > 0 AND amount_refunded BETWEEN 0 AND amount)",),
)
REFUNDS = account_table(
    "refunds",
    "refund",
    {
        "payment_id": TEXT.references("pantheon_payments"),
        "amount": INTEGER,
        "currency": TEXT,
        "reason": TEXT.nullable(),
    },
    indexes=("payment_id, created_at, id",),
    constraints=("CHECK (amount > 0)",),
)

PAYMENT = View[Account]("Payment", PAYMENTS)
REFUND = View[Account]("Refund", REFUNDS)


@cache
def currencies() -> frozenset[str]:
    """Return the codes of ISO 4217, without those for testing and for no currency."""
    listed = importlib.resources.files("trilogue_sandbox.pantheon").joinpath("iso4217.txt")
    return frozenset(listed.read_text(encoding="ascii").split())


def request(account: Account, conversation: Row, fields: Fields) -> Row:
    """Ask for a payment, by a message over the active channel."""
    payment_id = new_id(account.world, "pay")
    asked = {"amount": fields.integer("amount"), **fields.given("currency", "description")}
    content: JsonObject = {"type": "payment_request", "payment_id": payment_id, **asked}
    seconds = fields.integer("expires_in", _DEFAULT_LIFE_SECONDS)
    channel_id = conversation["active_channel_id"]
    sent = ask(account, conversation, channel_id, content, payment_id, seconds, "expire_payment")
    url = f"{settings(account.world)['origin']}/pantheon/pay/{payment_id}"
    row = account.add(PAYMENTS, **sent, **asked, **fields.given("reference", "metadata"), url=url)
    _emit(account, "payment.requested", row)
    return row


def confirm(account: Account, row: Row) -> Row:
    """Let the contact begin to pay."""
    account.world.schedule(account.now + _LONGEST_PENDING, "time_out_payment", id=row["id"])
    return _set_status(account, row, "pending")


def settle(account: Account, row: Row) -> Row:
    """Let the money of a pending payment arrive."""
    return _set_status(account, row, "paid", paid_at=account.now)


def refund(account: Account, row: Row, amount: int, reason: str | None) -> Row:
    """Give back a part of a payment, at most what is left; return the refund."""
    refunded = row["amount_refunded"] + amount
    status = "refunded" if refunded == row["amount"] else "partially_refunded"
    added = account.add(REFUNDS, payment_id=row["id"], amount=amount, currency=row["currency"], reason=reason)
    changed = account.change(PAYMENTS, row, status=status, amount_refunded=refunded)
    _emit(account, "payment.refunded", changed, refund=REFUND.show_one(account, added))
    return added


def cancel_all(account: Account, contact_id: str) -> None:
    """Cancel the requested payments of a contact."""
    requested = account.records.select(PAYMENTS, contact_id=contact_id, status="requested")
    for row in requested.all("ORDER BY created_at, id"):
        _set_status(account, row, "canceled")


def _set_status(account: Account, row: Row, status: str, **more: Json) -> Row:
    changed = account.change(PAYMENTS, row, status=status, **more)
    _emit(account, f"payment.{status}", changed)
    return changed


def _emit(account: Account, event_type: str, row: Row, **more: Json) -> None:
    emit(account, event_type, payment=PAYMENT.show_one(account, row), **more)


def expire(account: Account, row: Row) -> None:
    """Let a requested payment expire."""
    _set_status(account, row, "expired")


def fail(account: Account, row: Row, code: str) -> Row:
    """Let a pending payment fail."""
    return _set_status(account, row, "failed", failure={"code": code, "message": FAILURES[code]})


def _request(exchange: AppExchange) -> JsonObject:
    account, conversation = exchange.context, find_named(exchange, CONVERSATIONS, "conversation_id")
    is_currency = exchange.body.string("currency") in currencies()
    with ValidationErrors() as errors:
        errors.add("conversation_id", *obstacles_to_send(account, conversation))
        errors.require(is_currency, "currency", "The currency field must be a currency of ISO 4217")
    return PAYMENT.show_one(account, request(account, conversation, exchange.body))


def _cancel(account: Account, row: Row, body: Fields) -> Row:
    require(row["status"] == "requested", "payment_id", f"The payment is {row['status']}, not requested")
    return _set_status(account, row, "canceled")


def _refund(exchange: AppExchange) -> JsonObject:
    account, row = exchange.context, find_named(exchange, PAYMENTS, "payment_id")
    left = row["amount"] - row["amount_refunded"]
    is_paid = row["status"] in ("paid", "partially_refunded")
    require(is_paid, "payment_id", f"The payment is {row['status']}; only what is paid can be refunded")
    amount = exchange.body.integer("amount", left)
    require(amount <= left, "amount", f"The amount field must be at most {left}, which is left")
    return REFUND.show_one(account, refund(account, row, amount, exchange.body.optional_string("reason")))


def _confirm(account: Account, row: Row, fields: Fields) -> Row:
    """Let the contact begin to pay `payment_id`: it is pending then."""
    return confirm(account, row)


def _pay(account: Account, row: Row, fields: Fields) -> Row:
    """Let `payment_id` be paid; one that is requested is confirmed on the way."""
    return settle(account, confirmed(account, row))


def _decline(account: Account, row: Row, fields: Fields) -> Row:
    """Let the provider decline `payment_id`, for `code`; one that is requested is confirmed on the way."""
    code = fields.choice("code", tuple(FAILURES), "declined")
    return fail(account, confirmed(account, row), code)


def confirmed(account: Account, row: Row) -> Row:
    """Return a payment that is pending; one that is requested is confirmed now."""
    return confirm(account, row) if row["status"] == "requested" else row


def _time_out(account: Account, row: Row) -> None:
    """Let a payment fail that has been pending for 7 days."""
    if row["status"] == "pending" and row["updated_at"] + _LONGEST_PENDING <= account.now:
        fail(account, row, "timed_out")


def _show_page(world: World, request: Request, payment_id: str) -> Response:
    """Show the page to which the URL of a payment leads."""
    row = world.records.find(PAYMENTS, id=payment_id)
    if row is None:
        return error_response(404, "The payment was not found.")
    price = f"{row['amount'] - row['amount_refunded']} {row['currency']} (in the minor unit)"
    status = row["status"].replace("_", " ")
    hint = "In the sandbox, a contact pays by the control actions `pay` and `decline_payment`."
    page = f"<!DOCTYPE html><h1>{escape(row['description'])}</h1><p>{price}, {status}</p><p>{hint}</p>"
    headers = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}
    return Response.html(page, headers=headers)


RESOURCE = Resource[AppExchange](
    tables=(PAYMENTS, REFUNDS),
    operations={
        "payments_request": _request,
        "payments_get": getting(PAYMENT, "payment_id"),
        "payments_list": Listing(
            PAYMENT,
            ("conversation_id", "contact_id", "status", "currency", "reference"),
            {"conversation_id": CONVERSATIONS, "contact_id": CONTACTS},
        ),
        "payments_cancel": changing(PAYMENT, "payment_id", _cancel),
        "payments_refund": _refund,
        "payments_list_refunds": Listing(REFUND, ("payment_id", "currency"), {"payment_id": PAYMENTS}),
    },
    actions={
        "confirm_payment": acting(PAYMENT, "payment_id", _confirm, statuses=("requested",)),
        "pay": acting(PAYMENT, "payment_id", _pay, statuses=_UNPAID),
        "decline_payment": acting(PAYMENT, "payment_id", _decline, "code", statuses=_UNPAID),
    },
    jobs={"expire_payment": expiring(PAYMENTS, "requested", expire), "time_out_payment": job(PAYMENTS, _time_out)},
    downloads={"pay": _show_page},
)
