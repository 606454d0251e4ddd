"""Deliveries: posted, tried again, given up, repeated."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.faults import Fault

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.receiver import Posted, Receiver
from tests.sandbox.pantheon.resources import conversation, message, webhook

PAUSES = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]


@pytest.fixture
def hook(api: Caller, receiver: Receiver) -> Any:
    """A webhook that is subscribed to the start of conversations."""
    return webhook(api, receiver.url, "conversation.started")


def deliveries(api: Caller, hook: Any, **more: object) -> list[Any]:
    return api.items("webhooks/listDeliveries", webhook_id=hook["id"], order="asc", **more)


def times_of(delivery: Any) -> list[datetime]:
    return [datetime.fromisoformat(attempt["at"]) for attempt in delivery["attempts"]]


def test_an_event_is_posted_once_it_has_happened(api: Caller, hook: Any, receiver: Receiver) -> None:
    talk = conversation(api)
    assert api.sandbox.settle()
    (posted,), (delivery,) = receiver.posted, deliveries(api, hook)

    assert posted.event["data"]["conversation"] == talk
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["x-pantheon-delivery"] == delivery["id"]
    assert (delivery["status"], delivery["next_attempt_at"], delivery["redelivery_of"]) == ("succeeded", None, None)
    assert (delivery["event"], delivery["event_type"]) == (posted.event, "conversation.started")
    assert delivery["attempts"] == [
        {"number": 1, "at": delivery["created_at"], "status_code": 204, "error": None, "duration_ms": 0}
    ]


def test_an_attempt_that_goes_wrong_is_made_again_after_30_seconds(api: Caller, hook: Any, receiver: Receiver) -> None:
    receiver.statuses = [500]
    conversation(api)
    api.sandbox.settle()
    (before,) = deliveries(api, hook)
    api.advance(seconds=29)
    api.sandbox.settle()
    early = len(receiver.posted)
    api.advance(seconds=1)
    api.sandbox.settle()
    (after,) = deliveries(api, hook)

    planned = datetime.fromisoformat(before["next_attempt_at"])
    assert (before["status"], planned - times_of(before)[0]) == ("pending", PAUSES[0])
    assert (early, len(receiver.posted)) == (1, 2)
    assert (after["status"], [item["status_code"] for item in after["attempts"]]) == ("succeeded", [500, 204])
    assert times_of(after)[1] == planned
    assert receiver.posted[0].body == receiver.posted[1].body
    assert receiver.posted[0].headers["x-pantheon-delivery"] == receiver.posted[1].headers["x-pantheon-delivery"]


def test_six_attempts_are_made_at_the_described_times_and_then_no_more(
    api: Caller, hook: Any, receiver: Receiver
) -> None:
    receiver.status = 503
    conversation(api)
    api.sandbox.settle()
    for pause in PAUSES:
        api.sandbox.advance(pause)
        api.sandbox.settle()
    api = api.later(days=1)
    api.sandbox.settle()
    (delivery,) = deliveries(api, hook)
    at = times_of(delivery)

    assert [later - earlier for earlier, later in pairwise(at)] == PAUSES
    assert [attempt["number"] for attempt in delivery["attempts"]] == [1, 2, 3, 4, 5, 6]
    assert (delivery["status"], delivery["next_attempt_at"], len(receiver.posted)) == ("failed", None, 6)


def test_a_clock_that_is_moved_far_makes_all_attempts_at_their_own_times(
    api: Caller, hook: Any, receiver: Receiver
) -> None:
    receiver.status = 503
    conversation(api)
    api = api.later(days=1)
    api.sandbox.settle()
    (delivery,) = deliveries(api, hook)
    at = times_of(delivery)

    assert [later - earlier for earlier, later in pairwise(at)] == PAUSES


@pytest.mark.parametrize(
    ("status", "is_received"), [(200, True), (299, True), (301, False), (404, False), (410, False), (599, False)]
)
def test_only_a_status_from_200_to_299_counts_as_received(
    api: Caller, hook: Any, receiver: Receiver, status: int, is_received: bool
) -> None:
    receiver.status, receiver.headers = status, {"Location": receiver.url}
    conversation(api)
    api.sandbox.settle()
    (delivery,) = deliveries(api, hook)

    assert delivery["attempts"][0]["status_code"] == status
    assert delivery["status"] == ("succeeded" if is_received else "pending")
    assert len(receiver.posted) == 1


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://shop.example/events", "The sandbox posts to receivers at a loopback address only"),
        ("https://127.0.0.1.example/", "The sandbox posts to receivers at a loopback address only"),
        ("http://127.0.0.1:1/events", "No connection, or it was broken"),
        ("http://127.0.0.1:99999/", "The URL cannot be called"),
    ],
)
def test_where_no_receiver_is_an_attempt_says_so(api: Caller, url: str, error: str) -> None:
    hook = webhook(api, url, "conversation.started")
    conversation(api)
    api.sandbox.settle()
    (attempt,) = deliveries(api, hook)[0]["attempts"]

    assert (attempt["status_code"], attempt["error"]) == (None, error)


def test_events_come_in_the_order_in_which_they_happened(api: Caller, receiver: Receiver) -> None:
    webhook(api, receiver.url, "conversation.started", "conversation.closed", "message.status_changed")
    webhook(api, receiver.url + "/2", "conversation.started", "conversation.closed")
    talk = conversation(api)
    message(api, talk["id"])
    api.advance(seconds=3)
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    api.sandbox.settle()

    assert [(posted.path[7:], posted.event["type"]) for posted in receiver.posted] == [
        ("", "conversation.started"),
        ("/2", "conversation.started"),
        ("", "message.status_changed"),
        ("", "message.status_changed"),
        ("", "conversation.closed"),
        ("/2", "conversation.closed"),
    ]
    ids = [posted.event["id"] for posted in receiver.posted]
    assert (ids[0], ids[4]) == (ids[1], ids[5])
    assert len(set(ids)) == 4


def test_a_receiver_may_call_the_sandbox_while_it_is_responding(api: Caller, hook: Any, receiver: Receiver) -> None:
    seen: list[Any] = []

    def look(posted: Posted) -> None:
        seen.append(api.ok("conversations/getConversation", conversation_id=posted.event["data"]["conversation"]["id"]))

    receiver.on_post = look
    talk = conversation(api)

    assert api.sandbox.settle(5)
    assert seen == [talk]
    assert deliveries(api, hook)[0]["status"] == "succeeded"


def test_what_a_receiver_causes_is_posted_too(api: Caller, hook: Any, receiver: Receiver) -> None:
    webhook(api, receiver.url, "conversation.closed")

    def close(posted: Posted) -> None:
        if posted.event["type"] == "conversation.started":
            api.ok("conversations/closeConversation", conversation_id=posted.event["data"]["conversation"]["id"])

    receiver.on_post = close
    conversation(api)
    api.sandbox.settle()

    assert receiver.types == ["conversation.started", "conversation.closed"]


def test_an_event_of_a_call_that_failed_is_not_posted(api: Caller, hook: Any, receiver: Receiver) -> None:
    api.field_errors("conversations/startConversation", contact_id="cont_1", channel_id="chan_1", subject="")
    api.sandbox.settle()

    assert receiver.posted == []


def test_twenty_deliveries_that_fail_in_a_row_disable_a_webhook(api: Caller, hook: Any, receiver: Receiver) -> None:
    receiver.status = 500
    talk = conversation(api)
    start = {"contact_id": talk["contact_id"], "channel_id": talk["active_channel_id"]}
    for _ in range(18):
        api.ok("conversations/startConversation", **start)
    api = api.later(days=1)
    api.sandbox.settle()
    before = api.ok("webhooks/getWebhook", webhook_id=hook["id"])["status"]
    api.ok("conversations/startConversation", **start)
    api = api.later(days=1)
    api.sandbox.settle()

    assert before == "enabled"
    assert api.ok("webhooks/getWebhook", webhook_id=hook["id"])["status"] == "disabled"
    assert {item["status"] for item in deliveries(api, hook)} == {"failed"}
    assert len(receiver.posted) == 20 * 6


def test_a_success_or_switching_it_on_sets_the_count_of_failures_back(
    api: Caller, hook: Any, receiver: Receiver
) -> None:
    talk = conversation(api)
    start = {"contact_id": talk["contact_id"], "channel_id": talk["active_channel_id"]}
    api.sandbox.settle()

    def fail(count: int) -> Caller:
        caller = Caller.of(api.sandbox, "scale")
        receiver.status = 500
        for _ in range(count):
            caller.ok("conversations/startConversation", **start)
        caller = caller.later(days=1)
        caller.sandbox.settle()
        return caller

    api = fail(19)
    receiver.status = 204
    api.ok("conversations/startConversation", **start)
    api.sandbox.settle()
    api = fail(19)
    still_on = api.ok("webhooks/getWebhook", webhook_id=hook["id"])["status"]
    for status in ("disabled", "enabled"):
        api.ok("webhooks/updateWebhook", webhook_id=hook["id"], status=status)
    api = fail(1)

    assert still_on == "enabled"
    assert api.ok("webhooks/getWebhook", webhook_id=hook["id"])["status"] == "enabled"


def test_a_delivery_can_be_repeated(api: Caller, hook: Any, receiver: Receiver) -> None:
    conversation(api)
    api.sandbox.settle()
    (first,) = deliveries(api, hook)
    receiver.statuses = [500]
    again = api.ok("webhooks/redeliver", delivery_id=first["id"])
    api.sandbox.settle()
    pending = api.field_errors("webhooks/redeliver", delivery_id=again["id"])
    api.advance(seconds=30)
    api.sandbox.settle()
    unchanged, repeated = deliveries(api, hook)

    assert (again["status"], again["redelivery_of"], again["attempts"]) == ("pending", first["id"], [])
    assert again["event_id"] == first["event_id"]
    assert pending == ["delivery_id"]
    assert unchanged == first
    assert (repeated["status"], len(repeated["attempts"])) == ("succeeded", 2)
    assert len({posted.body for posted in receiver.posted}) == 1
    assert [posted.headers["x-pantheon-delivery"] for posted in receiver.posted] == [
        first["id"],
        again["id"],
        again["id"],
    ]


def test_a_repeated_delivery_has_the_event_as_it_was(api: Caller, hook: Any) -> None:
    talk = conversation(api)
    given = {"contact_id": talk["contact_id"], "channel_id": talk["active_channel_id"], "subject": "Order"}
    api.ok("conversations/startConversation", **given)
    api.sandbox.settle()
    *_, last = deliveries(api, hook)
    again = api.ok("webhooks/redeliver", delivery_id=last["id"])
    api.sandbox.settle()

    assert again["event"] == last["event"]
    assert again["event"]["data"]["conversation"]["subject"] == "Order"


def test_deliveries_are_found_by_what_they_are(api: Caller, hook: Any, receiver: Receiver) -> None:
    receiver.statuses = [500]
    conversation(api)
    api.sandbox.settle()
    conversation(api)
    api.sandbox.settle()
    failed, succeeded = deliveries(api, hook)

    assert deliveries(api, hook, status="succeeded") == [succeeded]
    assert deliveries(api, hook, event_id=failed["event_id"]) == [failed]
    assert deliveries(api, hook, event_type="conversation.closed") == []


def test_deliveries_are_kept_for_30_days(api: Caller, hook: Any) -> None:
    conversation(api)
    api.sandbox.settle()
    (delivery,) = deliveries(api, hook)
    api = api.later(days=30)

    assert deliveries(api, hook) == []
    assert api.is_missing("webhooks/listDeliveries", event_id=delivery["event_id"])
    assert api.is_missing("webhooks/redeliver", delivery_id=delivery["id"])


@pytest.fixture
def stuck(receiver: Receiver) -> Iterator[threading.Event]:
    """Let the receiver wait with its response until the event is set; it is entered when `receiver.posted` has one."""
    gate = threading.Event()
    receiver.on_post = lambda posted: gate.wait(5)
    yield gate
    gate.set()


def wait_for_post(receiver: Receiver) -> None:
    for _ in range(500):
        if receiver.posted:
            return
        threading.Event().wait(0.01)
    raise AssertionError("nothing was posted")


def test_the_sandbox_responds_while_a_receiver_does_not(
    api: Caller, hook: Any, receiver: Receiver, stuck: threading.Event
) -> None:
    conversation(api)
    wait_for_post(receiver)
    is_settled = api.sandbox.settle(0.01)
    (delivery,) = deliveries(api, hook)

    assert not is_settled
    assert (delivery["status"], delivery["attempts"]) == ("pending", [])
    stuck.set()
    assert api.sandbox.settle()
    assert deliveries(api, hook)[0]["status"] == "succeeded"


def test_a_webhook_deleted_while_its_receiver_is_responding_keeps_the_attempt_on_record(
    api: Caller, hook: Any, receiver: Receiver, stuck: threading.Event
) -> None:
    talk = conversation(api)
    wait_for_post(receiver)
    api.ok("webhooks/deleteWebhook", webhook_id=hook["id"])
    stuck.set()
    api.sandbox.settle()
    delivery = next(item for item in api.items("webhooks/listDeliveries") if item["webhook_id"] == hook["id"])

    assert delivery["event"]["data"]["conversation"]["id"] == talk["id"]
    assert (delivery["status"], [item["status_code"] for item in delivery["attempts"]]) == ("failed", [204])


def test_a_sandbox_can_be_closed_while_a_receiver_does_not_respond(
    default_sandbox: Sandbox, receiver: Receiver, stuck: threading.Event
) -> None:
    before = threading.active_count()
    with default_sandbox.copy() as sandbox:
        api = Caller.of(sandbox, "scale")
        webhook(api, receiver.url, "conversation.started")
        conversation(api)
        wait_for_post(receiver)

    names = [thread.name for thread in threading.enumerate()]
    assert "trilogue-background_jobs" not in names
    assert before <= threading.active_count() <= before + 1  # the receiver still waits in a thread of its own


def test_what_is_under_way_when_the_sandbox_is_reset_is_forgotten(
    api: Caller, hook: Any, receiver: Receiver, stuck: threading.Event
) -> None:
    api.sandbox.snapshot("before")
    conversation(api)
    wait_for_post(receiver)
    api.sandbox.restore("before")
    stuck.set()
    api.sandbox.settle()

    assert deliveries(api, hook) == []


def test_a_restored_delivery_is_posted_again(api: Caller, hook: Any, receiver: Receiver) -> None:
    receiver.status = 500
    conversation(api)
    api.sandbox.settle()
    api.sandbox.snapshot("failed once")
    receiver.status = 204
    for _ in range(2):
        api.advance(seconds=30)
        api.sandbox.settle()
        api.sandbox.restore("failed once")

    assert len(receiver.posted) == 3
    assert deliveries(api, hook)[0]["status"] == "pending"


def test_a_fault_posts_an_event_twice_with_the_same_id(api: Caller, hook: Any, receiver: Receiver) -> None:
    api.sandbox.faults.add(Fault("duplicate_delivery", operation_id="webhook_conversation_started", times=1))
    conversation(api)
    conversation(api)
    api.sandbox.settle()
    ids = [posted.event["id"] for posted in receiver.posted]

    assert len(ids) == 3
    assert ids[0] == ids[1] != ids[2]
    assert len({posted.headers["x-pantheon-delivery"] for posted in receiver.posted}) == 3


def test_a_fault_posts_an_event_after_the_next_one(api: Caller, hook: Any, receiver: Receiver) -> None:
    api.sandbox.faults.add(Fault("reorder_delivery", platform="pantheon", times=1, seconds=60))
    first = conversation(api)
    api.sandbox.settle()
    held = len(receiver.posted)
    second = conversation(api)
    api.sandbox.settle()

    assert held == 0
    assert [posted.event["data"]["conversation"]["id"] for posted in receiver.posted] == [second["id"], first["id"]]


def test_a_delivery_that_none_follows_is_held_for_the_seconds_of_the_fault(
    api: Caller, hook: Any, receiver: Receiver
) -> None:
    api.sandbox.faults.add(Fault("reorder_delivery", times=1, seconds=60))
    conversation(api)
    api.advance(seconds=59)
    api.sandbox.settle()
    early = len(receiver.posted)
    api.advance(seconds=2)
    api.sandbox.settle()

    assert (early, len(receiver.posted)) == (0, 1)
