"""Invoices as billing shows them, paying them, and the card that pays."""

from __future__ import annotations

import hashlib
import sqlite3

import attrs

from trilogue_sandbox.botpress import arguments, audit, billing_accounts, invoices, making, roles, timestamps
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.billing_accounts import Card
from trilogue_sandbox.botpress.errors import ApiError, PartialError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.invoices import TABLE
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import WORKSPACE_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World

_BRANDS = {"pm_card_visa": "visa", "pm_card_mastercard": "mastercard", "pm_card_amex": "amex"}
_PAYS_NOTHING = "pm_card_chargeCustomerFail"
_EXPIRY = (12, 2040)
_STATUSES = ("draft", "open", "paid", "uncollectible", "void")


def _list(call: Call) -> JsonObject:
    return find_page(call, call.of_workspace(TABLE)).show("invoices", lambda row: _show(call, row))


def _pay(call: Call) -> JsonObject:
    """Charge the card for an invoice. The same idempotency key again gives the paid invoice and charges nothing."""
    roles.require(call, "pay")
    row = call.find(call.of_workspace(TABLE), "invoice", call.path.text("invoiceId"))
    key = call.body.optional_text("idempotencyKey")
    if row["status"] == "void":
        raise ApiError("ResourceGone", "the invoice is void")
    if row["status"] == "draft":
        raise ApiError("RelationConflict", "the invoice is a draft; it cannot be paid yet")
    if row["status"] == "paid" and (key is None or row["idempotency_key"] != key):
        raise ApiError("AlreadyExists", "the invoice is paid already")
    if row["status"] != "paid":
        _collect(call, row, key)
    return _show(call, invoices.find(call.world, row["id"]))


def _collect(call: Call, row: sqlite3.Row, key: str | None) -> None:
    failure = invoices.collect(call.world, row)
    if failure is not None:
        invoices.count_failure(call.world, row["id"])
        raise PartialError("PaymentRequired", f"the payment failed: {failure}")
    call.store.run(f"UPDATE {TABLE} SET idempotency_key = ? WHERE id = ?", key, row["id"])


def _show(call: Call, row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["id"],
        "amount": row["cents"] / 100,
        "currency": "usd",
        "status": row["status"],
        "createdAt": timestamps.show(row["created_at"]),
        "periodStart": timestamps.show_optional(row["period_start"]),
        "periodEnd": timestamps.show_optional(row["period_end"]),
        "dueDate": timestamps.show_optional(row["due_at"]),
        "pdfUrl": None if row["status"] == "draft" else invoices.pdf_url(call.request, row["id"]),
    }


def _get_method(call: Call) -> JsonObject:
    card = billing_accounts.load(call.world, call.workspace_id).card
    return {"paymentMethod": _show_card(card) if card else None}


def _set_method(call: Call) -> JsonObject:
    roles.require(call, "pay")
    card = card_of(call.body.text("paymentMethodId"))
    account = billing_accounts.load(call.world, call.workspace_id)
    billing_accounts.save(call.world, call.workspace_id, attrs.evolve(account, card=card))
    audit.record(call, "UPDATE_PAYMENT_METHOD", Subject(card.id, f"{card.brand} {card.last_four}"))
    return _show_card(card)


def card_of(payment_method_id: str) -> Card:
    """Return the card that the payment provider knows under an id; it is always the same for the same id.

    Raises:
        ApiError: the provider gives no such ids (ReferenceNotFound).
    """
    if not payment_method_id.startswith("pm_"):
        raise ApiError("ReferenceNotFound", "the payment provider knows no such payment method; its ids begin with pm_")
    digits = int.from_bytes(hashlib.sha256(payment_method_id.encode()).digest()[:4]) % 10_000
    cents_left = 0 if payment_method_id == _PAYS_NOTHING else None
    brand = _BRANDS.get(payment_method_id, "visa")
    return Card(payment_method_id, brand, f"{digits:04d}", *_EXPIRY, cents_left)


def _show_card(card: Card) -> JsonObject:
    shown: JsonObject = {
        "brand": card.brand,
        "lastFour": card.last_four,
        "expMonth": card.exp_month,
        "expYear": card.exp_year,
    }
    return {"id": card.id, "type": "card", "card": shown}


def _begin_method(call: Call) -> JsonObject:
    """Give a secret of the payment provider's form. No provider stands behind it."""
    roles.require(call, "pay")
    return {"clientSecret": f"seti_{call.world.ids.token(24)}_secret_{call.world.ids.token(24)}"}


def _set_status(world: World, given: JsonObject) -> object:
    """Set the `status` of the invoice `invoice`, as somebody in the accounts department would."""
    status = arguments.choice(given, "status", _STATUSES)
    sql = f"UPDATE {TABLE} SET status = ?, next_attempt_at = NULL WHERE id = ?"
    if not world.store.run(sql, status, arguments.text(given, "invoice")):
        raise ControlError("there is no such invoice", "invoice")
    return {}


def _make(world: World, value: Json) -> object:
    """Make as many unpaid invoices of the first workspace as the number says."""
    number = arguments.count(value, "invoices")
    world.store.run_many(
        f"INSERT INTO {TABLE} VALUES (?, ?, ?, 'Use', 'open', ?, ?, ?, 0, NULL, NULL, ?)",
        (
            (row_id, WORKSPACE_ID, (index + 1) * 100, period.start, period.end, period.end, at)
            for index, row_id, at in making.rows(world, "inv", number)
            for period in (Period.of(at),)
        ),
    )
    return number


RESOURCE = Resource(
    handlers={
        "listInvoices": _list,
        "payInvoice": _pay,
        "getPaymentMethod": _get_method,
        "setPaymentMethod": _set_method,
        "createPaymentMethodIntent": _begin_method,
    },
    actions={"set_invoice_status": _set_status},
    makers={"invoices": _make},
)
