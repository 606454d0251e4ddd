"""A bot as one JSON object: what a saved version keeps, and what `getBotJson` gives.

The studio's own form is not published. Here it is what `createBot` takes, under `bot`, and the `version` of this form.
Secrets, and what is installed in the bot, are left out and stay as they are.
"""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import bots, documents, recurring_events
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject, Request

_FORM = "1"
_DEFINITION = (
    *("actions", "events", "states", "user", "conversation", "message", "configuration", "subscriptions"),
    *("description", "medias", "code", "maxExecutionTime"),
)


def take(call: Call, bot: sqlite3.Row) -> JsonObject:
    """Return a bot as an object."""
    fields = Fields(documents.decode_object(bot["document"]))
    definition: JsonObject = {name: fields.value(name) for name in _DEFINITION if fields.value(name) is not None}
    recurring: JsonObject = {
        name: _recurring(Fields.of(event)) for name, event in recurring_events.show(call.world, bot["id"]).items()
    }
    return {"version": _FORM, "bot": {"name": bot["name"], **definition, "recurringEvents": recurring}}


def _recurring(event: Fields) -> JsonObject:
    return {name: event.value(name) for name in ("schedule", "type", "payload")}


def restore(call: Call, bot: sqlite3.Row, snapshot: JsonObject) -> None:
    """Deploy an object that `take` gave in place of what the bot is made of.

    Raises:
        ApiError: it is no such object (InvalidPayload), or a part of it is not allowed.
    """
    given = _checked(call, snapshot)
    kept = {name: value for name, value in documents.decode_object(bot["document"]).items() if name not in _DEFINITION}
    bots.store(call, bot["id"], kept)
    recurring_events.change(call.world, bot["id"], dict.fromkeys(recurring_events.show(call.world, bot["id"])))
    bots.change(call, bots.find(call, bot["id"]), given)
    if "code" not in given:
        bots.deploy(call, bot)


def _checked(call: Call, snapshot: JsonObject) -> Fields:
    """Return the bot of an object, held against the description of what `createBot` takes."""
    bot = snapshot.get("bot")
    headers = {"Content-Type": "application/json", "x-workspace-id": call.workspace_id}
    request = Request("POST", "/v1/admin/bots", headers=headers, body=documents.encode(bot).encode())
    for violation in call.world.description.operations["createBot"].read(request, {}).violations:
        place = violation.location.replace("body", "body/botJson/bot", 1)
        raise ApiError("InvalidPayload", f"{place}: {violation.message}")
    return Fields.of(bot)
