"""Administrative boundaries: the country of a workspace and its parts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.rapidpro.cursors import Ordering
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.tenants import Tenant

_BY_OSM_ID = Ordering("osm_id", is_descending=False, is_time=False)


def list_boundaries(call: Call) -> Response:
    """Answer GET. Outlines are always sent, whatever `geometry` says, as the newer server does."""
    country = call.workspace.country
    return call.page(Select("rapidpro_boundaries").where("item.country = ?", country), _BY_OSM_ID, _show_boundaries)


def _show_boundaries(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    aliases = _read_aliases(tenant)
    parents = _read_parents(tenant)
    return [
        {
            "osm_id": row["osm_id"],
            "name": row["name"],
            "parent": parents.get(row["parent_id"]),
            "level": row["level"],
            "aliases": aliases.get(row["id"], []),
            "geometry": json.loads(row["geometry"]) if row["geometry"] else None,
        }
        for row in rows
    ]


def _read_aliases(tenant: Tenant) -> dict[int, list[Json]]:
    rows = tenant.store.all(
        "SELECT boundary_id, name FROM rapidpro_boundary_aliases WHERE workspace_id = ? ORDER BY name",
        tenant.workspace.id,
    )
    aliases: dict[int, list[Json]] = {}
    for row in rows:
        aliases.setdefault(row["boundary_id"], []).append(row["name"])
    return aliases


def _read_parents(tenant: Tenant) -> dict[int | None, JsonObject]:
    rows = tenant.store.all(
        "SELECT id, osm_id, name FROM rapidpro_boundaries WHERE country = ?", tenant.workspace.country
    )
    return {row["id"]: {"osm_id": row["osm_id"], "name": row["name"]} for row in rows}


ENDPOINT = Endpoint("boundaries", get=list_boundaries)
