"""What the bot of the sandbox holds from the beginning: a little of everything the runtime, files and tables know."""

from __future__ import annotations

from trilogue_sandbox.botpress import (
    bot_tables,
    conversations,
    documents,
    events,
    file_contents,
    files,
    messages,
    participants,
    row_writing,
    seeding,
    users,
    workflows,
)
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.file_access import Owner
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import Installation
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World

_GUIDE = b"""# Opening hours

The office is open from Monday to Friday, from eight to five.

## Holidays

On holidays nobody answers the telephone.
"""

_OFFICES: tuple[JsonObject, ...] = (
    {"office": "Kigali", "desks": 14, "isOpen": True},
    {"office": "Musanze", "desks": 5, "isOpen": True},
    {"office": "Huye", "desks": 3, "isOpen": False},
)


def _furnish(world: World) -> None:
    bot = Actor(world, seeding.BOT_ID)
    telegram = Actor(world, seeding.BOT_ID, Installation(seeding.INTEGRATION_ID, "telegram", "telegram"))
    _talk(bot, telegram)
    knowledge_base_id = _make_knowledge_base(world)
    _write_guide(world, knowledge_base_id)
    _make_table(bot)


def _talk(bot: Actor, telegram: Actor) -> None:
    """Let a person ask and the bot answer."""
    user = users.create(telegram, Fields({"tags": {"id": "250788000001"}, "name": "Grace"}))
    helper = users.create(bot, Fields({"tags": {"name": "Helper"}, "name": "Helper"}))
    conversation = conversations.create(telegram, Fields({"channel": "channel", "tags": {"id": "250788000001"}}))
    for actor, speaker, words in (
        (telegram, user, "Are you open on Friday?"),
        (bot, helper, "Yes, from eight to five."),
    ):
        participants.add(actor, conversation["id"], speaker["id"])
        parties: JsonObject = {"userId": speaker["id"], "conversationId": conversation["id"]}
        messages.say(actor, Fields({**parties, "type": "text", "payload": {"text": words}, "tags": {}}))
    subjects = events.Subjects(conversation_id=conversation["id"], user_id=user["id"])
    events.emit(bot, "orderPlaced", {"order": 1}, subjects)
    about: JsonObject = {"conversationId": conversation["id"], "userId": user["id"]}
    workflows.begin(bot, Fields({"name": "followUp", "status": "listening", **about}))


def _make_knowledge_base(world: World) -> str:
    knowledge_base_id = world.ids.prefixed("kb")
    world.store.run(
        "INSERT INTO botpress_knowledge_bases VALUES (?, ?, 'Office', ?, ?)",
        *(knowledge_base_id, seeding.BOT_ID, documents.encode({"team": "office"}), Actor(world, seeding.BOT_ID).now),
    )
    return knowledge_base_id


def _write_guide(world: World, knowledge_base_id: str) -> None:
    tags: JsonObject = {"source": "knowledge-base", "kbId": knowledge_base_id, "title": "Opening hours"}
    described: JsonObject = {"key": "office/hours.md", "size": len(_GUIDE), "index": True, "tags": tags}
    file_id = files.put(world, seeding.BOT_ID, Owner("bot", seeding.BOT_ID), Fields(described))
    file_contents.store(world, file_id, _GUIDE)


def _make_table(bot: Actor) -> None:
    schema: JsonObject = {
        "type": "object",
        "properties": {
            "office": {"type": "string", "x-zui": {"searchable": True}},
            "desks": {"type": "number"},
            "isOpen": {"type": "boolean"},
        },
    }
    table = bot_tables.make(bot, "OfficesTable", Fields({"schema": schema, "keyColumn": "office"}))
    row_writing.insert(bot.world, table, _OFFICES)


RESOURCE = Resource(furnish=_furnish)
