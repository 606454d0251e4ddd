"""Resthooks: the names under which flows call out."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, timestamps
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.tenants import Tenant


def list_resthooks(call: Call) -> Response:
    """Answer GET."""
    select = call.select("rapidpro_resthooks").where("item.is_active = 1")
    return call.page(select, call.by_modification, _show_resthooks)


def find_resthook(tenant: Tenant, slug: str) -> sqlite3.Row | None:
    """Return the active resthook with this name."""
    return tenant.store.one(
        "SELECT * FROM rapidpro_resthooks WHERE workspace_id = ? AND slug = ? AND is_active",
        *(tenant.workspace.id, slug),
    )


def add_resthook(world: World, given: JsonObject) -> object:
    """Create a resthook, as people do in the user interface."""
    tenant = arguments.tenant(world, given)
    slug = arguments.text(given, "resthook")
    if not re.fullmatch("[a-z0-9]+([-_][a-z0-9]+)*", slug):
        raise ControlError("`resthook` consists of small letters and digits, with single hyphens between", "resthook")
    if find_resthook(tenant, slug):
        raise ControlError(f"there is a resthook {slug!r} already", "resthook")
    tenant.store.run(
        "INSERT INTO rapidpro_resthooks (workspace_id, slug, created_on, modified_on) VALUES (?, ?, ?, ?)",
        *(tenant.workspace.id, slug, tenant.now, tenant.now),
    )
    return {"resthook": slug}


def _show_resthooks(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    return [
        {
            "resthook": row["slug"],
            "modified_on": timestamps.show(row["modified_on"]),
            "created_on": timestamps.show(row["created_on"]),
        }
        for row in rows
    ]


ENDPOINT = Endpoint("resthooks", get=list_resthooks, actions={"add_resthook": add_resthook})
