"""Credit grants: credit for a feature, which raises its quota until the month ends."""

from __future__ import annotations

from trilogue_sandbox.botpress import invoices, roles, timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.invoices import Bill
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_credit_grants (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces ON DELETE CASCADE,
    invoice_id TEXT NOT NULL, amount REAL NOT NULL, feature TEXT NOT NULL, period_start INTEGER NOT NULL,
    period_end INTEGER NOT NULL);
CREATE INDEX botpress_credit_grants_by_time ON botpress_credit_grants (workspace_id, period_end);
"""

_SMALLEST, _LARGEST = 0.01, 100_000
"""How many dollars of credit can be bought at once; the limits are the sandbox's own."""


def total(world: World, workspace_id: str, feature: str) -> float:
    """Return the credit that a workspace has for a feature now."""
    row = world.store.one(
        "SELECT ifnull(SUM(amount), 0) AS amount FROM botpress_credit_grants"
        " WHERE workspace_id = ? AND feature = ? AND period_end > ?",
        *(workspace_id, feature, timestamps.now(world)),
    )
    return float(row["amount"]) if row else 0.0


def _create(call: Call) -> JsonObject:
    roles.require(call, "pay")
    amount, feature, now = call.body.number("amount"), call.body.text("feature"), call.now
    if not _SMALLEST <= amount <= _LARGEST:
        raise ApiError("InvalidPayload", f"body/amount must be from {_SMALLEST} to {_LARGEST}")
    end, grant_id = Period.of(now).end, call.world.ids.prefixed("credit")
    bill = Bill(round(amount * 100), f"Credit for {feature}", now, end)
    invoice_id = invoices.charge(call.world, call.workspace_id, bill)
    call.store.run(
        "INSERT INTO botpress_credit_grants VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(grant_id, call.workspace_id, invoice_id, amount, feature, now, end),
    )
    return {
        "id": grant_id,
        "workspace_id": call.workspace_id,
        "invoice_id": invoice_id,
        "amount": amount,
        "feature": feature,
        "period_start": timestamps.show(now),
        "period_end": timestamps.show(end),
        "updatedAt": timestamps.show(now),
        "createdAt": timestamps.show(now),
    }


RESOURCE = Resource(schema=_SCHEMA, handlers={"createCreditGrant": _create})
