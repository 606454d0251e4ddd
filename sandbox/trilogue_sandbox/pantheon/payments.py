"""The namespace payments, and what contacts and payment providers do."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import arguments, conversations, documents, downloads, events, message_life, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.currencies import currencies
from trilogue_sandbox.pantheon.errors import Faults
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.paging import Listing, list_page
from trilogue_sandbox.pantheon.resource_types import CONTACT, CONVERSATION, PAYMENT, REFUND
from trilogue_sandbox.pantheon.resources import Resource

FAILURES: Mapping[str, str] = {
    "declined": "The bank or wallet of the payer refused.",
    "insufficient_funds": "The account of the payer does not hold enough money.",
    "authentication_failed": "The payer did not prove who they are.",
    "timed_out": "There was no result within 7 days.",
    "provider_error": "The payment provider failed.",
}

_DEFAULT_LIFE_SECONDS = 86400
_PENDING_AT_MOST = 7 * timestamps.DAY


def show(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a payment as the API shows it."""
    return {
        "id": row["id"],
        "conversation_id": row["conversation_id"],
        "contact_id": row["contact_id"],
        "message_id": row["message_id"],
        "status": row["status"],
        "amount": row["amount"],
        "currency": row["currency"],
        "amount_refunded": row["amount_refunded"],
        "description": row["description"],
        "reference": row["reference"],
        "url": row["url"],
        "failure": documents.decode_optional(row["failure"]),
        "metadata": documents.decode(row["metadata"]),
        "created_at": timestamps.show(row["created_at"]),
        "updated_at": timestamps.show(row["updated_at"]),
        "expires_at": timestamps.show(row["expires_at"]),
        "paid_at": timestamps.show_optional(row["paid_at"]),
    }


