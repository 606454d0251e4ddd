"""The bot: what it answers is said by a function, by a script, or it is an echo.

An answer is a text, a payload such as `{"type": "image", ...}`, a payload with metadata (`{"payload": ...,
"metadata": ...}`), a list of those, or None for silence. A script is a list of answers, one for each message of a
conversation. A function is handed in as the callback `message`, and one for custom events as `event`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trilogue_sandbox.botpress_chat import message_rows, signals
from trilogue_sandbox.botpress_chat.caller import Caller, Resource
from trilogue_sandbox.botpress_chat.schema import CONVERSATIONS, SETTINGS
from trilogue_sandbox.botpress_chat.settings import settings
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import format_milliseconds
from trilogue_sandbox.kernel.world import World

ECHO = "echo"


def receive_message(caller: Caller, message: Row) -> None:
    """Answer a message of a user."""
    shown = message_rows.MESSAGE.show_one(caller, message)
    function = caller.world.callbacks.get("message")
    answer = function(shown) if function else _next_answer(caller, shown)
    _say(caller, message["conversation_id"], answer)


def receive_event(caller: Caller, event: JsonObject) -> None:
    """Answer a custom event of a user; an echo returns its payload."""
    function = caller.world.callbacks.get("event")
    is_echo = settings(caller.world)["answers"] == ECHO
    payload: Any = function(event) if function else event["payload"] if is_echo else None
    if payload is not None:
        _send_event(caller.world, str(event["conversationId"]), payload)


def _next_answer(caller: Caller, message: JsonObject) -> Any:
    answers = settings(caller.world)["answers"]
    if answers == ECHO:
        return {"payload": message["payload"], "metadata": message.get("metadata")}
    conversation = caller.records.get(CONVERSATIONS, str(message["conversationId"]))
    caller.records.touch(CONVERSATIONS, conversation, turn=conversation["turn"] + 1)
    return answers[conversation["turn"]] if conversation["turn"] < len(answers) else None


def _say(caller: Caller, conversation_id: str, answer: Any) -> None:
    bot_id = settings(caller.world)["bot_id"]
    for content in _contents(answer):
        if violations := caller.world.description.check("MessagePayload", content["payload"], "the bot's answer"):
            raise ControlError(str(violations[0]), "answer")
        message_rows.add(caller, conversation_id, bot_id, content, is_bot=True)


def _contents(answer: Any) -> Iterator[dict[str, Any]]:
    if _is_list(answer):
        for each in answer:
            yield from _contents(each)
    elif isinstance(answer, str):
        yield {"payload": {"type": "text", "text": answer}}
    elif answer is not None:
        is_whole = "payload" in answer
        yield {"payload": answer["payload"], "metadata": answer.get("metadata")} if is_whole else {"payload": answer}


def _is_list(answer: Any) -> bool:
    return isinstance(answer, list)


def _send_event(world: World, conversation_id: str, payload: JsonObject) -> None:
    data: JsonObject = {
        "id": None,
        "createdAt": format_milliseconds(world.now),
        "payload": payload,
        "conversationId": conversation_id,
        "userId": settings(world)["bot_id"],
        "isBot": True,
    }
    signals.send(world, conversation_id, "event_created", data)


def _set_bot(world: World, given: Fields) -> None:
    """Have the bot answer `answers`: "echo", or a list of answers, the first for the next message of a conversation."""
    answers = given.values.get("answers")
    if answers != ECHO and not isinstance(answers, list):
        raise ControlError('`answers` must be "echo" or a list', "answers")
    world.records.change(SETTINGS, settings(world), answers=answers)
    world.records.select(CONVERSATIONS).change("turn = 0")


def _bot_says(world: World, given: Fields) -> None:
    """Have the bot say `answer` in `conversation_id`, without being asked."""
    _say(Caller(world), _conversation(world, given), given.values.get("answer"))


def _bot_sends_event(world: World, given: Fields) -> None:
    """Have the bot send a custom event with `payload` to `conversation_id`."""
    _send_event(world, _conversation(world, given), given.object("payload"))


def _conversation(world: World, given: Fields) -> str:
    conversation_id = given.string("conversation_id")
    if world.records.find(CONVERSATIONS, id=conversation_id) is None:
        raise ControlError(f"there is no conversation {conversation_id!r}", "conversation_id")
    return conversation_id


RESOURCE = Resource(
    actions={"set_bot": _set_bot, "bot_says": _bot_says, "bot_sends_event": _bot_sends_event},
    callbacks=("message", "event"),
)
