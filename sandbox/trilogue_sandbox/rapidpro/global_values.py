"""Globals: values that every flow of the workspace can use."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.rapidpro import timestamps
from trilogue_sandbox.rapidpro.contact_fields import key_of
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call, Kind
from trilogue_sandbox.rapidpro.fields import Context, Text, optional, required, unique_in
from trilogue_sandbox.rapidpro.tenants import Tenant

GLOBAL = Kind("Global", "rapidpro_globals", key="key")

_MAX_NAME = 36
_MAX_VALUE = 10_000


def _check_characters(name: str, context: Context) -> str | None:
    if not re.fullmatch("[A-Za-z0-9_ -]+", name):
        return "Name contains illegal characters."
    return None if re.match("[a-z]", key_of(name)) else "Name creates Key that is invalid"


@attrs.frozen
class GlobalBody:
    """What can be written of a global."""

    value: str = required(Text(_MAX_VALUE))
    name: str | None = optional(Text(_MAX_NAME, rules=(_check_characters, unique_in("globals"))), None)


def list_globals(call: Call) -> Response:
    """Answer GET."""
    select = call.within(call.select(GLOBAL.table).where("item.is_active = 1"), "modified_on")
    if key := call.text("key"):
        select = select.where("item.key = ?", key)
    return call.page(select, call.by_modification, show_globals)


def save_global(call: Call) -> Response:
    """Answer POST."""
    found = call.target(GLOBAL)
    if found is None:
        call.check_room("globals")
    body = call.body(GlobalBody, found)
    name = found["name"] if found else body.name
    if name is None:
        raise invalid_together("Name is required when creating new global.")
    global_id = set_global(call.tenant, name, body.value)
    return Response.json(call.shown(GLOBAL.table, global_id, show_globals), 200 if found else 201)


def set_global(tenant: Tenant, name: str, value: str) -> int:
    """Make a global, or give the one with the same key another value; return its number."""
    row = tenant.store.one(
        "INSERT INTO rapidpro_globals (workspace_id, key, name, value, created_on, modified_on)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (workspace_id, key)"
        " DO UPDATE SET value = excluded.value, modified_on = excluded.modified_on RETURNING id",
        *(tenant.workspace.id, key_of(name), name, value, tenant.now, tenant.now),
    )
    assert row is not None
    return int(row["id"])


def show_globals(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return globals as the API shows them."""
    return [
        {
            "key": row["key"],
            "name": row["name"],
            "value": row["value"],
            "modified_on": timestamps.show(row["modified_on"]),
        }
        for row in rows
    ]


ENDPOINT = Endpoint("globals", get=list_globals, post=save_global)
