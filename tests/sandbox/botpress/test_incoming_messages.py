"""Messages that come in with all that belongs to them, and messages from the past."""

from __future__ import annotations

from typing import Any

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_messages import make_parties, text

INITIALIZE = "/v1/chat/initialize-incoming-message"
IMPORT = "/v1/chat/messages/import-messages"
MESSAGES = "/v1/chat/messages"
NOBODY = "user_00000000000000000000000000"

SOMEONE: dict[str, Any] = {
    "user": {"tags": {"id": "42"}, "name": "Ben", "discriminateByTags": ["id"]},
    "conversation": {"channel": "channel", "tags": {"chatId": "7"}, "discriminateByTags": ["chatId"]},
}


def test_user_conversation_and_message_are_found_or_made_in_one_call(integration: Caller) -> None:
    message = text("Hi", tags={"id": "1"}, discriminateByTags=["id"])
    first = integration.post(INITIALIZE, **SOMEONE, message=message)
    again = integration.post(INITIALIZE, **SOMEONE, message=message)
    created = integration.post(INITIALIZE, **SOMEONE, message={**message, "discriminateByTags": []})
    ids = {"userId": first["user"]["id"], "conversationId": first["conversation"]["id"]}
    silent = integration.post(INITIALIZE, **ids)

    assert first["conversation"]["messageCount"] == 1
    assert first["message"]["direction"] == "incoming"
    assert [again[name]["id"] for name in first] == [first[name]["id"] for name in first]
    assert created["message"]["id"] != first["message"]["id"]
    assert created["conversation"]["id"] == first["conversation"]["id"]
    assert "message" not in silent


def test_someone_is_described_by_a_name_for_properties_that_is_no_longer_used(integration: Caller) -> None:
    described = {**SOMEONE["user"], "attributes": {"city": "Kigali"}}
    made = integration.post(INITIALIZE, user=described, conversation=SOMEONE["conversation"])["user"]

    assert made["properties"] == made["attributes"] == {"city": "Kigali"}


def test_someone_writes_through_the_integration_that_is_named(integration: Caller) -> None:
    user = {**SOMEONE["user"], "integrationName": "telegram"}
    conversation = {**SOMEONE["conversation"], "integrationName": "telegram"}
    made = integration.post(INITIALIZE, user=user, conversation=conversation)

    assert made["conversation"]["integration"] == "telegram"
    other = {"user": user, "conversation": {**conversation, "integrationName": "fax"}}
    integration.error("ReferenceNotFound", "POST", INITIALIZE, other)
    other = {"user": {**user, "integrationName": "fax"}, "conversation": conversation}
    integration.error("ReferenceNotFound", "POST", INITIALIZE, other)


def test_each_party_is_given_by_id_or_by_description(integration: Caller, bot: Caller) -> None:
    unknown = {"conversation": SOMEONE["conversation"], "userId": NOBODY}

    integration.error("InvalidPayload", "POST", INITIALIZE, {"user": SOMEONE["user"]})
    integration.error("ReferenceNotFound", "POST", INITIALIZE, unknown)
    bot.error("Forbidden", "POST", INITIALIZE, SOMEONE)


def test_of_an_id_and_a_description_the_id_decides(integration: Caller) -> None:
    known = integration.post(INITIALIZE, **SOMEONE)
    ids = {"userId": known["user"]["id"], "conversationId": known["conversation"]["id"]}
    others = {
        "user": {"tags": {"id": "43"}, "discriminateByTags": []},
        "conversation": {"channel": "channel", "tags": {}, "discriminateByTags": []},
    }
    found = integration.post(INITIALIZE, **ids, **others)

    assert {name: found[name]["id"] for name in known} == {name: known[name]["id"] for name in known}


def test_messages_from_the_past_keep_their_time_and_tell_nobody(api: Caller) -> None:
    parties = make_parties(api)
    past = {"createdAt": "2025-03-01T08:00:00.000Z", "discriminateByTags": ["source"]}
    known = {**parties, **text("Once", tags={"source": "1"}), **past}
    imported = api.post(IMPORT, messages=[known, {**known, "tags": {"source": "2"}}])["messages"]
    again = api.post(IMPORT, messages=[{**known, "payload": {"text": "Twice"}}])["messages"]
    untagged = api.post(IMPORT, messages=[{**known, "tags": {}}, {**known, "tags": {}}])["messages"]

    assert [message["createdAt"] for message in imported] == [past["createdAt"]] * 2
    assert again == [{**imported[0], "payload": {"text": "Twice"}, "updatedAt": again[0]["updatedAt"]}]
    assert len({message["id"] for message in (*imported, *untagged)}) == 4
    assert api.get("/v1/chat/events", conversationId=parties["conversationId"])["events"] == []


def test_an_import_changes_a_message_that_has_the_same_tags(api: Caller) -> None:
    parties = make_parties(api)
    said = api.create(MESSAGES, **parties, **text("Once", tags={"source": "1"}, origin="synthetic"))["message"]
    past = {"createdAt": "2025-03-01T08:00:00.000Z", "discriminateByTags": ["source"]}
    (found,) = api.post(IMPORT, messages=[{**parties, **text("Twice", tags={"source": "1"}), **past}])["messages"]

    assert (found["id"], found["origin"], found["payload"]) == (said["id"], "synthetic", {"text": "Twice"})


def test_an_import_that_fails_in_part_keeps_the_rest_and_tells_them_apart(api: Caller) -> None:
    parties = make_parties(api)
    past = {"createdAt": "2025-03-01T08:00:00.000Z", "discriminateByTags": []}
    good, bad = {**parties, **text("Good"), **past}, {**parties, **text("Bad"), **past, "userId": NOBODY}
    error = api.error("ReferenceNotFound", "POST", IMPORT, {"messages": [bad, good]})
    kept = api.get(MESSAGES, conversationId=parties["conversationId"])["messages"]

    assert error["metadata"]["resolvedMessages"] == kept
    assert [failed["message"] for failed in error["metadata"]["failedMessages"]] == [bad]


def test_a_person_writes_and_the_bot_hears_of_it(bot: Caller) -> None:
    received = bot.control("receive", text="Hello", chat="77", name="Eve")
    again = bot.control("receive", text="Are you there?", chat="77")
    message = bot.get(f"{MESSAGES}/{received['message']}")["message"]
    user = bot.get(f"/v1/chat/users/{received['user']}")["user"]

    assert (message["direction"], message["payload"]) == ("incoming", {"text": "Hello"})
    assert user["tags"] == {"telegram:id": "77"}
    assert again["conversation"] == received["conversation"]
    assert len(bot.get("/v1/chat/events", userId=received["user"])["events"]) == 2


def initialize(api: Caller) -> None:
    """Call initializeIncomingMessage as the integration."""
    test_user_conversation_and_message_are_found_or_made_in_one_call(Caller.of(api.sandbox, "iak"))


LIVES = (
    initialize,
    test_messages_from_the_past_keep_their_time_and_tell_nobody,
)
