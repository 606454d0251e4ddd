"""Credit grants: credit for a feature, which raises its quota until the month ends."""

from __future__ import annotations

from trilogue_sandbox.botpress import invoices, roles
from trilogue_sandbox.botpress.columns import NUMBER, of
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import CHANGED, CREATED, TEXT, TIMESTAMP, Table, prefixed_id
from trilogue_sandbox.kernel.views import View

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

CREDIT = """\
(SELECT ifnull(SUM(amount), 0) FROM botpress_credit_grants
WHERE workspace_id = item.workspace_id AND feature = 'integration_spend' AND period_end > ?) AS credit"""
"""SQL: the credit that the workspace of a row has at a time."""

_SMALLEST, _LARGEST = 0.01, 100_000
"""How many dollars of credit can be bought at once; the limits are the sandbox's own."""


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
