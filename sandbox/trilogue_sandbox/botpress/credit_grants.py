"""Credit grants: credit for a feature, which raises its quota until the month ends."""

from __future__ import annotations

from trilogue_sandbox.botpress import invoices, roles
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.schema import NUMBER, of
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import CHANGED, CREATED, TEXT, TIMESTAMP, Table, prefixed_id
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World

_GRANTS = Table(
    "botpress_credit_grants",
    {
        "id": prefixed_id("credit"),
        "workspace_id": of("workspaces"),
        "invoice_id": TEXT,
        "amount": NUMBER,
        "feature": TEXT,
        "period_start": TIMESTAMP,
        "period_end": TIMESTAMP,
        "created_at": CREATED,
        "updated_at": CHANGED,
    },
    indexes=("workspace_id, period_end",),
)
_GRANT = View[Actor]("CreditGrant", _GRANTS)

_SMALLEST, _LARGEST = 0.01, 100_000
"""How many dollars of credit can be bought at once; the limits are the sandbox's own."""


def total(world: World, workspace_id: str, feature: str) -> float:
    """Return the credit that a workspace has for a feature now."""
    grants = world.records.select(_GRANTS, workspace_id=workspace_id, feature=feature)
    return float(sum(row["amount"] for row in grants.where("item.period_end > ?", world.now).all()))


def _create(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    amount, feature, now = exchange.body.number("amount"), exchange.body.string("feature"), exchange.now
    if not _SMALLEST <= amount <= _LARGEST:
        raise ApiError("InvalidPayload", f"body/amount must be from {_SMALLEST} to {_LARGEST}")
    workspace_id, period = exchange.workspace_id, {"period_start": now, "period_end": Period.of(now).end}
    reason = f"Credit for {feature}"
    invoice_id = invoices.charge(exchange.world, workspace_id, cents=round(amount * 100), reason=reason, **period)
    grant = {"workspace_id": workspace_id, "invoice_id": invoice_id, "amount": amount, "feature": feature}
    return _GRANT.show_one(exchange.actor, exchange.records.add(_GRANTS, {**grant, **period}))


RESOURCE = Resource(tables=(_GRANTS,), operations={"createCreditGrant": _create})
