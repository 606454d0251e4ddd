"""Saved versions of bots, and the sources of bots: taking and deploying them."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import audit, billing_block, bot_access, bot_snapshots, documents, timestamps, usages
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import BOT_ID
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_bot_versions (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, name TEXT NOT NULL,
    description TEXT, snapshot TEXT NOT NULL, download_token TEXT NOT NULL, created_at INTEGER NOT NULL);
"""

_TABLE = "botpress_bot_versions"


def _list(call: Call) -> JsonObject:
    bot = bot_access.find(call)
    rows = call.store.all(f"SELECT * FROM {_TABLE} WHERE bot_id = ? ORDER BY rowid DESC", bot["id"])
    return {"versions": [_show(row) for row in rows]}


def _create(call: Call) -> JsonObject:
    bot = bot_access.find_to_change(call)
    billing_block.require_paid(call)
    usages.require_room(call.world, call.workspace_id, "saved_versions")
    version_id = call.world.ids.prefixed("botver")
    snapshot = documents.encode(bot_snapshots.take(call, bot))
    call.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(version_id, bot["id"], call.body.text("name"), call.body.optional_text("description"), snapshot),
        *(call.world.ids.token(), call.now),
    )
    return {"version": _show(call.find(_versions(bot), "version", version_id))}


def _get(call: Call) -> JsonObject:
    """Tell where a version can be downloaded, which anyone who knows the address may do."""
    bot = bot_access.find(call)
    row = call.find(_versions(bot), "version", call.path.text("versionId"))
    audit.record(call, "DOWNLOAD_BOT_ARCHIVE", Subject(bot["id"], bot["name"]))
    return {"url": f"{call.request.base_url}/bot-versions/{row['download_token']}"}


def _deploy(call: Call) -> JsonObject:
    bot = bot_access.find_to_change(call)
    billing_block.require_paid(call)
    row = call.refer(_versions(bot), "version", call.body.text("versionId"))
    bot_snapshots.restore(call, bot, documents.decode_object(row["snapshot"]))
    return {}


def _get_json(call: Call) -> JsonObject:
    return bot_snapshots.take(call, bot_access.find(call))


def _publish_json(call: Call) -> JsonObject:
    """Deploy a bot from its sources. What the platform answers is not published; here it is when it was deployed."""
    bot = bot_access.find_to_change(call)
    billing_block.require_paid(call)
    bot_snapshots.restore(call, bot, call.body.object("botJson"))
    return {"botId": bot["id"], "deployedAt": timestamps.show(call.now)}


def _versions(bot: sqlite3.Row) -> Select:
    return Select(_TABLE).equal("bot_id", bot["id"])


def _show(row: sqlite3.Row) -> JsonObject:
    description: JsonObject = {"description": row["description"]}
    return {"id": row["id"], "name": row["name"], **documents.without_nulls(description)}


def _download(world: World, _: Request, rest: str) -> Response:
    row = world.store.one(f"SELECT snapshot FROM {_TABLE} WHERE download_token = ?", rest)
    if row is None:
        return Response(404, {"Content-Type": "text/plain"}, b"there is no such version")
    return Response.json(documents.decode(row["snapshot"]))


def _furnish(world: World) -> None:
    row = world.store.one("SELECT name FROM botpress_bots WHERE id = ?", BOT_ID)
    assert row is not None
    world.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, 'First', NULL, ?, ?, ?)",
        *(world.ids.prefixed("botver"), BOT_ID, documents.encode({"version": "1", "bot": {"name": row["name"]}})),
        *(world.ids.token(), timestamps.now(world)),
    )


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listBotVersions": _list,
        "createBotVersion": _create,
        "getBotVersion": _get,
        "deployBotVersion": _deploy,
        "getBotJson": _get_json,
        "publishFromBotJson": _publish_json,
    },
    folders={"bot-versions": _download},
    furnish=_furnish,
)
