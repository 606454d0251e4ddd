"""Workspaces: what bots and integrations belong to, and what is billed."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import (
    arguments,
    audit,
    billing_block,
    documents,
    making,
    roles,
    subscriptions,
    targets,
    timestamps,
    trials,
)
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import require_member
from trilogue_sandbox.botpress.seeding import ACCOUNT_ID, OTHER_WORKSPACE_ID, WORKSPACE_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_TABLE = "botpress_workspaces"
_COLUMNS = (
    "item.*, (SELECT COUNT(*) FROM botpress_bots WHERE workspace_id = item.id) AS bot_count,"
    " (SELECT account_id FROM botpress_members WHERE workspace_id = item.id AND role = 'owner') AS owner_id"
)
_IS_PUBLIC = "json_extract(item.document, '$.isPublic')"
_HANDLE = "json_extract(item.document, '$.handle')"
_PROFILE = ("about", "profilePicture", "contactEmail", "website")
_SPENDING_LIMIT = 100
"""In dollars, until it is set."""
_SUGGESTIONS = 3


def find(world: World, workspace_id: str) -> sqlite3.Row:
    """Return a workspace that is known to exist."""
    row = world.store.one(f"SELECT {_COLUMNS} FROM {_TABLE} AS item WHERE item.id = ?", workspace_id)
    assert row is not None, workspace_id
    return row


def show_owner(world: World, workspace_id: str) -> JsonObject:
    """Return what integrations say of the workspace they belong to."""
    row = find(world, workspace_id)
    return {"id": row["id"], "handle": _document(row).optional_text("handle"), "name": row["name"]}


def handle_of(world: World, workspace_id: str) -> str | None:
    """Return the handle of a workspace; None if it has none."""
    return _document(find(world, workspace_id)).optional_text("handle")


def _list(call: Call) -> JsonObject:
    is_member = "item.id IN (SELECT workspace_id FROM botpress_members WHERE account_id = ?)"
    select = Select(_TABLE, _COLUMNS).where(is_member, call.account_id)
    if handle := call.query.optional_text("handle"):
        select = select.where(f"{_HANDLE} = ?", handle)
    return find_page(call, select).show("workspaces", lambda row: _show(call.world, row))


def _get(call: Call) -> JsonObject:
    workspace_id = call.path.text("id")
    require_member(call.world, call.caller, workspace_id)
    return _show(call.world, find(call.world, workspace_id))


def _create(call: Call) -> JsonObject:
    name, now = call.body.text("name"), call.now
    workspace_id = _add(call.world, name, {"billingVersion": call.body.text("billingVersion", "v3")}, now)
    _add_owner(call.world, workspace_id, call.account_id)
    audit.record(call, "CREATE_WORKSPACE", Subject(workspace_id, name), workspace_id=workspace_id)
    return _show(call.world, find(call.world, workspace_id))


def _add(world: World, name: str, document: JsonObject, now: int) -> str:
    workspace_id = world.ids.prefixed("wkspace")
    encoded = documents.encode(document)
    world.store.run(f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?)", workspace_id, name, encoded, now, now)
    subscriptions.open_subscription(world, workspace_id)
    return workspace_id


def _add_owner(world: World, workspace_id: str, account_id: str) -> None:
    row = world.store.one("SELECT email FROM botpress_accounts WHERE id = ?", account_id)
    assert row is not None
    world.store.run(
        "INSERT INTO botpress_members VALUES (?, ?, ?, ?, 'owner', ?)",
        *(world.ids.prefixed("wkmem"), workspace_id, account_id, row["email"], timestamps.now(world)),
    )


def _update(call: Call) -> JsonObject:
    workspace_id = call.path.text("id")
    roles.require_in(call, workspace_id, "administer")
    billing_block.require_paid_workspace(call.world, workspace_id)
    _require_free_handle(call, workspace_id)
    row = find(call.world, workspace_id)
    name = call.body.text("name", row["name"])
    changes: JsonObject = {key: value for key, value in call.body.values.items() if key != "name"}
    call.store.run(
        f"UPDATE {_TABLE} SET name = ?, document = json_patch(document, ?), updated_at = ? WHERE id = ?",
        *(name, documents.encode(changes), call.now, workspace_id),
    )
    _record_update(call, Subject(workspace_id, name))
    return _show(call.world, find(call.world, workspace_id))


def _record_update(call: Call, subject: Subject) -> None:
    if limit := call.body.optional_number("spendingLimit"):
        audit.record(call, "SET_SPENDING_LIMIT", subject, f"{limit:g}", subject.id)
    if set(call.body.values) - {"spendingLimit"}:
        audit.record(call, "UPDATE_WORKSPACE", subject, workspace_id=subject.id)


def _require_free_handle(call: Call, workspace_id: str) -> None:
    handle = call.body.optional_text("handle")
    if handle is not None and _user_of(call, handle) not in (None, workspace_id):
        raise ApiError("AlreadyExists", f"the handle {handle!r} is taken")


def _delete(call: Call) -> JsonObject:
    workspace_id = call.path.text("id")
    roles.require_in(call, workspace_id, "own")
    for table, noun in _CONTENT.items():
        if call.store.one(f"SELECT 1 FROM {table} WHERE workspace_id = ?", workspace_id):
            raise ApiError("ReferenceConstraint", f"the workspace still has {noun}; delete or move them first")
    call.store.run("DELETE FROM botpress_preferences WHERE owner_id = ?", workspace_id)
    call.store.run(f"DELETE FROM {_TABLE} WHERE id = ?", workspace_id)
    return {}


_CONTENT = {
    "botpress_bots": "bots",
    "botpress_integrations": "integrations",
    "botpress_plugins": "plugins",
    "botpress_interfaces": "interfaces",
}


def _migrate(call: Call) -> JsonObject:
    """Put a workspace at billing v4. What else that changes is not published; here plan and prices stay as they are."""
    workspace_id = call.path.text("id")
    roles.require_in(call, workspace_id, "administer")
    if _document(find(call.world, workspace_id)).text("billingVersion", "v3") == "v4":
        raise ApiError("AlreadyExists", "the workspace is at billing v4 already")
    call.store.run(
        f"UPDATE {_TABLE} SET document = json_set(document, '$.billingVersion', 'v4'), updated_at = ? WHERE id = ?",
        *(call.now, workspace_id),
    )
    return {}


def _get_public(call: Call) -> JsonObject:
    return _show_public(call.find(Select(_TABLE).where(_IS_PUBLIC), "public workspace", call.path.text("id")))


def _list_public(call: Call) -> JsonObject:
    select = Select(_TABLE).where(_IS_PUBLIC).among("id", call.query.optional_texts("workspaceIds"))
    if text := call.query.optional_text("search"):
        about = "ifnull(json_extract(item.document, '$.about'), '')"
        profile = f"item.name || ' ' || ifnull({_HANDLE}, '') || ' ' || {about}"
        select = select.where(f"instr(lower({profile}), ?) > 0", text.lower())
    return find_page(call, select).show("workspaces", _show_public)


def _check_handle(call: Call) -> JsonObject:
    handle = call.body.text("handle")
    user = _user_of(call, handle)
    if user is None:
        return {"available": True, "suggestions": []}
    return {"available": False, "suggestions": _free_handles(call, handle), "usedBy": user}


def _free_handles(call: Call, handle: str) -> list[Json]:
    free: list[Json] = []
    number = 1
    while len(free) < _SUGGESTIONS:
        number += 1
        if _user_of(call, f"{handle}-{number}") is None:
            free.append(f"{handle}-{number}")
    return free


def _user_of(call: Call, handle: str) -> str | None:
    row = call.store.one(f"SELECT id FROM {_TABLE} AS item WHERE {_HANDLE} = ?", handle)
    return str(row["id"]) if row else None


def _document(row: sqlite3.Row) -> Fields:
    return Fields(documents.decode_object(row["document"]))


def _show(world: World, row: sqlite3.Row) -> JsonObject:
    document, trial = _document(row), trials.active(world, row["id"])
    subscribed = subscriptions.load(world, row["id"]).plan_id
    return {
        **_show_profile(row),
        **documents.without_nulls({"handle": document.optional_text("handle")}),
        "ownerId": row["owner_id"],
        "botCount": row["bot_count"],
        "billingVersion": document.text("billingVersion", "v3"),
        "plan": trial["trial_plan"] if trial else subscribed,
        "blocked": document.flag("blocked"),
        "spendingLimit": document.value("spendingLimit") or _SPENDING_LIMIT,
        "isPublic": document.flag("isPublic"),
        "activeTrialId": trial["id"] if trial else None,
    }


def _show_public(row: sqlite3.Row) -> JsonObject:
    return {**_show_profile(row), "handle": _document(row).text("handle", "")}


def _show_profile(row: sqlite3.Row) -> JsonObject:
    document = _document(row)
    return {
        "id": row["id"],
        "name": row["name"],
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        **{name: document.text(name, "") for name in _PROFILE},
        "socialAccounts": document.items("socialAccounts"),
    }


def _block(world: World, given: JsonObject) -> object:
    """Block the workspace `workspace`, or with `is_blocked` false let it go on."""
    workspace_id = targets.workspace(world, given)
    is_blocked = given.get("is_blocked", True) is True
    billing_block.set_blocked(world, workspace_id, is_blocked)
    return {"blocked": is_blocked}


def _make(world: World, value: Json) -> object:
    """Make as many workspaces, owned by the owner of the first, as the number says."""
    made: list[Json] = []
    for index, _, at in making.rows(world, "wkspace", arguments.count(value, "workspaces")):
        made.append(_add(world, f"Workspace {index + 1}", {}, at))
        _add_owner(world, str(made[-1]), ACCOUNT_ID)
    return made


def _furnish(world: World) -> None:
    for workspace_id, handle in ((WORKSPACE_ID, "sandbox"), (OTHER_WORKSPACE_ID, "elsewhere")):
        document: JsonObject = {"handle": handle, "isPublic": True, "about": "A workspace to try things out."}
        world.store.run(f"UPDATE {_TABLE} SET document = ? WHERE id = ?", documents.encode(document), workspace_id)
        subscriptions.open_subscription(world, workspace_id)


RESOURCE = Resource(
    handlers={
        "listWorkspaces": _list,
        "getWorkspace": _get,
        "createWorkspace": _create,
        "updateWorkspace": _update,
        "deleteWorkspace": _delete,
        "migrateWorkspaceToV4": _migrate,
        "getPublicWorkspace": _get_public,
        "listPublicWorkspaces": _list_public,
        "checkHandleAvailability": _check_handle,
    },
    actions={"block_workspace": _block},
    makers={"workspaces": _make},
    furnish=_furnish,
)
