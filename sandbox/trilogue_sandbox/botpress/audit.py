"""Audit records: what was done in a workspace, and by whom."""

from __future__ import annotations

import random
import sqlite3
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress import arguments, making, roles, timestamps
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import ACCOUNT_ID, BOT_ID, WORKSPACE_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

AuditAction: TypeAlias = Literal[
    "ADD_WORKSPACE_MEMBER",
    "REMOVE_WORKSPACE_MEMBER",
    "UPDATE_WORKSPACE_MEMBER",
    "CREATE_BOT",
    "CREATE_WORKSPACE",
    "DELETE_BOT",
    "DEPLOY_BOT",
    "TRANSFER_BOT",
    "DOWNLOAD_BOT_ARCHIVE",
    "UPDATE_BOT",
    "UPDATE_BOT_CHANNEL",
    "UPDATE_BOT_CONFIG",
    "UPDATE_PAYMENT_METHOD",
    "UPDATE_WORKSPACE",
    "SET_SPENDING_LIMIT",
    "SET_AI_SPENDING_LIMIT",
    "UPDATE_WORKSPACE_PLAN_READONLY",
    "UPDATE_WORKSPACE_ADDONS_READONLY",
    "EXECUTE_AUTO_RECHARGE_SUCCESS",
    "EXECUTE_AUTO_RECHARGE_FAILED",
]

_SCHEMA = """
CREATE TABLE botpress_audit_records (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces ON DELETE CASCADE,
    account_id TEXT, resource_id TEXT, resource_name TEXT, value TEXT, action TEXT NOT NULL,
    created_at INTEGER NOT NULL);
CREATE INDEX botpress_audit_records_newest ON botpress_audit_records (workspace_id, created_at);
"""


@attrs.frozen
class Subject:
    """What something was done to."""

    id: str
    name: str | None = None


def record(
    call: Call, action: AuditAction, subject: Subject, value: str | None = None, workspace_id: str | None = None
) -> None:
    """Write down what the caller did, in the workspace of the call unless another is named."""
    add(call.world, workspace_id or call.workspace_id, action, subject, value, call.account_id)


def add(
    world: World,
    workspace_id: str,
    action: AuditAction,
    subject: Subject,
    value: str | None = None,
    account_id: str | None = None,
) -> None:
    """Write down what was done in a workspace; without an account, the platform itself did it."""
    world.store.run(
        "INSERT INTO botpress_audit_records VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(world.ids.prefixed("audit"), workspace_id, account_id, subject.id, subject.name, value, action),
        timestamps.now(world),
    )


def _list(call: Call) -> JsonObject:
    workspace_id = call.path.text("id")
    roles.require_in(call, workspace_id, "manage")
    email = "(SELECT email FROM botpress_accounts WHERE id = item.account_id) AS email"
    select = Select("botpress_audit_records", f"item.*, {email}").equal("workspace_id", workspace_id)
    return find_page(call, select).show("records", _show)


def _show(row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["id"],
        "recordedAt": timestamps.show(row["created_at"]),
        "userId": row["account_id"],
        "userEmail": row["email"],
        "resourceId": row["resource_id"],
        "resourceName": row["resource_name"],
        "value": row["value"],
        "action": row["action"],
    }


def _make(world: World, value: Json) -> object:
    """Write down as many things, done by the owner to the bot, as the number says."""
    number = arguments.count(value, "audit_records")
    draws = random.Random(number)
    world.store.run_many(
        "INSERT INTO botpress_audit_records VALUES (?, ?, ?, ?, 'Helper', NULL, ?, ?)",
        (
            (row_id, WORKSPACE_ID, ACCOUNT_ID, BOT_ID, draws.choice(get_args(AuditAction)), at)
            for _, row_id, at in making.rows(world, "audit", number)
        ),
    )
    return number


def _furnish(world: World) -> None:
    add(world, WORKSPACE_ID, "CREATE_WORKSPACE", Subject(WORKSPACE_ID, "Sandbox"), account_id=ACCOUNT_ID)
    add(world, WORKSPACE_ID, "CREATE_BOT", Subject(BOT_ID, "Helper"), account_id=ACCOUNT_ID)


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={"getAuditRecords": _list},
    makers={"audit_records": _make},
    furnish=_furnish,
)
