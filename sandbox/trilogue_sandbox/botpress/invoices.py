"""Invoices and their payment. No money moves: a payment succeeds unless the payment method is one that fails."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import attrs

from trilogue_sandbox.botpress import arguments, billing_settings, making, roles, timestamps
from trilogue_sandbox.botpress.errors import ApiError, PartialError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import require_member
from trilogue_sandbox.botpress.seeding import WORKSPACE_ID
from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_invoices (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces ON DELETE CASCADE,
    cents INTEGER NOT NULL, reason TEXT NOT NULL, status TEXT NOT NULL, period_start INTEGER NOT NULL,
    period_end INTEGER NOT NULL, due_at INTEGER NOT NULL, attempts INTEGER NOT NULL, idempotency_key TEXT,
    created_at INTEGER NOT NULL);
CREATE INDEX botpress_invoices_newest ON botpress_invoices (workspace_id, created_at);
"""

_TABLE = "botpress_invoices"
_STATUSES = ("draft", "open", "paid", "uncollectible", "void")
_IS_UNPAID = "item.status IN ('open', 'uncollectible')"
_DUE_IN = timedelta(days=9)


@attrs.frozen
class Bill:
    """What is to be paid, in cents, and for what period."""

    cents: int
    reason: str
    period_start: int
    period_end: int


def charge(world: World, workspace_id: str, bill: Bill) -> str:
    """Add an invoice and pay it; return its id.

    Raises:
        ApiError: the payment method fails, or there is none (PaymentRequired).
    """
    if failure := billing_settings.payment_failure(world, workspace_id):
        raise ApiError("PaymentRequired", f"the payment failed: {failure}")
    return _add(world, workspace_id, bill, "paid")


def _add(world: World, workspace_id: str, bill: Bill, status: str) -> str:
    invoice_id, due_at = world.ids.prefixed("inv"), to_microseconds(world.clock.now() + _DUE_IN)
    world.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, NULL, ?)",
        *(invoice_id, workspace_id, bill.cents, bill.reason, status, bill.period_start, bill.period_end, due_at),
        timestamps.now(world),
    )
    return invoice_id


def _list(call: Call) -> JsonObject:
    return find_page(call, call.of_workspace(_TABLE)).show("invoices", lambda row: _show(call, row))


def _pay(call: Call) -> JsonObject:
    """Pay an invoice. The same idempotency key again returns the paid invoice and charges nothing."""
    roles.require(call, "pay")
    row = call.find(call.of_workspace(_TABLE), "invoice", call.path.text("invoiceId"))
    key = call.body.optional_text("idempotencyKey")
    if row["status"] == "void":
        raise ApiError("ResourceGone", "the invoice is void")
    if row["status"] == "draft":
        raise ApiError("RelationConflict", "the invoice is a draft; it cannot be paid yet")
    if row["status"] == "paid" and (key is None or row["idempotency_key"] != key):
        raise ApiError("AlreadyExists", "the invoice is paid already")
    if row["status"] != "paid" and (failure := _collect(call.world, row, key)):
        raise PartialError("PaymentRequired", f"the payment failed: {failure}")
    return _show(call, call.find(Select(_TABLE), "invoice", row["id"]))


def _collect(world: World, row: sqlite3.Row, key: str | None = None) -> str | None:
    """Pay an invoice; return why that failed, or None."""
    if failure := billing_settings.payment_failure(world, row["workspace_id"]):
        world.store.run(f"UPDATE {_TABLE} SET attempts = attempts + 1 WHERE id = ?", row["id"])
        return failure
    world.store.run(f"UPDATE {_TABLE} SET status = 'paid', idempotency_key = ? WHERE id = ?", key, row["id"])
    return None


def _list_of_workspace(call: Call) -> JsonObject:
    workspace_id = call.path.text("id")
    require_member(call.world, call.caller, workspace_id)
    rows = call.store.all(f"SELECT * FROM {_TABLE} WHERE workspace_id = ? ORDER BY rowid DESC", workspace_id)
    return {"invoices": [_show_for_workspace(call, row) for row in rows]}


