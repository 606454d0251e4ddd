"""Workspaces: what bots and integrations belong to, and what is billed."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import audit_records, roles
from trilogue_sandbox.botpress.account_tables import ACCOUNTS, BILLING, MEMBERS, WORKSPACES
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.credentials import ACCOUNT_ID, OTHER_WORKSPACE_ID, STRANGER_ID, WORKSPACE_ID, target
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS, INTERFACES, PLUGINS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.botpress.preferences import PREFERENCES
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import View, each, snake_case
from trilogue_sandbox.kernel.world import World

_BILLING = "FROM botpress_billing WHERE workspace_id = item.id"
_COLUMNS = f"""\
item.*, (SELECT COUNT(*) FROM botpress_bots WHERE workspace_id = item.id) AS bot_count,
(SELECT account_id FROM botpress_members WHERE workspace_id = item.id AND role = 'owner') AS owner_id,
(SELECT trial_id {_BILLING} AND trial_ends_at > {{now}}) AS active_trial_id,
(SELECT iif(trial_ends_at > {{now}}, trial_plan, iif(ends_at <= {{now}}, 'community', plan_id)) {_BILLING}) AS plan"""
_CONTENT = (BOTS, INTEGRATIONS, PLUGINS, INTERFACES)
_SUGGESTIONS = 3


_WORKSPACE = View[Actor]("Workspace", WORKSPACES, selected=("owner_id", "bot_count", "plan", "active_trial_id"))
_PUBLIC_WORKSPACE = View[Actor](
    "PublicWorkspace", WORKSPACES, computed={"handle": each(lambda _, row: row["handle"] or "")}
)
OWNER_WORKSPACE = View[Actor]("OwnerWorkspace", WORKSPACES)
"""What integrations say of the workspace they belong to."""


def _list(exchange: Exchange) -> JsonObject:
    is_member = "item.id IN (SELECT workspace_id FROM botpress_members WHERE account_id = ?)"
    select = exchange.records.select(WORKSPACES, _COLUMNS.format(now=exchange.now)).where(
        is_member, exchange.account_id
    )
    select = select.equal("handle", exchange.query.optional_string("handle") or None)
    return paginate(exchange, "workspaces", select, _WORKSPACE.show)


def _get(exchange: Exchange) -> JsonObject:
    workspace_id = exchange.path.string("id")
    roles.require_member(exchange.actor, workspace_id)
    return _show(exchange, workspace_id)


def _create(exchange: Exchange) -> JsonObject:
    account = exchange.records.get(ACCOUNTS, exchange.account_id)
    version = exchange.body.string("billingVersion", "v3")
    row = add(exchange.world, account, name=exchange.body.string("name"), billing_version=version)
    audit_records.record(exchange, "CREATE_WORKSPACE", row, workspace_id=row["id"])
    return _show(exchange, row["id"])


def add(world: World, owner: Row, **values: Any) -> Row:
    """Add a workspace, on the free plan."""
    row = world.records.add(WORKSPACES, values)
    world.records.add(BILLING, {"workspace_id": row["id"]})
    member = {"workspace_id": row["id"], "account_id": owner["id"], "email": owner["email"], "role": "owner"}
    world.records.add(MEMBERS, member)
    return row


def _update(exchange: Exchange) -> JsonObject:
    workspace_id = exchange.path.string("id")
    roles.require_in(exchange, workspace_id, "administer")
    roles.require_paid(exchange.world, workspace_id)
    handle = exchange.body.optional_string("handle")
    if handle is not None and _user_of(exchange, handle) not in (None, workspace_id):
        raise ApiError("AlreadyExists", f"the handle {handle!r} is taken")
    changes = {snake_case(name): value for name, value in exchange.body.values.items()}
    row = exchange.records.touch(WORKSPACES, exchange.records.get(WORKSPACES, workspace_id), **changes)
    if limit := exchange.body.optional_number("spendingLimit"):
        audit_records.record(exchange, "SET_SPENDING_LIMIT", row, f"{limit:g}", workspace_id)
    if set(changes) - {"spending_limit"}:
        audit_records.record(exchange, "UPDATE_WORKSPACE", row, workspace_id=workspace_id)
    return _show(exchange, workspace_id)


def _delete(exchange: Exchange) -> JsonObject:
    workspace_id = exchange.path.string("id")
    roles.require_in(exchange, workspace_id, "own")
    for table in _CONTENT:
        if exchange.records.find(table, workspace_id=workspace_id):
            content = table.name.removeprefix("botpress_")
            raise ApiError("ReferenceConstraint", f"the workspace still has {content}; delete or move them first")
    exchange.records.select(PREFERENCES, owner_id=workspace_id).remove()
    exchange.records.select(WORKSPACES, id=workspace_id).remove()
    return {}


def _migrate(exchange: Exchange) -> JsonObject:
    """Move a workspace to billing v4. What else that changes is not published; here plan and prices stay."""
    workspace_id = exchange.path.string("id")
    roles.require_in(exchange, workspace_id, "administer")
    row = exchange.records.get(WORKSPACES, workspace_id)
    if row["billing_version"] == "v4":
        raise ApiError("AlreadyExists", "the workspace is at billing v4 already")
    exchange.records.change(WORKSPACES, row, billing_version="v4")
    return {}


def _get_public(exchange: Exchange) -> JsonObject:
    workspace_id = exchange.path.string("id")
    select = exchange.records.select(WORKSPACES, id=workspace_id, is_public=True)
    return _PUBLIC_WORKSPACE.show_one(exchange.actor, require(select, "public workspace", workspace_id))


def _list_public(exchange: Exchange) -> JsonObject:
    select = exchange.records.select(WORKSPACES, is_public=True)
    select = select.among("id", exchange.query.optional_strings("workspaceIds"))
    if text := exchange.query.optional_string("search"):
        profile = "item.name || ' ' || ifnull(item.handle, '') || ' ' || item.about"
        select = select.where(f"instr(lower({profile}), ?) > 0", text.lower())
    return paginate(exchange, "workspaces", select, _PUBLIC_WORKSPACE.show)


def _check_handle(exchange: Exchange) -> JsonObject:
    handle = exchange.body.string("handle")
    user = _user_of(exchange, handle)
    if user is None:
        return {"available": True, "suggestions": []}
    return {"available": False, "suggestions": _free_handles(exchange, handle), "usedBy": user}


def _free_handles(exchange: Exchange, handle: str) -> list[Json]:
    free: list[Json] = []
    number = 1
    while len(free) < _SUGGESTIONS:
        number += 1
        if _user_of(exchange, f"{handle}-{number}") is None:
            free.append(f"{handle}-{number}")
    return free


def _user_of(exchange: Exchange, handle: str) -> str | None:
    row = exchange.records.find(WORKSPACES, handle=handle)
    return str(row["id"]) if row else None


def _select(exchange: Exchange, **values: str) -> Select:
    return exchange.records.select(WORKSPACES, _COLUMNS.format(now=exchange.now), **values)


def _show(exchange: Exchange, workspace_id: str) -> JsonObject:
    row = _select(exchange, id=workspace_id).first()
    assert row is not None, workspace_id
    return _WORKSPACE.show_one(exchange.actor, row)


def _block(world: World, given: Fields) -> object:
    """Block the workspace `workspace`, or unblock it with `is_blocked` false."""
    is_blocked = given.boolean("is_blocked", True)
    world.records.select(WORKSPACES, id=target(world, given, WORKSPACES)).change("blocked = ?", is_blocked)
    return {"blocked": is_blocked}


def _seed(world: World, number: int) -> object:
    """Add as many workspaces, owned by the owner of the first, as the number says."""
    owner, added = world.records.get(ACCOUNTS, ACCOUNT_ID), list[Json]()
    for index, at in enumerate(spaced(world.now, number)):
        added.append(add(world, owner, name=f"Workspace {index + 1}", created_at=at, updated_at=at)["id"])
    return added


def _add_default_data(world: World) -> None:
    for account_id, workspace_id, name, handle in (
        (ACCOUNT_ID, WORKSPACE_ID, "Sandbox", "sandbox"),
        (STRANGER_ID, OTHER_WORKSPACE_ID, "Elsewhere", "elsewhere"),
    ):
        profile = {"handle": handle, "is_public": True, "about": "A workspace to try things out."}
        add(world, world.records.get(ACCOUNTS, account_id), id=workspace_id, name=name, **profile)


RESOURCE = Resource(
    tables=(WORKSPACES, BILLING),
    operations={
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
    seeders={"workspaces": counted(_seed)},
    default_data=_add_default_data,
)
