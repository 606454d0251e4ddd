"""Users."""

from __future__ import annotations

from datetime import timedelta

from trilogue_sandbox.botpress.credentials import BOT_ID

from tests.sandbox.botpress.caller import Caller

PATH = "/v1/chat/users"


def test_a_user_is_made_changed_and_deleted(api: Caller) -> None:
    made = api.create(PATH, tags={"plan": "free", "language": ""}, name="Ben", properties={"city": "Kigali"})["user"]
    path = f"{PATH}/{made['id']}"
    changed = api.put(path, tags={"plan": "", "language": "en"}, name=None, properties={"city": None, "age": "30"})
    deleted = api.delete(path)

    assert made["id"].startswith("user_")
    assert made["tags"] == {"plan": "free"}
    assert (made["name"], made["properties"], made["attributes"]) == ("Ben", {"city": "Kigali"}, {"city": "Kigali"})
    assert changed["user"]["tags"] == {"language": "en"}
    assert "name" not in changed["user"]
    assert changed["user"]["properties"] == {"age": "30"}
    assert changed["user"]["updatedAt"] > made["updatedAt"]
    assert deleted == {}
    assert api.error("ResourceNotFound", "GET", path)["status"] == 404


def test_null_removes_a_tag(api: Caller) -> None:
    body = {"tags": {"email": "ben@example.com", "plan": None}, "properties": {"city": None}}
    made = api.post(f"{PATH}/get-or-create", **body)["user"]
    again = api.post(f"{PATH}/get-or-create", **body)
    changed = api.put(f"{PATH}/{made['id']}", tags={"email": None, "language": "en"})["user"]

    assert (made["tags"], made["properties"]) == ({"email": "ben@example.com"}, {})
    assert (again["user"]["id"], again["meta"]) == (made["id"], {"created": False})
    assert changed["tags"] == {"language": "en"}


def test_properties_can_be_sent_by_the_name_they_once_had(api: Caller) -> None:
    body = {"tags": {"email": "ben@example.com"}, "attributes": {"city": "Kigali"}}
    made = api.create(PATH, **body)["user"]
    changed = api.post(f"{PATH}/get-or-create", **{**body, "attributes": {"city": "Huye"}})["user"]

    assert made["properties"] == {"city": "Kigali"}
    assert (changed["id"], changed["properties"]) == (made["id"], {"city": "Huye"})


def test_a_user_is_made_for_an_installed_integration_only(api: Caller) -> None:
    body = {"tags": {}, "integrationName": "telegram"}
    unknown = {"tags": {}, "integrationName": "fax"}

    assert api.create(PATH, **body)["user"]["id"].startswith("user_")
    assert api.post(f"{PATH}/get-or-create", **body, discriminateByTags=["none"])["user"]
    api.error("ReferenceNotFound", "POST", PATH, unknown)
    api.error("ReferenceNotFound", "POST", f"{PATH}/get-or-create", {**unknown, "discriminateByTags": []})


def test_the_bot_is_a_user_of_its_own_conversations(bot: Caller) -> None:
    itself = bot.get(f"{PATH}/{BOT_ID}")["user"]
    conversation = bot.create("/v1/chat/conversations", channel="channel", tags={})["conversation"]
    participants = f"/v1/chat/conversations/{conversation['id']}/participants"
    added = bot.post(participants, userId=BOT_ID)["participant"]
    sent = {
        "conversationId": conversation["id"],
        "userId": BOT_ID,
        "type": "text",
        "payload": {"text": "Hi"},
        "tags": {},
    }
    message = bot.create("/v1/chat/messages", **sent)["message"]

    assert (itself["id"], itself["name"]) == (BOT_ID, "Helper")
    assert added == itself
    assert bot.get(participants)["participants"] == [itself]
    assert (message["userId"], message["direction"]) == (BOT_ID, "outgoing")


def test_the_user_that_is_the_bot_lives_as_long_as_the_bot(api: Caller) -> None:
    new = api.post("/v1/admin/bots", name="New")["bot"]["id"]

    assert api.error("Forbidden", "DELETE", f"{PATH}/{BOT_ID}")["message"]
    assert api.post(f"{PATH}/get-or-create", tags={})["user"]["id"] != BOT_ID
    assert api.with_headers(**{"x-bot-id": new}).get(f"{PATH}/{new}")["user"]["name"] == "New"


