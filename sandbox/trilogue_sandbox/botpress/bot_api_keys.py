"""Bot access keys: keys with which a program acts as a bot, in the runtime, files and tables."""

from __future__ import annotations

from trilogue_sandbox.botpress import api_keys, roles
from trilogue_sandbox.botpress.auth import TokenOwner
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject


def _list(call: Call) -> JsonObject:
    bot = call.find(call.of_workspace("botpress_bots"), "bot", call.query.text("botId"))
    return {"baks": api_keys.list_all(call, "bot_id", bot["id"])}


def _create(call: Call) -> JsonObject:
    roles.require(call, "build")
    bot = call.refer(call.of_workspace("botpress_bots"), "bot", call.body.text("botId"))
    return api_keys.create(call, "bak", TokenOwner(bot_id=bot["id"]))


def _delete(call: Call) -> JsonObject:
    roles.require(call, "build")
    in_workspace = "item.bot_id IN (SELECT id FROM botpress_bots WHERE workspace_id = ?)"
    return api_keys.delete(call, api_keys.of_kind("bak").where(in_workspace, call.workspace_id))


RESOURCE = Resource(
    handlers={
        "listBotApiKeys": _list,
        "createBotApiKey": _create,
        "deleteBotApiKey": _delete,
    }
)
