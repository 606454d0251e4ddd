"""Billing settings of a workspace: its payment method, its address, automatic recharges, and what is read-only.

The id of a payment method says how it behaves: `pm_card_visa`, `pm_card_mastercard` and `pm_card_amex` are such cards,
any other is a Visa card; payments with those in `magic_inputs` fail.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from trilogue_sandbox.botpress import audit_records, roles
from trilogue_sandbox.botpress.account_tables import WORKSPACES
from trilogue_sandbox.botpress.columns import NOTE, of
from trilogue_sandbox.botpress.credentials import WORKSPACE_ID, target
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.botpress.magic_inputs import FAILING_CARDS
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import BOOLEAN, JSON, Row, Table
from trilogue_sandbox.kernel.world import World

SETTINGS = Table(
    "botpress_billing_settings",
    {
        "workspace_id": of("workspaces").key(),
        "payment_method_id": NOTE,
        "address": JSON.nullable(),
        "auto_recharge": JSON.default({}),
        "is_plan_readonly": BOOLEAN.default(False),
        "is_addons_readonly": BOOLEAN.default(False),
        "quotas": JSON.default({}),
    },
)
_BRANDS = {"pm_card_mastercard": "mastercard", "pm_card_amex": "amex"}
_RECHARGEABLE = "integration_spend"
_ADDRESS: JsonObject = {"lineOne": "Main Street 1", "city": "Springfield", "postalCode": "12345", "country": "US"}


def open_account(world: World, workspace_id: str) -> None:
    """Add the settings of a new workspace."""
    world.records.add(SETTINGS, {"workspace_id": workspace_id})


def payment_failure(world: World, workspace_id: str) -> str | None:
    """Return why a workspace cannot pay, or None."""
    payment_method_id = world.records.get(SETTINGS, workspace_id)["payment_method_id"]
    if payment_method_id is None:
        return "no payment method is set"
    return FAILING_CARDS.get(payment_method_id)


def require_changeable(exchange: Exchange, part: Literal["plan", "addons"]) -> None:
    """Raise Forbidden unless a part of the subscription may change."""
    if _find(exchange)[f"is_{part}_readonly"]:
        raise ApiError("Forbidden", f"the {part} of this workspace cannot be changed: it is read-only")


def _find(exchange: Exchange) -> Row:
    return exchange.records.get(SETTINGS, exchange.workspace_id)


def _get_readonly(exchange: Exchange) -> JsonObject:
    row = _find(exchange)
    return {"planReadonly": row["is_plan_readonly"], "addonsReadonly": row["is_addons_readonly"]}


def _get_payment_method(exchange: Exchange) -> JsonObject:
    payment_method_id = _find(exchange)["payment_method_id"]
    return {"paymentMethod": _show_card(payment_method_id) if payment_method_id else None}


def _set_payment_method(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    payment_method_id = exchange.body.string("paymentMethodId")
    if not payment_method_id.startswith("pm_"):
        raise ApiError("ReferenceNotFound", "the payment provider knows no such payment method; its ids begin with pm_")
    exchange.records.change(SETTINGS, _find(exchange), payment_method_id=payment_method_id)
    workspace = exchange.records.get(WORKSPACES, exchange.workspace_id)
    audit_records.record(exchange, "UPDATE_PAYMENT_METHOD", workspace, payment_method_id)
    return _show_card(payment_method_id)


def _show_card(payment_method_id: str) -> JsonObject:
    digits = int.from_bytes(hashlib.sha256(payment_method_id.encode()).digest()[:4]) % 10_000
    brand = _BRANDS.get(payment_method_id, "visa")
    card: JsonObject = {"brand": brand, "lastFour": f"{digits:04d}", "expMonth": 12, "expYear": 2040}
    return {"id": payment_method_id, "type": "card", "card": card}


def _create_intent(exchange: Exchange) -> JsonObject:
    """Return a secret in the form of the payment provider's. No provider is behind it."""
    roles.require(exchange, "pay")
    ids = exchange.world.ids
    return {"clientSecret": f"seti_{ids.token(24)}_secret_{ids.token(24)}"}


def _get_address(exchange: Exchange) -> JsonObject:
    return {"address": _find(exchange)["address"]}


def _set_address(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    exchange.records.change(SETTINGS, _find(exchange), address=exchange.body.values)
    return {}


def _get_auto_recharge(exchange: Exchange) -> JsonObject:
    return {"settings": _find(exchange)["auto_recharge"]}


def _set_auto_recharge(exchange: Exchange) -> JsonObject:
    """Keep the settings. Nothing is recharged."""
    roles.require(exchange, "pay")
    settings, row = exchange.body.object("settings"), _find(exchange)
    for feature in settings:
        if feature != _RECHARGEABLE:
            raise ApiError("InvalidPayload", f"body/settings/{feature}: credit can be bought for {_RECHARGEABLE} only")
    exchange.records.change(SETTINGS, row, auto_recharge={**row["auto_recharge"], **settings})
    return _get_auto_recharge(exchange)


def _set_readonly(world: World, given: Fields) -> object:
    """Make `plan` and `addons` of the workspace `workspace` read-only (true), or not (false)."""
    workspace = world.records.get(WORKSPACES, target(world, given, WORKSPACES))
    row = world.records.get(SETTINGS, workspace["id"])
    plan, addons = (given.boolean(part, row[f"is_{part}_readonly"]) for part in ("plan", "addons"))
    world.records.change(SETTINGS, row, is_plan_readonly=plan, is_addons_readonly=addons)
    audit_records.add(world, workspace["id"], "UPDATE_WORKSPACE_PLAN_READONLY", workspace, value=str(plan).lower())
    audit_records.add(world, workspace["id"], "UPDATE_WORKSPACE_ADDONS_READONLY", workspace, value=str(addons).lower())
    return {"plan": plan, "addons": addons}


def _add_default_data(world: World) -> None:
    row = world.records.get(SETTINGS, WORKSPACE_ID)
    world.records.change(SETTINGS, row, payment_method_id="pm_card_visa", address=_ADDRESS)


RESOURCE = Resource(
    tables=(SETTINGS,),
    operations={
        "getBillingReadonly": _get_readonly,
        "getPaymentMethod": _get_payment_method,
        "setPaymentMethod": _set_payment_method,
        "createPaymentMethodIntent": _create_intent,
        "getBillingAddress": _get_address,
        "setBillingAddress": _set_address,
        "getAutoRechargeSettings": _get_auto_recharge,
        "setAutoRechargeSettings": _set_auto_recharge,
    },
    actions={"close_billing": _set_readonly},
    default_data=_add_default_data,
)
