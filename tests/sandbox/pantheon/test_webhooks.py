"""Webhooks: made, changed, switched off, deleted, and their secrets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.receiver import Receiver
from tests.sandbox.pantheon.resources import conversation, webhook

ELSEWHERE = "https://shop.example/events"


def test_the_secret_is_shown_when_a_webhook_is_made_and_not_again(api: Caller) -> None:
    made = webhook(api, ELSEWHERE, "payment.paid")
    hook = {"webhook_id": made["id"]}
    others = [
        api.ok("webhooks/getWebhook", **hook),
        api.ok("webhooks/updateWebhook", **hook, description="x"),
        *api.items("webhooks/listWebhooks"),
    ]

    assert (made["status"], made["events"], made["description"]) == ("enabled", ["payment.paid"], None)
    assert len(made["secret"]) == len("whsec_") + 32
    assert not [item for item in others if "secret" in item]


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://shop.example/events", True),
        ("http://127.0.0.1:8001/events", True),
        ("http://localhost/", True),
        ("http://[::1]:80", True),
        ("http://shop.example/events", False),
        ("http://127.0.0.1.example/", False),
        ("ftp://localhost/", False),
        ("https://", False),
    ],
)
def test_plain_http_is_taken_for_a_loopback_address_only(api: Caller, url: str, is_taken: bool) -> None:
    response = api.call("webhooks/createWebhook", {"url": url, "events": ["otp.failed"]})

    assert response.status == (200 if is_taken else 400)


@pytest.mark.parametrize("events", [[], ["payment.payed"], ["otp.failed", "otp.failed"], "otp.failed"])
def test_events_are_those_there_are_each_once(api: Caller, events: object) -> None:
    assert api.field_errors("webhooks/createWebhook", url=ELSEWHERE, events=events)[0].startswith("events")


def test_a_change_touches_only_what_it_names(api: Caller) -> None:
    made = webhook(api, ELSEWHERE, "otp.failed")
    hook = {"webhook_id": made["id"]}
    changed = api.ok("webhooks/updateWebhook", **hook, events=["otp.verified"], description="Desk", metadata={"a": "1"})
    cleared = api.ok("webhooks/updateWebhook", **hook, description=None, url="https://shop.example/other")

    assert (changed["events"], changed["description"], changed["url"]) == (["otp.verified"], "Desk", ELSEWHERE)
    assert (cleared["events"], cleared["description"], cleared["metadata"]) == (["otp.verified"], None, {"a": "1"})
    assert api.ok("webhooks/updateWebhook", **hook) == api.ok("webhooks/getWebhook", **hook) == cleared


def test_a_webhook_gets_the_events_of_its_types_and_account(api: Caller, empty: Caller, receiver: Receiver) -> None:
    webhook(api, receiver.url, "conversation.started")
    webhook(empty, receiver.url, "conversation.started", "conversation.closed")
    talk = conversation(api)
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    api.sandbox.settle()

    assert receiver.types == ["conversation.started"]


def test_a_webhook_that_is_switched_off_gets_nothing_also_not_later(api: Caller, receiver: Receiver) -> None:
    hook = {"webhook_id": webhook(api, receiver.url, "conversation.started")["id"]}
    api.ok("webhooks/updateWebhook", **hook, status="disabled")
    conversation(api)
    api.ok("webhooks/updateWebhook", **hook, status="enabled")
    api.sandbox.settle()
    before = receiver.types
    talk = conversation(api)
    api.sandbox.settle()

    assert before == []
    assert [posted.event["data"]["conversation"]["id"] for posted in receiver.posted] == [talk["id"]]


def failing_delivery(api: Caller, receiver: Receiver) -> tuple[Any, Any]:
    """Return a webhook and a delivery to it of which one attempt has gone wrong."""
    receiver.status = 500
    hook = webhook(api, receiver.url, "conversation.started")
    conversation(api)
    api.sandbox.settle()
    (delivery,) = api.items("webhooks/listDeliveries", webhook_id=hook["id"])
    assert (delivery["status"], len(delivery["attempts"])) == ("pending", 1)
    return hook, delivery


def by_event(api: Caller, delivery: Any) -> Any:
    """Return the deliveries of the event of a delivery."""
    return api.items("webhooks/listDeliveries", event_id=delivery["event_id"], order="asc")


def test_what_is_under_way_fails_when_a_webhook_is_switched_off(api: Caller, receiver: Receiver) -> None:
    hook, delivery = failing_delivery(api, receiver)
    api.ok("webhooks/updateWebhook", webhook_id=hook["id"], status="disabled")
    (after,) = by_event(api, delivery)
    api.advance(hours=1)
    api.sandbox.settle()

    assert (after["status"], after["next_attempt_at"]) == ("failed", None)
    assert len(receiver.posted) == 1
    assert api.field_errors("webhooks/redeliver", delivery_id=delivery["id"]) == ["delivery_id"]


def test_what_is_under_way_fails_when_a_webhook_is_deleted(api: Caller, receiver: Receiver) -> None:
    hook, delivery = failing_delivery(api, receiver)
    response = api.ok("webhooks/deleteWebhook", webhook_id=hook["id"])
    (after,) = by_event(api, delivery)
    api.advance(hours=1)
    api.sandbox.settle()

    assert response["id"] == hook["id"]
    assert (after["status"], after["webhook_id"]) == ("failed", hook["id"])
    assert len(receiver.posted) == 1
    assert api.is_missing("webhooks/listDeliveries", webhook_id=hook["id"])
    assert api.is_missing("webhooks/redeliver", delivery_id=delivery["id"])


def test_further_attempts_go_to_the_new_address(api: Caller, receiver: Receiver) -> None:
    hook, delivery = failing_delivery(api, receiver)
    receiver.status = 204
    api.ok("webhooks/updateWebhook", webhook_id=hook["id"], url=receiver.url + "/new")
    api.advance(seconds=30)
    api.sandbox.settle()

    assert [posted.path for posted in receiver.posted] == ["/events", "/events/new"]
    assert by_event(api, delivery)[0]["status"] == "succeeded"


def test_webhooks_are_found_by_status_and_url(api: Caller) -> None:
    made = webhook(api, ELSEWHERE, "otp.failed")

    assert api.ids("webhooks/listWebhooks", url=ELSEWHERE, status="enabled") == [made["id"]]
    assert api.ids("webhooks/listWebhooks", url=ELSEWHERE, status="disabled") == []


def test_webhooks_are_listed_in_either_order_the_newest_first_by_default(api: Caller) -> None:
    made = webhook(api, ELSEWHERE, "payment.paid")
    newest_first = api.ids("webhooks/listWebhooks")

    assert newest_first[0] == made["id"]
    assert api.ids("webhooks/listWebhooks", order="desc") == newest_first
    assert api.ids("webhooks/listWebhooks", order="asc") == newest_first[::-1]


def test_an_unknown_webhook_is_a_404(api: Caller) -> None:
    for method in ("getWebhook", "updateWebhook", "deleteWebhook", "rotateSecret"):
        assert api.is_missing(f"webhooks/{method}", webhook_id="hook_nothing")
    assert api.is_missing("webhooks/redeliver", delivery_id="dlv_nothing")


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    hook = {"webhook_id": webhook(api, ELSEWHERE, "conversation.started")["id"]}
    conversation(api)
    api.sandbox.settle()
    api.ok("webhooks/getWebhook", **hook)
    api.ok("webhooks/listWebhooks")
    api.ok("webhooks/rotateSecret", **hook)
    api.later(days=1)
    api = Caller.of(api.sandbox, "scale")
    api.sandbox.settle()
    (delivery,) = api.items("webhooks/listDeliveries", **hook)
    api.ok("webhooks/redeliver", delivery_id=delivery["id"])
    api.ok("webhooks/updateWebhook", **hook, status="disabled")
    api.ok("webhooks/deleteWebhook", **hook)
