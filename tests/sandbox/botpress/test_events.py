"""Events."""

from __future__ import annotations

from datetime import timedelta

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_messages import make_parties, text

PATH = "/v1/chat/events"


def test_an_event_is_made_processed_and_found(api: Caller) -> None:
    parties = make_parties(api)
    made = api.create(PATH, type="orderPlaced", payload={"order": 7}, **parties)["event"]
    other = api.create(PATH, type="orderLost", payload={})["event"]
    api.sandbox.advance(timedelta(seconds=1))
    seen = api.get(f"{PATH}/{made['id']}")["event"]

    assert made["id"].startswith("evt_")
    assert (made["status"], made["failureReason"], made["payload"]) == ("pending", None, {"order": 7})
    assert seen == {**made, "status": "processed"}
    assert api.get(PATH, type="orderPlaced")["events"][0] == seen
    assert api.get(PATH, conversationId=parties["conversationId"])["events"] == [seen]
    assert api.get(PATH, userId=parties["userId"])["events"] == [seen]
    assert api.get(PATH, status="processed")["events"][:2] == [{**other, "status": "processed"}, seen]


def test_a_scheduled_event_comes_when_it_is_due_unless_it_is_cancelled(api: Caller) -> None:
    timestamp = (api.sandbox.now() + timedelta(minutes=1)).isoformat(timespec="milliseconds")
    kept = api.create(PATH, type="orderPlaced", payload={}, schedule={"dateTime": timestamp.replace("+00:00", "Z")})
    dropped = api.create(PATH, type="orderPlaced", payload={}, schedule={"delay": 60_000})["event"]
    cancelled = api.delete(f"{PATH}/scheduled/{dropped['id']}")
    api.sandbox.advance(timedelta(minutes=2))

    assert (kept["event"]["status"], dropped["status"], cancelled) == ("scheduled", "scheduled", {})
    assert api.get(f"{PATH}/{kept['event']['id']}")["event"]["status"] == "processed"
    assert api.get(f"{PATH}/{dropped['id']}")["event"]["status"] == "canceled"
    api.error("ResourceNotFound", "DELETE", f"{PATH}/scheduled/{kept['event']['id']}")


def test_an_event_is_not_processed_before_its_time(api: Caller) -> None:
    made = api.create(PATH, type="orderPlaced", payload={}, schedule={"delay": 60_000})["event"]
    api.sandbox.advance(timedelta(seconds=50))
    before = api.get(f"{PATH}/{made['id']}")["event"]
    api.sandbox.advance(timedelta(seconds=20))

    assert before["status"] == "scheduled"
    assert api.get(f"{PATH}/{made['id']}")["event"]["status"] == "processed"


def test_an_event_is_found_by_its_workflow(api: Caller) -> None:
    first, second = (api.create("/v1/chat/workflows", name=name, status="listening")["workflow"] for name in "ab")
    made = api.create(PATH, type="orderPlaced", payload={}, workflowId=first["id"])["event"]

    assert api.get(PATH, workflowId=first["id"])["events"] == [made]
    assert api.get(PATH, workflowId=second["id"])["events"] == []


def test_a_schedule_that_says_nothing_is_an_error(api: Caller) -> None:
    body = {"type": "orderPlaced", "payload": {}}

    api.error("InvalidPayload", "POST", PATH, {**body, "schedule": {}})
    api.error("InvalidPayload", "POST", PATH, {**body, "schedule": {"dateTime": "the day after tomorrow .."}})
    api.error("InvalidPayload", "POST", PATH, {**body, "schedule": {"delay": 10**18}})


def test_the_bot_can_fail_at_an_event(bot: Caller) -> None:
    made = bot.create(PATH, type="orderPlaced", payload={})["event"]
    bot.control("process_event", event=made["id"], status="failed", reason="no such order")
    bot.sandbox.advance(timedelta(seconds=1))
    seen = bot.get(f"{PATH}/{made['id']}")["event"]

    assert (seen["status"], seen["failureReason"]) == ("failed", "no such order")
    assert bot.get(PATH, status="failed")["events"] == [seen]


def test_a_blocked_bot_fails_at_what_it_would_react_to(bot: Caller, api: Caller) -> None:
    bot_path = f"/v1/admin/bots/{bot.headers['x-bot-id']}"
    api.put(bot_path, blocked=True)
    failed = bot.create(PATH, type="orderPlaced", payload={})["event"]
    bot.sandbox.advance(timedelta(seconds=1))
    api.put(bot_path, blocked=False)
    processed = bot.create(PATH, type="orderPlaced", payload={})["event"]
    bot.sandbox.advance(timedelta(seconds=1))
    seen = [bot.get(f"{PATH}/{event['id']}")["event"] for event in (failed, processed)]

    assert [(event["status"], event["failureReason"]) for event in seen] == [
        ("failed", "the bot is blocked"),
        ("processed", None),
    ]


def test_the_types_of_an_integration_carry_its_name(bot: Caller, integration: Caller) -> None:
    made = integration.create(PATH, type="reacted", payload={"emoji": "+1"})["event"]
    seen = bot.get(PATH, type="telegram:reacted")["events"]

    assert made["type"] == "reacted"
    assert [event["type"] for event in seen] == ["telegram:reacted"]
    assert integration.get(PATH, type="reacted")["events"] == [made]


def test_what_an_event_belongs_to_must_exist_and_belong_together(bot: Caller, api: Caller) -> None:
    parties, elsewhere = make_parties(api), make_parties(api)
    message = bot.create("/v1/chat/messages", **parties, **text("Hello"))["message"]
    body = {"type": "orderPlaced", "payload": {}, "messageId": message["id"]}

    bot.error("ReferenceNotFound", "POST", PATH, {**body, "messageId": "msg_00000000000000000000000000"})
    bot.error("RelationConflict", "POST", PATH, {**body, "conversationId": elsewhere["conversationId"]})
    assert bot.create(PATH, **body)["event"]["messageId"] == message["id"]
    bot.error("ResourceNotFound", "GET", PATH, userId="user_00000000000000000000000000")


def test_a_type_has_two_hundred_characters_with_the_name_of_the_integration(integration: Caller) -> None:
    longest = "x" * (200 - len("telegram:"))
    integration.create(PATH, type=longest, payload={})

    integration.error("InvalidPayload", "POST", PATH, {"type": f"{longest}x", "payload": {}})


LIVES = (
    test_an_event_is_made_processed_and_found,
    test_a_scheduled_event_comes_when_it_is_due_unless_it_is_cancelled,
)
