"""People who talk to a bot through Botpress Chat, for type checkers alone: it is never run."""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_type

from trilogue import (
    AsyncBotpressChat,
    BotpressChat,
    Conflict,
    NotFound,
    Paginator,
    PermissionDenied,
    RawResponse,
    Stream,
)
from trilogue.botpress_chat import (
    Conversation,
    Event,
    EventCreated,
    Message,
    MessageCreated,
    MessageDeleted,
    MessagePayloadDict,
    NewUser,
    ParticipantAdded,
    ParticipantRemoved,
    TextPayload,
    User,
)

Signal = MessageCreated | MessageDeleted | EventCreated | ParticipantAdded | ParticipantRemoved
HELLO: MessagePayloadDict = {"type": "text", "text": "Good morning"}


def come_in(webhook_id: str, key: str | None) -> BotpressChat:
    chat = BotpressChat(webhook_id=webhook_id, user_key=key, timeout=20)
    if key is not None:
        return chat
    try:
        user = chat.connect("ana", name="Ana")
    except Conflict:
        user = chat.for_user("...")
    assert_type(user, BotpressChat)
    assert_type(user.user_key, str | None)
    return user


def say(chat: BotpressChat, payload: MessagePayloadDict) -> Message:
    conversation = chat.conversations.create()
    assert_type(conversation, Conversation)
    message = chat.messages.create(conversation_id=conversation.id, payload=payload, metadata={"source": "kiosk"})
    assert_type(message, Message)
    assert_type(message.created_at, datetime)
    assert_type(
        chat.messages.create(conversation_id=conversation.id, payload=TextPayload(type="text", text="?")), Message
    )
    assert_type(chat.events.create(conversation_id=conversation.id, payload={"clicked": 1}), Event)
    return message


def read(chat: BotpressChat, conversation: Conversation) -> None:
    assert_type(chat.conversations.list(), Paginator[Conversation])
    assert_type(chat.messages.list(conversation.id).first(), Message | None)
    for participant in chat.conversations.participants.list(conversation.id):
        assert_type(participant, User)
    assert_type(chat.users.get(), User)
    assert_type(chat.users.update(name="Ana"), User)
    raw = chat.with_raw_response.users.create(name="Ben")
    assert_type(raw, RawResponse[NewUser])
    assert_type(raw.parse().key, str)


def listen(chat: BotpressChat, conversation: Conversation) -> str | None:
    signals = chat.conversations.listen(conversation.id)
    assert_type(signals, Stream[Signal | dict[str, Any]])
    with signals:
        chat.messages.create(conversation_id=conversation.id, payload=HELLO)
        try:
            for signal in signals:
                if isinstance(signal, MessageCreated) and signal.data.is_bot:
                    payload = signal.data.payload
                    return payload.text if isinstance(payload, TextPayload) else None
        except (PermissionDenied, NotFound):
            return None
    return None


async def listen_asynchronously(chat: AsyncBotpressChat, conversation: Conversation) -> None:
    user = await chat.connect(name="Ana")
    assert_type(user, AsyncBotpressChat)
    assert_type(await user.messages.create(conversation_id=conversation.id, payload=HELLO), Message)
    async with user.conversations.listen(conversation.id) as signals:
        async for signal in signals:
            print(signal)
    async for message in user.messages.list(conversation.id):
        assert_type(message, Message)
