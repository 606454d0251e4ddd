"""The namespace logins, and what contacts answer."""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit, urlunsplit

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
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
from trilogue_sandbox.pantheon.channel_types import CHANNEL_TYPES
from trilogue_sandbox.pantheon.errors import Faults
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.paging import Listing, list_page
from trilogue_sandbox.pantheon.resource_types import CHANNEL, CONTACT, CONVERSATION, LOGIN
from trilogue_sandbox.pantheon.resources import Resource

_DEFAULT_LIFE_SECONDS = 600


def show(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a login as the API shows it."""
    return {
        "id": row["id"],
        "conversation_id": row["conversation_id"],
        "contact_id": row["contact_id"],
        "message_id": row["message_id"],
        "status": row["status"],
        "scopes": documents.decode(row["scopes"]),
        "text": row["text"],
        "redirect_url": row["redirect_url"],
        "identity": documents.decode_optional(row["identity"]),
        "metadata": documents.decode(row["metadata"]),
        "created_at": timestamps.show(row["created_at"]),
        "updated_at": timestamps.show(row["updated_at"]),
        "expires_at": timestamps.show(row["expires_at"]),
        "decided_at": timestamps.show_optional(row["decided_at"]),
        "revoked_at": timestamps.show_optional(row["revoked_at"]),
    }


def request(account: Account, conversation: sqlite3.Row, given: Fields, app_name: str) -> str:
    """Ask a contact to log in, by a message over the active channel; return the id of the login."""
    login_id = account.new_id(LOGIN)
    contact = account.find(CONTACT, conversation["contact_id"])
    channel = account.find(CHANNEL, conversation["active_channel_id"])
    text = given.text("text", wording.login_text(app_name, contact["language"]))
    content: JsonObject = {"type": "login_request", "login_id": login_id, "text": text}
    expires_at = account.now + given.integer("expires_in", _DEFAULT_LIFE_SECONDS) * timestamps.SECOND
    account.add(
        LOGIN,
        {
            "id": login_id,
            "conversation_id": conversation["id"],
            "contact_id": contact["id"],
            "message_id": message_life.enqueue(account, conversation, channel["id"], content),
            "channel_type": channel["type"],
            "address": identities.address(account, contact["id"], channel["type"]),
            "status": "pending",
            "scopes": documents.encode(given.items("scopes")),
            "text": text,
            "redirect_url": given.optional_text("redirect_url"),
            "metadata": documents.encode(given.object("metadata")),
            "created_at": account.now,
            "updated_at": account.now,
            "expires_at": expires_at,
        },
    )
    timestamps.plant(account.world, expires_at, "expire_login", id=login_id)
    _emit(account, "login.requested", login_id)
    return login_id


def approve(account: Account, row: sqlite3.Row) -> None:
    """Let the contact approve a pending login, which proves that the address it went to is theirs."""
    identities.verify(account, row["contact_id"], row["channel_type"], row["address"])
    proved = documents.encode(_proved(account, row))
    _move(account, row, "approved", identity=proved, decided_at=account.now)


def deny(account: Account, row: sqlite3.Row) -> None:
    """Let the contact deny a pending login."""
    _move(account, row, "denied", decided_at=account.now)


def revoke(account: Account, row: sqlite3.Row) -> None:
    """End an approved login, or take a pending one back."""
    _move(account, row, "revoked", identity=None, revoked_at=account.now)


def revoke_all(account: Account, contact_id: str) -> None:
    """Revoke the pending and approved logins of a contact."""
    for row in account.store.all(
        "SELECT * FROM pantheon_logins WHERE contact_id = ? AND status IN ('pending', 'approved')"
        " ORDER BY created_at, id",
        contact_id,
    ):
        revoke(account, row)


def _proved(account: Account, row: sqlite3.Row) -> JsonObject:
    contact = account.find(CONTACT, row["contact_id"])
    scopes = documents.decode_list(row["scopes"])
    has_profile = "profile" in scopes
    return {
        "contact_id": contact["id"],
        "channel_type": row["channel_type"],
        "address": row["address"],
        "name": contact["name"] if has_profile else None,
        "language": contact["language"] if has_profile else None,
        "phone": _phone(account, contact["id"], row["channel_type"]) if "phone" in scopes else None,
        "email": identities.address(account, contact["id"], "email") if "email" in scopes else None,
    }


def _phone(account: Account, contact_id: str, preferred_type: str) -> str | None:
    """Return the phone number of a contact, if there is one, rather that of the channel in use."""
    with_numbers = [name for name, kind in CHANNEL_TYPES.items() if kind.has_phone_numbers]
    types = sorted(with_numbers, key=lambda name: name != preferred_type)
    numbers = (identities.address(account, contact_id, channel_type) for channel_type in types)
    return next((number for number in numbers if number), None)


def _move(account: Account, row: sqlite3.Row, status: str, **more: SqlValue) -> None:
    account.change(LOGIN, row, status=status, **more)
    _emit(account, f"login.{status}", row["id"])


def _emit(account: Account, event_type: str, login_id: str) -> None:
    events.emit(account, event_type, {"login": show(account, account.find(LOGIN, login_id))})


def _request(call: Call) -> JsonObject:
    conversation = call.find(CONVERSATION, "conversation_id")
    faults = Faults()
    faults.add("conversation_id", *conversations.obstacles_to_send(call.account, conversation))
    faults.raise_if_any()
    return _shown(call, request(call.account, conversation, call.body, call.app.name))


def _get(call: Call) -> JsonObject:
    return show(call.account, call.find(LOGIN, "login_id"))


_LOGINS = Listing(
    LOGIN.table,
    show,
    ("conversation_id", "contact_id", "status"),
    {"conversation_id": CONVERSATION, "contact_id": CONTACT},
)


def _list(call: Call) -> JsonObject:
    return list_page(call, _LOGINS)


def _revoke(call: Call) -> JsonObject:
    row = call.find(LOGIN, "login_id")
    is_final = row["status"] not in ("pending", "approved")
    faults = Faults()
    faults.add_if(is_final, "login_id", f"The login is {row['status']}, neither pending nor approved")
    faults.raise_if_any()
    revoke(call.account, row)
    return _shown(call, row["id"])


def _shown(call: Call, login_id: str) -> JsonObject:
    return show(call.account, call.account.find(LOGIN, login_id))


def _login(world: World, given: JsonObject, status: str) -> tuple[Account, sqlite3.Row]:
    arguments.only(given, "login_id")
    account, row = arguments.thing(world, given, LOGIN, "login_id")
    if row["status"] != status:
        raise ControlError(f"the login is {row['status']}, not {status}", "login_id")
    return account, row


def _approve(world: World, given: JsonObject) -> object:
    """Let the contact approve `login_id`; return the login, and where the contact is sent."""
    account, row = _login(world, given, "pending")
    if identities.address(account, row["contact_id"], row["channel_type"]) != row["address"]:
        raise ControlError("the contact does not have the address any more that the login went to", "login_id")
    approve(account, row)
    return _outcome(account, row["id"])


def _deny(world: World, given: JsonObject) -> object:
    """Let the contact deny `login_id`; return the login, and where the contact is sent."""
    account, row = _login(world, given, "pending")
    deny(account, row)
    return _outcome(account, row["id"])


def _log_out(world: World, given: JsonObject) -> object:
    """Let the contact revoke the approved `login_id` in the messaging app."""
    account, row = _login(world, given, "approved")
    revoke(account, row)
    return show(account, account.find(LOGIN, row["id"]))


def _outcome(account: Account, login_id: str) -> JsonObject:
    row = account.find(LOGIN, login_id)
    sent_to: Json = _with_login(row["redirect_url"], login_id) if row["redirect_url"] else None
    return {"login": show(account, row), "sent_to": sent_to}


def _with_login(url: str, login_id: str) -> str:
    parts = urlsplit(url)
    query = f"{parts.query}&login_id={login_id}" if parts.query else f"login_id={login_id}"
    return urlunsplit(parts._replace(query=query))


def _expire(world: World, given: JsonObject) -> object:
    """Let a login expire that the contact has not answered."""
    if found := arguments.due(world, given, LOGIN):
        account, row = found
        if row["status"] == "pending" and row["expires_at"] <= account.now:
            _move(account, row, "expired")
    return None


RESOURCE: Resource = Resource(
    handlers={
        "logins_request": _request,
        "logins_get": _get,
        "logins_list": _list,
        "logins_revoke": _revoke,
    },
    actions={"approve_login": _approve, "deny_login": _deny, "log_out": _log_out},
    timers={"expire_login": _expire},
)
