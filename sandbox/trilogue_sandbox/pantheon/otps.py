"""One-time passwords. Only the action `read_otp`, which is what the contact does, ever shows a code."""

from __future__ import annotations

import hmac
from typing import Any

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.magic_numbers import magic_number
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import INTEGER, TEXT, TIMESTAMP, Row
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.accounts import Account, new_id
from trilogue_sandbox.pantheon.channels import CHANNEL_TYPES, CHANNELS
from trilogue_sandbox.pantheon.contents import code_text
from trilogue_sandbox.pantheon.conversations import (
    CLOSED,
    CONVERSATIONS,
    NOT_CONNECTED,
    obstacles,
    obstacles_to_send,
    open_conversations,
    start,
)
from trilogue_sandbox.pantheon.errors import ValidationErrors, invalid, require
from trilogue_sandbox.pantheon.identities import CONTACTS, add_contact, find_address, find_owner, no_address, verify
from trilogue_sandbox.pantheon.operations import (
    AppExchange,
    changing,
    find_argument,
    find_named,
    find_named_if_given,
    getting,
)
from trilogue_sandbox.pantheon.requests import ask, expiring, request_table
from trilogue_sandbox.pantheon.webhooks import emit

ATTEMPTS = 5
RESENDS = 3

_RESEND_PAUSE = 30 * SECOND
_DEFAULT_LENGTH = 6
_DEFAULT_TTL = 300

OTPS = request_table(
    "otps",
    "otp",
    {
        "channel_id": TEXT,
        "address": TEXT,
        "code": TEXT,
        "text": TEXT,
        "length": INTEGER,
        "ttl": INTEGER,
        "attempts_left": INTEGER.default(ATTEMPTS),
        "resends_left": INTEGER.default(RESENDS),
        "resend_after": TIMESTAMP,
        "verified_at": TIMESTAMP.nullable(),
    },
    (f"CHECK (attempts_left BETWEEN 0 AND {ATTEMPTS})", f"CHECK (resends_left BETWEEN 0 AND {RESENDS})"),
    "one-time password",
)

OTP = View[Account]("Otp", OTPS)


def send(account: Account, conversation: Row, channel_id: str, fields: Fields, app_name: str) -> Row:
    """Generate a code and send it over a channel."""
    otp_id = new_id(account.world, "otp")
    length, ttl = fields.integer("length", _DEFAULT_LENGTH), fields.integer("ttl", _DEFAULT_TTL)
    contact = account.find(CONTACTS, conversation["contact_id"])
    text = fields.string("text", code_text(app_name, contact["language"]))
    sent = _send_code(account, conversation, channel_id, otp_id, length, ttl)
    return account.add(OTPS, **sent, text=text, length=length, ttl=ttl, **fields.given("metadata"))


def attempt(account: Account, row: Row, code: str) -> Row:
    """Try a code on a pending one-time password, which uses up an attempt; the right one verifies it."""
    left = row["attempts_left"] - 1
    if hmac.compare_digest(row["code"], code):
        changed = account.change(OTPS, row, status="verified", attempts_left=left, verified_at=account.now)
        channel = account.find(CHANNELS, row["channel_id"])
        verify(account, row["contact_id"], channel["type"], row["address"])
        emit(account, "otp.verified", otp=OTP.show_one(account, changed))
        return changed
    changed = account.change(OTPS, row, status="pending" if left else "failed", attempts_left=left)
    if not left:
        emit(account, "otp.failed", otp=OTP.show_one(account, changed))
    return changed


def cancel_all(account: Account, contact_id: str) -> None:
    """Cancel the pending one-time passwords of a contact."""
    pending = account.records.select(OTPS, contact_id=contact_id, status="pending")
    pending.change("status = 'canceled', updated_at = ?", account.now)


def _send_code(
    account: Account, conversation: Row, channel_id: str, otp_id: str, length: int, ttl: int, earlier: str = ""
) -> dict[str, Any]:
    """Send a code, and return what that changes about the one-time password."""
    channel = account.find(CHANNELS, channel_id)
    sent = ask(account, conversation, channel_id, {"type": "otp", "otp_id": otp_id}, otp_id, ttl, "expire_otp")
    address = find_address(account, conversation["contact_id"], channel["type"])
    resend_after = account.now + _RESEND_PAUSE
    code = _new_code(account, length, address, earlier)
    return {**sent, "code": code, "channel_id": channel_id, "address": address, "resend_after": resend_after}


def _new_code(account: Account, length: int, address: str | None, earlier: str) -> str:
    if magic_number(address) is not None:
        return "0" * length
    code = earlier
    while code == earlier:
        code = f"{account.world.random.randrange(10**length):0{length}d}"
    return code


