"""The namespace otps. Only `read_otp`, which is what the person does, ever shows a code."""

from __future__ import annotations

import hmac
import sqlite3

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import (
    arguments,
    conversations,
    documents,
    events,
    identities,
    message_life,
    timestamps,
    wording,
)
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.errors import Faults
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.resource_types import CHANNEL, CONTACT, CONVERSATION, OTP
from trilogue_sandbox.pantheon.resources import Resource

ATTEMPTS = 5
RESENDS = 3

_RESEND_PAUSE = 30 * timestamps.SECOND
_DEFAULT_LENGTH = 6
_DEFAULT_TTL = 300


def show(row: sqlite3.Row) -> JsonObject:
    """Return a one-time password as the API shows it, without its code."""
    return {
        "id": row["id"],
        "conversation_id": row["conversation_id"],
        "contact_id": row["contact_id"],
        "channel_id": row["channel_id"],
        "message_id": row["message_id"],
        "status": row["status"],
        "length": row["length"],
        "ttl": row["ttl"],
        "attempts_left": row["attempts_left"],
        "resends_left": row["resends_left"],
        "resend_after": timestamps.show(row["resend_after"]),
        "metadata": documents.decode(row["metadata"]),
        "created_at": timestamps.show(row["created_at"]),
        "updated_at": timestamps.show(row["updated_at"]),
        "expires_at": timestamps.show(row["expires_at"]),
        "verified_at": timestamps.show_optional(row["verified_at"]),
    }


def send(account: Account, conversation: sqlite3.Row, channel_id: str, given: Fields, app_name: str) -> str:
    """Make up a code and send it over a channel; return the id of the one-time password."""
    otp_id, length, ttl = (
        account.new_id(OTP),
        given.integer("length", _DEFAULT_LENGTH),
        given.integer("ttl", _DEFAULT_TTL),
    )
    contact = account.find(CONTACT, conversation["contact_id"])
    account.add(
        OTP,
        {
            "id": otp_id,
            "conversation_id": conversation["id"],
            "contact_id": contact["id"],
            "status": "pending",
            "text": given.text("text", wording.code_text(app_name, contact["language"])),
            "length": length,
            "ttl": ttl,
            "attempts_left": ATTEMPTS,
            "resends_left": RESENDS,
            "metadata": documents.encode(given.object("metadata")),
            "created_at": account.now,
            "updated_at": account.now,
            **_sending(account, conversation, channel_id, otp_id, _new_code(account, length), ttl),
        },
    )
    return otp_id


def attempt(account: Account, row: sqlite3.Row, code: str) -> bool:
    """Try a code on a pending one-time password, which uses up a try; return whether it was the right one."""
    left = row["attempts_left"] - 1
    if hmac.compare_digest(row["code"], code):
        account.change(OTP, row, status="verified", attempts_left=left, verified_at=account.now)
        channel = account.find(CHANNEL, row["channel_id"])
        identities.verify(account, row["contact_id"], channel["type"], row["address"])
        _emit(account, "otp.verified", row["id"])
        return True
    account.change(OTP, row, status="pending" if left else "failed", attempts_left=left)
    if not left:
        _emit(account, "otp.failed", row["id"])
    return False


def cancel_all(account: Account, contact_id: str) -> None:
    """Cancel the pending one-time passwords of a contact."""
    account.store.run(
        "UPDATE pantheon_otps SET status = 'canceled', updated_at = ? WHERE contact_id = ? AND status = 'pending'",
        *(account.now, contact_id),
    )


def _sending(
    account: Account, conversation: sqlite3.Row, channel_id: str, otp_id: str, code: str, ttl: int
) -> dict[str, SqlValue]:
    """Send a code, and return what that changes about the one-time password."""
    expires_at = account.now + ttl * timestamps.SECOND
    timestamps.plant(account.world, expires_at, "expire_otp", id=otp_id)
    channel = account.find(CHANNEL, channel_id)
    return {
        "code": code,
        "channel_id": channel_id,
        "address": identities.address(account, conversation["contact_id"], channel["type"]),
        "message_id": message_life.enqueue(account, conversation, channel_id, {"type": "otp", "otp_id": otp_id}),
        "expires_at": expires_at,
        "resend_after": account.now + _RESEND_PAUSE,
    }


