"""Trials: for some days a workspace has another plan; afterwards it goes back."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import attrs

from trilogue_sandbox.botpress import billing_accounts, billing_block, catalogue, roles, timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import WORKSPACE_ID
from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_trials (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces ON DELETE CASCADE,
    trial_plan TEXT NOT NULL, from_plan TEXT NOT NULL, ends_at INTEGER NOT NULL, is_active INTEGER NOT NULL,
    created_at INTEGER NOT NULL);
"""

_TABLE = "botpress_trials"
_LONGEST = 90
"""How many days a trial can last; the limit is the sandbox's own."""


@attrs.frozen
class Trial:
    """A trial that is running."""

    id: str
    trial_plan: str


def active(world: World, workspace_id: str) -> Trial | None:
    """Return the trial that is running in a workspace, or None."""
    row = world.store.one(f"SELECT * FROM {_TABLE} WHERE workspace_id = ? AND is_active", workspace_id)
    return Trial(row["id"], row["trial_plan"]) if row else None


def end_running(world: World, workspace_id: str) -> bool:
    """End the trial that is running in a workspace; False if there is none."""
    changed = world.store.run(
        f"UPDATE {_TABLE} SET is_active = 0, ends_at = ? WHERE workspace_id = ? AND is_active",
        *(timestamps.now(world), workspace_id),
    )
    return changed > 0


def _list(call: Call) -> JsonObject:
    rows = call.store.all(f"SELECT * FROM {_TABLE} WHERE workspace_id = ? ORDER BY rowid DESC", call.workspace_id)
    return {"trials": [_show(row) for row in rows]}


def _create(call: Call) -> JsonObject:
    roles.require(call, "pay")
    billing_block.require_paid(call)
    plan, days = catalogue.refer_plan(call.body.text("plan")), call.body.integer("lengthInDays")
    if not 1 <= days <= _LONGEST:
        raise ApiError("InvalidPayload", f"body/lengthInDays must be from 1 to {_LONGEST}")
    return _show(_begin(call, plan, timedelta(days=days)))


def _begin(call: Call, plan: catalogue.Plan, length: timedelta) -> sqlite3.Row:
    current = catalogue.PLANS[billing_accounts.load(call.world, call.workspace_id).plan.plan_id]
    if plan.rank <= current.rank:
        raise ApiError("RelationConflict", f"the workspace has the plan {current.id}, which gives as much as {plan.id}")
    if active(call.world, call.workspace_id):
        raise ApiError("AlreadyExists", "a trial is running already")
    trial_id, ends_at = call.world.ids.prefixed("trial"), call.world.clock.now() + length
    call.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, 1, ?)",
        *(trial_id, call.workspace_id, plan.id, current.id, to_microseconds(ends_at), call.now),
    )
    call.world.timers.at(ends_at, "end_trial", {"trial_id": trial_id})
    return call.find(Select(_TABLE), "trial", trial_id)


def _remove(call: Call) -> JsonObject:
    roles.require(call, "pay")
    if not end_running(call.world, call.workspace_id):
        raise ApiError("ResourceNotFound", "no trial is running")
    return {}


def _end(world: World, given: JsonObject) -> object:
    """End the trial `trial_id`, whose days are over."""
    changed = world.store.run(f"UPDATE {_TABLE} SET is_active = 0 WHERE id = ?", str(given.get("trial_id")))
    return {"ended": changed}


def _show(row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["id"],
        "trialPlan": row["trial_plan"],
        "fromPlan": row["from_plan"],
        "endsAt": timestamps.show(row["ends_at"]),
        "isActive": bool(row["is_active"]),
    }


def _furnish(world: World) -> None:
    now = timestamps.now(world)
    world.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, 'plus', 'community', ?, 0, ?)",
        *(world.ids.prefixed("trial"), WORKSPACE_ID, now, now),
    )


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={"getTrials": _list, "createTrial": _create, "removeTrial": _remove},
    actions={"end_trial": _end},
    furnish=_furnish,
)
