"""Bots: what they are made of, and their life.

No code runs in the sandbox: `code` is kept, and sending it deploys the bot at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trilogue_sandbox.botpress import (
    audit_records,
    bot_allowlist,
    bot_plugins,
    definition_parts,
    definitions,
    installations,
    json_schemas,
    logs,
    recurring_events,
    roles,
    signatures,
    tags,
    usages,
)
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.conversation_tables import USERS
from trilogue_sandbox.botpress.credentials import ACCOUNT_ID, WORKSPACE_ID
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.limits import require_size
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import View, constant, each
from trilogue_sandbox.kernel.world import World

_TAGGED = ("user", "conversation", "message")
_PARTS = ("actions", "events", "states")
_PLAIN = ("blocked", "maxExecutionTime", "alwaysAlive", "code", "description", "medias", "type", "dev")
_MOST_TAGS = 50
_CONFIGURATION_KILOBYTES = 20
_HAS_INTEGRATION = (
    "SELECT bot_id FROM botpress_installations JOIN botpress_integrations AS found ON found.id = integration_id"
    " WHERE found.name = ?"
)
_HAS_PLUGIN = (
    "SELECT bot_id FROM botpress_bot_plugins"
    " JOIN botpress_plugins AS found ON found.id = plugin_id WHERE found.name = ?"
)
_HAS_PRIVATE = (
    "SELECT found.name FROM {installed} JOIN {table} AS found ON found.id = {column}"
    " WHERE bot_id = ? AND found.workspace_id != ? AND found.visibility = 'private'"
)

_BOT = View[Actor](
    "Bot",
    BOTS,
    computed={
        "signingSecret": constant(signatures.HIDDEN),
        "integrations": constant(None),
        "plugins": each(lambda actor, row: bot_plugins.show(actor, row["id"])),
        "configuration": each(lambda _, row: {"data": {}, "schema": {}, **row["configuration"]}),
        "recurringEvents": each(lambda actor, row: recurring_events.show(actor.world, row["id"])),
        "secrets": each(lambda _, row: sorted(row["secrets"])),
        "status": constant("active"),
    },
)
_SUMMARY = View[Actor]("BotSummary", BOTS)


def add(world: World, values: Mapping[str, Any]) -> Row:
    """Add a bot, and the user that it is in its conversations."""
    bot = world.records.add(BOTS, values)
    world.records.add(USERS, _user_of(bot))
    return bot


def _user_of(bot: Row | dict[str, Any]) -> dict[str, Any]:
    return {"id": bot["id"], "bot_id": bot["id"], "name": bot["name"], "tags": {}}


def _show(exchange: Exchange, row: Row) -> JsonObject:
    """Return a bot with everything it is made of; its signing secret is hidden."""
    installed = installations.show(exchange, row["id"])
    return {**_BOT.show_one(exchange.actor, row), "integrations": installed}


def _list(exchange: Exchange) -> JsonObject:
    query = exchange.query
    select = tags.matching(exchange.actor.rows(BOTS), query.object("tags")).where("item.dev = ?", query.boolean("dev"))
    for name in query.strings("integrationNames"):
        select = select.where(f"item.id IN ({_HAS_INTEGRATION})", name)
    for name in query.strings("pluginNames"):
        select = select.where(f"item.id IN ({_HAS_PLUGIN})", name)
    column = "updated_at" if query.optional_string("sortField") == "updatedAt" else "created_at"
    order = order_by(f"item.{column}", query.optional_string("sortDirection"))
    return paginate(exchange, "bots", select, _SUMMARY.show, order)


def _get(exchange: Exchange) -> JsonObject:
    return {"bot": _show(exchange, bot_allowlist.find(exchange))}


def _create(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "build")
    roles.require_paid_by(exchange.actor)
    usages.require_room(exchange.world, exchange.workspace_id, "bot_count")
    secret, bot_id = signatures.new_secret(exchange.world), exchange.world.ids.uuid4()
    bot = add(
        exchange.world,
        {
            "id": bot_id,
            "workspace_id": exchange.workspace_id,
            "name": exchange.body.string("name", "") or f"bot-{bot_id[:8]}",
            "tags": exchange.body.object("tags"),
            "signing_secret": secret,
            "created_by": exchange.account_id,
        },
    )
    audit_records.record(exchange, "CREATE_BOT", bot)
    return {"bot": {**_show(exchange, change(exchange, bot, exchange.body)), "signingSecret": secret}}


def _update(exchange: Exchange) -> JsonObject:
    bot = bot_allowlist.find_to_change(exchange)
    roles.require_paid_by(exchange.actor)
    changed = tags.merged(bot["tags"], exchange.body.object("tags"))
    named = exchange.records.change(BOTS, bot, name=exchange.body.string("name", bot["name"]), tags=changed)
    shown = _show(exchange, change(exchange, named, exchange.body))
    if "integrations" in exchange.body:
        audit_records.record(exchange, "UPDATE_BOT_CHANNEL", bot)
    if "configuration" in exchange.body:
        audit_records.record(exchange, "UPDATE_BOT_CONFIG", bot)
    if set(exchange.body.values) - {"integrations", "configuration"}:
        audit_records.record(exchange, "UPDATE_BOT", bot)
    return {"bot": shown}


def change(exchange: Exchange, bot: Row, body: Fields) -> Row:
    """Change what a body names: the definition of a bot, what is installed in it, and its code; return its row."""
    values = _values(bot, body)
    _check(values)
    bot = exchange.records.touch(BOTS, bot, **values)
    if "code" in body:
        bot = deploy(exchange, bot)
    recurring_events.change(exchange.world, bot["id"], body.object("recurringEvents"))
    installations.change(exchange, bot, body.object("integrations"))
    bot_plugins.change(exchange, bot, body.object("plugins"))
    return bot


def deploy(exchange: Exchange, bot: Row) -> Row:
    """Deploy what a bot is made of; return its row."""
    audit_records.record(exchange, "DEPLOY_BOT", bot)
    logs.write(exchange.world, bot["id"], "Deployed.")
    return exchange.records.touch(BOTS, bot, deployed_at=exchange.now)


def _values(bot: Row, body: Fields) -> dict[str, Any]:
    old, parts = Fields(dict(bot)), definition_parts
    values: dict[str, Any] = definitions.plain_values(body, _PLAIN)
    for part in _PARTS:
        values[part] = parts.patched_parts(old.object(part), body.object(part))
    for tagged in _TAGGED:
        values[tagged] = parts.patched_tags(old.object(tagged), body.object(tagged))
    values["configuration"] = {**old.object("configuration"), **body.object("configuration")}
    values["secrets"] = parts.patched(old.object("secrets"), body.object("secrets"))
    if "subscriptions" in body:
        before, wanted = old.nested("subscriptions"), body.nested("subscriptions").optional_object("events")
        values["subscriptions"] = {"events": wanted and parts.patched(before.object("events"), wanted)}
    return values


def _check(values: dict[str, Any]) -> None:
    fields = Fields(values)
    definition_parts.check(values)
    definition_parts.check_secrets(fields.object("secrets"))
    if sum(len(fields.nested(tagged).object("tags")) for tagged in _TAGGED) > _MOST_TAGS:
        raise ApiError("LimitExceeded", f"a bot has at most {_MOST_TAGS} definitions of tags")
    configuration = fields.nested("configuration")
    data = configuration.object("data")
    require_size(data, "configuration/data", _CONFIGURATION_KILOBYTES)
    json_schemas.check_data(configuration.object("schema"), data, "configuration/data")


def _delete(exchange: Exchange) -> JsonObject:
    bot = bot_allowlist.find_to_change(exchange)
    recurring_events.remove_all(exchange.world, bot["id"])
    exchange.records.remove(BOTS, bot)
    audit_records.record(exchange, "DELETE_BOT", bot)
    return {}


def _transfer(exchange: Exchange) -> JsonObject:
    """Move a bot. What is private to its workspace cannot come along."""
    roles.require(exchange, "manage")
    bot, target = bot_allowlist.find(exchange), exchange.body.string("targetWorkspaceId")
    if not roles.has_right(roles.require_member(exchange.actor, target), "build"):
        raise ApiError("Forbidden", "you may not create bots in the other workspace")
    roles.require_paid(exchange.world, target)
    for part, installed in (("integration", "botpress_installations"), ("plugin", "botpress_bot_plugins")):
        sql = _HAS_PRIVATE.format(installed=installed, table=f"botpress_{part}s", column=f"{part}_id")
        if row := exchange.actor.store.one(sql, bot["id"], target):
            message = f"the {part} {row['name']} is private to the workspace; take it out first"
            raise ApiError("RelationConflict", message)
    if target != bot["workspace_id"]:
        usages.require_room(exchange.world, target, "bot_count")
    exchange.records.touch(BOTS, bot, workspace_id=target)
    for workspace_id in dict.fromkeys((bot["workspace_id"], target)):
        audit_records.record(exchange, "TRANSFER_BOT", bot, target, workspace_id)
    return {}


def _rotate_signing_secrets(exchange: Exchange) -> JsonObject:
    bot = bot_allowlist.find_to_change(exchange)
    return {"newSigningSecret": signatures.rotate(exchange.world, BOTS, bot)}


def _get_logs(exchange: Exchange) -> JsonObject:
    return logs.list_logs(exchange, bot_id=bot_allowlist.find(exchange)["id"], integration_id=None)


def _seed(world: World, number: int) -> object:
    """Add as many bots to the first workspace as the number says; return their ids."""
    rows = [
        {
            "id": world.ids.uuid4(),
            "workspace_id": WORKSPACE_ID,
            "name": f"Bot {index + 1}",
            "created_by": ACCOUNT_ID,
            "created_at": at,
            "updated_at": at,
        }
        for index, at in enumerate(spaced(world.now, number))
    ]
    world.records.add_many(BOTS, rows)
    world.records.add_many(USERS, [_user_of(row) for row in rows])
    return [row["id"] for row in rows]


RESOURCE = Resource(
    tables=(BOTS,),
    operations={
        "listBots": _list,
        "getBot": _get,
        "createBot": _create,
        "updateBot": _update,
        "deleteBot": _delete,
        "transferBot": _transfer,
        "rotateBotSigningSecrets": _rotate_signing_secrets,
        "getBotLogs": _get_logs,
    },
    seeders={"bots": counted(_seed)},
)
