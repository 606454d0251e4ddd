"""More things of each kind, made as the methods of the API make them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import TypeAlias

from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.pantheon import (
    arguments,
    channels,
    contacts,
    conversations,
    default_data,
    files,
    logins,
    otps,
    payments,
    webhooks,
)
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.resource_types import CHANNEL, CONVERSATION

_WEBCHAT = "seeded-window"


def _make_channels(account: Account, count: int) -> list[str]:
    return [_webchat(account, f"window-{account.world.ids.ulid()}") for _ in range(count)]


def _make_contacts(account: Account, count: int) -> list[str]:
    return [
        contacts.create(account, f"Visitor {number}", None, [("webchat", f"visitor-{account.world.ids.ulid()}")], {})
        for number in range(1, count + 1)
    ]


def _make_conversations(account: Account, count: int) -> list[str]:
    channel_id = _any_webchat(account)
    return [
        conversations.start(account, contact_id, channel_id, "app", None, {})
        for contact_id in _make_contacts(account, count)
    ]


def _make_messages(account: Account, count: int) -> list[str]:
    conversation = _any_conversation(account)
    return [default_data.say(account, conversation, f"Message {number}", "delivered") for number in range(1, count + 1)]


def _make_files(account: Account, count: int) -> list[str]:
    return [
        files.store(account, f"file-{number}.txt", "text/plain", f"File {number}".encode())
        for number in range(1, count + 1)
    ]


def _make_payments(account: Account, count: int) -> list[str]:
    conversation = _any_conversation(account)
    return [
        payments.request(account, conversation, Fields({"amount": number, "currency": "EUR", "description": "Seeded"}))
        for number in range(1, count + 1)
    ]


def _make_logins(account: Account, count: int) -> list[str]:
    conversation = _any_conversation(account)
    return [logins.request(account, conversation, Fields({}), default_data.APP_NAME) for _ in range(count)]


def _make_otps(account: Account, count: int) -> list[str]:
    conversation = _any_conversation(account)
    channel_id = conversation["active_channel_id"]
    return [otps.send(account, conversation, channel_id, Fields({}), default_data.APP_NAME) for _ in range(count)]


def _make_webhooks(account: Account, count: int) -> list[str]:
    """Make webhooks for events that hardly happen, since nobody listens at their address."""
    given = Fields({"url": "https://shop.example/events", "events": ["otp.failed"]})
    return [webhooks.create(account, given) for _ in range(count)]


def _any_conversation(account: Account) -> sqlite3.Row:
    """Return an open conversation that messages can be sent in, which is made if there is none."""
    for row in account.store.all(
        "SELECT * FROM pantheon_conversations WHERE account_id = ? AND status = 'open' ORDER BY created_at, id",
        account.id,
    ):
        if not conversations.obstacles_to_send(account, row):
            return row
    return account.find(CONVERSATION, _make_conversations(account, 1)[0])


def _any_webchat(account: Account) -> str:
    row = account.store.one(
        "SELECT id FROM pantheon_channels WHERE account_id = ? AND type = 'webchat' AND status = 'connected'",
        account.id,
    )
    return _webchat(account, _WEBCHAT) if row is None else str(row["id"])


def _webchat(account: Account, address: str) -> str:
    channel_id = channels.connect(account, "webchat", "Seeded window", address, {}, {})
    channels.hear_from_platform(account, account.find(CHANNEL, channel_id))
    return channel_id


def _make_templates(account: Account, given: Json) -> Json:
    """Let platforms know templates: a list of objects with `name` and `language`."""
    if not isinstance(given, list):
        raise ControlError("`templates` is a list of objects with `name` and `language`", "templates")
    for item in given:
        template = item if isinstance(item, dict) else {}
        account.store.run(
            "INSERT OR IGNORE INTO pantheon_templates (account_id, name, language) VALUES (?, ?, ?)",
            *(account.id, arguments.text(template, "name"), arguments.text(template, "language")),
        )
    return given


Maker: TypeAlias = Callable[[Account, Json], Json]


def _counted(name: str, make: Callable[[Account, int], list[str]]) -> Maker:
    def make_counted(account: Account, given: Json) -> Json:
        made: list[Json] = [*make(account, arguments.count(given, name))]
        return made

    return make_counted


_COUNTED: Mapping[str, Callable[[Account, int], list[str]]] = {
    "channels": _make_channels,
    "contacts": _make_contacts,
    "conversations": _make_conversations,
    "messages": _make_messages,
    "files": _make_files,
    "payments": _make_payments,
    "logins": _make_logins,
    "otps": _make_otps,
    "webhooks": _make_webhooks,
}

MAKERS: Mapping[str, Maker] = {
    **{name: _counted(name, make) for name, make in _COUNTED.items()},
    "templates": _make_templates,
}
"""What can be made, by the key of the seed data."""
