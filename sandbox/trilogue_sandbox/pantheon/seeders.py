"""What `seed` adds to an account, in any number."""

from __future__ import annotations

from collections.abc import Callable

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.resource import Resource, Seeder, counted
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.pantheon import conversations, files, identities, logins, messages, otps, payments
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channels import CHANNELS, TEMPLATES
from trilogue_sandbox.pantheon.conversations import CONVERSATIONS
from trilogue_sandbox.pantheon.default_data import APP_NAME, add_channel, say
from trilogue_sandbox.pantheon.operations import AppExchange
from trilogue_sandbox.pantheon.webhooks import WEBHOOKS


def _each(add: Callable[[Account, int], Row]) -> Seeder:
    """Return a seeder that adds as many rows as it is asked for, one after the other."""
    return counted(lambda account, count: [add(account, number)["id"] for number in range(1, count + 1)])


def _each_in_conversation(add: Callable[[Account, Row, int], Row]) -> Seeder:
    """Return a seeder that adds as many rows as it is asked for to one conversation."""

    def seed(account: Account, count: int) -> list[str]:
        conversation = _any_conversation(account)
        return [add(account, conversation, number)["id"] for number in range(1, count + 1)]

    return counted(seed)


def _add_visitor(account: Account, number: int) -> Row:
    address = f"visitor-{account.world.ids.ulid()}"
    return identities.add_contact(account, [("webchat", address)], name=f"Visitor {number}")


def _add_conversation(account: Account, number: int) -> Row:
    channel = account.select(CHANNELS, type="webchat", status="connected").first()
    channel = channel or add_channel(account, "webchat", "Seeded window", "seeded-window")
    return conversations.start(account, _add_visitor(account, number)["id"], channel["id"], "app")


def _add_webchat(account: Account, number: int) -> Row:
    return add_channel(account, "webchat", "Seeded window", f"window-{account.world.ids.ulid()}")


def _add_message(account: Account, conversation: Row, number: int) -> Row:
    return messages.reach(account, say(account, conversation, f"Message {number}"), "delivered")


def _add_file(account: Account, number: int) -> Row:
    return files.store(account, f"file-{number}.txt", "text/plain", f"File {number}".encode())


def _add_payment(account: Account, conversation: Row, number: int) -> Row:
    fields = Fields({"amount": number, "currency": "EUR", "description": "Seeded"})
    return payments.request(account, conversation, fields)


def _add_login(account: Account, conversation: Row, number: int) -> Row:
    return logins.request(account, conversation, Fields({}), APP_NAME)


def _add_pending_otp(account: Account, conversation: Row, number: int) -> Row:
    return otps.send(account, conversation, conversation["active_channel_id"], Fields({}), APP_NAME)


def _add_webhook(account: Account, number: int) -> Row:
    """Add a webhook for events that hardly happen, since nobody listens at its address."""
    return account.add(WEBHOOKS, url="https://shop.example/events", events=["otp.failed"])


def _seed_templates(account: Account, data: Fields, key: str) -> Json:
    """Let messaging platforms approve templates: a list of objects with `name` and `language`."""
    for template in data.objects(key):
        template.only("name", "language")
        named = {"name": template.string("name"), "language": template.string("language")}
        account.records.add_if_new(TEMPLATES, {"account_id": account.id, **named})
    return data.value(key)


def _any_conversation(account: Account) -> Row:
    """Return an open conversation that messages can be sent in, which is added if there is none."""
    for row in account.select(CONVERSATIONS, status="open").all("ORDER BY created_at, id"):
        if not conversations.obstacles_to_send(account, row):
            return row
    return _add_conversation(account, 1)


RESOURCE = Resource[AppExchange](
    seeders={
        "channels": _each(_add_webchat),
        "contacts": _each(_add_visitor),
        "conversations": _each(_add_conversation),
        "messages": _each_in_conversation(_add_message),
        "files": _each(_add_file),
        "payments": _each_in_conversation(_add_payment),
        "logins": _each_in_conversation(_add_login),
        "otps": _each_in_conversation(_add_pending_otp),
        "webhooks": _each(_add_webhook),
        "templates": _seed_templates,
    },
)
