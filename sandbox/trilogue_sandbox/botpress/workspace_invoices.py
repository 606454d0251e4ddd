"""The invoices of a workspace as the administration shows them."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import billing_accounts, invoices, pricing, roles, subscriptions, timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.invoices import IS_UNPAID, TABLE
from trilogue_sandbox.botpress.periods import MONTHS, Period, add_months
from trilogue_sandbox.botpress.pricing import Item
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import require_member
from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select


def _list(call: Call) -> JsonObject:
    workspace_id = _workspace(call)
    rows = call.store.all(f"SELECT * FROM {TABLE} WHERE workspace_id = ? ORDER BY rowid DESC", workspace_id)
    return {"invoices": [_show(call, row) for row in rows]}


def _show(call: Call, row: sqlite3.Row) -> JsonObject:
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
        "nextPaymentAttemptDate": timestamps.show_optional(row["next_attempt_at"]),
        "pdfUrl": invoices.pdf_url(call.request, row["id"]),
    }


def _preview_next(call: Call) -> JsonObject:
    """Show the next invoice; its total is in cents, as are its lines."""
    account = billing_accounts.load(call.world, _workspace(call))
    selection, start = subscriptions.selected_next(account), account.plan.period_end
    end = add_months(start, MONTHS[selection.interval])
    items = pricing.discounted(pricing.cycle(selection), subscriptions.coupons_of(account, start))
    lines: list[Json] = [_show_line(item, _date(start), _date(end)) for item in items]
    return {"total": pricing.total(items), "lineItems": lines}


def _show_line(item: Item, first: str, last: str) -> JsonObject:
    is_discount = item.type == "discount"
    return {
        "id": item.id,
        "description": item.description,
        "totalInCents": item.cents,
        "currency": "usd",
        "pricePerUnitInCents": None if is_discount else item.cents / item.quantity,
        "quantity": None if is_discount else item.quantity,
        "type": "invoiceitem" if is_discount else "subscription",
        "periodStart": first,
        "periodEnd": last,
    }


def _date(moment: int) -> str:
    return from_microseconds(moment).date().isoformat()


def _charge_unpaid(call: Call) -> JsonObject:
    """Try to have unpaid invoices paid; those that were asked for must be unpaid ones of the workspace."""
    workspace_id = call.path.text("id")
    roles.require_in(call, workspace_id, "pay")
    charged, failed = list[Json](), list[Json]()
    for row in _asked_for(call, workspace_id):
        failure = invoices.collect(call.world, row)
        entry: JsonObject = {"id": row["id"], "amount": row["cents"] / 100}
        if failure is None:
            charged.append(entry)
        else:
            invoices.count_failure(call.world, row["id"])
            failed.append({**entry, "failedReason": failure})
    return {"chargedInvoices": charged, "failedInvoices": failed}


def _asked_for(call: Call, workspace_id: str) -> list[sqlite3.Row]:
    invoices_of = Select(TABLE).equal("workspace_id", workspace_id)
    wanted = call.body.optional_texts("invoiceIds")
    for invoice_id in wanted or ():
        if call.refer(invoices_of, "invoice", invoice_id)["status"] == "paid":
            raise ApiError("AlreadyExists", f"the invoice {invoice_id} is paid already")
    select = invoices_of.where(f"item.{IS_UNPAID}").among("id", wanted)
    return call.store.all(select.sql("ORDER BY item.rowid"), *select.values)


def _workspace(call: Call) -> str:
    workspace_id = call.path.text("id")
    require_member(call.world, call.caller, workspace_id)
    return workspace_id


RESOURCE = Resource(
    handlers={
        "listWorkspaceInvoices": _list,
        "getUpcomingInvoice": _preview_next,
        "chargeWorkspaceUnpaidInvoices": _charge_unpaid,
    }
)
