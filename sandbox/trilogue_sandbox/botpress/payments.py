"""Payment: how a workspace pays, its invoices, each open or paid, and credit.

No money moves. Every payment method is the same Visa card, but for the one in `magic_inputs` with which payments fail.
"""

from __future__ import annotations

from trilogue_sandbox.botpress import audit_records, roles
from trilogue_sandbox.botpress.account_tables import BILLING, WORKSPACES
from trilogue_sandbox.botpress.columns import NOTE, NUMBER, of
from trilogue_sandbox.botpress.credentials import WORKSPACE_ID
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.magic_inputs import FAILING_CARD
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.table import CREATED, TEXT, TIMESTAMP, Row, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import month_start, spaced
from trilogue_sandbox.kernel.views import View, constant, each
from trilogue_sandbox.kernel.world import World

_INVOICES = Table(
    "botpress_invoices",
    {
        "id": prefixed_id("inv"),
        "workspace_id": of("workspaces"),
        "amount": NUMBER,
        "reason": TEXT,
        "status": TEXT.default("open"),
        "period_start": TIMESTAMP.filled(lambda world: world.now),
        "period_end": TIMESTAMP.filled(lambda world: month_start(world.now, 1)),
        "idempotency_key": NOTE,
        "created_at": CREATED,
    },
    indexes=("workspace_id, created_at",),
)
_CREDIT = "Credit for integration_spend"


def _month(_: Actor, row: Row) -> Json:
    date = from_microseconds(row["period_start"])
    return {"month": date.month, "year": date.year}


def _pdf_url(_: Actor, row: Row) -> Json:
    return f"https://invoices.example.com/{row['id']}.pdf"  # no file is behind it


_INVOICE = View[Actor](
    "Invoice",
    _INVOICES,
    computed={"currency": constant("usd"), "pdfUrl": each(_pdf_url)},
    columns={"dueDate": "period_end"},
)
_UNKNOWN = ("paymentAttemptCount", "nextPaymentAttemptDate")
_WORKSPACE_INVOICE = View[Actor](
    "WorkspaceInvoice",
    _INVOICES,
    computed={**_INVOICE.computed, "period": each(_month), **dict.fromkeys(_UNKNOWN, constant(None))},
    columns={"date": "created_at", "dueDate": "period_end", "paymentStatus": "status"},
)
_CARD: JsonObject = {"brand": "visa", "lastFour": "4242", "expMonth": 12, "expYear": 2040}
_ADDRESS: JsonObject = {"lineOne": "Main Street 1", "city": "Springfield", "postalCode": "12345", "country": "US"}


def _payment_failure(world: World, workspace_id: str) -> str | None:
    """Return why a workspace cannot pay, or None."""
    failures = {None: "no payment method is set", FAILING_CARD: "the card was declined"}
    return failures.get(world.records.get(BILLING, workspace_id)["payment_method_id"])


def _require_payment(world: World, workspace_id: str) -> None:
    if failure := _payment_failure(world, workspace_id):
        raise ApiError("PaymentRequired", f"the payment failed: {failure}")


def find(exchange: Exchange) -> Row:
    """Return the row of billing of the workspace of a request."""
    return exchange.records.get(BILLING, exchange.workspace_id)


def _get_payment_method(exchange: Exchange) -> JsonObject:
    payment_method_id = find(exchange)["payment_method_id"]
    return {"paymentMethod": payment_method_id and _show_card(payment_method_id)}


