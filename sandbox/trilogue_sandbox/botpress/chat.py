"""The people in the chats of the integration telegram; a chat is named by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trilogue_sandbox.botpress import credentials, tags
from trilogue_sandbox.botpress.bot_tables import BOTS, INSTALLATIONS
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, MESSAGES, USERS
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.botpress.incoming_messages import receive
from trilogue_sandbox.kernel.botpress_payloads import choices_of, said_by, text_of
from trilogue_sandbox.kernel.chats import LATEST, Chat, ChatMessage, Choice
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World


class _Chat(Chat):
    scope = "bot"

    def contacts(self, world: World, arguments: Fields) -> Mapping[str, str]:
        bot_id, tag = _integration(world, arguments)
        users = tags.matching(world.records.select(USERS, bot_id=bot_id), {tag: {"exists": True}})
        latest = users.all("ORDER BY item.created_at DESC, item.rowid DESC LIMIT ?", LATEST)
        return {row["tags"][tag]: row["name"] or "" for row in latest}

    def messages(self, world: World, arguments: Fields) -> Sequence[ChatMessage]:
        bot_id, tag = _integration(world, arguments)
        chats = tags.matching(world.records.select(CONVERSATIONS, bot_id=bot_id), {tag: _number(arguments)})
        rows = world.records.select(MESSAGES, bot_id=bot_id, is_sent=True)
        rows = rows.among("conversation_id", [row["id"] for row in chats.all()])
        latest = rows.all("ORDER BY item.created_at DESC, item.rowid DESC LIMIT ?", LATEST)
        return [_show(row) for row in reversed(latest)]

    def say(self, world: World, arguments: Fields, text: str) -> object:
        given: JsonObject = {**arguments.given("bot"), "chat": _number(arguments), "text": text}
        return receive(world, Fields(given, arguments.error))

    def tap(self, world: World, arguments: Fields, message: ChatMessage, choice: Choice) -> object:
        return self.say(world, arguments, said_by(choice))


def _integration(world: World, arguments: Fields) -> tuple[str, str]:
    """Return the bot, and the tag that has the number of a chat there."""
    bot_id = credentials.target(world, arguments, BOTS)
    installed = world.records.find(INSTALLATIONS, bot_id=bot_id, integration_id=credentials.INTEGRATION_ID)
    return bot_id, f"{installed['alias'] if installed else 'telegram'}:id"


def _number(arguments: Fields) -> str:
    return arguments.string("contact").removeprefix("telegram:")


def _show(row: Row) -> ChatMessage:
    is_incoming, payload = row["direction"] == "incoming", row["payload"]
    status = "received" if is_incoming else "sent"
    return ChatMessage(row["id"], is_incoming, text_of(payload), row["created_at"], status, True, choices_of(payload))


RESOURCE = Resource(actions=_Chat().actions)
