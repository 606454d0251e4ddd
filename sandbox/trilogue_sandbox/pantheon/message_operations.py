"""Send messages, react to them, mark them as read."""

from __future__ import annotations

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.pantheon import contents, messages
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channels import CHANNEL_TYPES, CHANNELS
from trilogue_sandbox.pantheon.conversations import CLOSED, CONVERSATIONS, obstacles_to_send
from trilogue_sandbox.pantheon.errors import ValidationErrors, require
from trilogue_sandbox.pantheon.identities import CONTACTS
from trilogue_sandbox.pantheon.lists import Listing
from trilogue_sandbox.pantheon.messages import FAILURES, MESSAGE, MESSAGES, STEPS
from trilogue_sandbox.pantheon.operations import (
    AppExchange,
    acting,
    changing,
    deleting,
    find_named,
    find_named_if_given,
    getting,
    job,
)


def _send(exchange: AppExchange) -> JsonObject:
    account, conversation = exchange.context, find_named(exchange, CONVERSATIONS, "conversation_id")
    content = contents.prepare(account, exchange.body.nested("content"))
    reply_to = find_named_if_given(exchange, MESSAGES, "reply_to_id")
    channel = account.find(CHANNELS, conversation["active_channel_id"])
    with ValidationErrors() as errors:
        errors.add("conversation_id", *obstacles_to_send(account, conversation, channel))
        contents.check(content, CHANNEL_TYPES[channel["type"]], errors)
        if reply_to is not None and reply_to["conversation_id"] != conversation["id"]:
            errors.add("reply_to_id", "The reply_to_id field names a message of another conversation")
    more = exchange.body.given("reply_to_id", "metadata")
    return MESSAGE.show_one(account, messages.enqueue(account, conversation, channel["id"], content, **more))


def _mark_as_read(account: Account, row: Row, body: Fields) -> Row:
    require(row["direction"] != "outbound", "message_id", "The message is outbound; the contact reads those")
    said = account.records.select(MESSAGES, conversation_id=row["conversation_id"])
    unread = said.where("item.direction = 'inbound' AND item.status = 'delivered'")
    earlier = unread.where("(item.created_at, item.id) <= (?, ?)", row["created_at"], row["id"])
    earlier.change("status = 'read', read_at = ?", account.now)
    return account.find(MESSAGES, row["id"])


def _react(account: Account, row: Row, body: Fields) -> Row:
    conversation = account.find(CONVERSATIONS, row["conversation_id"])
    channel = account.find(CHANNELS, row["channel_id"])
    has_reactions = CHANNEL_TYPES[channel["type"]].reactions
    with ValidationErrors() as errors:
        errors.require(conversation["status"] != "closed", "message_id", CLOSED)
        errors.require(channel["status"] == "connected", "message_id", "The channel of the message is not connected")
        errors.require(has_reactions, "message_id", "The channel of the message has no reactions")
        errors.require(row["status"] not in ("queued", "failed"), "message_id", f"The message is {row['status']}")
    return messages.react(account, row, "app", body.optional_string("emoji"))


def _report(account: Account, row: Row, fields: Fields) -> Row:
    """Report how far `message_id` has come: `status`, and for `failed` a `code` and a `message`."""
    status = fields.choice("status", (*STEPS[1:], "failed"))
    if row["direction"] == "inbound":
        raise ControlError("the message is inbound; platforms report on outbound ones", "message_id")
    report = _report_failure if status == "failed" else _report_step
    return report(account, row, fields)


def _report_failure(account: Account, row: Row, fields: Fields) -> Row:
    if row["status"] not in ("queued", "sent"):
        raise ControlError(f"the message is {row['status']}; only queued and sent ones can fail", "message_id")
    code = fields.choice("code", tuple(FAILURES), "channel_error")
    return messages.fail(account, row, code, fields.optional_string("message", longest=500))


def _report_step(account: Account, row: Row, fields: Fields) -> Row:
    status, channel_type = fields.string("status"), messages.channel_type_of(account, row)
    if row["status"] == "failed" or messages.is_at_least(row, status):
        raise ControlError(f"the message is {row['status']} already", "message_id")
    if status == "delivered" and not channel_type.reports_delivery:
        raise ControlError("this platform does not report when a message is delivered", "status")
    if status == "read" and not channel_type.read_receipts:
        raise ControlError("this platform does not report when a message is read", "status")
    return messages.reach(account, row, status)


RESOURCE = Resource[AppExchange](
    tables=(MESSAGES,),
    operations={
        "messages_send": _send,
        "messages_get": getting(MESSAGE, "message_id"),
        "messages_list": Listing(
            MESSAGE,
            ("conversation_id", "contact_id", "channel_id", "direction", "type", "status"),
            {"conversation_id": CONVERSATIONS, "contact_id": CONTACTS, "channel_id": CHANNELS},
        ),
        "messages_mark_as_read": changing(MESSAGE, "message_id", _mark_as_read),
        "messages_react": changing(MESSAGE, "message_id", _react),
        "messages_delete": deleting(MESSAGES, "message_id"),
    },
    actions={"report_message": acting(MESSAGE, "message_id", _report, "status", "code", "message")},
    jobs={
        "submit_message": job(MESSAGES, messages.submit),
        "deliver_message": job(MESSAGES, messages.deliver),
        "expire_message": job(MESSAGES, messages.expire),
    },
)