def _new_code(account: Account, length: int, earlier: str = "") -> str:
    code = earlier
    while code == earlier:
        code = f"{account.world.random.randrange(10**length):0{length}d}"
    return code


def _emit(account: Account, event_type: str, otp_id: str) -> None:
    events.emit(account, event_type, {"otp": show(account.find(OTP, otp_id))})


def _send(call: Call) -> JsonObject:
    conversation = call.find(CONVERSATION, "conversation_id")
    channel = call.find_optional(CHANNEL, "channel_id")
    faults = Faults()
    if channel is None:
        faults.add("conversation_id", *conversations.obstacles_to_send(call.account, conversation))
    else:
        faults.add_if(conversation["status"] == "closed", "conversation_id", conversations.CLOSED)
        faults.add("channel_id", *conversations.obstacles(call.account, channel, conversation["contact_id"]))
    faults.raise_if_any()
    channel_id = conversation["active_channel_id"] if channel is None else channel["id"]
    otp_id = send(call.account, conversation, channel_id, call.body, call.app.name)
    return show(call.account.find(OTP, otp_id))


def _verify(call: Call) -> JsonObject:
    row = call.find(OTP, "otp_id")
    faults = Faults()
    _require_pending(row, faults)
    faults.raise_if_any()
    is_right = attempt(call.account, row, call.body.text("code"))
    return {"verified": is_right, "otp": show(call.account.find(OTP, row["id"]))}


def _resend(call: Call) -> JsonObject:
    row, channel = call.find(OTP, "otp_id"), call.find_optional(CHANNEL, "channel_id")
    conversation = call.account.find(CONVERSATION, row["conversation_id"])
    faults = Faults()
    _require_pending(row, faults)
    faults.add_if(call.now < row["resend_after"], "otp_id", "It is too early, see resend_after")
    faults.add_if(row["resends_left"] == 0, "otp_id", "There are no resends_left")
    faults.add_if(conversation["status"] == "closed", "otp_id", conversations.CLOSED)
    used = channel or call.account.find(CHANNEL, row["channel_id"])
    field = "otp_id" if channel is None else "channel_id"
    faults.add(field, *conversations.obstacles(call.account, used, row["contact_id"]))
    faults.raise_if_any()
    code = _new_code(call.account, row["length"], row["code"])
    sending = _sending(call.account, conversation, used["id"], row["id"], code, row["ttl"])
    call.account.change(OTP, row, resends_left=row["resends_left"] - 1, **sending)
    return show(call.account.find(OTP, row["id"]))


def _cancel(call: Call) -> JsonObject:
    row = call.find(OTP, "otp_id")
    faults = Faults()
    _require_pending(row, faults)
    faults.raise_if_any()
    call.account.change(OTP, row, status="canceled")
    return show(call.account.find(OTP, row["id"]))


def _get(call: Call) -> JsonObject:
    return show(call.find(OTP, "otp_id"))


def _require_pending(row: sqlite3.Row, faults: Faults) -> None:
    faults.add_if(row["status"] != "pending", "otp_id", f"The one-time password is {row['status']}, not pending")


def _read_otp(world: World, given: JsonObject) -> object:
    """Read the message that carried the latest code of `otp_id`, as the person does."""
    arguments.only(given, "otp_id")
    _, row = arguments.thing(world, given, OTP, "otp_id")
    return {"code": row["code"], "text": row["text"].replace("{code}", row["code"])}


def _expire(world: World, given: JsonObject) -> object:
    """Let a one-time password expire, unless it was sent again since."""
    if found := arguments.due(world, given, OTP):
        account, row = found
        if row["status"] == "pending" and row["expires_at"] <= account.now:
            account.change(OTP, row, status="expired")
    return None


RESOURCE: Resource = Resource(
    handlers={
        "otps_send": _send,
        "otps_verify": _verify,
        "otps_resend": _resend,
        "otps_cancel": _cancel,
        "otps_get": _get,
    },
    actions={"read_otp": _read_otp},
    timers={"expire_otp": _expire},
)
