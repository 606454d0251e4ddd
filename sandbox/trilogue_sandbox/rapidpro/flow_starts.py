"""Flow starts: what was asked for, and how far it has come."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.rapidpro import references, starting, timestamps
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.fields import Boolean, Items, JsonMap, Reference, References, optional, required
from trilogue_sandbox.rapidpro.refer import contact_refs, refs
from trilogue_sandbox.rapidpro.start_params import normalise
from trilogue_sandbox.rapidpro.tenants import Tenant
from trilogue_sandbox.rapidpro.urns import Urn, UrnField


@attrs.frozen
class FlowStartBody:
    """Which flow to start, and for whom."""

    flow: sqlite3.Row = required(Reference(references.flow))
    groups: Sequence[sqlite3.Row] = optional(References(references.group), ())
    contacts: Sequence[sqlite3.Row] = optional(References(references.contact), ())
    urns: Sequence[Urn] = optional(Items(UrnField(), max_items=100), ())
    restart_participants: bool = optional(Boolean(), True)
    exclude_active: bool = optional(Boolean(), False)
    params: JsonObject | None = optional(JsonMap(10_000), None)
    extra: JsonObject | None = optional(JsonMap(), None)


def list_starts(call: Call) -> Response:
    """Answer GET."""
    select = call.with_uuid(call.select("rapidpro_flow_starts"))
    return call.page(call.within(select, "modified_on"), call.by_modification, show_starts)


def create_start(call: Call) -> Response:
    """Answer POST."""
    body = call.body(FlowStartBody)
    if not (body.groups or body.contacts or body.urns):
        raise invalid_together("Must specify at least one group, contact or URN")
    start_id = _create(call.tenant, body)
    starting.plan(call.tenant, start_id)
    return Response.json(call.shown("rapidpro_flow_starts", start_id, show_starts), 201)


def show_starts(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return flow starts as the API shows them."""
    flows = refs(tenant, "flows", [row["flow_id"] for row in rows])
    groups, contacts = _read_groups(tenant, rows), _read_contacts(tenant, rows)
    return [
        {
            "uuid": row["uuid"],
            "flow": flows[row["flow_id"]],
            "status": row["status"],
            "progress": {"total": row["total"], "started": row["started"]},
            "groups": groups.get(row["id"], []),
            "contacts": contacts.get(row["id"], []),
            "params": json.loads(row["params"]),
            "created_on": timestamps.show(row["created_on"]),
            "modified_on": timestamps.show(row["modified_on"]),
            "id": row["id"],
            "extra": json.loads(row["params"]),
            "restart_participants": bool(row["restart_participants"]),
            "exclude_active": bool(row["exclude_active"]),
        }
        for row in rows
    ]


def _create(tenant: Tenant, body: FlowStartBody) -> int:
    params = body.params or normalise(body.extra or {})
    start_id = tenant.store.insert(
        "INSERT INTO rapidpro_flow_starts (uuid, workspace_id, flow_id, urns, params, restart_participants,"
        " exclude_active, created_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(tenant.world.ids.uuid4(), tenant.workspace.id, body.flow["id"], json.dumps([str(urn) for urn in body.urns])),
        *(json.dumps(params), body.restart_participants, body.exclude_active, tenant.now, tenant.now),
    )
    for table, rows in (("contacts", body.contacts), ("groups", body.groups)):
        pairs = ((start_id, row["id"]) for row in rows)
        tenant.store.run_many(f"INSERT OR IGNORE INTO rapidpro_flow_start_{table} VALUES (?, ?)", pairs)
    return start_id


def _read_groups(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> dict[int, list[Json]]:
    pairs = _read_pairs(tenant, "groups", "group_id", rows)
    named = refs(tenant, "groups", [group_id for _, group_id in pairs])
    return _gathered(pairs, named)


def _read_contacts(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> dict[int, list[Json]]:
    pairs = _read_pairs(tenant, "contacts", "contact_id", rows)
    named = contact_refs(tenant, [contact_id for _, contact_id in pairs])
    return _gathered(pairs, named)


def _read_pairs(tenant: Tenant, table: str, column: str, rows: Sequence[sqlite3.Row]) -> list[tuple[int, int]]:
    found = tenant.store.all(
        f"SELECT start_id, {column} FROM rapidpro_flow_start_{table}"
        f" WHERE start_id IN (SELECT value FROM json_each(?)) ORDER BY start_id, {column}",
        json.dumps([row["id"] for row in rows]),
    )
    return [(row["start_id"], row[column]) for row in found]


def _gathered(pairs: Sequence[tuple[int, int]], named: Mapping[int | None, JsonObject | None]) -> dict[int, list[Json]]:
    gathered: dict[int, list[Json]] = {}
    for start_id, number in pairs:
        gathered.setdefault(start_id, []).append(named[number])
    return gathered


ENDPOINT = Endpoint("flow_starts", get=list_starts, post=create_start, actions=starting.ACTIONS)
