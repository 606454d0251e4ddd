"""Audit records: what was done in a workspace, and by whom."""

from __future__ import annotations

from trilogue_sandbox.botpress import roles
from trilogue_sandbox.botpress.account_tables import WORKSPACES
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import NOTE, of
from trilogue_sandbox.botpress.credentials import ACCOUNT_ID, BOT_ID, WORKSPACE_ID
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import CREATED, TEXT, Row, Table, prefixed_id
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World

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
    exchange: Exchange, action: str, row: Row, value: str | None = None, workspace_id: str | None = None
) -> None:
    """Write down what the caller did to a row, in the workspace of the request unless another is named."""
    made = {"workspace_id": workspace_id or exchange.workspace_id, "account_id": exchange.account_id}
    _add(exchange.world, row, action=action, value=value, **made)


def _add(world: World, row: Row, **values: str | None) -> None:
    name = next((row[column] for column in ("name", "email") if column in row.keys()), None)  # noqa: SIM118
    world.records.add(_RECORDS, {"resource_id": row["id"], "resource_name": name, **values})


def _list(exchange: Exchange) -> JsonObject:
    workspace_id = exchange.path.string("id")
    roles.require_in(exchange, workspace_id, "manage")
    email = "(SELECT email FROM botpress_accounts WHERE id = item.account_id) AS user_email"
    select = exchange.records.select(_RECORDS, f"item.*, {email}", workspace_id=workspace_id)
    return paginate(exchange, "records", select, _RECORD.show)


def _add_default_data(world: World) -> None:
    owned = {"workspace_id": WORKSPACE_ID, "account_id": ACCOUNT_ID}
    _add(world, world.records.get(WORKSPACES, WORKSPACE_ID), action="CREATE_WORKSPACE", **owned)
    _add(world, world.records.get(BOTS, BOT_ID), action="CREATE_BOT", **owned)


RESOURCE = Resource(
    tables=(_RECORDS,),
    operations={"getAuditRecords": _list},
    default_data=_add_default_data,
)
