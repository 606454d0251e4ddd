"""A little of everything, as if an account had been in use for a month."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import AbstractContextManager
from datetime import timedelta

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.pantheon import (
    channels,
    contacts,
    contents,
    conversations,
    documents,
    events,
    files,
    logins,
    message_life,
    otps,
    payments,
    simulated_contacts,
    timestamps,
    webhooks,
)
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channel_types import CHANNEL_TYPES
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.resource_types import (
    CHANNEL,
    CONVERSATION,
    DELIVERY,
    FILE,
    LOGIN,
    MESSAGE,
    OTP,
    PAYMENT,
    WEBHOOK,
)

APP_NAME = "Example Shop"

_CHANNELS = (
    ("whatsapp", "Support line", "+12025550100"),
    ("sms", "Short messages", "+12025550101"),
    ("webchat", "Shop window", "shop-window"),
    ("telegram", "Former bot", "example_shop_bot"),
)
_CONTACTS = (
    ("Amina", "en", (("whatsapp", "+12025550143"), ("sms", "+12025550143"), ("email", "amina@example.com"))),
    ("Bruno", "pt-BR", (("whatsapp", "+12025550144"), ("sms", "+12025550144"))),
    ("Chiara", None, (("sms", "+12025550145"),)),
    (None, None, (("webchat", "visitor-7"),)),
)
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAkQBADs=")


def ago(account: Account, **length: float) -> AbstractContextManager[None]:
    """Let things in a block happen a while ago (`days=3`)."""
    clock = account.world.clock
    return clock.at(clock.now() - timedelta(**length))


def furnish(account: Account) -> None:
    """Fill an account."""
    with ago(account, days=30):
        channel_ids = {kind: _make_channel(account, kind, name, address) for kind, name, address in _CHANNELS}
        account.store.run("INSERT INTO pantheon_templates VALUES (?, 'order_shipped', 'en')", account.id)
    with ago(account, days=20):
        people = [contacts.create(account, name, language, reached, {}) for name, language, reached in _CONTACTS]
        image = files.store(account, "front-door.gif", "image/gif", _PIXEL)
        files.store(account, "invoice-10482.pdf", "application/pdf", b"%PDF-1.4\n%%EOF\n")
    order = _talk_about_an_order(account, people[0], channel_ids["whatsapp"], image)
    _collect_money(account, order)
    _let_log_in(account, order)
    _prove_an_address(account, order, channel_ids["sms"])
    _be_written_to(account, people[1], channel_ids["whatsapp"])
    _end_a_talk(account, people[2], channel_ids["sms"])
    _leave_a_webhook(account, order)


def say(account: Account, conversation: sqlite3.Row, text: str, step: str) -> str:
    """Let a message of the app have come as far as a step; return its id."""
    message_id = message_life.add(
        account, conversation, conversation["active_channel_id"], "outbound", contents.text(text)
    )
    message_life.reach_step(account, account.find(MESSAGE, message_id), step)
    return message_id


def _make_channel(account: Account, kind: str, name: str, address: str) -> str:
    credentials: JsonObject = dict.fromkeys(CHANNEL_TYPES[kind].credentials, "example")
    channel_id = channels.connect(account, kind, name, address, credentials, {})
    channels.hear_from_platform(account, account.find(CHANNEL, channel_id))
    if name.startswith("Former"):
        channels.disconnect(account, account.find(CHANNEL, channel_id), "It was disconnected by the app.")
    return channel_id


def _talk_about_an_order(account: Account, contact_id: str, channel_id: str, image: str) -> sqlite3.Row:
    with ago(account, days=3):
        conversation_id = conversations.start(account, contact_id, channel_id, "app", "Order 10482", {"order": "10482"})
        conversation = account.find(CONVERSATION, conversation_id)
        say(account, conversation, "Your order is on its way.", "read")
    with ago(account, days=3, minutes=-5):
        channel = account.find(CHANNEL, channel_id)
        simulated_contacts.receive(account, channel, contact_id, contents.text("Thank you! When will it be here?"))
    with ago(account, days=3, minutes=-6):
        say(account, conversation, "It comes today, before noon.", "delivered")
    with ago(account, days=2):
        simulated_contacts.receive(account, channel, contact_id, _picture(account, image))
    return conversation


def _picture(account: Account, image: str) -> JsonObject:
    return contents.of_file("image", account.find(FILE, image), Fields({"caption": "Left at the front door"}))


def _collect_money(account: Account, conversation: sqlite3.Row) -> None:
    with ago(account, days=2):
        paid = payments.settle(account, payments.confirm(account, _ask(account, conversation, 2599, "Order 10482")))
        payments.refund(account, paid, 500, "One item was missing")
        payments.settle(account, payments.confirm(account, _ask(account, conversation, 490, "Express delivery")))
    with ago(account, hours=1):
        _ask(account, conversation, 1200, "Gift wrapping")


def _ask(account: Account, conversation: sqlite3.Row, amount: int, description: str) -> sqlite3.Row:
    given: JsonObject = {"amount": amount, "currency": "EUR", "description": description, "reference": "10482"}
    return account.find(PAYMENT, payments.request(account, conversation, Fields(given)))


def _let_log_in(account: Account, conversation: sqlite3.Row) -> None:
    given = Fields({"scopes": ["profile"], "redirect_url": "https://shop.example/welcome"})
    with ago(account, days=2):
        row = account.find(LOGIN, logins.request(account, conversation, given, APP_NAME))
        logins.approve(account, row)
    with ago(account, days=1):
        logins.deny(account, account.find(LOGIN, logins.request(account, conversation, given, APP_NAME)))


def _prove_an_address(account: Account, conversation: sqlite3.Row, channel_id: str) -> None:
    with ago(account, hours=20):
        row = account.find(OTP, otps.send(account, conversation, channel_id, Fields({}), APP_NAME))
        otps.attempt(account, row, row["code"])


def _be_written_to(account: Account, contact_id: str, channel_id: str) -> None:
    with ago(account, hours=5):
        channel = account.find(CHANNEL, channel_id)
        simulated_contacts.receive(account, channel, contact_id, contents.text("Are you open on Sunday?"))


def _end_a_talk(account: Account, contact_id: str, channel_id: str) -> None:
    with ago(account, days=10):
        conversation_id = conversations.start(account, contact_id, channel_id, "app", None, {})
        message_id = message_life.add(
            account,
            account.find(CONVERSATION, conversation_id),
            channel_id,
            "outbound",
            contents.text("How did you like it?"),
        )
        message_life.fail(account, account.find(MESSAGE, message_id), "unreachable")
        conversations.close(account, account.find(CONVERSATION, conversation_id), "No answer")


def _leave_a_webhook(account: Account, conversation: sqlite3.Row) -> None:
    """Leave a webhook that is switched off, with one delivery that succeeded and one that failed."""
    given: JsonObject = {
        "url": "https://shop.example/pantheon/events",
        "events": ["conversation.started", "conversation.closed"],
        "description": "Former order desk",
    }
    with ago(account, days=2):
        webhook_id = webhooks.create(account, Fields(given))
        shown: JsonObject = {"conversation": conversations.show(account, conversation)}
        event_id = events.keep(account, "conversation.started", shown)
        _leave_delivery(account, webhook_id, event_id, "failed", [503] * 6)
        _leave_delivery(account, webhook_id, event_id, "succeeded", [204])
        account.change(WEBHOOK, account.find(WEBHOOK, webhook_id), status="disabled")


def _leave_delivery(account: Account, webhook_id: str, event_id: str, status: str, answers: list[int]) -> None:
    attempts: list[Json] = [
        {"number": number, "at": timestamps.show(account.now), "status_code": answer, "error": None, "duration_ms": 84}
        for number, answer in enumerate(answers, 1)
    ]
    account.add(
        DELIVERY,
        {
            "webhook_id": webhook_id,
            "event_id": event_id,
            "event_type": "conversation.started",
            "status": status,
            "attempts": documents.encode(attempts),
            "created_at": account.now,
            "updated_at": account.now,
        },
    )