def show_refund(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a refund as the API shows it."""
    return {
        "id": row["id"],
        "payment_id": row["payment_id"],
        "amount": row["amount"],
        "currency": row["currency"],
        "reason": row["reason"],
        "created_at": timestamps.show(row["created_at"]),
    }


def request(account: Account, conversation: sqlite3.Row, given: Fields) -> str:
    """Ask for a payment, by a message over the active channel; return its id."""
    payment_id = account.new_id(PAYMENT)
    message_id = message_life.enqueue(
        account, conversation, conversation["active_channel_id"], _content(payment_id, given)
    )
    expires_at = account.now + given.integer("expires_in", _DEFAULT_LIFE_SECONDS) * timestamps.SECOND
    account.add(
        PAYMENT,
        {
            "id": payment_id,
            "conversation_id": conversation["id"],
            "contact_id": conversation["contact_id"],
            "message_id": message_id,
            "status": "requested",
            "amount": given.integer("amount"),
            "currency": given.text("currency"),
            "description": given.text("description"),
            "reference": given.optional_text("reference"),
            "url": downloads.payment_page(account.world, payment_id),
            "metadata": documents.encode(given.object("metadata")),
            "created_at": account.now,
            "updated_at": account.now,
            "expires_at": expires_at,
        },
    )
    timestamps.plant(account.world, expires_at, "expire_payment", id=payment_id)
    _emit(account, "payment.requested", payment_id)
    return payment_id


def confirm(account: Account, row: sqlite3.Row) -> sqlite3.Row:
    """Let the contact begin to pay; return the payment as it is then."""
    timestamps.plant(account.world, account.now + _PENDING_AT_MOST, "time_out_payment", id=row["id"])
    return _move(account, row, "pending")


def settle(account: Account, row: sqlite3.Row) -> sqlite3.Row:
    """Let the money of a pending payment be there; return the payment as it is then."""
    return _move(account, row, "paid", paid_at=account.now)


def refund(account: Account, row: sqlite3.Row, amount: int, reason: str | None) -> str:
    """Give back a part of a payment, at most what is left; return the id of the refund."""
    refunded = row["amount_refunded"] + amount
    status = "refunded" if refunded == row["amount"] else "partially_refunded"
    refund_id = account.add(
        REFUND,
        {
            "payment_id": row["id"],
            "amount": amount,
            "currency": row["currency"],
            "reason": reason,
            "created_at": account.now,
        },
    )
    account.change(PAYMENT, row, status=status, amount_refunded=refunded)
    more: JsonObject = {"refund": show_refund(account, account.find(REFUND, refund_id))}
    _emit(account, "payment.refunded", row["id"], more)
    return refund_id


def cancel_all(account: Account, contact_id: str) -> None:
    """Cancel the requested payments of a contact."""
    for row in account.store.all(
        "SELECT * FROM pantheon_payments WHERE contact_id = ? AND status = 'requested' ORDER BY created_at, id",
        contact_id,
    ):
        _move(account, row, "canceled")


def _content(payment_id: str, given: Fields) -> JsonObject:
    return {
        "type": "payment_request",
        "payment_id": payment_id,
        "amount": given.integer("amount"),
        "currency": given.text("currency"),
        "description": given.text("description"),
    }


def _move(account: Account, row: sqlite3.Row, status: str, **more: SqlValue) -> sqlite3.Row:
    account.change(PAYMENT, row, status=status, **more)
    _emit(account, f"payment.{status}", row["id"])
    return account.find(PAYMENT, row["id"])


def _emit(account: Account, event_type: str, payment_id: str, more: JsonObject | None = None) -> None:
    payment = show(account, account.find(PAYMENT, payment_id))
    events.emit(account, event_type, {"payment": payment, **(more or {})})


def _request(call: Call) -> JsonObject:
    conversation = call.find(CONVERSATION, "conversation_id")
    faults = Faults()
    faults.add("conversation_id", *conversations.obstacles_to_send(call.account, conversation))
    faults.add_if(call.body.text("currency") not in currencies(), "currency", "This is no currency of ISO 4217")
    faults.raise_if_any()
    return _shown(call, request(call.account, conversation, call.body))


def _get(call: Call) -> JsonObject:
    return show(call.account, call.find(PAYMENT, "payment_id"))


_PAYMENTS = Listing(
    PAYMENT.table,
    show,
    ("conversation_id", "contact_id", "status", "currency", "reference"),
    {"conversation_id": CONVERSATION, "contact_id": CONTACT},
)
_REFUNDS = Listing(REFUND.table, show_refund, ("payment_id", "currency"), {"payment_id": PAYMENT})


def _list(call: Call) -> JsonObject:
    return list_page(call, _PAYMENTS)


def _list_refunds(call: Call) -> JsonObject:
    return list_page(call, _REFUNDS)


def _cancel(call: Call) -> JsonObject:
    row = call.find(PAYMENT, "payment_id")
    faults = Faults()
    faults.add_if(row["status"] != "requested", "payment_id", f"The payment is {row['status']}, not requested")
    faults.raise_if_any()
    return show(call.account, _move(call.account, row, "canceled"))


def _refund(call: Call) -> JsonObject:
    row = call.find(PAYMENT, "payment_id")
    left = row["amount"] - row["amount_refunded"]
    faults = Faults()
    if row["status"] not in ("paid", "partially_refunded"):
        faults.add("payment_id", f"The payment is {row['status']}; only what is paid can be refunded")
    else:
        faults.add_if(call.body.integer("amount", left) > left, "amount", f"No more than {left} is left")
    faults.raise_if_any()
    amount, reason = call.body.integer("amount", left), call.body.optional_text("reason")
    return show_refund(call.account, call.account.find(REFUND, refund(call.account, row, amount, reason)))


def _shown(call: Call, payment_id: str) -> JsonObject:
    return show(call.account, call.account.find(PAYMENT, payment_id))


def _payment(world: World, given: JsonObject, *statuses: str) -> tuple[Account, sqlite3.Row]:
    account, row = arguments.thing(world, given, PAYMENT, "payment_id")
    if row["status"] not in statuses:
        raise ControlError(f"the payment is {row['status']}, not {' or '.join(statuses)}", "payment_id")
    return account, row


def _confirm(world: World, given: JsonObject) -> object:
    """Let the contact begin to pay `payment_id`: it is pending then."""
    arguments.only(given, "payment_id")
    account, row = _payment(world, given, "requested")
    return show(account, confirm(account, row))


def _pay(world: World, given: JsonObject) -> object:
    """Let `payment_id` be paid; one that is requested is confirmed on the way."""
    arguments.only(given, "payment_id")
    account, row = _payment(world, given, "requested", "pending")
    pending = confirm(account, row) if row["status"] == "requested" else row
    return show(account, settle(account, pending))


def _decline(world: World, given: JsonObject) -> object:
    """Let the provider refuse `payment_id`, for `code`; one that is requested is confirmed on the way."""
    arguments.only(given, "payment_id", "code")
    account, row = _payment(world, given, "requested", "pending")
    code = arguments.choice(given, "code", tuple(FAILURES), "declined")
    pending = confirm(account, row) if row["status"] == "requested" else row
    return show(account, _fail(account, pending, code))


def _fail(account: Account, row: sqlite3.Row, code: str) -> sqlite3.Row:
    return _move(account, row, "failed", failure=documents.encode({"code": code, "message": FAILURES[code]}))


def _expire(world: World, given: JsonObject) -> object:
    """Let a payment expire that is still only requested."""
    if found := arguments.due(world, given, PAYMENT):
        account, row = found
        if row["status"] == "requested" and row["expires_at"] <= account.now:
            _move(account, row, "expired")
    return None


def _time_out(world: World, given: JsonObject) -> object:
    """Let a payment fail that has been pending for 7 days."""
    if found := arguments.due(world, given, PAYMENT):
        account, row = found
        if row["status"] == "pending" and row["updated_at"] + _PENDING_AT_MOST <= account.now:
            _fail(account, row, "timed_out")
    return None


RESOURCE: Resource = Resource(
    handlers={
        "payments_request": _request,
        "payments_get": _get,
        "payments_list": _list,
        "payments_cancel": _cancel,
        "payments_refund": _refund,
        "payments_list_refunds": _list_refunds,
    },
    actions={"confirm_payment": _confirm, "pay": _pay, "decline_payment": _decline},
    timers={"expire_payment": _expire, "time_out_payment": _time_out},
)
