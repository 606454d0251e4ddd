"""Messages, and how far they come.

The sandbox stands in for the messaging platforms: what is queued is sent after 0.4 seconds and reaches the device 1.5
seconds later, on those platforms that report it. `set_reach` says how the contact is reached, `report_message` is what
a platform may report at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.magic_numbers import magic_number
from trilogue_sandbox.kernel.table import JSON, TEXT, TIMESTAMP, Row
from trilogue_sandbox.kernel.timestamps import DAY, MILLISECOND
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.pantheon.accounts import Account, account_table
from trilogue_sandbox.pantheon.channels import CHANNEL_TYPES, CHANNELS, TEMPLATES, ChannelType, type_of_channel
from trilogue_sandbox.pantheon.contents import MEDIA
from trilogue_sandbox.pantheon.conversations import CONVERSATIONS
from trilogue_sandbox.pantheon.files import links
from trilogue_sandbox.pantheon.identities import find_address, find_identity
from trilogue_sandbox.pantheon.webhooks import emit

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

_SENT_AFTER = 400 * MILLISECOND
_DELIVERED_AFTER = 1500 * MILLISECOND
_ANSWERED_AFTER = 3000 * MILLISECOND
_EXPIRES_AFTER = DAY

MESSAGES = account_table(
    "messages",
    "msg",
    {
        "conversation_id": TEXT,
        "contact_id": TEXT,
        "channel_id": TEXT,
        "direction": TEXT,
        "type": TEXT,
        "content": JSON,
        "status": TEXT,
        "failure": JSON.nullable(),
        "reply_to_id": TEXT.nullable(),
        "reactions": JSON.default([]),
        "metadata": JSON.default({}),
        **{f"{step}_at": TIMESTAMP.nullable() for step in (*STEPS[1:], "failed")},
    },
    indexes=("conversation_id, created_at, id", "contact_id, created_at, id", "channel_id WHERE status = 'queued'"),
)


def _show_contents(account: Account, rows: Sequence[Row]) -> Sequence[Json]:
    media = [row["content"]["file_id"] for row in rows if row["type"] in MEDIA]
    urls = iter(links(account, media) if media else ())
    return [{**row["content"], "url": next(urls)} if row["type"] in MEDIA else row["content"] for row in rows]


MESSAGE = View[Account]("Message", MESSAGES, {"content": _show_contents})


def enqueue(account: Account, conversation: Row, channel_id: str, content: JsonObject, **more: Json) -> Row:
    """Queue a message to be sent over a channel; `more` has its `reply_to_id` and `metadata`."""
    row = add(account, conversation, channel_id, "outbound", content, **more)
    account.world.schedule(account.now + _SENT_AFTER, "submit_message", id=row["id"])
    account.world.schedule(account.now + _EXPIRES_AFTER, "expire_message", id=row["id"])
    address = find_address(account, conversation["contact_id"], account.find(CHANNELS, channel_id)["type"])
    if magic_number(address) is not None:
        account.world.schedule(account.now + _ANSWERED_AFTER, "answer_message", id=row["id"])
    return row


def add(account: Account, conversation: Row, channel_id: str, direction: str, content: JsonObject, **more: Json) -> Row:
    """Add a message, without anything else coming of it."""
    arrival = {"status": "delivered", "delivered_at": account.now} if direction == "inbound" else {"status": "queued"}
    values = {"channel_id": channel_id, "direction": direction, "type": content["type"], "content": content}
    parties = {"conversation_id": conversation["id"], "contact_id": conversation["contact_id"]}
    row = account.add(MESSAGES, **parties, **values, **arrival, **more)
    account.records.select(CONVERSATIONS, id=conversation["id"]).change("last_message_at = ?", account.now)
    return row


def reach(account: Account, row: Row, step: str) -> Row:
    """Let a message on its way come as far as a later step; the times of the steps between are filled in."""
    skipped = STEPS[STEPS.index(row["status"]) + 1 : STEPS.index(step) + 1]
    return _set_status(account, row, step, **{f"{name}_at": account.now for name in skipped})


def fail(account: Account, row: Row, code: str, message: str | None = None) -> Row:
    """Let a message on its way fail."""
    failure: JsonObject = {"code": code, "message": message or FAILURES[code]}
    return _set_status(account, row, "failed", failure=failure, failed_at=account.now)


def fail_queued(account: Account, code: str, **values: str) -> None:
    """Let the queued messages of a channel (`channel_id`) or contact (`contact_id`) fail."""
    for row in _queued(account, **values):
        fail(account, row, code)


def submit_queued(account: Account, channel_id: str) -> None:
    """Let what has waited for a channel to be connected be sent."""
    for row in _queued(account, channel_id=channel_id):
        account.world.schedule(account.now + _SENT_AFTER, "submit_message", id=row["id"])


def deliver_sent(account: Account, contact_id: str, channel_type: str) -> None:
    """Let what a device has waited for be delivered."""
    if not CHANNEL_TYPES[channel_type].reports_delivery:
        return
    sent = account.records.select(MESSAGES, contact_id=contact_id, status="sent")
    of_type = f"item.channel_id IN (SELECT id FROM {CHANNELS.name} WHERE type = ?)"
    for row in sent.where(of_type, channel_type).all("ORDER BY created_at, id"):
        reach(account, row, "delivered")


def is_at_least(row: Row, step: str) -> bool:
    """Whether a message has come as far as a step."""
    return row["status"] in STEPS[STEPS.index(step) :]


def channel_type_of(account: Account, row: Row) -> ChannelType:
    """Return what the platform takes that a message is on."""
    return type_of_channel(account, row["channel_id"])


def react(account: Account, row: Row, by: str, emoji: str | None) -> Row:
    """Replace the reaction of the app or the contact to a message, or take it away; the same row if nothing changes."""
    before = next((item["emoji"] for item in row["reactions"] if item["by"] == by), None)
    if emoji == before:
        return row
    reactions = [item for item in row["reactions"] if item["by"] != by]
    if emoji is not None:
        created_at = account.world.timestamps.format(account.now)
        reactions.append({"by": by, "emoji": emoji, "created_at": created_at})
    return account.change(MESSAGES, row, reactions=reactions)


def submit(account: Account, row: Row) -> None:
    """Hand a queued message to the messaging platform; it waits while its channel is pending."""
    channel = account.find(CHANNELS, row["channel_id"])
    reachability = _reachability(account, row, channel["type"])
    if row["status"] != "queued" or channel["status"] == "pending" or reachability == "queued":
        return
    if code := _reason_to_fail(account, row, reachability):
        fail(account, row, code)
        return
    reach(account, row, "sent")
    if CHANNEL_TYPES[channel["type"]].reports_delivery:
        account.world.schedule(account.now + _DELIVERED_AFTER, "deliver_message", id=row["id"])


def deliver(account: Account, row: Row) -> None:
    """Let a message that was sent reach the device, if that is on."""
    channel = account.find(CHANNELS, row["channel_id"])
    if row["status"] == "sent" and _reachability(account, row, channel["type"]) != "off":
        reach(account, row, "delivered")


def expire(account: Account, row: Row) -> None:
    """Let a message fail that has not been delivered within 24 hours, where that would be reported."""
    is_under_way = row["status"] in ("queued", "sent") and channel_type_of(account, row).reports_delivery
    if is_under_way and row["created_at"] + _EXPIRES_AFTER <= account.now:
        fail(account, row, "expired")


def _queued(account: Account, **values: str) -> list[Row]:
    queued = account.records.select(MESSAGES, **values).where("item.status = 'queued'")  # as the index has it
    return queued.all("ORDER BY created_at, id")


def _set_status(account: Account, row: Row, status: str, **more: Json) -> Row:
    changed = account.change(MESSAGES, row, status=status, **more)
    message = MESSAGE.show_one(account, changed)
    emit(account, "message.status_changed", message=message, previous_status=row["status"])
    return changed


def _reason_to_fail(account: Account, row: Row, reachability: str) -> str | None:
    content = row["content"]
    is_template = content["type"] == "template"
    if is_template and not account.select(TEMPLATES, name=content["name"], language=content["language"]).exists():
        return "content_rejected"
    is_let_through = reachability in ("reachable", "off") or (reachability == "window_closed" and is_template)
    return None if is_let_through else reachability


def _reachability(account: Account, row: Row, channel_type: str) -> str:
    identity = find_identity(account, row["contact_id"], channel_type)
    return identity["reach"] if identity else "reachable"
