"""Observations: remarks about what happened in a bot.

The API has no way to read them; the control action `observations` returns those of a bot.
"""

from __future__ import annotations

from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, EVENTS, MESSAGES, USERS
from trilogue_sandbox.botpress.credentials import BOT_ID
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import CREATED, JSON, TEXT, Table
from trilogue_sandbox.kernel.timestamps import format_milliseconds
from trilogue_sandbox.kernel.world import World

_OBSERVATIONS = Table(
    "botpress_observations",
    {"id": TEXT, "bot_id": of("bots"), "document": JSON, "created_at": CREATED},
    unique_indexes=("bot_id, id",),
)
_SUBJECTS = {"messageId": MESSAGES, "eventId": EVENTS, "conversationId": CONVERSATIONS, "userId": USERS}


def _capture(exchange: Exchange) -> JsonObject:
    for name, table in _SUBJECTS.items():
        if subject_id := exchange.body.optional_string(name):
            exchange.actor.refer(table, subject_id)
    observation_id = exchange.body.optional_string("id") or exchange.world.ids.prefixed("obs")
    values = {"id": observation_id, "bot_id": exchange.bot_id, "document": exchange.body.values}
    exchange.records.set(_OBSERVATIONS, values)
    return {}


def _read(world: World, given: Fields) -> object:
    """Return the observations about `bot`, in the order they came."""
    rows = world.records.select(_OBSERVATIONS, bot_id=given.string("bot", BOT_ID)).all("ORDER BY item.rowid")
    return [{**row["document"], "id": row["id"], "createdAt": format_milliseconds(row["created_at"])} for row in rows]


RESOURCE = Resource(
    tables=(_OBSERVATIONS,), operations={"captureObservation": _capture}, actions={"observations": _read}
)
