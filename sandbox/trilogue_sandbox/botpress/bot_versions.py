"""Saved versions of bots, and bots as JSON: reading and deploying them.

The studio's own form is not published. Here it is what `createBot` takes, under `bot`, and the `version` of this form.
Secrets, and what is installed in the bot, are omitted and stay as they are.
"""

from __future__ import annotations

import msgspec

from trilogue_sandbox.botpress import audit_records, bot_allowlist, bots, recurring_events, roles, usages
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import NOTE, of
from trilogue_sandbox.botpress.credentials import BOT_ID
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.table import CREATED, JSON, TEXT, Row, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import format_milliseconds
from trilogue_sandbox.kernel.views import View, snake_case
from trilogue_sandbox.kernel.world import World

VERSIONS = Table(
    "botpress_bot_versions",
    {
        "id": prefixed_id("botver"),
        "bot_id": of("bots"),
        "name": TEXT,
        "description": NOTE,
        "snapshot": JSON,
        "download_token": TEXT.filled(lambda world: world.ids.token()),
        "created_at": CREATED,
    },
)
_VERSION = View[Actor]("BotVersion", VERSIONS)

_FORM = "1"
_DEFINITION = (
    *("actions", "events", "states", "user", "conversation", "message", "configuration", "subscriptions"),
    *("description", "medias", "code", "maxExecutionTime"),
)


def _list(exchange: Exchange) -> JsonObject:
    bot = bot_allowlist.find(exchange)
    rows = exchange.records.select(VERSIONS, bot_id=bot["id"]).all("ORDER BY item.rowid DESC")
    return {"versions": [*_VERSION.show(exchange.actor, rows)]}


def _create(exchange: Exchange) -> JsonObject:
    bot = bot_allowlist.find_to_change(exchange)
    roles.require_paid_by(exchange.actor)
    usages.require_room(exchange.world, exchange.workspace_id, "saved_versions")
    named = {"name": exchange.body.string("name"), "description": exchange.body.optional_string("description")}
    row = exchange.records.add(VERSIONS, {"bot_id": bot["id"], "snapshot": _take(exchange.world, bot), **named})
    return {"version": _VERSION.show_one(exchange.actor, row)}


def _get(exchange: Exchange) -> JsonObject:
    """Return where a version can be downloaded, which anyone who knows the address may do."""
    bot, version_id = bot_allowlist.find(exchange), exchange.path.string("versionId")
    row = require(exchange.records.select(VERSIONS, bot_id=bot["id"], id=version_id), "version", version_id)
    audit_records.record(exchange, "DOWNLOAD_BOT_ARCHIVE", bot)
    return {"url": f"{exchange.request.base_url}/bot-versions/{row['download_token']}"}


def _deploy(exchange: Exchange) -> JsonObject:
    bot, version_id = bot_allowlist.find_to_change(exchange), exchange.body.string("versionId")
    roles.require_paid_by(exchange.actor)
    versions = exchange.records.select(VERSIONS, bot_id=bot["id"], id=version_id)
    row = require(versions, "version", version_id, error="ReferenceNotFound")
    _restore(exchange, bot, row["snapshot"])
    return {}


def _get_json(exchange: Exchange) -> JsonObject:
    return _take(exchange.world, bot_allowlist.find(exchange))


def _publish_json(exchange: Exchange) -> JsonObject:
    """Deploy a bot from JSON. What the platform responds is not published; here it is when the bot was deployed."""
    bot = bot_allowlist.find_to_change(exchange)
    roles.require_paid_by(exchange.actor)
    _restore(exchange, bot, exchange.body.object("botJson"))
    return {"botId": bot["id"], "deployedAt": format_milliseconds(exchange.now)}


def _take(world: World, bot: Row) -> JsonObject:
    """Return a bot as JSON."""
    definition: JsonObject = {name: value for name in _DEFINITION if (value := bot[snake_case(name)]) is not None}
    recurring: JsonObject = {
        name: {part: Fields.of(event).value(part) for part in ("schedule", "type", "payload")}
        for name, event in recurring_events.show(world, bot["id"]).items()
    }
    return {"version": _FORM, "bot": {"name": bot["name"], **definition, "recurringEvents": recurring}}


def _restore(exchange: Exchange, bot: Row, snapshot: JsonObject) -> None:
    """Deploy what `_take` returned in place of what a bot is made of.

    Raises:
        ApiError: it has another form (InvalidPayload), or a part of it is not allowed.
    """
    given = _checked(exchange, snapshot)
    emptied = {snake_case(name): BOTS.columns[snake_case(name)] for name in _DEFINITION}
    blank = {name: None if column.is_nullable else column.fallback for name, column in emptied.items()}
    recurring_events.remove_all(exchange.world, bot["id"])
    bot = bots.change(exchange, exchange.records.touch(BOTS, bot, **blank), given)
    if "code" not in given:
        bots.deploy(exchange, bot)


def _checked(exchange: Exchange, snapshot: JsonObject) -> Fields:
    """Return the bot of a JSON, validated by the description of what `createBot` takes."""
    bot = snapshot.get("bot")
    headers = {"Content-Type": "application/json", "x-workspace-id": exchange.workspace_id}
    request = Request("POST", "/v1/admin/bots", headers=headers, body=msgspec.json.encode(bot))
    for violation in exchange.world.description.operations["createBot"].read(request, {}).violations:
        location = violation.location.replace("body", "body/botJson/bot", 1)
        raise ApiError("InvalidPayload", f"{location}: {violation.message}")
    return Fields.of(bot)


def _download(world: World, _: Request, rest: str) -> Response:
    row = world.records.find(VERSIONS, download_token=rest)
    if row is None:
        return Response(404, {"Content-Type": "text/plain"}, b"there is no such version")
    return Response.json(row["snapshot"])


def _add_default_data(world: World) -> None:
    snapshot = _take(world, world.records.get(BOTS, BOT_ID))
    world.records.add(VERSIONS, {"bot_id": BOT_ID, "name": "First", "snapshot": snapshot})


RESOURCE = Resource(
    tables=(VERSIONS,),
    operations={
        "listBotVersions": _list,
        "createBotVersion": _create,
        "getBotVersion": _get,
        "deployBotVersion": _deploy,
        "getBotJson": _get_json,
        "publishFromBotJson": _publish_json,
    },
    downloads={"bot-versions": _download},
    default_data=_add_default_data,
)
