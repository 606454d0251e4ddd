"""Messages: sent to one contact, listed in folders, and what becomes of them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
URN = "tel:+250788123123"


@pytest.fixture
def ana(api: Caller) -> Any:
    """A contact with a phone."""
    return api.create("contacts", name="Ana", urns=[URN])


def _send(api: Caller, contact: str = URN, **body: object) -> Any:
    return api.create("messages", contact=contact, **body)


def _receive(sandbox: Sandbox, text: str, urn: str = URN, **arguments: Any) -> Any:
    return sandbox.control("rapidpro", "receive", {"urn": urn, "text": text, **arguments})


def _one(api: Caller, message: Any) -> Any:
    return api.rows("messages", uuid=message["uuid"])[0]


def test_a_message_is_queued_on_the_channel_that_reaches_the_contact(api: Caller, ana: Any) -> None:
    message = _send(api, ana["uuid"], text=" Good morning, @contact.name! ")

    assert message == {
        "uuid": message["uuid"],
        "contact": {"uuid": ana["uuid"], "name": "Ana"},
        "urn": URN,
        "channel": {"uuid": message["channel"]["uuid"], "name": "Main line"},
        "direction": "out",
        "type": "text",
        "status": "queued",
        "archived": False,
        "visibility": "visible",
        "text": "Good morning, @contact.name!",
        "labels": [],
        "flow": None,
        "attachments": [],
        "quick_replies": [],
        "created_on": message["created_on"],
        "sent_on": None,
        "modified_on": message["created_on"],
        "media": None,
        "id": message["id"],
        "broadcast": None,
    }
    assert message["uuid"][14] == "7"
    assert _one(api, message) == message


def test_a_message_goes_on_from_queued_to_delivered_by_itself(sandbox: Sandbox, api: Caller, ana: Any) -> None:
    message = _send(api, text="Hello")
    seen = []
    for _ in range(4):
        now = _one(api, message)
        seen.append((now["status"], now["sent_on"] is not None))
        sandbox.advance(timedelta(seconds=1))

    assert seen == [("queued", False), ("wired", True), ("sent", True), ("delivered", True)]
    assert _one(api, message)["modified_on"] > message["modified_on"]
    sandbox.advance(timedelta(hours=1))
    assert _one(api, message)["status"] == "delivered"


def test_a_message_that_cannot_be_sent_is_made_all_the_same_and_failed(api: Caller, ana: Any) -> None:
    nobody = api.create("contacts", name="Bea")
    unreachable = api.create("contacts", urns=["mailto:bea@example.com"])
    api.call("POST", "contact_actions", {"contacts": [ana["uuid"]], "action": "block"})
    messages = [_send(api, contact["uuid"], text="x") for contact in (nobody, unreachable, ana)]

    assert [(message["status"], message["urn"]) for message in messages] == [
        ("failed", None),
        ("failed", None),
        ("failed", URN),
    ]
    assert [message["channel"] is None for message in messages] == [True, True, False]


def test_a_failed_message_stays_failed(sandbox: Sandbox, api: Caller) -> None:
    message = _send(api, api.create("contacts")["uuid"], text="x")
    sandbox.advance(timedelta(minutes=1))

    assert _one(api, message)["status"] == "failed"


def test_a_channel_can_report_any_status(sandbox: Sandbox, api: Caller, ana: Any) -> None:
    message = _send(api, text="x")
    for status, folder in (("errored", "outbox"), ("failed", "failed"), ("read", "sent")):
        sandbox.control("rapidpro", "set_message_status", {"message": message["id"], "status": status})
        sandbox.advance(timedelta(seconds=10))
        assert _one(api, message)["status"] == status
        assert message["id"] in [row["id"] for row in api.rows("messages", folder=folder)]
    with pytest.raises(ControlError, match="no outgoing message with the number 404"):
        sandbox.control("rapidpro", "set_message_status", {"message": 404, "status": "read"})


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"contact": ["This field is required."]}),
        ({"contact": URN}, {"non_field_errors": ["Must provide either text or attachments."]}),
        (
            {"contact": URN, "quick_replies": [{"text": "x"}]},
            {"non_field_errors": ["Must provide either text or attachments."]},
        ),
        ({"contact": NOWHERE, "text": "x"}, {"contact": [f"No such object: {NOWHERE}"]}),
        ({"contact": None, "text": "x"}, {"contact": ["This field may not be null."]}),
        ({"contact": {"uuid": NOWHERE}, "text": "x"}, {"contact": ["Must be a string or integer"]}),
        ({"contact": URN, "text": ""}, {"text": ["This field may not be blank."]}),
        ({"contact": URN, "text": "x" * 4097}, {"text": ["Ensure this field has no more than 4096 characters."]}),
        ({"contact": URN, "attachments": [NOWHERE, "x"]}, {"attachments": [f"No such object: {NOWHERE}"]}),
        (
            {"contact": URN, "attachments": ["x"] * 11},
            {"attachments": ["Ensure this field has no more than 10 elements."]},
        ),
        (
            {"contact": URN, "text": "x", "quick_replies": [{"text": "x"}] * 11},
            {"quick_replies": ["Ensure this field has no more than 10 elements."]},
        ),
    ],
)
def test_a_message_that_cannot_be_made_is_refused(
    api: Caller, ana: Any, body: dict[str, Any], errors: dict[str, Any]
) -> None:
    assert api.error(400, "POST", "messages", body) == errors


@pytest.mark.parametrize(
    ("reply", "errors"),
    [
        ({}, ["Quick replies of type 'text' require a 'text' value."]),
        ({"type": "text", "extra": "x"}, ["Quick replies of type 'text' require a 'text' value."]),
        ({"type": "form", "text": "x"}, ["Quick replies of type 'form' require 'text' and 'extra' values."]),
        ({"type": "url", "extra": "x"}, ["Quick replies of type 'url' require 'text' and 'extra' values."]),
        ({"type": "location", "extra": "x"}, ["Quick replies of type 'location' cannot have an 'extra' value."]),
        ({"type": "x", "text": "x"}, {"type": ['"x" is not a valid choice.']}),
        ({"text": "x" * 65}, {"text": ["Ensure this field has no more than 64 characters."]}),
        ({"text": "x", "extra": "x" * 1001}, {"extra": ["Ensure this field has no more than 1000 characters."]}),
        ({"type": "location", "text": ""}, {"text": ["This field may not be blank."]}),
    ],
)
def test_a_quick_reply_without_sense_is_named_by_its_place(api: Caller, ana: Any, reply: Any, errors: Any) -> None:
    body = {"contact": URN, "text": "Tea?", "quick_replies": [{"text": "Yes"}, reply]}

    assert api.error(400, "POST", "messages", body) == {"quick_replies": {"1": errors}}


def test_quick_replies_come_back_with_their_type_and_what_was_given(api: Caller, ana: Any) -> None:
    replies = [
        {"text": "Yes"},
        {"text": "No", "extra": "not now"},
        {"type": "url", "text": "Read", "extra": "https://example.org"},
        {"type": "location"},
    ]

    assert _send(api, text="Tea?", quick_replies=replies)["quick_replies"] == [
        {"type": "text", "text": "Yes"},
        {"type": "text", "text": "No", "extra": "not now"},
        {"type": "url", "text": "Read", "extra": "https://example.org"},
        {"type": "location"},
    ]


def test_messages_are_sorted_into_folders(sandbox: Sandbox, api: Caller, ana: Any) -> None:
    inbox, archived, deleted = (_receive(sandbox, text) for text in ("one", "two", "three"))
    for message, action in ((archived, "archive"), (deleted, "delete")):
        api.call("POST", "message_actions", {"messages": [message["id"]], "action": action})
    outbox = _send(api, text="four")
    failed = _send(api, api.create("contacts")["uuid"], text="five")

    def newest(**query: object) -> str:
        text: str = api.rows("messages", **query)[0]["text"]
        return text

    assert (newest(folder="INBOX"), newest(folder="archived")) == (inbox["text"], archived["text"])
    assert (newest(folder="outbox"), newest(folder="failed")) == (outbox["text"], failed["text"])
    assert api.rows("messages", folder="nosuch") == api.rows("messages", folder="incoming") == []
    assert deleted["id"] not in [row["id"] for row in api.iterate("messages")]
    sandbox.advance(timedelta(seconds=1))
    assert newest(folder="sent") == "four"


def test_the_folder_sent_is_in_the_order_of_sending(sandbox: Sandbox, api: Caller, ana: Any) -> None:
    first, second = _send(api, text="first"), _send(api, text="second")
    sandbox.control("rapidpro", "set_message_status", {"message": second["id"], "status": "sent"})
    sandbox.advance(timedelta(seconds=1))
    sandbox.control("rapidpro", "set_message_status", {"message": first["id"], "status": "sent"})

    assert [row["text"] for row in api.rows("messages", folder="sent")[:2]] == ["first", "second"]
    assert [row["text"] for row in api.rows("messages")[:2]] == ["second", "first"]


def test_messages_are_found_by_contact_label_broadcast_and_id(sandbox: Sandbox, api: Caller, ana: Any) -> None:
    message = _receive(sandbox, "Hello")
    api.call("POST", "message_actions", {"messages": [message["id"]], "action": "label", "label": "Feedback"})

    assert [row["id"] for row in api.rows("messages", contact=ana["uuid"])] == [message["id"]]
    assert message["id"] in [row["id"] for row in api.rows("messages", label="Feedback")]
    assert [row["text"] for row in api.rows("messages", id=message["id"])] == ["Hello"]
    assert api.rows("messages", label="feedback") == api.rows("messages", contact="not-a-uuid") == []
    assert api.rows("messages", id=10**30) == api.rows("messages", broadcast=404) == []
    assert api.error(400, "GET", "messages", id="x") == {"detail": "Value for id must be an integer"}
    assert api.error(400, "GET", "messages", folder="inbox", contact=ana["uuid"], label="") == {
        "detail": "You may only specify one of the contact, folder, label, broadcast parameters"
    }


def test_before_and_after_look_at_the_creation(api: Caller, ana: Any) -> None:
    time = _send(api, text="Hello")["created_on"]

    assert [row["text"] for row in api.rows("messages", before=time, after=time)] == ["Hello"]


def test_an_incoming_message_makes_its_contact_and_keeps_the_display_part(sandbox: Sandbox, api: Caller) -> None:
    message = _receive(sandbox, "Hi", "telegram:700702#ana")
    contact = api.rows("contacts", urn="telegram:700702")[0]

    assert (message["direction"], message["status"], message["channel"]["name"]) == ("in", "handled", "Telegram")
    assert (message["urn"], contact["urns"]) == ("telegram:700702#ana", ["telegram:700702"])
    assert contact["last_seen_on"] == message["created_on"]


def test_attachments_of_an_incoming_message_are_shown_in_parts(sandbox: Sandbox) -> None:
    message = _receive(sandbox, "", attachments=["image/jpeg:https://example.org/a.jpg", "geo:-1.95,30.06"])

    assert message["media"] == "image/jpeg:https://example.org/a.jpg"
    assert message["attachments"] == [
        {"content_type": "image/jpeg", "url": "https://example.org/a.jpg"},
        {"content_type": "geo", "url": "-1.95,30.06"},
    ]


def test_what_a_blocked_contact_writes_is_archived_and_a_stopped_one_is_active_again(
    sandbox: Sandbox, api: Caller, ana: Any
) -> None:
    api.call("POST", "contact_actions", {"contacts": [ana["uuid"]], "action": "block"})
    blocked = _receive(sandbox, "Let me in")
    api.call("POST", "contact_actions", {"contacts": [ana["uuid"]], "action": "unblock"})
    sandbox.control("rapidpro", "stop_contact", {"contact": ana["uuid"]})
    stopped = api.rows("contacts", uuid=ana["uuid"])[0]
    _receive(sandbox, "Hello again")

    assert blocked["visibility"] == "archived"
    assert (stopped["status"], stopped["stopped"]) == ("stopped", True)
    assert api.rows("contacts", uuid=ana["uuid"])[0]["status"] == "active"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"text": "x"}, "urn"),
        ({"urn": "nonsense", "text": "x"}, "urn"),
        ({"urn": "viber:abc", "text": "x"}, "urn"),
        ({"urn": URN}, "text"),
        ({"urn": URN, "text": "x", "attachments": "image"}, "attachments"),
        ({"urn": URN, "text": "x", "channel": "Nowhere"}, "channel"),
    ],
)
def test_an_argument_that_is_wrong_is_named(sandbox: Sandbox, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(ControlError) as refused:
        sandbox.control("rapidpro", "receive", arguments)

    assert refused.value.field == field


def test_an_anonymous_workspace_shows_no_urns(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "anonymous")
    message = _receive(sandbox, "Hello", workspace="anonymous")

    assert message["urn"] is None
    assert set(message["contact"]) == {"uuid", "name"}
    assert {row["urn"] for row in api.rows("messages")} == {None}


def test_a_suspended_workspace_reads_and_does_not_send(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "suspended")
    contact = api.rows("contacts")[0]
    refused = api.error(400, "POST", "messages", {"contact": contact["uuid"], "text": "x"})

    assert refused["non_field_errors"][0].startswith("Sorry, your workspace is currently suspended.")
    assert json.loads(api.call("GET", "messages").body)["results"]
