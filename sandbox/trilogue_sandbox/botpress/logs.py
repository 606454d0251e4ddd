"""What bots and integrations log.

Their code does not run in the sandbox, which logs what it does in their place (a deployment, a webhook); the control
action `log` stands in for the rest.
"""

from __future__ import annotations

import random
import sqlite3

import attrs

from trilogue_sandbox.botpress import arguments, bot_access, documents, making, targets, timestamps
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import BOT_ID, INTEGRATION_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_logs (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE,
    integration_id TEXT REFERENCES botpress_integrations ON DELETE CASCADE, level TEXT NOT NULL, message TEXT NOT NULL,
    workflow_id TEXT, user_id TEXT, conversation_id TEXT, created_at INTEGER NOT NULL);
CREATE INDEX botpress_logs_newest ON botpress_logs (bot_id, created_at);
CREATE INDEX botpress_logs_of_integrations ON botpress_logs (integration_id, created_at);
"""

_TABLE = "botpress_logs"
_LEVELS = ("debug", "info", "warn", "error")
_FILTERS = {"level": "level", "userId": "user_id", "workflowId": "workflow_id", "conversationId": "conversation_id"}


@attrs.frozen
class Line:
    """One line; with an `integration_id`, an integration wrote it while it worked for the bot."""

    level: str
    message: str
    integration_id: str | None = None
    workflow_id: str | None = None
    user_id: str | None = None
    conversation_id: str | None = None


def write(world: World, bot_id: str, line: Line) -> None:
    """Write a line to the log of a bot, or of an integration in it."""
    world.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(world.ids.prefixed("log"), bot_id, line.integration_id, line.level, line.message),
        *(line.workflow_id, line.user_id, line.conversation_id, timestamps.now(world)),
    )


def _list_of_bot(call: Call) -> JsonObject:
    bot = bot_access.find(call)
    return _list(call, Select(_TABLE).equal("bot_id", bot["id"]).where("item.integration_id IS NULL"))


def _list_of_integration(call: Call) -> JsonObject:
    row = call.find(call.of_workspace("botpress_integrations"), "integration", call.path.text("id"))
    return _list(call, Select(_TABLE).equal("integration_id", row["id"]))


def _list(call: Call, select: Select) -> JsonObject:
    query = call.query
    select = select.between("created_at", query.optional_moment("timeStart"), query.optional_moment("timeEnd"))
    for name, column in _FILTERS.items():
        select = select.equal(column, query.optional_text(name))
    if text := query.optional_text("messageContains"):
        select = select.where("instr(item.message, ?) > 0", text)
    page = find_page(call, select)
    return {"logs": [_show(row) for row in page.rows], **page.meta}


def _show(row: sqlite3.Row) -> JsonObject:
    optional: JsonObject = {
        "workflowId": row["workflow_id"],
        "userId": row["user_id"],
        "conversationId": row["conversation_id"],
    }
    return {
        "timestamp": timestamps.show(row["created_at"]),
        "level": row["level"],
        "message": row["message"],
        **documents.without_nulls(optional),
    }


def _log(world: World, given: JsonObject) -> object:
    """Write `message` to the log of `bot`, or with `is_integration` to that of `integration` in it.

    `level` is info unless given; `conversation`, `user` and `workflow` are ids.
    """
    bot_id = targets.bot(world, given)
    integration_id = targets.integration(world, given) if given.get("is_integration") else None
    about = (arguments.text(given, name, "") or None for name in ("workflow", "user", "conversation"))
    level = arguments.choice(given, "level", _LEVELS, "info")
    write(world, bot_id, Line(level, arguments.text(given, "message"), integration_id, *about))
    return {}


def _make(world: World, value: Json) -> object:
    """Write as many lines to the log of the first bot as the number says."""
    number = arguments.count(value, "logs")
    draws = random.Random(number)
    world.store.run_many(
        f"INSERT INTO {_TABLE} VALUES (?, ?, NULL, ?, ?, NULL, NULL, NULL, ?)",
        (
            (row_id, BOT_ID, draws.choice(_LEVELS), f"Line {index + 1}", at)
            for index, row_id, at in making.rows(world, "log", number)
        ),
    )
    return number


def _furnish(world: World) -> None:
    write(world, BOT_ID, Line("info", "The bot is ready."))
    write(world, BOT_ID, Line("info", "The integration is ready.", INTEGRATION_ID))


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={"getBotLogs": _list_of_bot, "getIntegrationLogs": _list_of_integration},
    actions={"log": _log},
    makers={"logs": _make},
    furnish=_furnish,
)
