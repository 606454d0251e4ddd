"""Messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.botpress.caller import Caller

PATH = "/v1/chat/messages"


@pytest.fixture
def parties(api: Caller) -> dict[str, str]:
    """A user and a conversation, by their ids."""
    return make_parties(api)


def make_parties(api: Caller) -> dict[str, str]:
    """Make a user and a conversation; return their ids as a message names them."""
    user = api.create("/v1/chat/users", tags={})["user"]
    conversation = api.create("/v1/chat/conversations", channel="channel", tags={})["conversation"]
    return {"userId": user["id"], "conversationId": conversation["id"]}


def text(words: str, **more: Any) -> dict[str, Any]:
    """Return the body of a text message but for its parties."""
    return {"type": "text", "payload": {"text": words}, "tags": {}, **more}


def test_a_message_is_sent_changed_and_deleted(api: Caller) -> None:
    parties = make_parties(api)
    said = api.create(PATH, **parties, **text("Hello", tags={"source": "form"}, origin="synthetic"))["message"]
    changed = api.put(f"{PATH}/{said['id']}", payload={"text": "Goodbye"}, tags={"source": ""})["message"]
    seen = api.get(f"{PATH}/{said['id']}")["message"]
    deleted = api.delete(f"{PATH}/{said['id']}")

    assert said["id"].startswith("msg_")
    assert (said["direction"], said["origin"], said["payload"]) == ("outgoing", "synthetic", {"text": "Hello"})
    assert {name: said[name] for name in parties} == parties
    assert (changed["payload"], changed["tags"], changed["type"]) == ({"text": "Goodbye"}, {}, "text")
    assert seen == changed
    assert deleted == {}
    api.error("ResourceNotFound", "GET", f"{PATH}/{said['id']}")


def test_what_the_bot_says_is_outgoing_and_what_an_integration_says_is_incoming_and_an_event(
    bot: Caller, integration: Caller, parties: dict[str, str]
) -> None:
    outgoing = bot.create(PATH, **parties, **text("Hello"))["message"]
    incoming = integration.create(PATH, **parties, **text("Hi"))["message"]
    events = bot.get("/v1/chat/events", type="message_created", conversationId=parties["conversationId"])["events"]

    assert (outgoing["direction"], incoming["direction"]) == ("outgoing", "incoming")
    assert [event["messageId"] for event in events] == [incoming["id"]]
    assert events[0]["payload"]["message"] == incoming
    assert events[0]["payload"]["user"]["id"] == parties["userId"]


def test_whoever_speaks_takes_part(bot: Caller, parties: dict[str, str]) -> None:
    bot.create(PATH, **parties, **text("Hello"))
    participants = bot.get(f"/v1/chat/conversations/{parties['conversationId']}/participants")["participants"]

    assert [user["id"] for user in participants] == [parties["userId"]]


def test_get_or_create_sends_nothing_twice(api: Caller) -> None:
    parties = make_parties(api)
    body = {**parties, **text("Hello", tags={"source": "42", "topic": "a"}, discriminateByTags=["source"])}
    first = api.post(f"{PATH}/get-or-create", **body)
    again = api.post(f"{PATH}/get-or-create", **{**body, "tags": {"source": "42", "topic": "b"}})
    without_payload = {name: value for name, value in body.items() if name != "payload"}
    silent = api.post(f"{PATH}/get-or-create", **without_payload)
    messages = api.get(PATH, conversationId=parties["conversationId"])["messages"]

    assert (first["meta"]["created"], again["meta"]["created"], silent["meta"]["created"]) == (True, False, False)
    assert again["message"]["tags"] == {"source": "42", "topic": "b"}
    assert silent["message"]["payload"] == {"text": "Hello"}
    assert [message["id"] for message in messages] == [first["message"]["id"]]
    api.error("InvalidPayload", "POST", f"{PATH}/get-or-create", {**without_payload, "tags": {"source": "43"}})


def test_a_scheduled_message_is_sent_when_its_time_has_come(bot: Caller, parties: dict[str, str]) -> None:
    later = bot.create(PATH, **parties, **text("Later", schedule={"delay": 60_000}))["message"]
    before = bot.get(PATH, conversationId=parties["conversationId"])["messages"]
    bot.sandbox.advance(timedelta(minutes=1))
    after = bot.get(PATH, conversationId=parties["conversationId"])["messages"]
    conversation = bot.get(f"/v1/chat/conversations/{parties['conversationId']}")["conversation"]

    assert before == []
    assert [message["id"] for message in after] == [later["id"]]
    assert after[0]["createdAt"] > later["createdAt"]
    assert conversation["messageCount"] == 1


@pytest.mark.parametrize("schedule", [{"delay": 60_000}, {"dateTime": "2026-01-01T12:01:00.000Z"}])
def test_a_message_that_is_found_or_made_can_be_scheduled(
    bot: Caller, parties: dict[str, str], schedule: dict[str, Any]
) -> None:
    said = {**text("Later", tags={"source": "42"}), "discriminateByTags": ["source"], "schedule": schedule}
    made = bot.post(f"{PATH}/get-or-create", **parties, **said)["message"]
    bot.sandbox.advance(timedelta(seconds=30))
    before = bot.get(PATH, conversationId=parties["conversationId"])["messages"]
    bot.sandbox.advance(timedelta(seconds=40))
    after = bot.get(PATH, conversationId=parties["conversationId"])["messages"]

    assert before == []
    assert [message["id"] for message in after] == [made["id"]]


def test_a_scheduled_message_of_a_deleted_user_is_never_sent(integration: Caller) -> None:
    user = integration.create("/v1/chat/users", tags={"id": "7"})["user"]
    conversation = integration.create("/v1/chat/conversations", channel="channel", tags={"id": "7"})["conversation"]
    parties = {"userId": user["id"], "conversationId": conversation["id"]}
    integration.create(PATH, **parties, **text("Later", schedule={"delay": 60_000}))
    integration.delete(f"/v1/chat/users/{user['id']}")
    integration.sandbox.advance(timedelta(minutes=2))

    assert integration.get(PATH, conversationId=conversation["id"])["messages"] == []


def test_messages_are_listed_newest_first_and_iterated_in_pages(bot: Caller, parties: dict[str, str]) -> None:
    said = [bot.create(PATH, **parties, **text(str(number)))["message"] for number in range(45)]
    pages = bot.iterate(PATH, "messages", conversationId=parties["conversationId"])
    dates = {"afterDate": said[3]["createdAt"], "beforeDate": said[5]["createdAt"]}
    between = bot.get(PATH, **dates)["messages"]

    assert pages == said[::-1]
    assert between == said[5:2:-1]


def test_a_payload_must_fit_the_type_that_the_channel_declares(bot: Caller, parties: dict[str, str]) -> None:
    wrong = {**parties, "type": "location", "payload": {"latitude": "north", "longitude": 30}, "tags": {}}
    own = {**parties, "type": "poll", "payload": {"question": "Tea?"}, "tags": {}}
    large = {**parties, **text("x" * 128 * 1024)}

    assert bot.error("InvalidDataFormat", "POST", PATH, wrong)["message"].startswith("payload/latitude")
    assert bot.create(PATH, **own)["message"]["payload"] == {"question": "Tea?"}
    assert bot.error("LimitExceeded", "POST", PATH, large)["status"] == 413


def test_a_message_of_nobody_or_nowhere_is_an_error(bot: Caller, parties: dict[str, str]) -> None:
    nobody = {**parties, "userId": "user_00000000000000000000000000", **text("Hello")}
    nowhere = {**parties, "conversationId": "conv_00000000000000000000000000", **text("Hello")}

    bot.error("ReferenceNotFound", "POST", PATH, nobody)
    bot.error("ReferenceNotFound", "POST", PATH, nowhere)
    bot.error("ResourceNotFound", "GET", PATH, conversationId=nowhere["conversationId"])


def test_deleting_a_conversation_deletes_its_messages(bot: Caller, parties: dict[str, str]) -> None:
    message = bot.create(PATH, **parties, **text("Hello"))["message"]
    bot.delete(f"/v1/chat/conversations/{parties['conversationId']}")

    bot.error("ResourceNotFound", "GET", f"{PATH}/{message['id']}")


LIVES = (test_a_message_is_sent_changed_and_deleted, test_get_or_create_sends_nothing_twice)
