"""What bots and integrations log, and activities: what a bot did while it worked on a task.

Their code does not run in the sandbox, which logs what it does in their place (a deployment, a webhook); the control
action `log` stands in for the rest. The platform makes no tasks any more; one that is completed is there.
"""

from __future__ import annotations

import random

from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import NOTE, of
from trilogue_sandbox.botpress.credentials import BOT_ID, INTEGRATION_ID, target
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.table import CREATED, JSON, TEXT, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import View, snake_case
from trilogue_sandbox.kernel.world import World

_LOGS = Table(
    "botpress_logs",
    {
        "id": prefixed_id("log"),
        "bot_id": of("bots"),
        "integration_id": of("integrations").nullable(),
        "level": TEXT.default("info"),
        "message": TEXT,
        **dict.fromkeys(("workflow_id", "user_id", "conversation_id"), NOTE),
        "created_at": CREATED,
    },
    indexes=("bot_id, created_at", "integration_id, created_at"),
)
_ENTRY = View[Actor]("LogEntry", _LOGS, columns={"timestamp": "created_at"})

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

_LEVELS = ("debug", "info", "warn", "error")
_FILTERS = ("level", "userId", "workflowId", "conversationId")


def write(world: World, bot_id: str, message: str, **values: str | None) -> None:
    """Write a line to the log of a bot, or with an `integration_id` of an integration that works for it."""
    world.records.add(_LOGS, {"bot_id": bot_id, "message": message, **values})


def list_logs(exchange: Exchange, **owner: str | None) -> JsonObject:
    """Return the page of the log of a bot or an integration that the query asks for."""
    query, select = exchange.query, exchange.records.select(_LOGS, "item.*", **owner)
    select = select.between("created_at", query.optional_timestamp("timeStart"), query.optional_timestamp("timeEnd"))
    for name in _FILTERS:
        select = select.equal(snake_case(name), query.optional_string(name))
    if text := query.optional_string("messageContains"):
        select = select.where("instr(item.message, ?) > 0", text)
    page = paginate(exchange, "logs", select, _ENTRY.show)
    return {"logs": page["logs"], **Fields(page).object("meta")}


def _list_activities(exchange: Exchange) -> JsonObject:
    bot_id = exchange.query.string("botId")
    is_member = "item.workspace_id IN (SELECT workspace_id FROM botpress_members WHERE account_id = ?)"
    bot = require(exchange.records.select(BOTS, id=bot_id).where(is_member, exchange.account_id), "bot", bot_id)
    select = exchange.records.select(_ACTIVITIES, bot_id=bot["id"], task_id=exchange.query.string("taskId"))
    return paginate(exchange, "activities", select, _ACTIVITY.show)


def _log(world: World, given: Fields) -> object:
    """Write `message` to the log of `bot`, or with `is_integration` to that of `integration` in it.

    `level` is info unless given; `conversation`, `user` and `workflow` are ids.
    """
    bot_id = target(world, given, BOTS)
    integration_id = target(world, given, INTEGRATIONS) if given.value("is_integration") else None
    about = {f"{name}_id": given.string(name, "") or None for name in ("workflow", "user", "conversation")}
    level = given.choice("level", _LEVELS, "info")
    write(world, bot_id, given.string("message"), level=level, integration_id=integration_id, **about)
    return {}


def _seed(world: World, number: int) -> None:
    """Write as many lines to the log of the first bot as the number says."""
    draws = random.Random(0)
    rows = [
        {"bot_id": BOT_ID, "level": draws.choice(_LEVELS), "message": f"Line {index + 1}", "created_at": at}
        for index, at in enumerate(spaced(world.now, number))
    ]
    world.records.add_many(_LOGS, rows)


def _seed_activities(world: World, number: int) -> object:
    """Let as many things happen in the first bot, in one task, as the number says."""
    base = {"bot_id": BOT_ID, "category": "event", "description": "Made"}
    rows = [{**base, "created_at": at} for at in spaced(world.now, number)]
    world.records.add_many(_ACTIVITIES, rows)
    return {"task": TASK_ID, "made": len(rows)}


def _add_default_data(world: World) -> None:
    write(world, BOT_ID, "The bot is ready.")
    write(world, BOT_ID, "The integration is ready.", integration_id=INTEGRATION_ID)
    done = {"category": "task_status", "description": "The task was completed."}
    world.records.add(_ACTIVITIES, {"bot_id": BOT_ID, **done})


RESOURCE = Resource(
    tables=(_LOGS, _ACTIVITIES),
    operations={"listActivities": _list_activities},
    actions={"log": _log},
    seeders={"logs": counted(_seed), "activities": counted(_seed_activities)},
    default_data=_add_default_data,
)