def _charge_unpaid(call: Call) -> JsonObject:
    """Pay the unpaid invoices of a workspace, or those of them that are named."""
    workspace_id, wanted = call.path.text("id"), call.body.optional_texts("invoiceIds")
    roles.require_in(call, workspace_id, "pay")
    select = Select(_TABLE).equal("workspace_id", workspace_id)
    for invoice_id in wanted or ():
        if call.refer(select, "invoice", invoice_id)["status"] == "paid":
            raise ApiError("AlreadyExists", f"the invoice {invoice_id} is paid already")
    charged, failed = list[Json](), list[Json]()
    select = select.where(_IS_UNPAID).among("id", wanted)
    for row in call.store.all(select.sql("ORDER BY item.rowid"), *select.values):
        entry: JsonObject = {"id": row["id"], "amount": row["cents"] / 100}
        if failure := _collect(call.world, row):
            failed.append({**entry, "failedReason": failure})
        else:
            charged.append(entry)
    return {"chargedInvoices": charged, "failedInvoices": failed}


def _show(call: Call, row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["id"],
        "amount": row["cents"] / 100,
        "currency": "usd",
        "status": row["status"],
        "createdAt": timestamps.show(row["created_at"]),
        "periodStart": timestamps.show(row["period_start"]),
        "periodEnd": timestamps.show(row["period_end"]),
        "dueDate": timestamps.show(row["due_at"]),
        "pdfUrl": None if row["status"] == "draft" else _pdf_url(call, row),
    }


def _show_for_workspace(call: Call, row: sqlite3.Row) -> JsonObject:
    period = Period.of(row["period_start"])
    return {
        "id": row["id"],
        "period": {"month": period.month, "year": period.year},
        "date": timestamps.show(row["created_at"]),
        "amount": row["cents"] / 100,
        "currency": "usd",
        "paymentStatus": row["status"],
        "dueDate": timestamps.show(row["due_at"]),
        "paymentAttemptCount": row["attempts"],
        "nextPaymentAttemptDate": None,
        "pdfUrl": _pdf_url(call, row),
    }


def _pdf_url(call: Call, row: sqlite3.Row) -> str:
    return f"{call.request.base_url}/invoices/{row['id']}"


def _download(world: World, _: Request, invoice_id: str) -> Response:
    """Serve an invoice, as plain text in place of a PDF."""
    row = world.store.one(f"SELECT * FROM {_TABLE} WHERE id = ?", invoice_id)
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    if row is None:
        return Response(404, headers, b"there is no such invoice")
    lines = (f"Invoice {row['id']}", row["reason"], f"{row['cents'] / 100:.2f} USD", f"Status: {row['status']}")
    return Response(200, headers, "\n".join(lines).encode())


def _set_status(world: World, given: JsonObject) -> object:
    """Set the `status` of the invoice `invoice`."""
    status = arguments.choice(given, "status", _STATUSES)
    if not world.store.run(f"UPDATE {_TABLE} SET status = ? WHERE id = ?", status, arguments.text(given, "invoice")):
        raise ControlError("there is no such invoice", "invoice")
    return {}


def _seed(world: World, value: Json) -> object:
    """Add as many unpaid invoices to the first workspace as the number says."""
    number = arguments.count(value, "invoices")
    world.store.run_many(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, 'Use', 'open', ?, ?, ?, 0, NULL, ?)",
        (
            (row_id, WORKSPACE_ID, (index + 1) * 100, period.start, period.end, period.end, at)
            for index, row_id, at in making.rows(world, "inv", number)
            for period in (Period.of(at),)
        ),
    )
    return number


def _add_default_data(world: World) -> None:
    now = timestamps.now(world)
    _add(world, WORKSPACE_ID, Bill(12_00, "Use beyond the plan", now, Period.of(now).end), "open")


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listInvoices": _list,
        "payInvoice": _pay,
        "listWorkspaceInvoices": _list_of_workspace,
        "chargeWorkspaceUnpaidInvoices": _charge_unpaid,
    },
    actions={"set_invoice_status": _set_status},
    makers={"invoices": _seed},
    folders={"invoices": _download},
    furnish=_add_default_data,
)