def _set_payment_method(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    payment_method_id = exchange.body.string("paymentMethodId")
    if not payment_method_id.startswith("pm_"):
        raise ApiError("ReferenceNotFound", "the payment provider knows no such payment method; its ids begin with pm_")
    exchange.records.change(BILLING, find(exchange), payment_method_id=payment_method_id)
    workspace = exchange.records.get(WORKSPACES, exchange.workspace_id)
    audit_records.record(exchange, "UPDATE_PAYMENT_METHOD", workspace, payment_method_id)
    return _show_card(payment_method_id)


def _show_card(payment_method_id: str) -> JsonObject:
    return {"id": payment_method_id, "type": "card", "card": _CARD}


def _create_intent(exchange: Exchange) -> JsonObject:
    """Return a secret in the form of the payment provider's. No provider is behind it."""
    roles.require(exchange, "pay")
    ids = exchange.world.ids
    return {"clientSecret": f"seti_{ids.token(24)}_secret_{ids.token(24)}"}


def _set_address(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    exchange.records.change(BILLING, find(exchange), address=exchange.body.values)
    return {}


def _set_auto_recharge(exchange: Exchange) -> JsonObject:
    """Keep the settings. Nothing is recharged."""
    roles.require(exchange, "pay")
    row = find(exchange)
    settings = {**row["auto_recharge"], **exchange.body.object("settings")}
    exchange.records.change(BILLING, row, auto_recharge=settings)
    return {"settings": settings}


def charge(world: World, workspace_id: str, amount: float, reason: str) -> Row:
    """Add an invoice that is paid and return it.

    Raises:
        ApiError: the payment method fails, or there is none (PaymentRequired).
    """
    _require_payment(world, workspace_id)
    invoice = {"workspace_id": workspace_id, "amount": amount, "reason": reason, "status": "paid"}
    return world.records.add(_INVOICES, invoice)


def credit(world: World, workspace_id: str) -> float:
    """Return how much credit for the use of integrations a workspace has this month."""
    select = world.records.select(_INVOICES, workspace_id=workspace_id, reason=_CREDIT)
    return float(sum(row["amount"] for row in select.where("item.period_end > ?", world.now).all()))


def _buy_credit(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    amount, feature = exchange.body.number("amount"), exchange.body.string("feature")
    if not 0.01 <= amount <= 100_000:  # the limits are the sandbox's own
        raise ApiError("InvalidPayload", "body/amount must be from 0.01 to 100000")
    row = charge(exchange.world, exchange.workspace_id, amount, _CREDIT)
    invoice = _INVOICE.show_one(exchange.actor, row)
    grant: JsonObject = {"id": exchange.world.ids.prefixed("credit"), "feature": feature, "amount": amount}
    grant |= {"workspace_id": exchange.workspace_id, "invoice_id": invoice["id"]}
    grant |= {"period_start": invoice["periodStart"], "period_end": invoice["periodEnd"]}
    return {**grant, "createdAt": invoice["createdAt"], "updatedAt": invoice["createdAt"]}


def _list(exchange: Exchange) -> JsonObject:
    return paginate(exchange, "invoices", exchange.actor.rows(_INVOICES), _INVOICE.show)


def _pay(exchange: Exchange) -> JsonObject:
    """Pay an invoice. The same idempotency key again returns the paid invoice and charges nothing."""
    roles.require(exchange, "pay")
    row = exchange.actor.find(_INVOICES, exchange.path.string("invoiceId"))
    key = exchange.body.optional_string("idempotencyKey")
    if row["status"] == "paid" and (key is None or row["idempotency_key"] != key):
        raise ApiError("AlreadyExists", "the invoice is paid already")
    _require_payment(exchange.world, exchange.workspace_id)
    row = exchange.records.change(_INVOICES, row, status="paid", idempotency_key=key)
    return _INVOICE.show_one(exchange.actor, row)


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
    unpaid = select.equal("status", "open").among("id", wanted)
    entries: list[JsonObject] = [
        {"id": row["id"], "amount": row["amount"]} for row in unpaid.all("ORDER BY item.rowid")
    ]
    if failure := _payment_failure(exchange.world, workspace_id):
        return {"chargedInvoices": [], "failedInvoices": [{**entry, "failedReason": failure} for entry in entries]}
    unpaid.change("status = 'paid'")
    return {"chargedInvoices": [*entries], "failedInvoices": []}


def _seed(world: World, number: int) -> None:
    """Add unpaid invoices over 1, 2, 3... dollars to the first workspace."""
    for dollars, at in enumerate(spaced(world.now, number), 1):
        _add(world, amount=dollars, created_at=at)


def _add(world: World, **values: str | float) -> None:
    world.records.add(_INVOICES, {"workspace_id": WORKSPACE_ID, "reason": "Use beyond the plan", **values})


def _add_default_data(world: World) -> None:
    row = world.records.get(BILLING, WORKSPACE_ID)
    subscription = {"plan_id": "team", "addons": {"table_rows": 1}, "trial_ends_at": world.now}
    trial = {"trial_id": world.ids.prefixed("trial"), "trial_plan": "plus", "from_plan": "community"}
    paying = {"payment_method_id": "pm_card_visa", "address": _ADDRESS}
    world.records.change(BILLING, row, **subscription, **trial, **paying)
    _add(world, amount=520, reason="Subscription", status="paid")
    _add(world, amount=12)


RESOURCE = Resource(
    tables=(_INVOICES,),
    operations={
        "getBillingReadonly": lambda _: {"planReadonly": False, "addonsReadonly": False},
        "getPaymentMethod": _get_payment_method,
        "setPaymentMethod": _set_payment_method,
        "createPaymentMethodIntent": _create_intent,
        "getBillingAddress": lambda exchange: {"address": find(exchange)["address"]},
        "setBillingAddress": _set_address,
        "getAutoRechargeSettings": lambda exchange: {"settings": find(exchange)["auto_recharge"]},
        "setAutoRechargeSettings": _set_auto_recharge,
        "listInvoices": _list,
        "payInvoice": _pay,
        "listWorkspaceInvoices": _list_of_workspace,
        "chargeWorkspaceUnpaidInvoices": _charge_unpaid,
        "createCreditGrant": _buy_credit,
    },
    seeders={"invoices": counted(_seed)},
    default_data=_add_default_data,
)
