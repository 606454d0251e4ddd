"""Conversations and who takes part in them."""

from __future__ import annotations

from tests.sandbox.botpress.caller import Caller

PATH = "/v1/chat/conversations"
USERS = "/v1/chat/users"


def test_a_conversation_is_made_changed_and_deleted(api: Caller) -> None:
    made = api.create(PATH, channel="channel", tags={"topic": "pumps"}, properties={"agent": "Ada"})["conversation"]
    path = f"{PATH}/{made['id']}"
    changed = api.put(path, tags={"topic": "", "color": "red"}, properties={"agent": None}, currentTaskId="gone")
    deleted = api.delete(path)

    assert made["id"].startswith("conv_")
    assert (made["channel"], made["integration"], made["messageCount"]) == ("channel", "telegram", 0)
    assert (made["tags"], made["properties"]) == ({"topic": "pumps"}, {"agent": "Ada"})
    assert (changed["conversation"]["tags"], changed["conversation"]["properties"]) == ({"color": "red"}, {})
    assert deleted == {}
    assert api.error("ResourceNotFound", "GET", path)["status"] == 404


def test_get_or_create_finds_the_conversation_of_the_channel_with_the_same_tags(api: Caller) -> None:
    body = {"channel": "channel", "tags": {"topic": "pumps", "color": "red"}, "discriminateByTags": ["topic"]}
    first = api.post(f"{PATH}/get-or-create", **body)
    again = api.post(f"{PATH}/get-or-create", **{**body, "tags": {"topic": "pumps", "color": "blue"}})
    seen = api.get(f"{PATH}/{first['conversation']['id']}")["conversation"]

    assert (first["meta"], again["meta"]) == ({"created": True}, {"created": False})
    assert again["conversation"]["id"] == first["conversation"]["id"]
    assert seen["tags"] == {"topic": "pumps", "color": "blue"}


def test_a_conversation_takes_place_in_the_integration_that_is_named(api: Caller) -> None:
    body = {"channel": "channel", "tags": {"topic": "pumps"}, "integrationName": "telegram"}

    assert api.create(PATH, **body)["conversation"]["integration"] == "telegram"
    assert api.post(f"{PATH}/get-or-create", **body)["meta"] == {"created": False}
    api.error("ReferenceNotFound", "POST", f"{PATH}/get-or-create", {**body, "integrationName": "slack"})


def test_participants_are_shown_with_their_pictures(api: Caller) -> None:
    picture = "https://example.com/ben.png"
    user = api.create(USERS, tags={}, pictureUrl=picture)["user"]
    path = f"{PATH}/{api.create(PATH, channel='channel', tags={})['conversation']['id']}/participants"
    added = api.post(path, userId=user["id"])["participant"]

    assert added["pictureUrl"] == picture
    assert api.get(f"{path}/{user['id']}")["participant"] == added
    assert api.get(path)["participants"] == [added]


def test_a_channel_that_no_integration_has_is_an_error(api: Caller) -> None:
    api.error("ReferenceNotFound", "POST", PATH, {"channel": "fax", "tags": {}})
    api.error("ReferenceNotFound", "POST", PATH, {"channel": "channel", "tags": {}, "integrationName": "slack"})


def test_participants_are_a_set(api: Caller) -> None:
    conversation = api.create(PATH, channel="channel", tags={})["conversation"]
    users = [api.create(USERS, tags={}, name=name)["user"] for name in ("Ada", "Ben")]
    path = f"{PATH}/{conversation['id']}/participants"
    for user in (*users, users[0]):
        api.post(path, userId=user["id"])
    listed = api.iterate(path, "participants", pageSize=1)
    got = api.get(f"{path}/{users[0]['id']}")
    removed = api.delete(f"{path}/{users[0]['id']}")

    assert [user["id"] for user in listed] == [users[1]["id"], users[0]["id"]]
    assert got == {"participant": users[0]}
    assert removed == {}
    assert [user["id"] for user in api.get(path)["participants"]] == [users[1]["id"]]
    api.error("ResourceNotFound", "GET", f"{path}/{users[0]['id']}")
    api.error("ReferenceNotFound", "POST", path, {"userId": "user_00000000000000000000000000"})


def test_conversations_are_found_by_tags_participants_and_number_of_messages(api: Caller) -> None:
    quiet = api.create(PATH, channel="channel", tags={"topic": "pumps"})["conversation"]
    busy = api.create(PATH, channel="channel", tags={"topic": "pumps", "color": "red"})["conversation"]
    user = api.create(USERS, tags={})["user"]
    said = {"userId": user["id"], "conversationId": busy["id"], "type": "text", "payload": {"text": "Hi"}, "tags": {}}
    api.create("/v1/chat/messages", **said)

    def found(**query: object) -> list[str]:
        rows = api.get(PATH, **query)["conversations"]
        return [row["id"] for row in rows if row["id"] in (quiet["id"], busy["id"])]

    assert found() == [busy["id"], quiet["id"]]
    assert found(sortDirection="asc") == [quiet["id"], busy["id"]]
    assert found(tags={"color": "red"}) == [busy["id"]]
    assert found(participantIds=[user["id"]]) == [busy["id"]]
    assert found(minMessageCount=1) == [busy["id"]]
    assert found(maxMessageCount=0) == [quiet["id"]]
    assert found(channel="channel", integrationName="telegram") == [busy["id"], quiet["id"]]
    assert found(integrationName="slack") == []
    assert found(afterDate=busy["createdAt"]) == [busy["id"]]
    assert api.get(f"{PATH}/{busy['id']}")["conversation"]["messageCount"] == 1


def test_a_filter_by_tags_can_be_written_with_dots_with_brackets_and_as_json(api: Caller) -> None:
    made = api.create(PATH, channel="channel", tags={"topic": "pumps & co."})["conversation"]
    pairs = [("tags.topic", "pumps & co."), ("tags[topic]", "pumps & co."), ("tags", '{"topic": "pumps & co."}')]
    found = [api.get(PATH, **dict([pair]))["conversations"] for pair in pairs]

    assert found == [[made]] * 3


def test_a_conversation_with_an_active_workflow_cannot_be_deleted(api: Caller) -> None:
    conversation = api.create(PATH, channel="channel", tags={})["conversation"]
    begun = {"name": "order", "status": "pending", "conversationId": conversation["id"]}
    workflow = api.create("/v1/chat/workflows", **begun)["workflow"]
    seen = api.get(f"{PATH}/{conversation['id']}")["conversation"]
    error = api.error("ReferenceConstraint", "DELETE", f"{PATH}/{conversation['id']}")
    api.put(f"/v1/chat/workflows/{workflow['id']}", status="cancelled")

    assert seen["currentWorkflowId"] == workflow["id"]
    assert error["status"] == 409
    assert api.delete(f"{PATH}/{conversation['id']}") == {}


LIVES = (
    test_a_conversation_is_made_changed_and_deleted,
    test_get_or_create_finds_the_conversation_of_the_channel_with_the_same_tags,
    test_participants_are_a_set,
    test_conversations_are_found_by_tags_participants_and_number_of_messages,
)
