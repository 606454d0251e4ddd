"""Members of a workspace, and those who are invited: an invitation has no user yet."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import arguments, audit, billing_block, documents, making, roles, timestamps, usages
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import WORKSPACE_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_TABLE = "botpress_members"
_COLUMNS = "item.*, (SELECT document FROM botpress_accounts WHERE id = item.account_id) AS account"


def _list(call: Call) -> JsonObject:
    return find_page(call, _members(call)).show("members", _show)


def _get_own(call: Call) -> JsonObject:
    return _show(call.find(_members(call), "member", call.account_id, "account_id"))


def _create(call: Call) -> JsonObject:
    roles.require(call, "manage")
    billing_block.require_paid(call)
    email, role = call.body.text("email"), call.body.text("role")
    if role == "owner":
        raise ApiError("Forbidden", "a workspace has one owner; add the person first, then make them the owner")
    if call.optional(_members(call), email, "email"):
        raise ApiError("AlreadyExists", "this address is a member of the workspace already")
    usages.require_room(call.world, call.workspace_id, "workspace_member_count")
    member_id = _add(call, email, role)
    audit.record(call, "ADD_WORKSPACE_MEMBER", Subject(member_id, email), role)
    return _show(_find(call, member_id))


def _add(call: Call, email: str, role: str) -> str:
    """Add a member; where an account has the address, it is that account's membership at once. No e-mail is sent."""
    member_id = call.world.ids.prefixed("wkmem")
    account = call.store.one("SELECT id FROM botpress_accounts WHERE email = ?", email)
    call.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?)",
        *(member_id, call.workspace_id, account["id"] if account else None, email, role, call.now),
    )
    return member_id


def _update(call: Call) -> JsonObject:
    roles.require(call, "manage")
    row = _find(call, call.path.text("id"))
    role = call.body.text("role", row["role"])
    if role != row["role"]:
        if row["role"] == "owner":
            raise ApiError("Forbidden", "the owner stays the owner until somebody else becomes it")
        if role == "owner":
            _hand_over(call, row)
        call.store.run(f"UPDATE {_TABLE} SET role = ? WHERE id = ?", role, row["id"])
        audit.record(call, "UPDATE_WORKSPACE_MEMBER", Subject(row["id"], row["email"]), role)
    return _show(_find(call, row["id"]))


def _hand_over(call: Call, row: sqlite3.Row) -> None:
    """Make the owner an administrator, since somebody else becomes the owner and a workspace has one.

    Raises:
        ApiError: the caller is not the owner, or the other one has no account yet (Forbidden).
    """
    roles.require(call, "own")
    if row["account_id"] is None:
        raise ApiError("Forbidden", "somebody who has not signed up yet cannot be the owner")
    call.store.run(
        f"UPDATE {_TABLE} SET role = 'administrator' WHERE workspace_id = ? AND role = 'owner'", call.workspace_id
    )


def _delete(call: Call) -> JsonObject:
    row = _find(call, call.path.text("id"))
    if row["account_id"] != call.account_id:
        roles.require(call, "manage")
    if row["role"] == "owner":
        raise ApiError(
            "ReferenceConstraint", "the owner cannot leave the workspace; make somebody else the owner first"
        )
    call.store.run(f"DELETE FROM {_TABLE} WHERE id = ?", row["id"])
    audit.record(call, "REMOVE_WORKSPACE_MEMBER", Subject(row["id"], row["email"]))
    return {}


def _members(call: Call) -> Select:
    return call.of_workspace(_TABLE, _COLUMNS)


def _find(call: Call, member_id: str) -> sqlite3.Row:
    return call.find(_members(call), "member", member_id)


def _show(row: sqlite3.Row) -> JsonObject:
    account = Fields(documents.decode_object(row["account"]) if row["account"] else {})
    optional: JsonObject = {
        "userId": row["account_id"],
        "displayName": account.optional_text("displayName"),
        "profilePicture": account.optional_text("profilePicture"),
    }
    return {
        "id": row["id"],
        "email": row["email"],
        "createdAt": timestamps.show(row["created_at"]),
        "role": row["role"],
        **documents.without_nulls(optional),
    }


def _make(world: World, value: Json) -> object:
    """Invite as many people to the first workspace as the number says."""
    number = arguments.count(value, "members")
    world.store.run_many(
        f"INSERT INTO {_TABLE} VALUES (?, ?, NULL, ?, ?, ?)",
        (
            (row_id, WORKSPACE_ID, f"{row_id.lower()}@example.com", roles.ROLES[index % (len(roles.ROLES) - 1)], at)
            for index, row_id, at in making.rows(world, "wkmem", number)
        ),
    )
    return number


RESOURCE = Resource(
    handlers={
        "listWorkspaceMembers": _list,
        "getWorkspaceMember": _get_own,
        "createWorkspaceMember": _create,
        "updateWorkspaceMember": _update,
        "deleteWorkspaceMember": _delete,
    },
    makers={"members": _make},
)
