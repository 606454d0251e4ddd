"""The client of a bot's Chat integration against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trilogue import BotpressChat, InvalidArgument, NotFound, PermissionDenied
from trilogue.botpress_chat import MessageCreated, SignalledMessage, TextPayload
from trilogue_sandbox.platform_sandbox import PlatformSandbox

TEXT = {"type": "text", "text": "Good morning"}


@pytest.fixture
def chat(botpress_chat_sandbox: PlatformSandbox) -> Iterator[BotpressChat]:
    sandbox = botpress_chat_sandbox
    with BotpressChat(**sandbox.credentials, host=sandbox.url, transport=sandbox.transport()) as client:
        yield client


def test_a_new_user_talks_to_the_bot(chat: BotpressChat) -> None:
    user = chat.connect(name="Zoe")
    conversation = user.conversations.create()

    user.messages.create(payload=TextPayload(type="text", text="Good morning"), conversation_id=conversation.id)

    answer, question = user.messages.list(conversation.id)
    assert answer.payload == question.payload
    assert question.user_id == user.users.get().id != answer.user_id


def test_a_message_is_created_found_and_deleted(chat: BotpressChat) -> None:
    message = chat.messages.create(payload=TEXT, conversation_id="welcome", metadata={"source": "test"})

    assert chat.messages.get(message.id).metadata == {"source": "test"}
    chat.messages.delete(message.id)
    with pytest.raises(NotFound, match="does not exist"):
        chat.messages.get(message.id)


def test_who_takes_no_part_reads_nothing(chat: BotpressChat) -> None:
    with pytest.raises(PermissionDenied, match="not a participant"):
        list(chat.connect().messages.list("welcome"))


def test_a_user_comes_back_with_the_key(chat: BotpressChat) -> None:
    user = chat.connect()
    assert user.user_key is not None

    assert chat.for_user(user.user_key).users.get().id == user.users.get().id


def test_without_a_user_only_one_can_be_created(botpress_chat_sandbox: PlatformSandbox) -> None:
    sandbox = botpress_chat_sandbox
    webhook_id = sandbox.credentials["webhook_id"]
    with BotpressChat(webhook_id, host=sandbox.url, transport=sandbox.transport()) as client:
        with pytest.raises(InvalidArgument, match=r"no user_key; call connect\(\)"):
            client.users.get()
        assert client.users.create(id="zoe").user.id == "zoe"


def test_with_the_encryption_key_users_are_who_their_owner_says(botpress_chat_sandbox: PlatformSandbox) -> None:
    sandbox = botpress_chat_sandbox
    sandbox.control("set_encryption_key", key="ours")
    client = BotpressChat(
        sandbox.credentials["webhook_id"], encryption_key="ours", host=sandbox.url, transport=sandbox.transport()
    )

    with client:
        assert client.connect("zoe", name="Zoe").users.get().name == "Zoe"
        assert client.connect("zoe").users.get().name == "Zoe"
        with pytest.raises(InvalidArgument, match="user_id: missing"):
            client.connect()


def test_every_page_of_a_list_is_fetched(chat: BotpressChat, botpress_chat_sandbox: PlatformSandbox) -> None:
    botpress_chat_sandbox.seed(messages=45, conversations=30)

    assert len({message.id for message in chat.messages.list("welcome")}) == 46
    assert len({conversation.id for conversation in chat.conversations.list()}) == 31


def test_signals_arrive_as_they_happen(chat: BotpressChat) -> None:
    with chat.conversations.listen("welcome") as signals:
        chat.messages.create(payload=TEXT, conversation_id="welcome")

        question, answer = next(signals), next(signals)

    assert isinstance(question, MessageCreated)
    assert isinstance(answer, MessageCreated)
    assert isinstance(answer.data, SignalledMessage)
    assert (question.data.is_bot, answer.data.is_bot) == (False, True)
