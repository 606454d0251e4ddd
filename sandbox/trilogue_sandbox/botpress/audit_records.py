"""Audit records: what was done in a workspace, and by whom."""

from __future__ import annotations

import random
from typing import Literal, TypeAlias, get_args

from trilogue_sandbox.botpress import roles
from trilogue_sandbox.botpress.account_tables import WORKSPACES
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import NOTE, of
from trilogue_sandbox.botpress.credentials import ACCOUNT_ID, BOT_ID, WORKSPACE_ID
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.table import CREATED, TEXT, Row, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import View
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

_RECORDS = Table(
    "botpress_audit_records",
    {
        "id": prefixed_id("audit"),
        "workspace_id": of("workspaces"),
        "account_id": NOTE,
        "resource_id": TEXT,
        "resource_name": NOTE,
        "value": NOTE,
        "action": TEXT,
        "created_at": CREATED,
    },
    indexes=("workspace_id, created_at",),
)
_RECORD = View[Actor](
    "AuditRecord",
    _RECORDS,
    selected=("user_email",),
    columns={"recordedAt": "created_at", "userId": "account_id"},
)


def record(
    exchange: Exchange, action: AuditAction, row: Row, value: str | None = None, workspace_id: str | None = None
) -> None:
    """Write down what the caller did to a row, in the workspace of the request unless another is named."""
    workspace_id = workspace_id or exchange.workspace_id
    add(exchange.world, workspace_id, action, row, value=value, account_id=exchange.account_id)


def add(world: World, workspace_id: str, action: AuditAction, row: Row, **values: str | None) -> None:
    """Write down what was done to a row; without an `account_id`, the platform itself did it."""
    name = next((row[column] for column in ("name", "email") if column in row.keys()), None)  # noqa: SIM118
    resource = {"resource_id": row["id"], "resource_name": name}
    world.records.add(_RECORDS, {"workspace_id": workspace_id, "action": action, **resource, **values})


def _list(exchange: Exchange) -> JsonObject:
    workspace_id = exchange.path.string("id")
    roles.require_in(exchange, workspace_id, "manage")
    email = "(SELECT email FROM botpress_accounts WHERE id = item.account_id) AS user_email"
    select = exchange.records.select(_RECORDS, f"item.*, {email}", workspace_id=workspace_id)
    return paginate(exchange, "records", select, _RECORD.show)


def _seed(world: World, number: int) -> None:
    """Write down as many things, done by the owner to the bot, as the number says."""
    draws, done = random.Random(0), get_args(AuditAction)
    base = {"workspace_id": WORKSPACE_ID, "account_id": ACCOUNT_ID, "resource_id": BOT_ID, "resource_name": "Helper"}
    rows = [{**base, "action": draws.choice(done), "created_at": at} for at in spaced(world.now, number)]
    world.records.add_many(_RECORDS, rows)


def _add_default_data(world: World) -> None:
    workspace, bot = world.records.get(WORKSPACES, WORKSPACE_ID), world.records.get(BOTS, BOT_ID)
    add(world, WORKSPACE_ID, "CREATE_WORKSPACE", workspace, account_id=ACCOUNT_ID)
    add(world, WORKSPACE_ID, "CREATE_BOT", bot, account_id=ACCOUNT_ID)


RESOURCE = Resource(
    tables=(_RECORDS,),
    operations={"getAuditRecords": _list},
    seeders={"audit_records": counted(_seed)},
    default_data=_add_default_data,
)
