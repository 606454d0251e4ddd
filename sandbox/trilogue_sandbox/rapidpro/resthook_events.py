"""What flows have posted to the subscribers of resthooks. Nothing is really posted: the sandbox calls nobody."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import timedelta

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, timestamps
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.resthooks import find_resthook
from trilogue_sandbox.rapidpro.tenants import Tenant

_KEPT = timedelta(hours=48)

_COLUMNS = "item.*, (SELECT slug FROM rapidpro_resthooks WHERE id = item.resthook_id) AS slug"


def list_events(call: Call) -> Response:
    """Answer GET, with the events of the last 48 hours."""
    oldest = call.tenant.now - _KEPT // timedelta(microseconds=1)
    select = call.select("rapidpro_resthook_events", _COLUMNS).where("item.created_on >= ?", oldest)
    if slug := call.text("resthook"):
        resthook = find_resthook(call.tenant, slug)
        select = select.where("item.resthook_id = ?", resthook["id"]) if resthook else select.nothing()
    return call.page(select, NEWEST_FIRST, _show_events)


def record_event(tenant: Tenant, slug: str, data: Mapping[str, object]) -> bool:
    """Keep what a flow posts to a resthook; False if there is no such resthook."""
    resthook = find_resthook(tenant, slug)
    if resthook is None:
        return False
    tenant.store.run(
        "INSERT INTO rapidpro_resthook_events (workspace_id, resthook_id, data, created_on) VALUES (?, ?, ?, ?)",
        *(tenant.workspace.id, resthook["id"], json.dumps(data), tenant.now),
    )
    return True


def call_resthook(world: World, given: JsonObject) -> object:
    """Let something post to a resthook, without running a flow for it."""
    tenant = arguments.tenant(world, given)
    data = given.get("data", {})
    if not isinstance(data, dict):
        raise ControlError("`data` is an object", "data")
    slug = arguments.text(given, "resthook")
    if not record_event(tenant, slug, data):
        raise ControlError(f"there is no resthook {slug!r}", "resthook")
    return {"resthook": slug}


def _show_events(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    return [
        {"resthook": row["slug"], "data": json.loads(row["data"]), "created_on": timestamps.show(row["created_on"])}
        for row in rows
    ]


ENDPOINT = Endpoint("resthook_events", get=list_events, actions={"call_resthook": call_resthook})
