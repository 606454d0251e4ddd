"""Remarks about what happened in a bot.

The API has no way to read them; the control action `observations` gives those of a bot.
"""

from __future__ import annotations

from trilogue_sandbox.botpress import arguments, documents, seeding, timestamps
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_observations (
    id TEXT NOT NULL, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, document TEXT NOT NULL,
    created_at INTEGER NOT NULL, PRIMARY KEY (bot_id, id));
"""

_SUBJECTS = {
    "messageId": ("botpress_messages", "message"),
    "eventId": ("botpress_events", "event"),
    "conversationId": ("botpress_conversations", "conversation"),
    "userId": ("botpress_users", "user"),
}


def _capture(call: Call) -> JsonObject:
    for name, (table, noun) in _SUBJECTS.items():
        if subject_id := call.body.optional_text(name):
            call.refer(call.of_bot(table), noun, subject_id)
    observation_id = call.body.optional_text("id") or call.world.ids.prefixed("obs")
    call.store.run(
        "INSERT OR REPLACE INTO botpress_observations VALUES (?, ?, ?, ?)",
        *(observation_id, call.bot_id, documents.encode(call.body.values), call.now),
    )
    return {}


def _read(world: World, given: JsonObject) -> object:
    """Return the remarks that were kept about `bot`, in the order they came."""
    bot_id = arguments.text(given, "bot", seeding.BOT_ID)
    rows = world.store.all("SELECT * FROM botpress_observations WHERE bot_id = ? ORDER BY rowid", bot_id)
    return [
        {**documents.decode_object(row["document"]), "id": row["id"], "createdAt": timestamps.show(row["created_at"])}
        for row in rows
    ]


RESOURCE = Resource(schema=_SCHEMA, handlers={"captureObservation": _capture}, actions={"observations": _read})
