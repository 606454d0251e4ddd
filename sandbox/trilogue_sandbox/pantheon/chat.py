"""The contacts of an account, in their messaging apps: they write, tap buttons, log in, pay and read their codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trilogue_sandbox.kernel.chats import LATEST, Chat, ChatMessage, Choice
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import contents, logins, messages, otps, payments, simulated_contacts
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channels import CHANNEL_TYPES, CHANNELS
from trilogue_sandbox.pantheon.identities import CONTACTS, IDENTITIES, add_contact, find_owner
from trilogue_sandbox.pantheon.logins import LOGINS
from trilogue_sandbox.pantheon.messages import MESSAGES
from trilogue_sandbox.pantheon.operations import AppExchange, account_of
from trilogue_sandbox.pantheon.otps import OTPS
from trilogue_sandbox.pantheon.payments import PAYMENTS

_RECEIVED = messages.STEPS[1:]
_WITH_PHONE = ("sms", "whatsapp", "viber")
"""The types of channel that `tel` stands for; the first that the account has."""


def _pay(account: Account, row: Row) -> Row:
    return payments.settle(account, payments.confirmed(account, row))


def _decline(account: Account, row: Row) -> Row:
    return payments.fail(account, payments.confirmed(account, row), "declined")


_DECISIONS: Mapping[str, tuple[Table, Callable[[Account, Row], Row]]] = {
    "approve": (LOGINS, logins.approve),
    "deny": (LOGINS, logins.deny),
    "pay": (PAYMENTS, _pay),
    "decline": (PAYMENTS, _decline),
}


class _Chat(Chat):
    scope = "client_id"
    reports_reading = True

    def contacts(self, world: World, arguments: Fields) -> Mapping[str, str]:
        account = account_of(world, arguments)
        names = {row["id"]: row["name"] for row in account.select(CONTACTS).all()}
        rows = account.select(IDENTITIES).all("ORDER BY item.id LIMIT ?", LATEST)
        return {f"{row['channel_type']}:{row['address']}": names[row["contact_id"]] or "" for row in rows}

    def messages(self, world: World, arguments: Fields) -> Sequence[ChatMessage]:
        account = account_of(world, arguments)
        contact_id = find_owner(account, *_address(account, arguments))
        if contact_id is None:
            return ()
        rows = account.select(MESSAGES, contact_id=contact_id)
        latest = rows.all("ORDER BY item.created_at DESC, item.id DESC LIMIT ?", LATEST)
        return [_show(account, row) for row in reversed(latest)]

    def say(self, world: World, arguments: Fields, text: str) -> object:
        account = account_of(world, arguments)
        channel_type, address = _address(account, arguments)
        owner_id = find_owner(account, channel_type, address)
        contact_id = owner_id or add_contact(account, [(channel_type, address)])["id"]
        return simulated_contacts.receive(account, _channel(account, channel_type), contact_id, contents.text(text))

    def tap(self, world: World, arguments: Fields, message: ChatMessage, choice: Choice) -> object:
        account, (action, _, value) = account_of(world, arguments), choice.id.partition(":")
        if action == "button":
            row = account.records.get(MESSAGES, message.id)
            return simulated_contacts.press_button(account, row, Fields({"button_id": value}, arguments.error))
        table, decide = _DECISIONS[action]
        return decide(account, account.records.get(table, value))

    def mark_read(self, world: World, arguments: Fields) -> object:
        account = account_of(world, arguments)
        contact_id = find_owner(account, *_address(account, arguments))
        rows = account.select(MESSAGES, direction="outbound", status="delivered").equal("contact_id", contact_id)
        for row in rows.all("ORDER BY created_at, id") if contact_id else ():
            if messages.channel_type_of(account, row).read_receipts:
                messages.reach(account, row, "read")
        return None


def _address(account: Account, arguments: Fields) -> tuple[str, str]:
    """Return the type of channel and the address that `contact` names, as in `whatsapp:+12025550143`."""
    scheme, colon, path = arguments.string("contact").partition(":")
    connected = {row["type"] for row in account.select(CHANNELS, status="connected").all()}
    if scheme == "tel":
        scheme = next((name for name in _WITH_PHONE if name in connected), _WITH_PHONE[0])
    address = CHANNEL_TYPES[scheme].normalize(path) if scheme in CHANNEL_TYPES else None
    if not colon or address is None:
        known = ", ".join(("tel", *CHANNEL_TYPES))
        raise ControlError(f"`contact` must be an address such as whatsapp:+12025550143; types: {known}", "contact")
    return scheme, address


def _channel(account: Account, channel_type: str) -> Row:
    row = account.select(CHANNELS, type=channel_type, status="connected").first("ORDER BY created_at, id")
    if row is None:
        raise ControlError(f"`contact`: the account has no connected channel of the type {channel_type}", "contact")
    return row


def _show(account: Account, row: Row) -> ChatMessage:
    content, is_inbound = row["content"], row["direction"] == "inbound"
    text, choices = _SHOWN.get(content["type"], _show_words)(account, content)
    is_received = is_inbound or row["status"] in _RECEIVED
    code = account.records.get(OTPS, str(content["otp_id"]))["code"] if content["type"] == "otp" else None
    return ChatMessage(row["id"], is_inbound, text, row["created_at"], row["status"], is_received, choices, code)


def _show_words(account: Account, content: JsonObject) -> tuple[str, list[Choice]]:
    """Show a content by its words, or else by its type; with the buttons that report a press."""
    fields = Fields(content)
    words = [str(content[name]) for name in ("text", "caption", "filename", "name", "address") if content.get(name)]
    buttons = [button for button in fields.objects("buttons") if button.optional_string("url") is None]
    choices = [Choice(f"button:{button.string('id')}", button.string("title")) for button in buttons]
    content_type = [] if fields.string("type") in ("text", "buttons") else [f"[{fields.string('type')}]"]
    return " ".join([*content_type, *words]), choices


def _show_login(account: Account, content: JsonObject) -> tuple[str, list[Choice]]:
    row = account.records.get(LOGINS, str(content["login_id"]))
    decisions = (("approve", "Approve"), ("deny", "Deny")) if row["status"] == "pending" else ()
    state = "" if decisions else f" [{row['status']}]"
    return f"{content['text']}{state}", [Choice(f"{name}:{row['id']}", label) for name, label in decisions]


def _show_payment(account: Account, content: JsonObject) -> tuple[str, list[Choice]]:
    row = account.records.get(PAYMENTS, str(content["payment_id"]))
    is_open = row["status"] in ("requested", "pending")
    decisions = (("pay", "Pay"), ("decline", "Decline")) if is_open else ()
    text = f"{row['description']}: {row['amount']} {row['currency']} (in the minor unit) [{row['status']}]"
    return text, [Choice(f"{name}:{row['id']}", label) for name, label in decisions]


def _show_otp(account: Account, content: JsonObject) -> tuple[str, list[Choice]]:
    row = account.records.get(OTPS, str(content["otp_id"]))
    return otps.text_of(row), []


_SHOWN: Mapping[str, Callable[[Account, JsonObject], tuple[str, list[Choice]]]] = {
    "login_request": _show_login,
    "payment_request": _show_payment,
    "otp": _show_otp,
}

RESOURCE = Resource[AppExchange](actions=_Chat().actions)
