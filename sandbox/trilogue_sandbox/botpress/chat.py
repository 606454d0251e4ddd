"""The people in the chats of the integration telegram; a chat is named by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trilogue_sandbox.botpress import credentials
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.botpress.incoming_messages import receive
from trilogue_sandbox.botpress.schema import BOTS, CONVERSATIONS, MESSAGES, USERS
from trilogue_sandbox.kernel.chats import LATEST, Chat, ChatMessage, Choice
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World

_CHAT = "telegram:id"
_LABELS = ("text", "markdown", "title", "subtitle", "imageUrl", "audioUrl", "videoUrl", "fileUrl", "address")


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
        return self.say(
            world, arguments, choice.label if choice.id.startswith("option:") else choice.id.partition(":")[2]
        )


def _number(arguments: Fields) -> str:
    return arguments.string("contact").removeprefix("telegram:")


def _show(row: Row) -> ChatMessage:
    is_incoming, payload = row["direction"] == "incoming", row["payload"]
    status = "received" if is_incoming else "sent"
    return ChatMessage(row["id"], is_incoming, _text(payload), row["created_at"], status, True, _choices(payload))


def _text(payload: Mapping[str, Any]) -> str:
    """Return the words of a message, those of its cards and parts included."""
    said = [str(payload[name]) for name in _LABELS if payload.get(name)]
    if "latitude" in payload:
        said.append(f"{payload['latitude']}, {payload['longitude']}")
    return "\n".join([*said, *(_text(item.get("payload", item)) for item in payload.get("items", []))])


def _choices(payload: Mapping[str, Any]) -> list[Choice]:
    options = [Choice(f"option:{option['value']}", option["label"]) for option in payload.get("options", [])]
    cards = [payload, *payload.get("items", [])]
    buttons = [button for card in cards for button in card.get("actions", []) if button["action"] != "url"]
    return [*options, *(Choice(f"{button['action']}:{button['value']}", button["label"]) for button in buttons)]


RESOURCE = Resource(actions=_Chat().actions)
