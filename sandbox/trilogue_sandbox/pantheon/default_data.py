"""The apps that are there from the start, and a little of everything, as if they had been in use for a month."""

from __future__ import annotations

import base64
from contextlib import AbstractContextManager
from datetime import timedelta

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import Account as SignIn
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import (
    channel_operations,
    contents,
    conversations,
    files,
    identities,
    logins,
    messages,
    otps,
    payments,
    simulated_contacts,
    webhooks,
)
from trilogue_sandbox.pantheon.accounts import ACCOUNTS, APPS, SETTINGS, Account
from trilogue_sandbox.pantheon.apps import Plan
from trilogue_sandbox.pantheon.channels import CHANNEL_TYPES, TEMPLATES
from trilogue_sandbox.pantheon.conversations import CONVERSATION
from trilogue_sandbox.pantheon.operations import AppExchange
from trilogue_sandbox.pantheon.webhooks import DELIVERIES, WEBHOOKS

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


@attrs.frozen
class _App:
    """An app and the account it belongs to."""

    name: str
    account: str
    plan: Plan
    note: str
    published: tuple[str, str] | None = None

    @property
    def sign_in(self) -> SignIn:
        """Its credentials: those that were published, or some made of its name."""
        if self.published:
            return SignIn(self.name, dict(zip(("client_id", "client_secret"), self.published, strict=True)), self.note)
        client_id, secret = self.name.replace("_", "").upper(), self.name.replace("_", "-")
        credentials = {"client_id": f"PANTHEON{client_id}", "client_secret": f"secret-of-{secret}"}
        return SignIn(self.name, credentials, self.note)


_APPS = (
    _App("scale", "main", "scale", "may do everything; plan scale: the highest limits"),
    _App("scale_second", "main", "scale", "may do everything; another app of the same account"),
    _App("standard", "standard", "standard", "may do everything in an account of its own; plan standard"),
    _App("free", "free", "free", "may do everything in an account of its own; plan free: the lowest limits"),
    _App(
        *("overview", "main", "scale", "may do everything; the credentials printed in Pantheon's overview"),
        published=("IKIA1B7593C4402BC5E00C46AC8B1C1CC0B85EEBB088", "secret"),
    ),
    _App("empty", "empty", "scale", "may do everything in an account with nothing in it; plan scale"),
)

SIGN_INS = tuple(app.sign_in for app in _APPS)
"""The credentials there are from the start."""


def add_default_data(world: World) -> None:
    """Add the accounts and their apps, with a little of everything in all but the empty one."""
    world.records.add(SETTINGS, {"signing_key": world.ids.token()})
    plans: dict[str, Plan] = {app.account: app.plan for app in _APPS}
    for name, plan in plans.items():
        account = Account(world, world.records.add(ACCOUNTS, {"plan": plan})["id"])
        with _ago(account, days=60):
            for app in _APPS:
                if app.account == name:
                    account.add(APPS, name=APP_NAME, **app.sign_in.credentials)
        if name != "empty":
            _fill(account)


def _ago(account: Account, **length: float) -> AbstractContextManager[None]:
    """Let things in a block happen a while ago (`days=3`)."""
    clock = account.world.clock
    return clock.at(clock.now() - timedelta(**length))


def _fill(account: Account) -> None:
    with _ago(account, days=30):
        channels = {channel[0]: add_channel(account, *channel) for channel in _CHANNELS}
        account.records.add(TEMPLATES, {"account_id": account.id, "name": "order_shipped", "language": "en"})
    with _ago(account, days=20):
        contacts = [
            identities.add_contact(account, addresses, name=name, language=language)
            for name, language, addresses in _CONTACTS
        ]
        image = files.store(account, "front-door.gif", "image/gif", _PIXEL)
        files.store(account, "invoice-10482.pdf", "application/pdf", b"%PDF-1.4\n%%EOF\n")
    order = _add_order(account, contacts[0], channels["whatsapp"], image)
    _add_payments(account, order)
    _add_logins(account, order)
    _add_otp(account, order, channels["sms"])
    with _ago(account, hours=5):
        question = contents.text("Are you open on Sunday?")
        simulated_contacts.receive(account, channels["whatsapp"], contacts[1]["id"], question)
    _add_closed_conversation(account, contacts[2], channels["sms"])
    _add_former_webhook(account, order)


def say(account: Account, conversation: Row, text: str) -> Row:
    """Add a message of the app to a conversation."""
    content = contents.text(text)
    return messages.add(account, conversation, conversation["active_channel_id"], "outbound", content)


