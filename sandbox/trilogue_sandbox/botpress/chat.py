"""The people in the chats of the integration telegram; a chat is named by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trilogue_sandbox.botpress import credentials
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.botpress.incoming_messages import receive
from trilogue_sandbox.botpress.schema import BOTS, CONVERSATIONS, MESSAGES, USERS
from trilogue_sandbox.kernel.botpress_payloads import choices_of, said_by, text_of
from trilogue_sandbox.kernel.chats import LATEST, Chat, ChatMessage, Choice
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World

_CHAT = "telegram:id"


class _Chat(Chat):
    scope = "bot"

    def contacts(self, world: World, arguments: Fields) -> Mapping[str, str]:
        bot_id = credentials.target(world, arguments, BOTS)
        users = world.records.select(USERS, bot_id=bot_id).all("ORDER BY item.created_at DESC, item.rowid DESC")
        return {row["tags"][_CHAT]: row["name"] or "" for row in users if _CHAT in row["tags"]}

    def messages(self, world: World, arguments: Fields) -> Sequence[ChatMessage]:
        bot_id = credentials.target(world, arguments, BOTS)
        number = _number(arguments)
        chats = world.records.select(CONVERSATIONS, bot_id=bot_id).all()
        ids = [row["id"] for row in chats if row["tags"].get(_CHAT) == number]
        rows = world.records.select(MESSAGES, bot_id=bot_id).among("conversation_id", ids).where("item.is_sent")
        latest = rows.all("ORDER BY item.created_at DESC, item.rowid DESC LIMIT ?", LATEST)
        return [_show(row) for row in reversed(latest)]

    def say(self, world: World, arguments: Fields, text: str) -> object:
        given: JsonObject = {**arguments.given("bot"), "chat": _number(arguments), "text": text}
        return receive(world, Fields(given, arguments.error))

    def tap(self, world: World, arguments: Fields, message: ChatMessage, choice: Choice) -> object:
        return self.say(world, arguments, said_by(choice))


def _number(arguments: Fields) -> str:
    return arguments.string("contact").removeprefix("telegram:")


def _show(row: Row) -> ChatMessage:
    is_incoming, payload = row["direction"] == "incoming", row["payload"]
    status = "received" if is_incoming else "sent"
    return ChatMessage(row["id"], is_incoming, text_of(payload), row["created_at"], status, True, choices_of(payload))


RESOURCE = Resource(actions=_Chat().actions)
