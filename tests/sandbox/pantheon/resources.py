"""Resources to start from, created by calls."""

from __future__ import annotations

import itertools
from typing import Any

from tests.sandbox.pantheon.caller import Caller, document

CREDENTIALS = {
    "whatsapp": {"phone_number_id": "1", "access_token": "a"},
    "messenger": {"page_id": "1", "access_token": "a"},
    "instagram": {"page_id": "1", "access_token": "a"},
    "telegram": {"bot_token": "a"},
    "viber": {"auth_token": "a"},
    "line": {"channel_secret": "a", "access_token": "a"},
    "sms": {"provider": "p", "api_key": "a"},
    "email": {"host": "h", "username": "u", "password": "p"},
    "webchat": {},
}
_PHONES = ("whatsapp", "viber", "sms")
_numbers = itertools.count(1)


def address(channel_type: str) -> str:
    """Return an address of a type that nobody has."""
    number = next(_numbers)
    if channel_type in _PHONES:
        return f"+1202{number:07d}"
    return f"person{number}@example.com" if channel_type == "email" else f"person-{number}"


def channel(api: Caller, channel_type: str = "whatsapp") -> Any:
    """Return a connected channel."""
    given = {"type": channel_type, "name": channel_type, "address": address(channel_type)}
    made = api.ok("channels/connectChannel", **given, credentials=CREDENTIALS[channel_type])
    api.advance(seconds=3)
    return api.ok("channels/getChannel", channel_id=made["id"])


def contact(api: Caller, *channel_types: str) -> Any:
    """Return a contact with an identity on each type of channel."""
    identities = [{"channel_type": channel_type, "address": address(channel_type)} for channel_type in channel_types]
    return api.ok("contacts/createContact", name="Amina", language="en", identities=identities)


def conversation(api: Caller, channel_type: str = "whatsapp", *more_types: str) -> Any:
    """Return an open conversation over a new channel, with a new contact who has identities on further types too."""
    made = contact(api, channel_type, *more_types)
    return api.ok("conversations/startConversation", contact_id=made["id"], channel_id=channel(api, channel_type)["id"])


def message(api: Caller, conversation_id: str, text: str = "Hello", **more: object) -> Any:
    """Return a message just sent."""
    content = {"type": "text", "text": text}
    return api.ok("messages/sendMessage", conversation_id=conversation_id, content=content, **more)


def delivered(api: Caller, conversation_id: str) -> Any:
    """Return a message that has reached the contact."""
    made = message(api, conversation_id)
    api.advance(seconds=3)
    return api.ok("messages/getMessage", message_id=made["id"])


def inbound(api: Caller, talk: Any, text: str = "Hi") -> Any:
    """Return a message of the contact of a conversation, on its active channel."""
    return api.control("receive", channel_id=talk["active_channel_id"], contact_id=talk["contact_id"], text=text)


def payment(api: Caller, conversation_id: str, amount: int = 2599, **more: object) -> Any:
    """Return a payment just requested."""
    given = {"amount": amount, "currency": "EUR", "description": "Order", **more}
    return api.ok("payments/requestPayment", conversation_id=conversation_id, **given)


def paid(api: Caller, conversation_id: str, amount: int = 2599) -> Any:
    """Return a payment that was paid."""
    return api.control("pay", payment_id=payment(api, conversation_id, amount)["id"])


def login(api: Caller, conversation_id: str, **more: object) -> Any:
    """Return a login just requested."""
    return api.ok("logins/requestLogin", conversation_id=conversation_id, **more)


def otp(api: Caller, conversation_id: str, **more: object) -> Any:
    """Return a one-time password just sent."""
    return api.ok("otps/sendOtp", conversation_id=conversation_id, **more)


def code(api: Caller, otp_id: str) -> str:
    """Return the code that the contact reads."""
    read: str = api.control("read_otp", otp_id=otp_id)["code"]
    return read


def wrong_code(api: Caller, otp_id: str) -> str:
    """Return a code of the right length that is wrong."""
    right = code(api, otp_id)
    return right[:-1] + str((int(right[-1]) + 1) % 10)


def file(api: Caller, data: bytes = b"data", content_type: str = "image/png", name: str = "picture.png") -> Any:
    """Return a file just uploaded."""
    return document(upload(api, data, content_type, name), 200)


def upload(
    api: Caller, data: bytes, content_type: str | None = "image/png", filename: str | None = "picture.png", **more: str
) -> Any:
    """Send the form of an upload; `more` may hold the field `name` and headers."""
    disposition = 'form-data; name="file"' + ("" if filename is None else f'; filename="{filename}"')
    lines = [f"Content-Disposition: {disposition}", *([f"Content-Type: {content_type}"] if content_type else [])]
    parts = [("\r\n".join(lines).encode(), data)]
    if "name" in more:
        parts.append((b'Content-Disposition: form-data; name="name"', more.pop("name").encode()))
    body = b"".join(b"--cut\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts) + b"--cut--\r\n"
    return api.call("files/uploadFile", raw=body, Content_Type="multipart/form-data; boundary=cut", **more)


def webhook(api: Caller, url: str, *events: str) -> Any:
    """Return a webhook just created, with its secret."""
    return api.ok("webhooks/createWebhook", url=url, events=list(events))