def add_channel(account: Account, channel_type: str, name: str, address: str) -> Row:
    """Connect a channel; one that is called `Former...` is disconnected again."""
    credentials: JsonObject = dict.fromkeys(CHANNEL_TYPES[channel_type].credentials, "example")
    row = channel_operations.connect(account, address, type=channel_type, name=name, credentials=credentials)
    row = channel_operations.decide(account, row)
    if not name.startswith("Former"):
        return row
    return channel_operations.disconnect(account, row, "It was disconnected by the app.")


def _add_order(account: Account, contact: Row, channel: Row, image: Row) -> Row:
    """Add a conversation about an order; return it as it began."""
    with _ago(account, days=3):
        about: JsonObject = {"subject": "Order 10482", "metadata": {"order": "10482"}}
        conversation = conversations.start(account, contact["id"], channel["id"], "app", **about)
        messages.reach(account, say(account, conversation, "Your order is on its way."), "read")
    with _ago(account, days=3, minutes=-5):
        thanks = contents.text("Thank you! When will it be here?")
        simulated_contacts.receive(account, channel, contact["id"], thanks)
    with _ago(account, days=3, minutes=-6):
        messages.reach(account, say(account, conversation, "It comes today, before noon."), "delivered")
    with _ago(account, days=2):
        picture = contents.media("image", image, Fields({"caption": "Left at the front door"}))
        simulated_contacts.receive(account, channel, contact["id"], picture)
    return conversation


def _add_payments(account: Account, conversation: Row) -> None:
    with _ago(account, days=2):
        order = _request_payment(account, conversation, 2599, "Order 10482")
        paid = payments.settle(account, payments.confirm(account, order))
        payments.refund(account, paid, 500, "One item was missing")
        delivery = _request_payment(account, conversation, 490, "Express delivery")
        payments.settle(account, payments.confirm(account, delivery))
    with _ago(account, hours=1):
        _request_payment(account, conversation, 1200, "Gift wrapping")


def _request_payment(account: Account, conversation: Row, amount: int, description: str) -> Row:
    given: JsonObject = {"amount": amount, "currency": "EUR", "description": description, "reference": "10482"}
    return payments.request(account, conversation, Fields(given))


def _add_logins(account: Account, conversation: Row) -> None:
    given = Fields({"scopes": ["profile"], "redirect_url": "https://shop.example/welcome"})
    with _ago(account, days=2):
        logins.approve(account, logins.request(account, conversation, given, APP_NAME))
    with _ago(account, days=1):
        logins.deny(account, logins.request(account, conversation, given, APP_NAME))


def _add_otp(account: Account, conversation: Row, channel: Row) -> None:
    with _ago(account, hours=20):
        row = otps.send(account, conversation, channel["id"], Fields({}), APP_NAME)
        otps.attempt(account, row, row["code"])


def _add_closed_conversation(account: Account, contact: Row, channel: Row) -> None:
    with _ago(account, days=10):
        conversation = conversations.start(account, contact["id"], channel["id"], "app")
        messages.fail(account, say(account, conversation, "How did you like it?"), "unreachable")
        conversations.close(account, conversation, "No answer")


def _add_former_webhook(account: Account, conversation: Row) -> None:
    """Add a webhook that is disabled, with one delivery that failed and one that succeeded."""
    given: JsonObject = {
        "url": "https://shop.example/pantheon/events",
        "events": ["conversation.started", "conversation.closed"],
        "description": "Former order desk",
    }
    with _ago(account, days=2):
        webhook = account.add(WEBHOOKS, **given)
        shown = CONVERSATION.show_one(account, conversation)
        event_id = webhooks.keep_event(account, "conversation.started", conversation=shown)
        _add_delivery(account, webhook, event_id, "failed", [503] * 6)
        _add_delivery(account, webhook, event_id, "succeeded", [204])
        account.change(WEBHOOKS, webhook, status="disabled")


def _add_delivery(account: Account, webhook: Row, event_id: str, status: str, status_codes: list[int]) -> None:
    at = account.world.timestamps.format(account.now)
    attempts = [
        {"number": number, "at": at, "status_code": status_code, "error": None, "duration_ms": 84}
        for number, status_code in enumerate(status_codes, 1)
    ]
    named = {"webhook_id": webhook["id"], "event_id": event_id, "event_type": "conversation.started"}
    account.add(DELIVERIES, **named, status=status, attempts=attempts)


RESOURCE = Resource[AppExchange](default_data=add_default_data)
