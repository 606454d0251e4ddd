"""Flows, and what their runs have come to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.rapidpro import counts, flow_definitions, references, timestamps
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.flow_definitions import Plan
from trilogue_sandbox.rapidpro.tenants import Tenant

_STATUSES = ("active", "waiting", "completed", "interrupted", "expired", "failed")


def list_flows(call: Call) -> Response:
    """Answer GET."""
    select = call.with_uuid(call.select("rapidpro_flows").where("item.is_active = 1"))
    if kind := call.text("type"):
        select = select.where("item.type = ?", kind)
    if (archived := call.boolean("archived")) is not None:
        select = select.where("item.is_archived = ?", archived)
    return call.page(call.within(select, "modified_on"), NEWEST_FIRST, show_flows)


def show_flows(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return flows as the API shows them."""
    among = json.dumps([row["id"] for row in rows])
    labels, runs = _read_labels(tenant, among), counts.read(tenant, "flows", [row["id"] for row in rows])
    return [
        {
            "uuid": row["uuid"],
            "name": row["name"],
            "type": row["type"],
            "archived": bool(row["is_archived"]),
            "labels": labels.get(row["id"], []),
            "expires": row["expires"],
            "runs": {status: runs[row["id"], status] for status in _STATUSES},
            "results": json.loads(row["results"]),
            "parent_refs": json.loads(row["parent_refs"]),
            "created_on": timestamps.show(row["created_on"]),
            "modified_on": timestamps.show(row["modified_on"]),
        }
        for row in rows
    ]


def create_flow(tenant: Tenant, plan: Plan) -> int:
    """Make a flow and return its number."""
    definition = flow_definitions.build(plan, tenant.world.ids.uuid4)
    flow_id = tenant.store.insert(
        "INSERT INTO rapidpro_flows (uuid, workspace_id, name, type, expires, results, parent_refs, definition,"
        " created_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(plan.uuid, tenant.workspace.id, plan.name, plan.type, plan.expires),
        *(json.dumps(flow_definitions.results(definition)), json.dumps(flow_definitions.parent_refs(definition))),
        *(json.dumps(definition), tenant.now, tenant.now),
    )
    for key in flow_definitions.field_keys(definition):
        if field := references.field(tenant, key):
            tenant.store.run("INSERT INTO rapidpro_flow_fields VALUES (?, ?)", flow_id, field["id"])
    return flow_id


def _read_labels(tenant: Tenant, among: str) -> dict[int, list[Json]]:
    rows = tenant.store.all(
        "SELECT labelling.flow_id, label.uuid, label.name FROM rapidpro_flow_labelings AS labelling"
        " JOIN rapidpro_flow_labels AS label ON label.id = labelling.label_id"
        " WHERE labelling.flow_id IN (SELECT value FROM json_each(?)) ORDER BY label.id",
        among,
    )
    labels: dict[int, list[Json]] = {}
    for row in rows:
        labels.setdefault(row["flow_id"], []).append({"uuid": row["uuid"], "name": row["name"]})
    return labels


ENDPOINT = Endpoint("flows", get=list_flows)
