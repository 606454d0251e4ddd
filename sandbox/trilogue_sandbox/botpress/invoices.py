"""Invoices, and the card that pays them: no money moves.

The id under which a card is known to the payment provider says how it behaves: `pm_card_visa`, `pm_card_mastercard` and
`pm_card_amex` pay everything, `pm_card_chargeCustomerFail` pays nothing, any other pays as a Visa card; the control
action `limit_card` lets a card run dry. An invoice of a subscription that is not paid is tried again every third day;
after the third time the workspace is blocked until it is paid.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import attrs

from trilogue_sandbox.botpress import arguments, billing_accounts, billing_block, pdf, targets, timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_invoices (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces ON DELETE CASCADE,
    cents INTEGER NOT NULL, reason TEXT NOT NULL, status TEXT NOT NULL, period_start INTEGER, period_end INTEGER,
    due_at INTEGER, attempts INTEGER NOT NULL, next_attempt_at INTEGER, idempotency_key TEXT,
    created_at INTEGER NOT NULL);
CREATE INDEX botpress_invoices_newest ON botpress_invoices (workspace_id, created_at);
"""

TABLE = "botpress_invoices"
IS_UNPAID = "status IN ('open', 'uncollectible')"
_ATTEMPTS = 3
_PAUSE = timedelta(days=3)


@attrs.frozen
class Bill:
    """What is to be paid, in cents, and for what span of time."""

    cents: int
    reason: str
    period_start: int
    period_end: int


def charge_now(world: World, workspace_id: str, bill: Bill) -> str:
    """Make an invoice and have it paid at once; return its id.

    Raises:
        ApiError: the card does not pay, or there is none (PaymentRequired).
    """
    invoice_id = issue(world, workspace_id, bill)
    if failure := collect(world, find(world, invoice_id)):
        raise ApiError("PaymentRequired", f"the payment failed: {failure}")
    return invoice_id


def charge_later(world: World, workspace_id: str, bill: Bill) -> bool:
    """Make an invoice and try to have it paid, again and again; return whether it was paid at once."""
    invoice_id = issue(world, workspace_id, bill)
    return _attempt(world, invoice_id)


def issue(world: World, workspace_id: str, bill: Bill) -> str:
    """Make an invoice, due in the time in which it is tried to have it paid; return its id."""
    invoice_id = world.ids.prefixed("inv")
    due_at = to_microseconds(world.clock.now() + _PAUSE * _ATTEMPTS)
    world.store.run(
        f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, 'open', ?, ?, ?, 0, NULL, NULL, ?)",
        *(invoice_id, workspace_id, bill.cents, bill.reason, bill.period_start, bill.period_end, due_at),
        timestamps.now(world),
    )
    return invoice_id


def find(world: World, invoice_id: str) -> sqlite3.Row:
    """Return an invoice that is known to exist."""
    row = world.store.one(f"SELECT * FROM {TABLE} WHERE id = ?", invoice_id)
    assert row is not None, invoice_id
    return row


def collect(world: World, invoice: sqlite3.Row) -> str | None:
    """Charge the card for an unpaid invoice; return why that failed, or None."""
    workspace_id, cents = invoice["workspace_id"], invoice["cents"]
    account = billing_accounts.load(world, workspace_id)
    if account.card is None:
        return "no payment method is set"
    left = account.card.cents_left
    if left is not None and left < cents:
        return "the card was declined"
    if left is not None:
        card = attrs.evolve(account.card, cents_left=left - cents)
        billing_accounts.save(world, workspace_id, attrs.evolve(account, card=card))
    world.store.run(f"UPDATE {TABLE} SET status = 'paid', next_attempt_at = NULL WHERE id = ?", invoice["id"])
    _settle(world, workspace_id)
    return None


def _settle(world: World, workspace_id: str) -> None:
    """Let a workspace go on that has paid everything."""
    if world.store.one(f"SELECT 1 FROM {TABLE} WHERE workspace_id = ? AND {IS_UNPAID}", workspace_id):
        return
    account = billing_accounts.load(world, workspace_id)
    if account.plan.status != "active":
        plan = attrs.evolve(account.plan, status="active")
        billing_accounts.save(world, workspace_id, attrs.evolve(account, plan=plan))
        billing_block.set_blocked(world, workspace_id, is_blocked=False)


def _attempt(world: World, invoice_id: str) -> bool:
    invoice = find(world, invoice_id)
    if collect(world, invoice) is None:
        return True
    if count_failure(world, invoice_id) < _ATTEMPTS:
        next_at = world.clock.now() + _PAUSE
        world.store.run(f"UPDATE {TABLE} SET next_attempt_at = ? WHERE id = ?", to_microseconds(next_at), invoice_id)
        world.timers.at(next_at, "retry_invoice", {"invoice_id": invoice_id})
    else:
        world.store.run(f"UPDATE {TABLE} SET status = 'uncollectible', next_attempt_at = NULL WHERE id = ?", invoice_id)
        billing_block.set_blocked(world, invoice["workspace_id"], is_blocked=True)
    return False


def count_failure(world: World, invoice_id: str) -> int:
    """Count a payment that failed; return how many have."""
    world.store.run(f"UPDATE {TABLE} SET attempts = attempts + 1 WHERE id = ?", invoice_id)
    return int(find(world, invoice_id)["attempts"])


def _retry(world: World, given: JsonObject) -> object:
    """Try again to have the invoice `invoice_id` paid, unless it has been paid meanwhile."""
    invoice_id = str(given.get("invoice_id"))
    if not world.store.one(f"SELECT 1 FROM {TABLE} WHERE id = ? AND status = 'open'", invoice_id):
        return {"paid": False}
    return {"paid": _attempt(world, invoice_id)}


def _limit_card(world: World, given: JsonObject) -> object:
    """Let the card of the workspace `workspace` pay `amount` dollars more, and nothing beyond."""
    workspace_id = targets.workspace(world, given)
    account = billing_accounts.load(world, workspace_id)
    card = account.card and attrs.evolve(account.card, cents_left=arguments.integer(given, "amount") * 100)
    billing_accounts.save(world, workspace_id, attrs.evolve(account, card=card))
    return {}


def pdf_url(request: Request, invoice_id: str) -> str:
    """Return where an invoice can be downloaded."""
    return f"{request.base_url}/invoices/{invoice_id}.pdf"


def _download(world: World, _: Request, rest: str) -> Response:
    row = world.store.one(f"SELECT * FROM {TABLE} WHERE id || '.pdf' = ?", rest)
    if row is None:
        return Response(404, {"Content-Type": "text/plain"}, b"there is no such invoice")
    lines = (f"Invoice {row['id']}", row["reason"], f"{row['cents'] / 100:.2f} USD", f"Status: {row['status']}")
    return Response(200, {"Content-Type": "application/pdf"}, pdf.page(lines))


RESOURCE = Resource(
    schema=_SCHEMA,
    actions={"retry_invoice": _retry, "limit_card": _limit_card},
    folders={"invoices": _download},
)