def _require_pending(row: Row) -> None:
    require(row["status"] == "pending", "otp_id", _not_pending(row))


def _not_pending(row: Row) -> str:
    return f"The one-time password is {row['status']}, not pending"


def _send(exchange: AppExchange) -> JsonObject:
    account, conversation = exchange.context, find_named_if_given(exchange, CONVERSATIONS, "conversation_id")
    channel = find_named_if_given(exchange, CHANNELS, "channel_id")
    if conversation is None:
        conversation = _conversation_at_address(account, channel, exchange.body)
    with ValidationErrors() as errors:
        both = "conversation_id" in exchange.body and "address" in exchange.body
        errors.require(not both, "address", "The address field does not go with the conversation_id field")
        if channel is None:
            errors.add("conversation_id", *obstacles_to_send(account, conversation))
        else:
            errors.require(conversation["status"] != "closed", "conversation_id", CLOSED)
            errors.add("channel_id", *obstacles(account, channel, conversation["contact_id"]))
    channel_id = channel["id"] if channel else conversation["active_channel_id"]
    return OTP.show_one(account, send(account, conversation, channel_id, exchange.body, account.app_name))


def _conversation_at_address(account: Account, channel: Row | None, body: Fields) -> Row:
    """Return an open conversation with whoever has the address in a body; both are made if they are not there."""
    require("address" in body, "conversation_id", "The conversation_id field is required without the address field")
    if channel is None:
        raise invalid([("channel_id", "The channel_id field is required with the address field")])
    address = CHANNEL_TYPES[channel["type"]].normalize(body.string("address"))
    with ValidationErrors() as errors:
        errors.require(address is not None, "address", no_address("address", channel["type"]))
        errors.require(channel["status"] == "connected", "channel_id", NOT_CONNECTED)
    assert address is not None
    contact_id = find_owner(account, channel["type"], address)
    contact_id = contact_id or add_contact(account, [(channel["type"], address)])["id"]
    going_on = open_conversations(account, contact_id)
    return going_on[0] if going_on else start(account, contact_id, channel["id"], "app")


def _verify(exchange: AppExchange) -> JsonObject:
    account, row = exchange.context, find_named(exchange, OTPS, "otp_id")
    _require_pending(row)
    tried = attempt(account, row, exchange.body.string("code"))
    return {"verified": tried["status"] == "verified", "otp": OTP.show_one(account, tried)}


def _resend(account: Account, row: Row, body: Fields) -> Row:
    channel = account.find(CHANNELS, body.string("channel_id", row["channel_id"]))
    conversation = account.find(CONVERSATIONS, row["conversation_id"])
    with ValidationErrors() as errors:
        errors.require(row["status"] == "pending", "otp_id", _not_pending(row))
        errors.require(
            account.now >= row["resend_after"], "otp_id", "The one-time password is too recent; see resend_after"
        )
        errors.require(row["resends_left"] > 0, "otp_id", "The one-time password has no resends_left")
        errors.require(conversation["status"] != "closed", "otp_id", CLOSED)
        field = "channel_id" if "channel_id" in body else "otp_id"
        errors.add(field, *obstacles(account, channel, row["contact_id"]))
    sent = _send_code(account, conversation, channel["id"], row["id"], row["length"], row["ttl"], row["code"])
    return account.change(OTPS, row, resends_left=row["resends_left"] - 1, **sent)


def _cancel(account: Account, row: Row, body: Fields) -> Row:
    _require_pending(row)
    return account.change(OTPS, row, status="canceled")


def _read(world: World, fields: Fields) -> object:
    """Read the message that carried the latest code of `otp_id`, as the contact does."""
    fields.only("otp_id")
    _, row = find_argument(world, fields, OTPS, "otp_id")
    return {"code": row["code"], "text": text_of(row)}


def text_of(row: Row) -> str:
    """Return the words of the message that carried the latest code."""
    text: str = row["text"]
    return text.replace("{code}", row["code"])


def expire(account: Account, row: Row) -> None:
    """Let a pending one-time password expire."""
    account.change(OTPS, row, status="expired")


RESOURCE = Resource[AppExchange](
    tables=(OTPS,),
    operations={
        "otps_send": _send,
        "otps_verify": _verify,
        "otps_resend": changing(OTP, "otp_id", _resend),
        "otps_cancel": changing(OTP, "otp_id", _cancel),
        "otps_get": getting(OTP, "otp_id"),
    },
    actions={"read_otp": _read},
    jobs={"expire_otp": expiring(OTPS, "pending", expire)},
)
