"""The events: when each happens, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from trilogue_sandbox.kernel.description import Description

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.receiver import Posted, Receiver
from tests.sandbox.pantheon.resources import (
    channel,
    code,
    conversation,
    delivered,
    inbound,
    login,
    message,
    otp,
    paid,
    payment,
    webhook,
    wrong_code,
)

TYPES: list[str] = [key for key, _ in Description.load("pantheon").root.child("webhooks").children()]


@pytest.fixture
def emitted(api: Caller, receiver: Receiver) -> Callable[[], list[Any]]:
    """Return what was posted since the last time, in order, each as its type and data."""
    webhook(api, receiver.url, *TYPES)

    def since_last_time() -> list[Any]:
        api.sandbox.settle()
        events = [(posted.event["type"], posted.event["data"]) for posted in receiver.posted]
        receiver.posted.clear()
        return events

    return since_last_time


def types(events: list[Any]) -> list[str]:
    return [event_type for event_type, _ in events]


def go_through_everything(api: Caller) -> None:
    """Let every event happen."""
    talk = conversation(api, "whatsapp", "sms", "email")
    sms = channel(api, "sms")
    body = {"conversation_id": talk["id"]}
    inbound(api, talk)
    api.control("react", message_id=delivered(api, talk["id"])["id"], emoji="❤")
    api.ok("conversations/switchChannel", **body, channel_id=sms["id"])
    api.ok("conversations/closeConversation", **body, reason="Order delivered")
    api.ok("conversations/reopenConversation", **body)
    bought = api.control("pay", payment_id=payment(api, talk["id"], reference="A-17")["id"])
    api.ok("payments/refundPayment", payment_id=bought["id"], amount=1, reason="Damaged")
    api.control("decline_payment", payment_id=payment(api, talk["id"])["id"])
    api.ok("payments/cancelPayment", payment_id=payment(api, talk["id"])["id"])
    payment(api, talk["id"], expires_in=300)
    wanted = {"scopes": ["profile", "phone", "email"], "redirect_url": "https://shop.example/welcome"}
    api.control("approve_login", login_id=login(api, talk["id"], **wanted)["id"])
    api.control("deny_login", login_id=login(api, talk["id"])["id"])
    api.ok("logins/revokeLogin", login_id=login(api, talk["id"])["id"])
    login(api, talk["id"], expires_in=60)
    right, wrong = otp(api, talk["id"]), otp(api, talk["id"])
    api.ok("otps/verifyOtp", otp_id=right["id"], code=code(api, right["id"]))
    for _ in range(5):
        api.ok("otps/verifyOtp", otp_id=wrong["id"], code=wrong_code(api, wrong["id"]))
    api.advance(minutes=5)


def test_every_type_of_event_happens_and_fits_its_description(api: Caller, receiver: Receiver) -> None:
    webhook(api, receiver.url, *TYPES)
    go_through_everything(api)
    assert api.sandbox.settle()

    assert sorted(set(receiver.types)) == sorted(TYPES)
    for posted in receiver.posted:
        assert field_errors(posted) == []


def field_errors(posted: Posted) -> list[str]:
    """Return what the description of the webhook refuses of a request."""
    found = [
        *_schema(f"#/webhooks/{posted.event['type']}/post/requestBody/content/application~1json/schema").iter_errors(
            posted.event
        )
    ]
    for name, header in (("Signature", "x-pantheon-signature"), ("DeliveryId", "x-pantheon-delivery")):
        found += _schema(f"#/components/parameters/{name}/schema").iter_errors(posted.headers[header])
    return [error.message for error in found]


@cache
def _schema(pointer: str) -> jsonschema_rs.Draft202012Validator:
    root = Description.load("pantheon").root
    registry = jsonschema_rs.Registry([("urn:d", root.value)])
    reference = {"$ref": f"urn:d{root.at(pointer).pointer}"}
    return jsonschema_rs.Draft202012Validator(reference, registry=registry, validate_formats=True)


def test_an_event_carries_the_resource_as_it_was_then(api: Caller, emitted: Callable[[], list[Any]]) -> None:
    talk = conversation(api)
    made = payment(api, talk["id"])
    api.control("pay", payment_id=made["id"])
    events = dict(emitted())

    assert events["payment.requested"] == {"payment": made}
    assert events["payment.pending"]["payment"]["status"] == "pending"
    assert events["payment.paid"] == {"payment": api.ok("payments/getPayment", payment_id=made["id"])}


def test_each_change_of_an_outbound_message_is_an_event_that_names_the_status_before(
    api: Caller, emitted: Callable[[], list[Any]]
) -> None:
    talk = conversation(api, "whatsapp")
    inbound(api, talk)
    emitted()
    made = message(api, talk["id"])
    api.advance(seconds=3)
    api.control("read_messages", conversation_id=talk["id"])
    changes = [(data["previous_status"], data["message"]["status"]) for _, data in emitted()]
    skipped = message(api, talk["id"])
    api.control("report_message", message_id=skipped["id"], status="read")

    assert changes == [("queued", "sent"), ("sent", "delivered"), ("delivered", "read")]
    assert [(data["previous_status"], data["message"]["status"]) for _, data in emitted()] == [("queued", "read")]
    assert made["id"] != skipped["id"]


def test_a_message_that_starts_or_switches_a_conversation_tells_that_first_and_at_the_same_time(
    api: Caller, receiver: Receiver
) -> None:
    webhook(api, receiver.url, *TYPES)
    sms, line = channel(api, "sms"), channel(api, "whatsapp")
    first = api.control("receive", channel_id=sms["id"], address="+12029999999", text="Hi")
    link = {"contact_id": first["contact_id"], "channel_type": "whatsapp", "address": "+12029999999"}
    api.ok("contacts/linkIdentity", **link)
    api.control("receive", channel_id=line["id"], contact_id=first["contact_id"], text="Hi")
    api.sandbox.settle()
    events = [posted.event for posted in receiver.posted]

    assert [event["type"] for event in events] == [
        "conversation.started",
        "message.received",
        "conversation.switched",
        "message.received",
    ]
    assert events[0]["created_at"] == events[1]["created_at"]
    assert events[2]["created_at"] == events[3]["created_at"]
    assert (events[0]["data"]["conversation"]["started_by"], events[0]["data"]["conversation"]["last_message_at"]) == (
        "contact",
        None,
    )
    assert events[2]["data"]["previous_channel_id"] == sms["id"]
    assert events[2]["data"]["switched_by"] == "contact"


QUIET: Mapping[str, Callable[[Caller, Any], object]] = {
    "switching to the active channel": lambda api, talk: api.ok(
        "conversations/switchChannel", conversation_id=talk["id"], channel_id=talk["active_channel_id"]
    ),
    "marking as read": lambda api, talk: api.ok(
        "messages/markAsRead", message_id=api.ids("messages/listMessages", direction="inbound")[0]
    ),
    "a reaction of the app": lambda api, talk: api.ok(
        "messages/reactToMessage", message_id=api.ids("messages/listMessages", direction="inbound")[0], emoji="❤"
    ),
    "a code that is wrong": lambda api, talk: api.ok(
        "otps/verifyOtp", otp_id=(sent := otp(api, talk["id"]))["id"], code=wrong_code(api, sent["id"])
    ),
    "a code that is canceled": lambda api, talk: api.ok("otps/cancelOtp", otp_id=otp(api, talk["id"])["id"]),
    "a contact that is changed": lambda api, talk: api.ok(
        "contacts/updateContact", contact_id=talk["contact_id"], name="x"
    ),
    "a contact that is merged": lambda api, talk: api.ok(
        "contacts/mergeContacts",
        contact_id=api.ok("contacts/createContact")["id"],
        duplicate_id=talk["contact_id"],
    ),
    "a channel that is disconnected": lambda api, talk: api.ok(
        "channels/disconnectChannel", channel_id=talk["active_channel_id"]
    ),
}


@pytest.mark.parametrize("what", QUIET)
def test_what_is_no_event(api: Caller, emitted: Callable[[], list[Any]], what: str) -> None:
    talk = conversation(api, "whatsapp")
    inbound(api, talk)
    emitted()
    QUIET[what](api, talk)

    assert emitted() == []


def test_deleting_a_contact_emits_everything_that_ends_with_it(api: Caller, emitted: Callable[[], list[Any]]) -> None:
    talk = conversation(api)
    payment(api, talk["id"])
    login(api, talk["id"])
    otp(api, talk["id"])
    emitted()
    api.ok("contacts/deleteContact", contact_id=talk["contact_id"])
    events = emitted()

    assert sorted(types(events)) == [
        "conversation.closed",
        "login.revoked",
        "message.status_changed",
        "message.status_changed",
        "message.status_changed",
        "payment.canceled",
    ]
    assert talk["contact_id"] in json.dumps(events)


def test_each_refund_is_an_event_with_the_refund(api: Caller, emitted: Callable[[], list[Any]]) -> None:
    made = paid(api, conversation(api)["id"], 1000)
    emitted()
    refunds = [api.ok("payments/refundPayment", payment_id=made["id"], amount=500) for _ in range(2)]
    events = emitted()

    assert types(events) == ["payment.refunded"] * 2
    assert [data["refund"] for _, data in events] == refunds
    assert [data["payment"]["status"] for _, data in events] == ["partially_refunded", "refunded"]


def test_what_expires_is_told_at_the_time_it_expired(api: Caller, receiver: Receiver) -> None:
    webhook(api, receiver.url, "payment.expired", "login.expired")
    talk = conversation(api)
    asked, requested = payment(api, talk["id"], expires_in=300), login(api, talk["id"], expires_in=60)
    api.advance(hours=1)
    api.sandbox.settle()

    assert [(posted.event["type"], posted.event["created_at"]) for posted in receiver.posted] == [
        ("login.expired", requested["expires_at"]),
        ("payment.expired", asked["expires_at"]),
    ]
