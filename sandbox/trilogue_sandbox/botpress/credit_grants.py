"""Credit for a feature: bought by hand, or by itself when it runs low. It holds for the rest of the month."""

from __future__ import annotations

import sqlite3
from typing import Literal

import attrs

from trilogue_sandbox.botpress import allowances, audit, billing_accounts, invoices, meters, roles, timestamps
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.billing_accounts import AutoRecharge
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.invoices import Bill
from trilogue_sandbox.botpress.meters import Owner
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_credit_grants (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces ON DELETE CASCADE,
    invoice_id TEXT NOT NULL, amount REAL NOT NULL, feature TEXT NOT NULL, period_start INTEGER NOT NULL,
    period_end INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX botpress_credit_grants_by_time ON botpress_credit_grants (workspace_id, period_end);
"""

_FEATURE: Literal["integration_spend"] = "integration_spend"
"""The one feature that credit can be bought for."""

_SMALLEST, _LARGEST = 0.01, 100_000
"""How many dollars of credit can be bought at once; the limits are the sandbox's own."""

_RECHARGE = 10.0
"""How many dollars are bought at a time when credit runs low."""


def _create(call: Call) -> JsonObject:
    roles.require(call, "pay")
    amount = call.body.number("amount")
    if not _SMALLEST <= amount <= _LARGEST:
        raise ApiError("InvalidPayload", f"body/amount must be from {_SMALLEST} to {_LARGEST}")
    return _show(_buy(call.world, call.workspace_id, amount))


def _buy(world: World, workspace_id: str, amount: float) -> sqlite3.Row:
    now, grant_id = timestamps.now(world), world.ids.prefixed("credit")
    end = Period.of(now).end
    bill = Bill(round(amount * 100), f"Credit for {_FEATURE}", now, end)
    invoice_id = invoices.charge_now(world, workspace_id, bill)
    world.store.run(
        "INSERT INTO botpress_credit_grants VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(grant_id, workspace_id, invoice_id, amount, _FEATURE, now, end, now),
    )
    row = world.store.one("SELECT * FROM botpress_credit_grants WHERE id = ?", grant_id)
    assert row is not None
    return row


def _show(row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["id"],
        "workspace_id": row["workspace_id"],
        "invoice_id": row["invoice_id"],
        "amount": row["amount"],
        "feature": row["feature"],
        "period_start": timestamps.show(row["period_start"]),
        "period_end": timestamps.show(row["period_end"]),
        "updatedAt": timestamps.show(row["created_at"]),
        "createdAt": timestamps.show(row["created_at"]),
    }


def recharge_if_low(world: World, bot_id: str) -> None:
    """Buy credit for the workspace of a bot if it asked for that and less than its threshold is left.

    Where the card does not pay, the recharge is switched off and says why.
    """
    row = world.store.one("SELECT workspace_id FROM botpress_bots WHERE id = ?", bot_id)
    assert row is not None
    workspace_id = row["workspace_id"]
    setting = billing_accounts.load(world, workspace_id).auto_recharge.get(_FEATURE)
    if setting is None or not setting.enabled or _left(world, workspace_id) >= (setting.threshold or 0):
        return
    try:
        with world.store.transaction():
            grant = _buy(world, workspace_id, _RECHARGE)
        audit.add(world, workspace_id, "EXECUTE_AUTO_RECHARGE_SUCCESS", Subject(grant["id"]), f"{_RECHARGE:g}")
    except ApiError as refused:
        _switch_off(world, workspace_id, setting, refused.message)


def _left(world: World, workspace_id: str) -> float:
    used = meters.used(world, Owner(workspace_id), _FEATURE, Period.of(timestamps.now(world)))
    return allowances.of(world, workspace_id)[_FEATURE] - used


def _switch_off(world: World, workspace_id: str, setting: AutoRecharge, reason: str) -> None:
    account = billing_accounts.load(world, workspace_id)
    stopped = attrs.evolve(setting, enabled=False, disabled_reason=reason)
    settings = {**account.auto_recharge, _FEATURE: stopped}
    billing_accounts.save(world, workspace_id, attrs.evolve(account, auto_recharge=settings))
    audit.add(world, workspace_id, "EXECUTE_AUTO_RECHARGE_FAILED", Subject(workspace_id), reason)


def _get_settings(call: Call) -> JsonObject:
    settings = billing_accounts.load(call.world, call.workspace_id).auto_recharge
    return {"settings": {feature: _show_setting(setting) for feature, setting in settings.items()}}


def _set_settings(call: Call) -> JsonObject:
    roles.require(call, "pay")
    account, wanted = billing_accounts.load(call.world, call.workspace_id), call.body.below("settings")
    for feature in wanted.values:
        if feature != _FEATURE:
            raise ApiError("InvalidPayload", f"body/settings/{feature}: credit can be bought for {_FEATURE} only")
    changes = {feature: _read_setting(wanted.below(feature)) for feature in wanted.values}
    changed = attrs.evolve(account, auto_recharge={**account.auto_recharge, **changes})
    billing_accounts.save(call.world, call.workspace_id, changed)
    return _get_settings(call)


def _read_setting(fields: Fields) -> AutoRecharge:
    return AutoRecharge(fields.flag("enabled"), fields.optional_number("threshold"))


def _show_setting(setting: AutoRecharge) -> JsonObject:
    shown: JsonObject = {"enabled": setting.enabled}
    if setting.threshold is not None:
        shown["threshold"] = setting.threshold
    if setting.disabled_reason is not None:
        shown["disabledReason"] = setting.disabled_reason
    return shown


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "createCreditGrant": _create,
        "getAutoRechargeSettings": _get_settings,
        "setAutoRechargeSettings": _set_settings,
    },
)
