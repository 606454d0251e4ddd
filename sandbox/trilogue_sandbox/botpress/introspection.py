"""For whom a token acts, and where a bot is."""

from __future__ import annotations

from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select


def _introspect(call: Call) -> JsonObject:
    is_member = "item.workspace_id IN (SELECT workspace_id FROM botpress_members WHERE account_id = ?)"
    bots = Select("botpress_bots").where(is_member, call.account_id)
    bot = call.refer(bots, "bot", call.body.text("botId"))
    return {"workspaceId": bot["workspace_id"], "botId": bot["id"], "userId": call.account_id}


RESOURCE = Resource(handlers={"introspect": _introspect})
