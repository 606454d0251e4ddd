"""The account that a personal access token belongs to, and its introspection."""

from __future__ import annotations

from trilogue_sandbox.botpress import api_keys
from trilogue_sandbox.botpress.account_tables import ACCOUNTS, MEMBERS
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.credentials import ACCOUNT_ID, STRANGER_ID
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.preferences import PREFERENCES
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World

_ACCOUNT = View[Actor](
    "Account",
    ACCOUNTS,
    computed={
        "displayName": each(lambda _, row: row["display_name"] or ""),
        "profilePicture": each(lambda _, row: row["profile_picture"] or ""),
    },
)


def _get(exchange: Exchange) -> JsonObject:
    return {"account": _ACCOUNT.show_one(exchange.actor, _own(exchange))}


def _update(exchange: Exchange) -> JsonObject:
    """Change what was sent. `refresh` finds nothing new: no sign-in service is behind the sandbox."""
    names = {"displayName": "display_name", "profilePicture": "profile_picture"}
    changes = {column: exchange.body.value(name) for name, column in names.items() if name in exchange.body}
    exchange.records.change(ACCOUNTS, _own(exchange), **changes)
    return _get(exchange)


def _delete(exchange: Exchange) -> JsonObject:
    """Delete the account with its tokens and memberships, unless a workspace would be left without its owner."""
    owned = exchange.records.find(MEMBERS, account_id=exchange.account_id, role="owner")
    if owned:
        message = f"the account owns the workspace {owned['workspace_id']}; delete that first"
        raise ApiError("ReferenceConstraint", message)
    exchange.records.select(PREFERENCES, owner_id=exchange.account_id).remove()
    exchange.records.remove(ACCOUNTS, _own(exchange))
    return {}


def _own(exchange: Exchange) -> Row:
    return exchange.records.get(ACCOUNTS, exchange.account_id)


def _introspect(exchange: Exchange) -> JsonObject:
    bot_id = exchange.body.string("botId")
    is_member = "item.workspace_id IN (SELECT workspace_id FROM botpress_members WHERE account_id = ?)"
    bots = exchange.records.select(BOTS, id=bot_id).where(is_member, exchange.account_id)
    bot = require(bots, "bot", bot_id, error="ReferenceNotFound")
    return {"workspaceId": bot["workspace_id"], "botId": bot["id"], "userId": exchange.account_id}


def _sign_up(world: World, given: Fields) -> object:
    """Create an account for `email`, called `display_name`; invitations to that address become memberships.

    Returns its id and a personal access token.
    """
    email = given.string("email")
    if world.records.find(ACCOUNTS, email=email):
        raise ControlError("there is an account with this address", "email")
    account = world.records.add(ACCOUNTS, {"email": email, "display_name": given.string("display_name", "")})
    world.records.select(MEMBERS, email=email).change("account_id = ?", account["id"])
    token = api_keys.add(world, "pat", note="sign_up", account_id=account["id"])
    return {"id": account["id"], "token": token["token"]}


def _add_default_data(world: World) -> None:
    for account_id, email, name in ((ACCOUNT_ID, "ada@example.com", "Ada"), (STRANGER_ID, "eve@example.com", "Eve")):
        world.records.add(ACCOUNTS, {"id": account_id, "email": email, "display_name": name})


RESOURCE = Resource(
    tables=(ACCOUNTS,),
    operations={"getAccount": _get, "updateAccount": _update, "deleteAccount": _delete, "introspect": _introspect},
    actions={"sign_up": _sign_up},
    default_data=_add_default_data,
)
