"""Trials: for some days a workspace has the quotas of a larger plan."""

from __future__ import annotations

from trilogue_sandbox.botpress import plans, roles, subscriptions
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.credentials import WORKSPACE_ID
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import TEXT, TIMESTAMP, Row, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import DAY
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World

_TRIALS = Table(
    "botpress_trials",
    {
        "id": prefixed_id("trial"),
        "workspace_id": of("workspaces"),
        "trial_plan": TEXT,
        "from_plan": TEXT,
        "ends_at": TIMESTAMP,
    },
    indexes=("workspace_id, ends_at",),
)
_TRIAL = View[Actor]("Trial", _TRIALS, computed={"isActive": each(lambda actor, row: row["ends_at"] > actor.now)})
_MOST_DAYS = 90
"""The limit is the sandbox's own."""


def active(world: World, workspace_id: str) -> Row | None:
    """Return the trial of a workspace that has not ended, or None."""
    return world.records.select(_TRIALS, workspace_id=workspace_id).where("item.ends_at > ?", world.now).first()


def _list(exchange: Exchange) -> JsonObject:
    rows = exchange.actor.rows(_TRIALS).all("ORDER BY item.rowid DESC")
    return {"trials": [*_TRIAL.show(exchange.actor, rows)]}


def _create(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    roles.require_paid_by(exchange.actor)
    plan, days = plans.find_plan(exchange.body.string("plan")), exchange.body.integer("lengthInDays")
    if not 1 <= days <= _MOST_DAYS:
        raise ApiError("InvalidPayload", f"body/lengthInDays must be from 1 to {_MOST_DAYS}")
    current = plans.find_plan(subscriptions.load(exchange.world, exchange.workspace_id).plan_id)
    if plan.rank <= current.rank:
        raise ApiError("RelationConflict", f"the workspace has the plan {current.id}, which gives as much as {plan.id}")
    if active(exchange.world, exchange.workspace_id):
        raise ApiError("AlreadyExists", "a trial is running already")
    trial = {"trial_plan": plan.id, "from_plan": current.id, "ends_at": exchange.now + days * DAY}
    row = exchange.records.add(_TRIALS, {"workspace_id": exchange.workspace_id, **trial})
    return _TRIAL.show_one(exchange.actor, row)


def _remove(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "pay")
    trial = active(exchange.world, exchange.workspace_id)
    if trial is None:
        raise ApiError("ResourceNotFound", "no trial is running")
    exchange.records.change(_TRIALS, trial, ends_at=exchange.now)
    return {}


def _add_default_data(world: World) -> None:
    ended = {"trial_plan": "plus", "from_plan": "community", "ends_at": world.now}
    world.records.add(_TRIALS, {"workspace_id": WORKSPACE_ID, **ended})


RESOURCE = Resource(
    tables=(_TRIALS,),
    operations={"getTrials": _list, "createTrial": _create, "removeTrial": _remove},
    default_data=_add_default_data,
)
