"""Billing settings of a workspace: its payment method, its address, automatic recharges, and what is read-only.

The id of a payment method says how it behaves: `pm_card_visa`, `pm_card_mastercard` and `pm_card_amex` are such cards,
any other is a Visa card; payments with `pm_card_chargeCustomerFail` fail.
"""

from __future__ import annotations

import hashlib
import sqlite3

from trilogue_sandbox.botpress import audit, documents, roles, targets
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import WORKSPACE_ID
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_billing_settings (
    workspace_id TEXT PRIMARY KEY REFERENCES botpress_workspaces ON DELETE CASCADE, payment_method_id TEXT,
    address TEXT, auto_recharge TEXT NOT NULL DEFAULT '{}', is_plan_readonly INTEGER NOT NULL DEFAULT 0,
    is_addons_readonly INTEGER NOT NULL DEFAULT 0, quotas TEXT NOT NULL DEFAULT '{}');
"""

_BRANDS = {"pm_card_mastercard": "mastercard", "pm_card_amex": "amex"}
_FAILING = "pm_card_chargeCustomerFail"
_RECHARGEABLE = "integration_spend"
_ADDRESS: JsonObject = {"lineOne": "Main Street 1", "city": "Springfield", "postalCode": "12345", "country": "US"}


def open_account(world: World, workspace_id: str) -> None:
    """Add the settings of a new workspace."""
    world.store.run("INSERT INTO botpress_billing_settings (workspace_id) VALUES (?)", workspace_id)


def find(world: World, workspace_id: str) -> sqlite3.Row:
    """Return the settings of a workspace."""
    row = world.store.one("SELECT * FROM botpress_billing_settings WHERE workspace_id = ?", workspace_id)
    assert row is not None, workspace_id
    return row


def change(world: World, workspace_id: str, **values: SqlValue) -> None:
    """Change columns of the settings."""
    assignments = ", ".join(f"{name} = ?" for name in values)
    sql = f"UPDATE botpress_billing_settings SET {assignments} WHERE workspace_id = ?"
    world.store.run(sql, *values.values(), workspace_id)


def payment_failure(world: World, workspace_id: str) -> str | None:
    """Return why a workspace cannot pay, or None."""
    payment_method_id = find(world, workspace_id)["payment_method_id"]
    if payment_method_id is None:
        return "no payment method is set"
    return "the card was declined" if payment_method_id == _FAILING else None


def refuse_if_readonly(call: Call, part: str) -> None:
    """Make sure that a part of the subscription, `plan` or `addons`, may change.

    Raises:
        ApiError: it may not (Forbidden).
    """
    if find(call.world, call.workspace_id)[f"is_{part}_readonly"]:
        raise ApiError("Forbidden", f"the {part} of this workspace cannot be changed: it is read-only")


def _get_readonly(call: Call) -> JsonObject:
    row = find(call.world, call.workspace_id)
    return {"planReadonly": bool(row["is_plan_readonly"]), "addonsReadonly": bool(row["is_addons_readonly"])}


def _close(world: World, given: JsonObject) -> object:
    """Make `plan` and `addons` of the workspace `workspace` read-only (true), or not (false)."""
    workspace_id = targets.workspace(world, given)
    row = find(world, workspace_id)
    plan, addons = (given.get(part, bool(row[f"is_{part}_readonly"])) is True for part in ("plan", "addons"))
    change(world, workspace_id, is_plan_readonly=plan, is_addons_readonly=addons)
    audit.add(world, workspace_id, "UPDATE_WORKSPACE_PLAN_READONLY", Subject(workspace_id), str(plan).lower())
    audit.add(world, workspace_id, "UPDATE_WORKSPACE_ADDONS_READONLY", Subject(workspace_id), str(addons).lower())
    return {"plan": plan, "addons": addons}


def _get_payment_method(call: Call) -> JsonObject:
    payment_method_id = find(call.world, call.workspace_id)["payment_method_id"]
    return {"paymentMethod": _show_card(payment_method_id) if payment_method_id else None}


def _set_payment_method(call: Call) -> JsonObject:
    roles.require(call, "pay")
    payment_method_id = call.body.text("paymentMethodId")
    if not payment_method_id.startswith("pm_"):
        raise ApiError("ReferenceNotFound", "the payment provider knows no such payment method; its ids begin with pm_")
    change(call.world, call.workspace_id, payment_method_id=payment_method_id)
    audit.record(call, "UPDATE_PAYMENT_METHOD", Subject(payment_method_id))
    return _show_card(payment_method_id)


def _show_card(payment_method_id: str) -> JsonObject:
    digits = int.from_bytes(hashlib.sha256(payment_method_id.encode()).digest()[:4]) % 10_000
    brand = _BRANDS.get(payment_method_id, "visa")
    card: JsonObject = {"brand": brand, "lastFour": f"{digits:04d}", "expMonth": 12, "expYear": 2040}
    return {"id": payment_method_id, "type": "card", "card": card}


def _create_intent(call: Call) -> JsonObject:
    """Return a secret in the form of the payment provider's. No provider is behind it."""
    roles.require(call, "pay")
    return {"clientSecret": f"seti_{call.world.ids.token(24)}_secret_{call.world.ids.token(24)}"}


def _get_address(call: Call) -> JsonObject:
    address = find(call.world, call.workspace_id)["address"]
    return {"address": documents.decode(address) if address else None}


def _set_address(call: Call) -> JsonObject:
    roles.require(call, "pay")
    change(call.world, call.workspace_id, address=documents.encode(call.body.values))
    return {}


def _get_auto_recharge(call: Call) -> JsonObject:
    return {"settings": documents.decode(find(call.world, call.workspace_id)["auto_recharge"])}


def _set_auto_recharge(call: Call) -> JsonObject:
    """Keep the settings. Nothing is recharged."""
    roles.require(call, "pay")
    settings = call.body.object("settings")
    for feature in settings:
        if feature != _RECHARGEABLE:
            raise ApiError("InvalidPayload", f"body/settings/{feature}: credit can be bought for {_RECHARGEABLE} only")
    kept = Fields(documents.decode_object(find(call.world, call.workspace_id)["auto_recharge"]))
    change(call.world, call.workspace_id, auto_recharge=documents.encode({**kept.values, **settings}))
    return _get_auto_recharge(call)


def _add_default_data(world: World) -> None:
    change(world, WORKSPACE_ID, payment_method_id="pm_card_visa", address=documents.encode(_ADDRESS))


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "getBillingReadonly": _get_readonly,
        "getPaymentMethod": _get_payment_method,
        "setPaymentMethod": _set_payment_method,
        "createPaymentMethodIntent": _create_intent,
        "getBillingAddress": _get_address,
        "setBillingAddress": _set_address,
        "getAutoRechargeSettings": _get_auto_recharge,
        "setAutoRechargeSettings": _set_auto_recharge,
    },
    actions={"close_billing": _close},
    furnish=_add_default_data,
)
