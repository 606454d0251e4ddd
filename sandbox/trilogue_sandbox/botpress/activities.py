"""Activities: what happened while a bot worked on a task.

The platform makes no tasks any more; the control action `record_activity` stands in for what is left of them.
"""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import arguments, documents, making, targets, timestamps
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import BOT_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_activities (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, task_id TEXT NOT NULL,
    category TEXT NOT NULL, description TEXT NOT NULL, data TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX botpress_activities_newest ON botpress_activities (bot_id, task_id, created_at);
"""

TASK_ID = "task_01JZ0000000000000000000004"
"""A task that has activities from the beginning."""

_CATEGORIES = (
    *("unknown", "capture", "bot_message", "user_message", "agent_message", "event", "action", "task_status"),
    *("subtask_status", "exception"),
)


def _list(call: Call) -> JsonObject:
    is_member = "item.workspace_id IN (SELECT workspace_id FROM botpress_members WHERE account_id = ?)"
    bots = Select("botpress_bots").where(is_member, call.account_id)
    bot = call.find(bots, "bot", call.query.text("botId"))
    select = Select("botpress_activities").equal("bot_id", bot["id"]).equal("task_id", call.query.text("taskId"))
    return find_page(call, select).show("activities", _show)


def _show(row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["id"],
        "description": row["description"],
        "taskId": row["task_id"],
        "category": row["category"],
        "data": documents.decode(row["data"]),
        "createdAt": timestamps.show(row["created_at"]),
    }


def _record(world: World, given: JsonObject) -> object:
    """Say that something happened in `bot` in the task `task`: its `description`, `category` and `data`."""
    activity_id = world.ids.prefixed("activity")
    world.store.run(
        "INSERT INTO botpress_activities VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(activity_id, targets.bot(world, given), arguments.text(given, "task", TASK_ID)),
        *(arguments.choice(given, "category", _CATEGORIES, "unknown"), arguments.text(given, "description", "")),
        *(documents.encode(arguments.mapping(given, "data")), timestamps.now(world)),
    )
    return {"id": activity_id}


def _make(world: World, value: Json) -> object:
    """Let as many things happen in the first bot, in one task, as the number says."""
    number = arguments.count(value, "activities")
    world.store.run_many(
        "INSERT INTO botpress_activities VALUES (?, ?, ?, 'event', 'Made', '{}', ?)",
        ((row_id, BOT_ID, TASK_ID, at) for _, row_id, at in making.rows(world, "activity", number)),
    )
    return {"task": TASK_ID, "made": number}


def _furnish(world: World) -> None:
    _record(world, {"category": "task_status", "description": "The task was completed."})


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={"listActivities": _list},
    actions={"record_activity": _record},
    makers={"activities": _make},
    furnish=_furnish,
)
