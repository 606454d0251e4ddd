"""Activities: what happened while a bot worked on a task.

The platform makes no tasks any more; the control action `record_activity` stands in for what is left of them.
"""

from __future__ import annotations

from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.credentials import BOT_ID, target
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.table import CREATED, JSON, TEXT, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World

TASK_ID = "task_01JZ0000000000000000000004"
"""A task that has activities from the start."""

_ACTIVITIES = Table(
    "botpress_activities",
    {
        "id": prefixed_id("activity"),
        "bot_id": of("bots"),
        "task_id": TEXT.default(TASK_ID),
        "category": TEXT,
        "description": TEXT,
        "data": JSON.default({}),
        "created_at": CREATED,
    },
    indexes=("bot_id, task_id, created_at",),
)
_ACTIVITY = View[Actor]("Activity", _ACTIVITIES)

_CATEGORIES = (
    *("unknown", "capture", "bot_message", "user_message", "agent_message", "event", "action", "task_status"),
    *("subtask_status", "exception"),
)


def _list(exchange: Exchange) -> JsonObject:
    bot_id = exchange.query.string("botId")
    is_member = "item.workspace_id IN (SELECT workspace_id FROM botpress_members WHERE account_id = ?)"
    bot = require(exchange.records.select(BOTS, id=bot_id).where(is_member, exchange.account_id), "bot", bot_id)
    select = exchange.records.select(_ACTIVITIES, bot_id=bot["id"], task_id=exchange.query.string("taskId"))
    return paginate(exchange, "activities", select, _ACTIVITY.show)


def _record(world: World, given: Fields) -> object:
    """Say that something happened in `bot` in the task `task`: its `description`, `category` and `data`."""
    activity = {
        "bot_id": target(world, given, BOTS),
        "task_id": given.string("task", TASK_ID),
        "category": given.choice("category", _CATEGORIES, "unknown"),
        "description": given.string("description", ""),
        "data": given.object("data"),
    }
    return {"id": world.records.add(_ACTIVITIES, activity)["id"]}


def _seed(world: World, number: int) -> object:
    """Let as many things happen in the first bot, in one task, as the number says."""
    base = {"bot_id": BOT_ID, "category": "event", "description": "Made"}
    rows = [{**base, "created_at": at} for at in spaced(world.now, number)]
    world.records.add_many(_ACTIVITIES, rows)
    return {"task": TASK_ID, "made": len(rows)}


def _add_default_data(world: World) -> None:
    _record(world, Fields({"category": "task_status", "description": "The task was completed."}))


RESOURCE = Resource(
    tables=(_ACTIVITIES,),
    operations={"listActivities": _list},
    actions={"record_activity": _record},
    seeders={"activities": counted(_seed)},
    default_data=_add_default_data,
)
