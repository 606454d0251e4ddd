"""Contacts whose address says what happens, without the control plane."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import channel


def talk_to(api: Caller, number: int, channel_type: str = "whatsapp") -> Any:
    """Start a conversation with the contact who has a magic number."""
    digits = f"1500555{number:04d}"
    address = {"email": f"{digits}@example.com", "telegram": digits}.get(channel_type, f"+{digits}")
    identities = [{"channel_type": channel_type, "address": address}]
    contact = api.ok("contacts/createContact", identities=identities)
    return api.ok(
        "conversations/startConversation", contact_id=contact["id"], channel_id=channel(api, channel_type)["id"]
    )


def send(api: Caller, talk: Any, content: Any = None) -> Any:
    content = content or {"type": "text", "text": "Well?"}
    return api.ok("messages/sendMessage", conversation_id=talk["id"], content=content)


def outcome(api: Caller, sent: Any) -> tuple[str, str | None]:
    """Return the status of a message, and why it failed."""
    message = api.ok("messages/getMessage", message_id=sent["id"])
    return message["status"], message["failure"] and message["failure"]["code"]


@pytest.mark.parametrize(
    ("number", "seen"),
    [
        (0, ("delivered", None)),
        (1, ("failed", "unreachable")),
        (2, ("queued", None)),
        (3, ("failed", "channel_error")),
        (4, ("sent", None)),
        (5, ("failed", "blocked")),
        (6, ("failed", "window_closed")),
        (7, ("read", None)),
        (8, ("delivered", None)),
        (9999, ("delivered", None)),
    ],
)
def test_the_number_says_what_becomes_of_a_message(api: Caller, number: int, seen: tuple[str, str | None]) -> None:
    sent = send(api, talk_to(api, number))
    api.advance(seconds=4)

    assert outcome(api, sent) == seen


@pytest.mark.parametrize("channel_type", ["whatsapp", "sms", "email", "telegram"])
def test_the_digits_are_the_same_on_every_type_of_channel(api: Caller, channel_type: str) -> None:
    sent = send(api, talk_to(api, 1, channel_type))
    api.advance(seconds=4)

    assert outcome(api, sent) == ("failed", "unreachable")


def test_a_message_that_stays_queued_expires_after_a_day(api: Caller) -> None:
    sent = send(api, talk_to(api, 2))

    assert outcome(api.later(days=1), sent) == ("failed", "expired")


def test_one_contact_replies(api: Caller) -> None:
    talk = talk_to(api, 8)
    sent = send(api, talk)
    api.advance(seconds=4)
    (reply,) = api.items("messages/listMessages", conversation_id=talk["id"], direction="inbound")

    assert (reply["content"]["text"], reply["reply_to_id"]) == ("Yes", sent["id"])


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        (0, "requested", None),
        (10, "paid", None),
        (11, "failed", "declined"),
        (12, "failed", "insufficient_funds"),
        (13, "pending", None),
        (14, "expired", None),
    ],
)
def test_the_number_says_what_becomes_of_a_payment(api: Caller, number: int, status: str, code: str | None) -> None:
    asked = {"amount": 100, "currency": "EUR", "description": "Ball"}
    made = api.ok("payments/requestPayment", conversation_id=talk_to(api, number)["id"], **asked)
    api.advance(seconds=4)
    payment = api.ok("payments/getPayment", payment_id=made["id"])

    assert (payment["status"], payment["failure"] and payment["failure"]["code"]) == (status, code)


@pytest.mark.parametrize(("number", "status"), [(0, "pending"), (10, "approved"), (11, "denied"), (14, "expired")])
def test_the_number_says_what_becomes_of_a_login(api: Caller, number: int, status: str) -> None:
    made = api.ok("logins/requestLogin", conversation_id=talk_to(api, number)["id"])
    api.advance(seconds=4)

    assert api.ok("logins/getLogin", login_id=made["id"])["status"] == status


def test_a_code_to_a_magic_number_consists_of_zeros_also_when_it_is_sent_again(api: Caller) -> None:
    sms = channel(api, "sms")
    made = api.ok("otps/sendOtp", address="+15005550000", channel_id=sms["id"], length=4)
    api.advance(seconds=30)
    api.ok("otps/resendOtp", otp_id=made["id"])

    assert api.ok("otps/verifyOtp", otp_id=made["id"], code="0000")["verified"]


def test_a_code_to_one_number_expires_at_once(api: Caller) -> None:
    made = api.ok("otps/sendOtp", address="+15005550014", channel_id=channel(api, "sms")["id"])
    api.advance(seconds=4)

    assert api.ok("otps/getOtp", otp_id=made["id"])["status"] == "expired"


def test_what_was_decided_meanwhile_stays(api: Caller) -> None:
    asked = {"amount": 100, "currency": "EUR", "description": "Ball"}
    made = api.ok("payments/requestPayment", conversation_id=talk_to(api, 10)["id"], **asked)
    api.ok("payments/cancelPayment", payment_id=made["id"])
    api.advance(seconds=4)

    assert api.ok("payments/getPayment", payment_id=made["id"])["status"] == "canceled"
