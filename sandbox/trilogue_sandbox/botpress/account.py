"""The account that a personal access token belongs to."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import arguments, documents, timestamps
from trilogue_sandbox.botpress.auth import TokenOwner, add_token, new_token
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import ACCOUNT_ID, STRANGER_ID
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_CHANGEABLE = ("displayName", "profilePicture")


def _get(call: Call) -> JsonObject:
    return {"account": _show(_own(call))}


def _update(call: Call) -> JsonObject:
    """Change what was sent. `refresh` finds nothing new: no sign-in service stands behind the sandbox."""
    changes: JsonObject = {name: call.body.value(name) for name in _CHANGEABLE if name in call.body}
    _change(call.world, call.account_id, changes)
    return _get(call)


def _delete(call: Call) -> JsonObject:
    """Delete the account with its tokens and memberships, unless a workspace would be left without its owner."""
    owned = call.store.one(
        "SELECT workspace_id FROM botpress_members WHERE account_id = ? AND role = 'owner'", call.account_id
    )
    if owned:
        raise ApiError(
            "ReferenceConstraint", f"the account owns the workspace {owned['workspace_id']}; delete that first"
        )
    call.store.run("DELETE FROM botpress_preferences WHERE owner_id = ?", call.account_id)
    call.store.run("DELETE FROM botpress_accounts WHERE id = ?", call.account_id)
    return {}


def _own(call: Call) -> sqlite3.Row:
    return call.find(Select("botpress_accounts"), "account", call.account_id)


def _show(row: sqlite3.Row) -> JsonObject:
    document = Fields(documents.decode_object(row["document"]))
    return {
        "id": row["id"],
        "email": row["email"],
        "displayName": document.text("displayName", ""),
        "emailVerified": document.flag("emailVerified", True),
        "profilePicture": document.text("profilePicture", ""),
        "createdAt": timestamps.show(row["created_at"]),
    }


def _change(world: World, account_id: str, changes: JsonObject) -> None:
    world.store.run(
        "UPDATE botpress_accounts SET document = json_patch(document, ?) WHERE id = ?",
        *(documents.encode(changes), account_id),
    )


def _sign_up(world: World, given: JsonObject) -> object:
    """Make an account for `email`, called `display_name`; invitations to that address become memberships.

    Returns its id and a personal access token.
    """
    email = arguments.text(given, "email")
    if world.store.one("SELECT 1 FROM botpress_accounts WHERE email = ?", email):
        raise ControlError("there is an account with this address", "email")
    account_id, secret = world.ids.uuid4(), new_token("pat", world)
    world.store.run("INSERT INTO botpress_accounts VALUES (?, ?, '{}', ?)", account_id, email, timestamps.now(world))
    _change(world, account_id, {"displayName": arguments.text(given, "display_name", "")})
    world.store.run("UPDATE botpress_members SET account_id = ? WHERE email = ?", account_id, email)
    add_token(world, "pat", secret, TokenOwner(account_id=account_id), "sign_up")
    return {"id": account_id, "token": secret}


def _furnish(world: World) -> None:
    _change(world, ACCOUNT_ID, {"displayName": "Ada", "emailVerified": True})
    _change(world, STRANGER_ID, {"displayName": "Eve", "emailVerified": True})


RESOURCE = Resource(
    handlers={"getAccount": _get, "updateAccount": _update, "deleteAccount": _delete},
    actions={"sign_up": _sign_up},
    furnish=_furnish,
)
