"""The bots and the integration that exist from the start, and what the first bot holds."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import (
    bots,
    conversations,
    credentials,
    events,
    file_contents,
    files,
    message_types,
    messages,
    participants,
    row_writing,
    signatures,
    tables,
    users,
    workflows,
)
from trilogue_sandbox.botpress.declarations import Declarations
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS
from trilogue_sandbox.botpress.exchange import Actor, Installation, Resource
from trilogue_sandbox.botpress.knowledge_bases import KNOWLEDGE_BASES
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World


def _tags(*names: str) -> JsonObject:
    return {"tags": {name: {"title": name.capitalize(), "description": f"The {name}."} for name in names}}


def _state(state_type: str) -> Json:
    return {"type": state_type, "schema": {"type": "object"}}


_ANYTHING: JsonObject = {"schema": {"type": "object"}}
_LOOK_UP = {"title": "Look up", "description": "Looks something up.", "input": _ANYTHING, "output": _ANYTHING}
_TYPING = {
    "title": "Start typing",
    "description": "Shows that the bot is typing.",
    "input": _ANYTHING,
    "output": _ANYTHING,
}

_BOT: dict[str, Any] = {
    "user": _tags("name", "email", "language", "plan"),
    "conversation": _tags("topic", "language", "priority", "color"),
    "message": _tags("topic", "language", "source"),
    "states": {"order": _state("conversation"), "profile": _state("user"), "settings": _state("bot")},
    "actions": {"lookUp": _LOOK_UP},
    "events": {"orderPlaced": {"title": "Order placed", **_ANYTHING}},
}
_CHANNEL = {
    "title": "Channel",
    "description": "A chat.",
    "messages": message_types.DECLARATIONS,
    "conversation": _tags("id", "chatId"),
    "message": _tags("id"),
}
_INTEGRATION: dict[str, Any] = {
    "id": credentials.INTEGRATION_ID,
    "workspace_id": credentials.WORKSPACE_ID,
    "name": "telegram",
    "version": "1.0.0",
    "title": "Telegram",
    "description": "Chats on Telegram.",
    "visibility": "public",
    "verification_status": "approved",
    "user": _tags("id", "username"),
    "channels": {"channel": _CHANNEL},
    "states": {"session": _state("integration")},
    "actions": {"startTyping": _TYPING},
    "events": {"reacted": {"title": "Reacted", **_ANYTHING}},
}

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
_OFFICE_COLUMNS: JsonObject = {
    "office": {"type": "string", "x-zui": {"searchable": True}},
    "desks": {"type": "number"},
    "isOpen": {"type": "boolean"},
}


def _add_bots(world: World) -> None:
    for bot_id, workspace_id, name in (
        (credentials.BOT_ID, credentials.WORKSPACE_ID, "Helper"),
        (credentials.OTHER_BOT_ID, credentials.OTHER_WORKSPACE_ID, "Stranger"),
    ):
        bots.add(world, {"id": bot_id, "workspace_id": workspace_id, "name": name, **_BOT})
    world.records.add(INTEGRATIONS, {**_INTEGRATION, "signing_secret": signatures.new_secret(world)})


def _add_content(world: World) -> None:
    """Add a little of everything the runtime, files and tables know to the first bot."""
    bot = Actor(world, credentials.BOT_ID)
    telegram = Actor(world, credentials.BOT_ID, Installation(credentials.INTEGRATION_ID, "telegram", "telegram"))
    _add_conversation(Declarations.of(bot), Declarations.of(telegram))
    knowledge_base = {"bot_id": bot.bot_id, "name": "Office", "tags": {"team": "office"}}
    _add_guide(bot, world.records.add(KNOWLEDGE_BASES, knowledge_base))
    schema: JsonObject = {"type": "object", "properties": _OFFICE_COLUMNS}
    table = tables.create(bot, "OfficesTable", Fields({"schema": schema, "keyColumn": "office"}))
    row_writing.insert(world, table, _OFFICES)


def _add_conversation(bot: Declarations, telegram: Declarations) -> None:
    """Add a conversation in which a user asks and the bot responds."""
    user = users.create(telegram, Fields({"tags": {"id": "250788000001"}, "name": "Grace"}))
    given = Fields({"channel": "channel", "tags": {"id": "250788000001"}})
    conversation = conversations.create(telegram, given)
    for declarations, sender_id, text in (
        (telegram, user["id"], "Are you open on Friday?"),
        (bot, bot.actor.bot_id, "Yes, from eight to five."),
    ):
        participants.add(declarations.actor, conversation["id"], sender_id)
        parties: JsonObject = {"userId": sender_id, "conversationId": conversation["id"]}
        messages.send(declarations, Fields({**parties, "type": "text", "payload": {"text": text}, "tags": {}}))
    events.emit(bot.actor, "orderPlaced", {"order": 1}, conversation_id=conversation["id"], user_id=user["id"])
    about: JsonObject = {"conversationId": conversation["id"], "userId": user["id"]}
    workflows.start(bot.actor, Fields({"name": "followUp", "status": "listening", **about}))


def _add_guide(bot: Actor, knowledge_base: Row) -> None:
    tags: JsonObject = {"source": "knowledge-base", "kbId": knowledge_base["id"], "title": "Opening hours"}
    described: JsonObject = {"key": "office/hours.md", "size": len(_GUIDE), "index": True, "tags": tags}
    file_contents.store(bot.world, files.put(bot, Fields(described))["id"], _GUIDE)


BOTS_AND_INTEGRATION = Resource(default_data=_add_bots)
CONTENT = Resource(default_data=_add_content)