def test_get_or_create_finds_the_user_with_the_same_tags(api: Caller) -> None:
    body = {"tags": {"email": "ben@example.com", "plan": "free"}, "name": "Ben"}
    first = api.post(f"{PATH}/get-or-create", **body)
    again = api.post(f"{PATH}/get-or-create", **{**body, "name": "Benedict"})
    other = api.post(f"{PATH}/get-or-create", tags={"email": "ben@example.com"})
    same = api.get(f"{PATH}/{first['user']['id']}")["user"]

    assert (first["meta"], again["meta"], other["meta"]) == ({"created": True}, {"created": False}, {"created": True})
    assert again["user"]["id"] == first["user"]["id"] != other["user"]["id"]
    assert same["name"] == "Benedict"


def test_get_or_create_compares_only_the_tags_that_discriminate_and_sets_the_others(api: Caller) -> None:
    known = api.create(PATH, tags={"email": "ben@example.com", "plan": "free"})["user"]
    body = {"tags": {"email": "ben@example.com", "plan": "paid"}, "discriminateByTags": ["email"]}
    found = api.post(f"{PATH}/get-or-create", **body)
    missing = api.post(f"{PATH}/get-or-create", tags={"plan": "paid"}, discriminateByTags=["email", "plan"])

    assert found["meta"] == {"created": False}
    assert found["user"]["id"] == known["id"]
    assert found["user"]["tags"] == {"email": "ben@example.com", "plan": "paid"}
    assert missing["meta"] == {"created": True}


def test_the_bot_sees_the_tags_of_an_integration_under_its_name(bot: Caller, integration: Caller) -> None:
    user = integration.create(PATH, tags={"id": "5551234"})["user"]
    seen = bot.get(f"{PATH}/{user['id']}")["user"]
    changed = bot.put(f"{PATH}/{user['id']}", tags={"plan": "free"})["user"]
    unchanged = integration.get(f"{PATH}/{user['id']}")["user"]

    assert user["tags"] == {"id": "5551234"}
    assert seen["tags"] == {"telegram:id": "5551234"}
    assert changed["tags"] == {"telegram:id": "5551234", "plan": "free"}
    assert unchanged["tags"] == {"id": "5551234"}
    assert bot.get(PATH, tags={"telegram:id": "5551234"})["users"] == [changed]


def test_a_tag_that_nobody_declares_is_an_error(bot: Caller, integration: Caller) -> None:
    assert "updateBot" in bot.error("InvalidPayload", "POST", PATH, {"tags": {"shoe": "42"}})["message"]
    integration.error("InvalidPayload", "POST", PATH, {"tags": {"plan": "free"}})


def test_users_are_found_by_tags_by_conversation_and_by_time(api: Caller) -> None:
    old = api.create(PATH, tags={"plan": "free"})["user"]
    api.sandbox.advance(timedelta(days=1))
    new = api.create(PATH, tags={"plan": "free", "language": "en"})["user"]
    conversation = api.create("/v1/chat/conversations", channel="channel", tags={})["conversation"]
    api.post(f"/v1/chat/conversations/{conversation['id']}/participants", userId=old["id"])
    api.sandbox.advance(timedelta(days=1))
    old = api.put(f"{PATH}/{old['id']}", name="Old")["user"]

    def found(**query: object) -> list[str]:
        return [user["id"] for user in api.get(PATH, **query)["users"] if user["id"] in (old["id"], new["id"])]

    assert found() == [new["id"], old["id"]]
    assert found(sortDirection="asc") == [old["id"], new["id"]]
    assert found(sortField="updatedAt") == [old["id"], new["id"]]
    assert found(tags={"plan": "free", "language": "en"}) == [new["id"]]
    assert found(conversationId=conversation["id"]) == [old["id"]]
    assert found(beforeDate=old["createdAt"]) == [old["id"]]
    assert found(afterDate=new["createdAt"]) == [new["id"]]
    assert found(afterDate=old["updatedAt"], rangeField="updatedAt") == [old["id"]]
    assert api.error("ResourceNotFound", "GET", PATH, conversationId="conv_0000000000000000000000000")


LIVES = (
    test_a_user_is_made_changed_and_deleted,
    test_get_or_create_finds_the_user_with_the_same_tags,
    test_users_are_found_by_tags_by_conversation_and_by_time,
)
