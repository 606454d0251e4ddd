"""Members of a workspace, and those who are invited: an invitation has no user yet."""

from __future__ import annotations

from trilogue_sandbox.botpress import audit_records, roles, usages
from trilogue_sandbox.botpress.account_tables import ACCOUNTS, MEMBERS
from trilogue_sandbox.botpress.credentials import WORKSPACE_ID
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World

_COLUMNS = (
    "item.*, (SELECT display_name FROM botpress_accounts WHERE id = item.account_id) AS display_name,"
    " (SELECT profile_picture FROM botpress_accounts WHERE id = item.account_id) AS profile_picture"
)
_MEMBER = View[Actor](
    "WorkspaceMember",
    MEMBERS,
    selected=("display_name", "profile_picture"),
    columns={"userId": "account_id"},
)


def _list(exchange: Exchange) -> JsonObject:
    return paginate(exchange, "members", _members(exchange), _MEMBER.show)


def _get_own(exchange: Exchange) -> JsonObject:
    own = _members(exchange).equal("account_id", exchange.account_id)
    return _MEMBER.show_one(exchange.actor, require(own, "member", exchange.account_id, "account_id"))


def _create(exchange: Exchange) -> JsonObject:
    """Add a member; where an account has the address, it is that account's membership at once. No e-mail is sent."""
    roles.require(exchange, "manage")
    roles.require_paid_by(exchange.actor)
    email, role = exchange.body.string("email"), exchange.body.string("role")
    if role == "owner":
        raise ApiError("Forbidden", "a workspace has one owner; add the person first, then make them the owner")
    if exchange.records.find(MEMBERS, workspace_id=exchange.workspace_id, email=email):
        raise ApiError("AlreadyExists", "this address is a member of the workspace already")
    usages.require_room(exchange.world, exchange.workspace_id, "workspace_member_count")
    account = exchange.records.find(ACCOUNTS, email=email)
    account_id = account["id"] if account else None
    member = {"workspace_id": exchange.workspace_id, "account_id": account_id, "email": email, "role": role}
    row = exchange.records.add(MEMBERS, member)
    audit_records.record(exchange, "ADD_WORKSPACE_MEMBER", row, role)
    return _show(exchange, row)


def _update(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "manage")
    row = _find(exchange)
    role = exchange.body.string("role", row["role"])
    if role != row["role"]:
        if row["role"] == "owner":
            raise ApiError("Forbidden", "the owner stays the owner until somebody else becomes it")
        if role == "owner":
            _hand_over(exchange, row)
        exchange.records.change(MEMBERS, row, role=role)
        audit_records.record(exchange, "UPDATE_WORKSPACE_MEMBER", row, role)
    return _show(exchange, row)


def _hand_over(exchange: Exchange, row: Row) -> None:
    """Make the owner an administrator, since somebody else becomes the owner and a workspace has one.

    Raises:
        ApiError: the caller is not the owner, or the other one has no account yet (Forbidden).
    """
    roles.require(exchange, "own")
    if row["account_id"] is None:
        raise ApiError("Forbidden", "somebody who has not signed up yet cannot be the owner")
    exchange.actor.rows(MEMBERS).equal("role", "owner").change("role = 'administrator'")


def _delete(exchange: Exchange) -> JsonObject:
    row = _find(exchange)
    if row["account_id"] != exchange.account_id:
        roles.require(exchange, "manage")
    if row["role"] == "owner":
        message = "the owner cannot leave the workspace; make somebody else the owner first"
        raise ApiError("ReferenceConstraint", message)
    exchange.records.remove(MEMBERS, row)
    audit_records.record(exchange, "REMOVE_WORKSPACE_MEMBER", row)
    return {}


def _members(exchange: Exchange) -> Select:
    return exchange.actor.rows(MEMBERS, _COLUMNS)


def _find(exchange: Exchange) -> Row:
    return exchange.actor.find(MEMBERS, exchange.path.string("id"))


def _show(exchange: Exchange, row: Row) -> JsonObject:
    return _MEMBER.show_one(exchange.actor, require(_members(exchange).equal("id", row["id"]), "member", row["id"]))


def _seed(world: World, number: int) -> None:
    """Invite as many people to the first workspace as the number says."""
    stem, invited = world.ids.ulid().lower(), roles.ROLES[:-1]
    rows = [
        {
            "workspace_id": WORKSPACE_ID,
            "email": f"{stem}-{index}@example.com",
            "role": invited[index % len(invited)],
            "created_at": at,
        }
        for index, at in enumerate(spaced(world.now, number))
    ]
    world.records.add_many(MEMBERS, rows)


RESOURCE = Resource(
    tables=(MEMBERS,),
    operations={
        "listWorkspaceMembers": _list,
        "getWorkspaceMember": _get_own,
        "createWorkspaceMember": _create,
        "updateWorkspaceMember": _update,
        "deleteWorkspaceMember": _delete,
    },
    seeders={"members": counted(_seed)},
)
