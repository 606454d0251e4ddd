"""Botpress Chat: talk to a bot as one of its users, and hear what it answers, over a connection that breaks."""

from __future__ import annotations

from typing import Any

from trilogue import BotpressChat
from trilogue.botpress_chat import MessageCreated, TextPayload
from trilogue_sandbox import PlatformSandbox, Sandbox

from showcase.screen import tell, title


def show(sandbox: Sandbox, address: str) -> str:
    """Show the Chat API and return a line about it."""
    title("4. Botpress Chat")
    bot = PlatformSandbox(sandbox, "botpress_chat")
    bot.on("message", lambda message: f"You said: {message['payload']['text']}")
    with BotpressChat(bot.credentials["webhook_id"], host=f"{address}/botpress_chat") as client:
        user = client.connect(name="Ana")
        conversation = user.conversations.create()
        tell("Became a user of the bot", f"{user.users.get()!r}")
        with user.conversations.listen(conversation.id) as signals:
            user.messages.create(conversation_id=conversation.id, payload=TextPayload(type="text", text="Hello!"))
            tell("Heard", f"{_text(next(signals))!r}, and the bot's {_text(next(signals))!r}")
            bot.control("end_streams", **{"break": True})
            bot.control("bot_says", conversation_id=conversation.id, answer="Are you still there?")
            tell("After the connection broke", f"{_text(next(signals))!r}, which was said meanwhile")
    return "Botpress Chat: a user talked to the bot and heard all it said, over a connection that broke"


def _text(signal: Any) -> str:
    assert isinstance(signal, MessageCreated)
    payload: Any = signal.data.payload
    return str(payload.text)
