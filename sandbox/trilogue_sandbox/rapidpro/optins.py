"""Opt-ins: what contacts can agree to receive. Only RapidPro 9 has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.rapidpro import timestamps
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.fields import name_in, required
from trilogue_sandbox.rapidpro.tenants import Tenant


@attrs.frozen
class OptInBody:
    """What an opt-in is made of."""

    name: str = required(name_in("optins"))


def list_optins(call: Call) -> Response:
    """Answer GET."""
    return call.page(call.select("rapidpro_optins").where("item.is_active = 1"), NEWEST_FIRST, _show_optins)


def create_optin(call: Call) -> Response:
    """Answer POST."""
    body = call.body(OptInBody)
    optin_id = call.store.insert(
        "INSERT INTO rapidpro_optins (uuid, workspace_id, name, created_on) VALUES (?, ?, ?, ?)",
        *(call.tenant.world.ids.uuid4(), call.workspace.id, body.name, call.tenant.now),
    )
    return Response.json(call.shown("rapidpro_optins", optin_id, _show_optins), 201)


def _show_optins(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    return [
        {"uuid": row["uuid"], "name": row["name"], "created_on": timestamps.show(row["created_on"])} for row in rows
    ]


ENDPOINT = Endpoint("optins", get=list_optins, post=create_optin)
