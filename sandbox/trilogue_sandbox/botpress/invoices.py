"""Invoices and their payment. No money moves: a payment succeeds unless the payment method is one that fails."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import billing_settings, roles
from trilogue_sandbox.botpress.columns import NOTE, of
from trilogue_sandbox.botpress.credentials import WORKSPACE_ID
from trilogue_sandbox.botpress.errors import ApiError, PartialError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.table import CREATED, INTEGER, TEXT, TIMESTAMP, Row, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import DAY, spaced
from trilogue_sandbox.kernel.views import View, constant, each
from trilogue_sandbox.kernel.world import World

_DUE_IN = 9 * DAY
_INVOICES = Table(
    "botpress_invoices",
    {
        "id": prefixed_id("inv"),
        "workspace_id": of("workspaces"),
        "cents": INTEGER,
        "reason": TEXT,
        "status": TEXT,
        "period_start": TIMESTAMP,
        "period_end": TIMESTAMP,
        "due_date": TIMESTAMP.filled(lambda world: world.now + _DUE_IN),
        "attempts": INTEGER.default(0),
        "idempotency_key": NOTE,
        "created_at": CREATED,
    },
    indexes=("workspace_id, created_at",),
)
_STATUSES = ("draft", "open", "paid", "uncollectible", "void")


def _amount(_: Actor, row: Row) -> Json:
    return float(row["cents"]) / 100


def _pdf_url(actor: Actor, row: Row) -> str:
    return f"{actor.base_url}/invoices/{row['id']}.pdf"


def _month(_: Actor, row: Row) -> Json:
    period = Period.of(row["period_start"])
    return {"month": period.month, "year": period.year}


_INVOICE = View[Actor](
    "Invoice",
    _INVOICES,
    computed={
        "amount": each(_amount),
        "currency": constant("usd"),
        "pdfUrl": each(lambda actor, row: None if row["status"] == "draft" else _pdf_url(actor, row)),
    },
)
_WORKSPACE_INVOICE = View[Actor](
    "WorkspaceInvoice",
    _INVOICES,
    computed={
        "amount": each(_amount),
        "currency": constant("usd"),
        "period": each(_month),
        "nextPaymentAttemptDate": constant(None),
        "pdfUrl": each(_pdf_url),
    },
    columns={"date": "created_at", "paymentStatus": "status", "paymentAttemptCount": "attempts"},
)


def charge(world: World, workspace_id: str, **bill: Any) -> str:
    """Add an invoice (`cents`, `reason`, `period_start`, `period_end`) and pay it; return its id.

    Raises:
        ApiError: the payment method fails, or there is none (PaymentRequired).
    """
    if failure := billing_settings.payment_failure(world, workspace_id):
        raise ApiError("PaymentRequired", f"the payment failed: {failure}")
    return str(world.records.add(_INVOICES, {"workspace_id": workspace_id, "status": "paid", **bill})["id"])


def _list(exchange: Exchange) -> JsonObject:
    return paginate(exchange, "invoices", exchange.actor.rows(_INVOICES), _INVOICE.show)


def _pay(exchange: Exchange) -> JsonObject:
    """Pay an invoice. The same idempotency key again returns the paid invoice and charges nothing."""
    roles.require(exchange, "pay")
    row = exchange.actor.find(_INVOICES, exchange.path.string("invoiceId"))
    key = exchange.body.optional_string("idempotencyKey")
    if row["status"] == "void":
        raise ApiError("ResourceGone", "the invoice is void")
    if row["status"] == "draft":
        raise ApiError("RelationConflict", "the invoice is a draft; it cannot be paid yet")
    if row["status"] == "paid" and (key is None or row["idempotency_key"] != key):
        raise ApiError("AlreadyExists", "the invoice is paid already")
    if row["status"] != "paid" and (failure := _collect(exchange.world, row, key)):
        raise PartialError("PaymentRequired", f"the payment failed: {failure}")
    return _INVOICE.show_one(exchange.actor, exchange.records.get(_INVOICES, row["id"]))


def _collect(world: World, row: Row, key: str | None = None) -> str | None:
    """Pay an invoice; return why that failed, or None."""
    failure = billing_settings.payment_failure(world, row["workspace_id"])
    if failure:
        world.records.change(_INVOICES, row, attempts=row["attempts"] + 1)
    else:
        world.records.change(_INVOICES, row, status="paid", idempotency_key=key)
    return failure


def _list_of_workspace(exchange: Exchange) -> JsonObject:
    workspace_id = exchange.path.string("id")
    roles.require_member(exchange.actor, workspace_id)
    rows = exchange.records.select(_INVOICES, workspace_id=workspace_id).all("ORDER BY item.rowid DESC")
    return {"invoices": [*_WORKSPACE_INVOICE.show(exchange.actor, rows)]}


def _charge_unpaid(exchange: Exchange) -> JsonObject:
    """Pay the unpaid invoices of a workspace, or those of them that are named."""
    workspace_id, wanted = exchange.path.string("id"), exchange.body.optional_strings("invoiceIds")
    roles.require_in(exchange, workspace_id, "pay")
    select = exchange.records.select(_INVOICES, workspace_id=workspace_id)
    for invoice_id in wanted or ():
        row = require(select.equal("id", invoice_id), "invoice", invoice_id, error="ReferenceNotFound")
        if row["status"] == "paid":
            raise ApiError("AlreadyExists", f"the invoice {invoice_id} is paid already")
    charged, failed = list[Json](), list[Json]()
    for row in select.among("status", ("open", "uncollectible")).among("id", wanted).all("ORDER BY item.rowid"):
        entry: JsonObject = {"id": row["id"], "amount": _amount(exchange.actor, row)}
        if failure := _collect(exchange.world, row):
            failed.append({**entry, "failedReason": failure})
        else:
            charged.append(entry)
    return {"chargedInvoices": charged, "failedInvoices": failed}


def _download(world: World, _: Request, filename: str) -> Response:
    """Serve an invoice, as plain text in place of a PDF."""
    row = world.records.find(_INVOICES, id=filename.removesuffix(".pdf"))
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    if row is None:
        return Response(404, headers, b"there is no such invoice")
    lines = (f"Invoice {row['id']}", row["reason"], f"{row['cents'] / 100:.2f} USD", f"Status: {row['status']}")
    return Response(200, headers, "\n".join(lines).encode())


def _set_status(world: World, given: Fields) -> object:
    """Set the `status` of the invoice `invoice`."""
    status = given.choice("status", _STATUSES)
    if not world.records.select(_INVOICES, id=given.string("invoice")).change("status = ?", status):
        raise ControlError("there is no such invoice", "invoice")
    return {}


def _seed(world: World, number: int) -> None:
    """Add unpaid invoices over 1, 2, 3... dollars to the first workspace."""
    invoice = {"workspace_id": WORKSPACE_ID, "reason": "Use", "status": "open"}
    for dollars, at in enumerate(spaced(world.now, number), 1):
        start, end = Period.of(at).start, Period.of(at).end
        times = {"period_start": start, "period_end": end, "due_date": end, "created_at": at}
        world.records.add(_INVOICES, {**invoice, **times, "cents": dollars * 100})


def _add_default_data(world: World) -> None:
    invoice = {"workspace_id": WORKSPACE_ID, "cents": 1200, "reason": "Use beyond the plan", "status": "open"}
    world.records.add(_INVOICES, {**invoice, "period_start": world.now, "period_end": Period.of(world.now).end})


RESOURCE = Resource(
    tables=(_INVOICES,),
    operations={
        "listInvoices": _list,
        "payInvoice": _pay,
        "listWorkspaceInvoices": _list_of_workspace,
        "chargeWorkspaceUnpaidInvoices": _charge_unpaid,
    },
    actions={"set_invoice_status": _set_status},
    seeders={"invoices": counted(_seed)},
    downloads={"invoices": _download},
    default_data=_add_default_data,
)
