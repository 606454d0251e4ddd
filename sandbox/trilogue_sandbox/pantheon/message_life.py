"""How messages come about and how far they come.

The sandbox stands in for the messaging platforms: what is queued is sent after 0.4 seconds and reaches the device 1.5
seconds later, on those platforms that tell. `set_reach` says how the person is reached, `report_message` is what a
platform may tell at any time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import arguments, documents, events, identities, message_view, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channel_types import CHANNEL_TYPES, ChannelType
from trilogue_sandbox.pantheon.resource_types import CHANNEL, MESSAGE

STEPS = ("queued", "sent", "delivered", "read")

FAILURES: Mapping[str, str] = {
    "unreachable": "The person cannot be reached at this address.",
    "blocked": "The contact has blocked the account.",
    "window_closed": "The platform takes nothing but templates now, since the contact has not written for a while.",
    "content_rejected": "The platform did not take the content.",
    "channel_disconnected": "The channel was disconnected before the message was sent.",
    "expired": "The message was not delivered within 24 hours.",
    "channel_error": "The platform failed.",
}

_SENT_AFTER = 400_000
_DELIVERED_AFTER = 1_500_000
_EXPIRES_AFTER = timestamps.DAY


def enqueue(
    account: Account,
    conversation: sqlite3.Row,
    channel_id: str,
    content: JsonObject,
    reply_to_id: str | None = None,
    metadata: JsonObject | None = None,
) -> str:
    """Put a message in line to go out over a channel; return its id."""
    message_id = add(account, conversation, channel_id, "outbound", content, reply_to_id, metadata)
    timestamps.plant(account.world, account.now + _SENT_AFTER, "submit_message", id=message_id)
    timestamps.plant(account.world, account.now + _EXPIRES_AFTER, "expire_message", id=message_id)
    return message_id


def add(
    account: Account,
    conversation: sqlite3.Row,
    channel_id: str,
    direction: str,
    content: JsonObject,
    reply_to_id: str | None = None,
    metadata: JsonObject | None = None,
) -> str:
    """Write a message down, without anything else coming of it; return its id."""
    is_inbound, now = direction == "inbound", account.now
    message_id = account.add(
        MESSAGE,
        {
            "conversation_id": conversation["id"],
            "contact_id": conversation["contact_id"],
            "channel_id": channel_id,
            "direction": direction,
            "type": str(content["type"]),
            "content": documents.encode(content),
            "status": "delivered" if is_inbound else "queued",
            "reply_to_id": reply_to_id,
            "metadata": documents.encode(metadata or {}),
            "created_at": now,
            "delivered_at": now if is_inbound else None,
        },
    )
    account.store.run("UPDATE pantheon_conversations SET last_message_at = ? WHERE id = ?", now, conversation["id"])
    return message_id


def reach_step(account: Account, row: sqlite3.Row, step: str) -> None:
    """Note that a message on its way has come as far as a later step; the times of steps it skipped are filled in."""
    skipped = STEPS[STEPS.index(row["status"]) + 1 : STEPS.index(step) + 1]
    account.change(MESSAGE, row, status=step, **{f"{name}_at": account.now for name in skipped})
    _emit(account, row)


def fail(account: Account, row: sqlite3.Row, code: str, message: str | None = None) -> None:
    """Note that a message on its way will not arrive."""
    failure = documents.encode({"code": code, "message": message or FAILURES[code]})
    account.change(MESSAGE, row, status="failed", failure=failure, failed_at=account.now)
    _emit(account, row)


def fail_queued(account: Account, column: str, value: str, code: str) -> None:
    """Let the queued messages of a channel (`channel_id`) or contact (`contact_id`) fail."""
    for row in _queued(account, column, value):
        fail(account, row, code)


def submit_queued(account: Account, channel_id: str) -> None:
    """Let what has waited for a channel to be connected go out."""
    for row in _queued(account, "channel_id", channel_id):
        timestamps.plant(account.world, account.now + _SENT_AFTER, "submit_message", id=row["id"])


def deliver_sent(account: Account, contact_id: str, channel_type: str) -> None:
    """Let what a device has waited for come in."""
    if not CHANNEL_TYPES[channel_type].reports_delivery:
        return
    for row in account.store.all(
        "SELECT message.* FROM pantheon_messages AS message JOIN pantheon_channels AS channel"
        " ON channel.id = message.channel_id WHERE message.contact_id = ? AND channel.type = ?"
        " AND message.status = 'sent' ORDER BY message.created_at, message.id",
        *(contact_id, channel_type),
    ):
        reach_step(account, row, "delivered")


def is_at_least(row: sqlite3.Row, step: str) -> bool:
    """Whether a message has come as far as a step."""
    return row["status"] in STEPS[STEPS.index(step) :]


def channel_type_of(account: Account, row: sqlite3.Row) -> ChannelType:
    """Return what the platform takes that a message is on."""
    return CHANNEL_TYPES[account.find(CHANNEL, row["channel_id"])["type"]]


def _queued(account: Account, column: str, value: str) -> list[sqlite3.Row]:
    return account.store.all(
        f"SELECT * FROM pantheon_messages WHERE {column} = ? AND status = 'queued' ORDER BY created_at, id", value
    )


def _emit(account: Account, before: sqlite3.Row) -> None:
    message = message_view.show_current(account, before["id"])
    events.emit(account, "message.status_changed", {"message": message, "previous_status": before["status"]})


def _submit(world: World, given: JsonObject) -> object:
    """Hand a queued message to the platform; it waits while its channel is pending."""
    if found := arguments.due(world, given, MESSAGE):
        account, row = found
        channel = account.find(CHANNEL, row["channel_id"])
        if row["status"] == "queued" and channel["status"] != "pending":
            _hand_in(account, row, channel["type"])
    return None


def _hand_in(account: Account, row: sqlite3.Row, channel_type: str) -> None:
    if code := _reason_to_fail(account, row, _reach(account, row, channel_type)):
        fail(account, row, code)
        return
    reach_step(account, row, "sent")
    if CHANNEL_TYPES[channel_type].reports_delivery:
        timestamps.plant(account.world, account.now + _DELIVERED_AFTER, "deliver_message", id=row["id"])


def _reason_to_fail(account: Account, row: sqlite3.Row, reach: str) -> str | None:
    if row["type"] == "template":
        content = documents.decode_object(row["content"])
        if not _is_known(account, str(content["name"]), str(content["language"])):
            return "content_rejected"
    is_let_through = reach in ("reachable", "off") or (reach == "window_closed" and row["type"] == "template")
    return None if is_let_through else reach


def _is_known(account: Account, name: str, language: str) -> bool:
    sql = "SELECT name FROM pantheon_templates WHERE account_id = ? AND name = ? AND language = ?"
    return account.store.one(sql, account.id, name, language) is not None


def _reach(account: Account, row: sqlite3.Row, channel_type: str) -> str:
    identity = identities.find(account, row["contact_id"], channel_type)
    return "reachable" if identity is None else str(identity["reach"])


def _deliver(world: World, given: JsonObject) -> object:
    """Let a message that was sent reach the device, if that is on."""
    if found := arguments.due(world, given, MESSAGE):
        account, row = found
        channel = account.find(CHANNEL, row["channel_id"])
        if row["status"] == "sent" and _reach(account, row, channel["type"]) != "off":
            reach_step(account, row, "delivered")
    return None


def _expire(world: World, given: JsonObject) -> object:
    """Let a message fail that has not been delivered within 24 hours, where that would be told."""
    if found := arguments.due(world, given, MESSAGE):
        account, row = found
        is_under_way = row["status"] in ("queued", "sent") and channel_type_of(account, row).reports_delivery
        if is_under_way and row["created_at"] + _EXPIRES_AFTER <= account.now:
            fail(account, row, "expired")
    return None


def _report(world: World, given: JsonObject) -> object:
    """Let the platform tell how far `message_id` has come: `status`, and for `failed` a `code` and a `message`."""
    arguments.only(given, "message_id", "status", "code", "message")
    account, row = arguments.thing(world, given, MESSAGE, "message_id")
    status = arguments.choice(given, "status", (*STEPS[1:], "failed"))
    if row["direction"] == "inbound":
        raise ControlError("the message is inbound; platforms report on outbound ones", "message_id")
    if status == "failed":
        _report_failure(account, row, given)
    else:
        _report_step(account, row, status)
    return message_view.show_current(account, row["id"])


def _report_failure(account: Account, row: sqlite3.Row, given: JsonObject) -> None:
    if row["status"] not in ("queued", "sent"):
        raise ControlError(f"the message is {row['status']}; only queued and sent ones can fail", "message_id")
    code = arguments.choice(given, "code", tuple(FAILURES), "channel_error")
    fail(account, row, code, arguments.optional_text(given, "message", longest=500))


def _report_step(account: Account, row: sqlite3.Row, status: str) -> None:
    if row["status"] == "failed" or is_at_least(row, status):
        raise ControlError(f"the message is {row['status']} already", "message_id")
    kind = channel_type_of(account, row)
    if status == "delivered" and not kind.reports_delivery:
        raise ControlError("this platform does not tell when a message is delivered", "status")
    if status == "read" and not kind.read_receipts:
        raise ControlError("this platform does not tell when a message is read", "status")
    reach_step(account, row, status)


ACTIONS = {"report_message": _report}
TIMERS = {"submit_message": _submit, "deliver_message": _deliver, "expire_message": _expire}
