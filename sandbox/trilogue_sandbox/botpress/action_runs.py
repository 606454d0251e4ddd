"""Action runs: the calls of actions in a bot, with what went in and what came out."""

from __future__ import annotations

import random
import sqlite3

from trilogue_sandbox.botpress import arguments, bot_access, documents, making, timestamps
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import BOT_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_action_runs (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, integration_name TEXT,
    action_type TEXT NOT NULL, input TEXT NOT NULL, output TEXT, duration_ms REAL NOT NULL, cached INTEGER NOT NULL,
    error_message TEXT, created_at INTEGER NOT NULL);
CREATE INDEX botpress_action_runs_newest ON botpress_action_runs (bot_id, created_at);
"""

_TABLE = "botpress_action_runs"
_SHOWN_BYTES = 190 * 1024


def record(
    world: World,
    *,
    bot_id: str,
    integration_name: str | None,
    action_type: str,
    input: JsonObject,
    output: JsonObject | None,
    duration_ms: float,
    cached: bool,
    error_message: str | None = None,
) -> None:
    """Write down that an action was called.

    `integration_name` is the alias of the integration, None for an action of the bot itself; `output` is None if the
    action failed, and `error_message` then says why.
    """
    world.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(world.ids.prefixed("run"), bot_id, integration_name, action_type, documents.encode(input)),
        *(None if output is None else documents.encode(output), duration_ms, cached, error_message),
        timestamps.now(world),
    )


def _list(call: Call) -> JsonObject:
    bot, name = bot_access.find(call), call.query.text("integrationName")
    aliases = "SELECT ? UNION SELECT installation.alias FROM botpress_installations AS installation"
    aliases += " JOIN botpress_integrations AS integration ON integration.id = installation.integration_id"
    aliases += " WHERE installation.bot_id = item.bot_id AND integration.name = ?"
    select = Select(_TABLE).equal("bot_id", bot["id"]).where(f"item.integration_name IN ({aliases})", name, name)
    first, last = call.query.optional_moment("timestampFrom"), call.query.optional_moment("timestampUntil")
    select = select.between("created_at", first, last)
    return find_page(call, select).show("data", _show)


def _show(row: sqlite3.Row) -> JsonObject:
    failed = row["output"] is None
    return {
        "timestamp": timestamps.show(row["created_at"]),
        **({"integrationName": row["integration_name"]} if row["integration_name"] else {}),
        "actionType": row["action_type"],
        **_show_value("input", row["input"]),
        **_show_value("output", row["output"]),
        "status": "FAILURE" if failed else "SUCCESS",
        "durationMs": row["duration_ms"],
        "cached": bool(row["cached"]),
        "errorMessage": row["error_message"],
    }


def _show_value(name: str, text: str | None) -> JsonObject:
    """Show what went in or came out; what is longer than 190 KB as the beginning of its text."""
    if text is None:
        return {name: None}
    if len(text) <= _SHOWN_BYTES:
        return {name: documents.decode(text)}
    return {name: {"truncated": text[:_SHOWN_BYTES]}, f"{name}Truncated": True}


def _make(world: World, value: Json) -> object:
    """Write down as many calls of the first integration as the number says."""
    number = arguments.count(value, "action_runs")
    draws = random.Random(number)
    world.store.run_many(
        f"INSERT INTO {_TABLE} VALUES (?, ?, 'telegram', 'startTyping', '{{}}', '{{}}', ?, 0, NULL, ?)",
        ((row_id, BOT_ID, draws.randint(5, 500), at) for _, row_id, at in making.rows(world, "run", number)),
    )
    return number


def _furnish(world: World) -> None:
    record(
        world,
        bot_id=BOT_ID,
        integration_name="telegram",
        action_type="startTyping",
        input={"conversationId": "1"},
        output={},
        duration_ms=35,
        cached=False,
    )


RESOURCE = Resource(schema=_SCHEMA, handlers={"listActionRuns": _list}, makers={"action_runs": _make}, furnish=_furnish)
