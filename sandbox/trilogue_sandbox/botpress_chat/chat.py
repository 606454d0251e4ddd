"""The users of the integration, named by their ids, who talk to the bot in their latest conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trilogue_sandbox.botpress_chat import bot, message_rows
from trilogue_sandbox.botpress_chat.caller import Caller, Resource, is_participant
from trilogue_sandbox.botpress_chat.conversations import create
from trilogue_sandbox.botpress_chat.errors import ApiError
from trilogue_sandbox.botpress_chat.schema import CONVERSATIONS, MESSAGES, PARTICIPANTS, USERS
from trilogue_sandbox.botpress_chat.users import require_choosable
from trilogue_sandbox.kernel.botpress_payloads import choices_of, said_by, text_of
from trilogue_sandbox.kernel.chats import LATEST, Chat, ChatMessage, Choice
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World


class _Chat(Chat):
    scope = "conversation"

    def contacts(self, world: World, arguments: Fields) -> Mapping[str, str]:
        rows = world.records.select(USERS).all("ORDER BY item.created_at, item.rowid LIMIT ?", LATEST)
        return {row["id"]: row["name"] or "" for row in rows}

    def messages(self, world: World, arguments: Fields) -> Sequence[ChatMessage]:
        user_id = arguments.string("contact")
        conversation_id = _conversation(world, arguments)
        if conversation_id is None:
            return ()
        rows = world.records.select(MESSAGES, conversation_id=conversation_id)
        latest = rows.all("ORDER BY item.created_at DESC, item.rowid DESC LIMIT ?", LATEST)
        return [_show(row, user_id) for row in reversed(latest)]

    def say(self, world: World, arguments: Fields, text: str) -> object:
        caller = Caller(world, _user(world, arguments))
        conversation_id = _conversation(world, arguments) or create(caller, arguments.optional_string(self.scope))["id"]
        content = {"payload": {"type": "text", "text": text}}
        row = message_rows.add(caller, conversation_id, caller.user_id, content)
        bot.receive_message(caller, row)
        return None

    def tap(self, world: World, arguments: Fields, message: ChatMessage, choice: Choice) -> object:
        return self.say(world, arguments, said_by(choice))


def _user(world: World, arguments: Fields) -> str:
    """Return the id of the contact, who is added if nobody has it."""
    user_id = arguments.string("contact")
    if world.records.find(USERS, id=user_id) is None:
        try:
            require_choosable(user_id)
        except ApiError as error:
            raise ControlError(f"`contact` cannot be the id of a user: {error}", "contact") from error
        world.records.add(USERS, {"id": user_id})
    return user_id


def _conversation(world: World, arguments: Fields) -> str | None:
    """Return the conversation that the arguments name, or else the latest one of the contact; None if there is none."""
    user_id, name = arguments.string("contact"), arguments.optional_string("conversation")
    if name is None:
        takes_part = f"EXISTS (SELECT 1 FROM {PARTICIPANTS.name} WHERE conversation_id = item.id AND user_id = ?)"
        select = world.records.select(CONVERSATIONS).where(takes_part, user_id)
        row = select.first("ORDER BY item.created_at DESC, item.rowid DESC")
        return row["id"] if row else None
    if world.records.find(CONVERSATIONS, id=name) is None:
        return None
    if not is_participant(Caller(world), name, user_id):
        raise ControlError(f"`conversation`: the contact takes no part in {name!r}", "conversation")
    return name


def _show(row: Row, user_id: str) -> ChatMessage:
    payload, is_own = row["payload"], row["user_id"] == user_id
    choices = [] if is_own else choices_of(payload)
    return ChatMessage(row["id"], is_own, text_of(payload), row["created_at"], "sent", True, choices)


RESOURCE = Resource(actions=_Chat().actions)
