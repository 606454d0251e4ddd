"""Trials: for some days a workspace has the quotas of a larger plan."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from trilogue_sandbox.botpress import billing_block, plans, roles, subscriptions, timestamps
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
    trial_plan TEXT NOT NULL, from_plan TEXT NOT NULL, ends_at INTEGER NOT NULL);
"""

_TABLE = "botpress_trials"
_MOST_DAYS = 90
"""The limit is the sandbox's own."""


def active(world: World, workspace_id: str) -> sqlite3.Row | None:
    """Return the trial of a workspace that has not ended, or None."""
    sql = f"SELECT * FROM {_TABLE} WHERE workspace_id = ? AND ends_at > ?"
    return world.store.one(sql, workspace_id, timestamps.now(world))


def _list(call: Call) -> JsonObject:
    rows = call.store.all(f"SELECT * FROM {_TABLE} WHERE workspace_id = ? ORDER BY rowid DESC", call.workspace_id)
    return {"trials": [_show(row, call.now) for row in rows]}


def _create(call: Call) -> JsonObject:
    roles.require(call, "pay")
    billing_block.require_paid(call)
    plan, days = plans.find_plan(call.body.text("plan")), call.body.integer("lengthInDays")
    if not 1 <= days <= _MOST_DAYS:
        raise ApiError("InvalidPayload", f"body/lengthInDays must be from 1 to {_MOST_DAYS}")
    current = plans.find_plan(subscriptions.load(call.world, call.workspace_id).plan_id)
    if plan.rank <= current.rank:
        raise ApiError("RelationConflict", f"the workspace has the plan {current.id}, which gives as much as {plan.id}")
    if active(call.world, call.workspace_id):
        raise ApiError("AlreadyExists", "a trial is running already")
    trial_id, ends_at = call.world.ids.prefixed("trial"), call.world.clock.now() + timedelta(days=days)
    call.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?)",
        *(trial_id, call.workspace_id, plan.id, current.id, to_microseconds(ends_at)),
    )
    return _show(call.find(Select(_TABLE), "trial", trial_id), call.now)


def _remove(call: Call) -> JsonObject:
    roles.require(call, "pay")
    trial = active(call.world, call.workspace_id)
    if trial is None:
        raise ApiError("ResourceNotFound", "no trial is running")
    call.store.run(f"UPDATE {_TABLE} SET ends_at = ? WHERE id = ?", call.now, trial["id"])
    return {}


def _show(row: sqlite3.Row, now: int) -> JsonObject:
    return {
        "id": row["id"],
        "trialPlan": row["trial_plan"],
        "fromPlan": row["from_plan"],
        "endsAt": timestamps.show(row["ends_at"]),
        "isActive": row["ends_at"] > now,
    }


def _add_default_data(world: World) -> None:
    world.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, 'plus', 'community', ?)",
        *(world.ids.prefixed("trial"), WORKSPACE_ID, timestamps.now(world)),
    )


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={"getTrials": _list, "createTrial": _create, "removeTrial": _remove},
    furnish=_add_default_data,
)
