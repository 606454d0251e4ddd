"""Logins, and what contacts decide about them."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import JSON, TEXT, TIMESTAMP, Row
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.accounts import Account, new_id
from trilogue_sandbox.pantheon.channels import CHANNEL_TYPES, CHANNELS
from trilogue_sandbox.pantheon.contents import login_text
from trilogue_sandbox.pantheon.conversations import CONVERSATIONS, obstacles_to_send
from trilogue_sandbox.pantheon.errors import ValidationErrors, require
from trilogue_sandbox.pantheon.identities import CONTACTS, find_address, verify
from trilogue_sandbox.pantheon.lists import Listing
from trilogue_sandbox.pantheon.operations import AppExchange, acting, changing, find_argument, find_named, getting
from trilogue_sandbox.pantheon.requests import ask, expiring, request_table
from trilogue_sandbox.pantheon.webhooks import emit

_DEFAULT_LIFE_SECONDS = 600

LOGINS = request_table(
    "logins",
    "login",
    {
        "channel_type": TEXT,
        "address": TEXT,
        "scopes": JSON.default([]),
        "text": TEXT,
        "redirect_url": TEXT.nullable(),
        "identity": JSON.nullable(),
        "decided_at": TIMESTAMP.nullable(),
        "revoked_at": TIMESTAMP.nullable(),
    },
)

LOGIN = View[Account]("Login", LOGINS)


def request(account: Account, conversation: Row, fields: Fields, app_name: str) -> Row:
    """Ask a contact to log in, by a message over the active channel."""
    login_id = new_id(account.world, "login")
    contact = account.find(CONTACTS, conversation["contact_id"])
    channel = account.find(CHANNELS, conversation["active_channel_id"])
    text = fields.string("text", login_text(app_name, contact["language"]))
    content: JsonObject = {"type": "login_request", "login_id": login_id, "text": text}
    seconds = fields.integer("expires_in", _DEFAULT_LIFE_SECONDS)
    sent = ask(account, conversation, channel["id"], content, login_id, seconds, "expire_login")
    address = find_address(account, contact["id"], channel["type"])
    reached = {"channel_type": channel["type"], "address": address, "text": text}
    row = account.add(LOGINS, **sent, **reached, **fields.given("scopes", "redirect_url", "metadata"))
    _emit(account, "login.requested", row)
    return row


def approve(account: Account, row: Row) -> Row:
    """Let the contact approve a pending login, which verifies the address it went to."""
    verify(account, row["contact_id"], row["channel_type"], row["address"])
    return _set_status(account, row, "approved", identity=_identity(account, row), decided_at=account.now)


def deny(account: Account, row: Row) -> Row:
    """Let the contact deny a pending login."""
    return _set_status(account, row, "denied", decided_at=account.now)


def revoke(account: Account, row: Row) -> Row:
    """End an approved login, or take a pending one back."""
    return _set_status(account, row, "revoked", identity=None, revoked_at=account.now)


def revoke_all(account: Account, contact_id: str) -> None:
    """Revoke the pending and approved logins of a contact."""
    found = account.records.select(LOGINS, contact_id=contact_id).among("status", ("pending", "approved"))
    for row in found.all("ORDER BY created_at, id"):
        revoke(account, row)


def _identity(account: Account, row: Row) -> JsonObject:
    """Return what an approved login says of its contact, as far as its scopes go."""
    contact, scopes = account.find(CONTACTS, row["contact_id"]), row["scopes"]
    has_profile = "profile" in scopes
    return {
        "contact_id": contact["id"],
        "channel_type": row["channel_type"],
        "address": row["address"],
        "name": contact["name"] if has_profile else None,
        "language": contact["language"] if has_profile else None,
        "phone": _find_phone(account, contact["id"], row["channel_type"]) if "phone" in scopes else None,
        "email": find_address(account, contact["id"], "email") if "email" in scopes else None,
    }


def _find_phone(account: Account, contact_id: str, preferred_type: str) -> str | None:
    """Return the phone number of a contact, if there is one, rather that of the channel in use."""
    with_numbers = [name for name, channel_type in CHANNEL_TYPES.items() if channel_type.has_phone_numbers]
    types = sorted(with_numbers, key=lambda name: name != preferred_type)
    numbers = (find_address(account, contact_id, channel_type) for channel_type in types)
    return next((number for number in numbers if number), None)


def _set_status(account: Account, row: Row, status: str, **more: Json) -> Row:
    changed = account.change(LOGINS, row, status=status, **more)
    _emit(account, f"login.{status}", changed)
    return changed


def expire(account: Account, row: Row) -> None:
    """Let a pending login expire."""
    _set_status(account, row, "expired")


def _emit(account: Account, event_type: str, row: Row) -> None:
    emit(account, event_type, login=LOGIN.show_one(account, row))


def _request(exchange: AppExchange) -> JsonObject:
    account, conversation = exchange.context, find_named(exchange, CONVERSATIONS, "conversation_id")
    with ValidationErrors() as errors:
        errors.add("conversation_id", *obstacles_to_send(account, conversation))
    return LOGIN.show_one(account, request(account, conversation, exchange.body, account.app_name))


def _revoke(account: Account, row: Row, body: Fields) -> Row:
    can_be_revoked = row["status"] in ("pending", "approved")
    require(can_be_revoked, "login_id", f"The login is {row['status']}, neither pending nor approved")
    return revoke(account, row)


def _approve(world: World, fields: Fields) -> object:
    """Let the contact approve `login_id`; return the login, and where the contact is sent."""
    fields.only("login_id")
    account, row = find_argument(world, fields, LOGINS, "login_id", ("pending",))
    if find_address(account, row["contact_id"], row["channel_type"]) != row["address"]:
        raise ControlError("the contact does not have the address any more that the login went to", "login_id")
    return _show_decision(account, approve(account, row))


def _deny(world: World, fields: Fields) -> object:
    """Let the contact deny `login_id`; return the login, and where the contact is sent."""
    fields.only("login_id")
    account, row = find_argument(world, fields, LOGINS, "login_id", ("pending",))
    return _show_decision(account, deny(account, row))


def _log_out(account: Account, row: Row, fields: Fields) -> Row:
    """Let the contact revoke the approved `login_id` in the messaging app."""
    return revoke(account, row)


def _show_decision(account: Account, row: Row) -> JsonObject:
    sent_to = _with_login(row["redirect_url"], row["id"]) if row["redirect_url"] else None
    return {"login": LOGIN.show_one(account, row), "sent_to": sent_to}


def _with_login(url: str, login_id: str) -> str:
    parts = urlsplit(url)
    query = f"{parts.query}&login_id={login_id}" if parts.query else f"login_id={login_id}"
    return urlunsplit(parts._replace(query=query))


RESOURCE = Resource[AppExchange](
    tables=(LOGINS,),
    operations={
        "logins_request": _request,
        "logins_get": getting(LOGIN, "login_id"),
        "logins_list": Listing(
            LOGIN,
            ("conversation_id", "contact_id", "status"),
            {"conversation_id": CONVERSATIONS, "contact_id": CONTACTS},
        ),
        "logins_revoke": changing(LOGIN, "login_id", _revoke),
    },
    actions={
        "approve_login": _approve,
        "deny_login": _deny,
        "log_out": acting(LOGIN, "login_id", _log_out, statuses=("approved",)),
    },
    jobs={"expire_login": expiring(LOGINS, "pending", expire)},
)
