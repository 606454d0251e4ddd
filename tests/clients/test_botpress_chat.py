"""Every method of the client of the Chat API, sync and async, against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue import BadRequest, BotpressChat, Conflict, InvalidArgument, NotFound, PermissionDenied
from trilogue.botpress_chat import TextPayload, errors
from trilogue_generated.botpress_chat.client import Resources
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from tests.clients.blocking import methods_of
from tests.clients.conftest import CALLED

TEXT = {"type": "text", "text": "Good morning"}


def ids(rows: Any) -> list[str]:
    return [row.id for row in rows]


def test_a_new_user_talks_to_the_bot(botpress_chat: Any) -> None:
    user = botpress_chat.connect(name="Zoe")
    conversation = user.conversations.create()

    user.messages.create(payload=TextPayload(type="text", text="Good morning"), conversation_id=conversation.id)

    answer, question = user.messages.list(conversation.id)
    assert answer.payload == question.payload
    assert question.user_id == user.users.get().id != answer.user_id


def test_a_user_is_created_changed_and_deleted(botpress_chat: Any) -> None:
    created = botpress_chat.users.create(id="zoe", name="Zoe")
    zoe = botpress_chat.for_user(created.key)

    assert zoe.users.update(profile="basic").name == "Zoe"
    assert zoe.users.get_or_create(name="Zoë").profile == "basic"
    assert zoe.users.delete() is None
    with pytest.raises(NotFound, match="User zoe does not exist"):
        zoe.users.get()


def test_the_user_of_the_client_is_changed_and_deleted(botpress_chat: Any) -> None:
    assert botpress_chat.users.get_or_create(picture_url="https://example.org/ana.png").name == "Ana"
    assert botpress_chat.users.update(name="Anna").picture_url == "https://example.org/ana.png"
    assert botpress_chat.users.get().name == "Anna"
    assert botpress_chat.users.delete() is None


def test_a_conversation_is_created_found_and_deleted(botpress_chat: Any) -> None:
    conversation = botpress_chat.conversations.create(id="order-1042")

    assert botpress_chat.conversations.get("order-1042") == conversation
    assert botpress_chat.conversations.get_or_create(id="order-1042") == conversation
    assert ids(botpress_chat.conversations.list()) == ["order-1042", "welcome"]
    with pytest.raises(Conflict, match="already exists"):
        botpress_chat.conversations.create(id="order-1042")
    assert botpress_chat.conversations.delete("order-1042") is None
    with pytest.raises(errors.ResourceNotFound):
        botpress_chat.conversations.get("order-1042")


def test_participants_come_and_go(botpress_chat: Any) -> None:
    participants = botpress_chat.conversations.participants
    zoe = botpress_chat.users.create(id="zoe")

    assert participants.add("welcome", user_id="zoe") == participants.get("welcome", "zoe") == zoe.user
    assert set(ids(participants.list("welcome"))) == {"ana", "ben", "zoe"}
    assert participants.remove("welcome", "zoe") is None
    with pytest.raises(BadRequest, match="you are its owner"):
        participants.remove("welcome", "ana")


def test_a_message_is_created_found_and_deleted(botpress_chat: Any) -> None:
    message = botpress_chat.messages.create(payload=TEXT, conversation_id="welcome", metadata={"source": "test"})

    assert botpress_chat.messages.get(message.id).metadata == {"source": "test"}
    assert botpress_chat.messages.delete(message.id) is None
    with pytest.raises(NotFound, match="does not exist"):
        botpress_chat.messages.get(message.id)


def test_a_custom_event_is_created_and_found(botpress_chat: Any) -> None:
    event = botpress_chat.events.create(payload={"page": "/pricing"}, conversation_id="welcome")

    assert botpress_chat.events.get(event.id) == event


def test_signals_arrive_as_they_happen(botpress_chat: Any) -> None:
    with botpress_chat.conversations.listen("welcome") as signals:
        botpress_chat.messages.create(payload=TEXT, conversation_id="welcome")

        question, answer = next(signals), next(signals)

    assert [signal.type for signal in (question, answer)] == ["message_created"] * 2
    assert [signal.data.is_bot for signal in (question, answer)] == [False, True]


def test_who_takes_no_part_reads_nothing(botpress_chat: Any) -> None:
    stranger = botpress_chat.connect()

    with pytest.raises(PermissionDenied, match="not a participant"):
        list(stranger.messages.list("welcome"))


def test_a_user_comes_back_with_the_key(botpress_chat: Any) -> None:
    user = botpress_chat.connect()

    assert botpress_chat.for_user(user.user_key).users.get() == user.users.get()


def test_every_page_of_a_list_is_fetched(botpress_chat: Any, botpress_chat_sandbox: PlatformSandbox) -> None:
    botpress_chat_sandbox.seed(messages=45, conversations=30)

    assert len(set(ids(botpress_chat.messages.list("welcome")))) == 46
    assert len(set(ids(botpress_chat.conversations.list()))) == 31


def test_without_a_user_only_one_can_be_created(botpress_chat_sandbox: PlatformSandbox) -> None:
    sandbox = botpress_chat_sandbox
    webhook_id = sandbox.credentials["webhook_id"]
    with BotpressChat(webhook_id, host=sandbox.url, transport=sandbox.transport()) as client:
        with pytest.raises(
            InvalidArgument, match=r"^Botpress Chat users\.get: this client has no user_key; call connect"
        ):
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


@pytest.mark.parametrize("webhook_id", ["https://chat.botpress.cloud/abc", "a b", ""])
def test_a_webhook_id_that_is_none_is_refused(webhook_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BP_CHAT_WEBHOOK_ID", raising=False)

    with pytest.raises(InvalidArgument, match="webhook_id: "):
        BotpressChat(webhook_id)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_every_method_was_called(mode: str) -> None:
    """No generated method is left that no test called; `conftest` runs this after the others."""
    assert methods_of(Resources) - CALLED[f"botpress_chat {mode}"] == set()
