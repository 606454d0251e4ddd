"""Runs: how contacts went through flows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import phonenumbers

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.rapidpro import references, timestamps
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.refer import contact_refs, refs
from trilogue_sandbox.rapidpro.tenants import Tenant

_EXITS = ("completed", "interrupted", "expired", "failed")


def list_runs(call: Call) -> Response:
    """Answer GET."""
    call.refuse_together("contact", "flow")
    select = call.with_uuid(call.select("rapidpro_runs"))
    if (wanted := call.integer("id")) is not None:
        select = select.where("item.id = ?", wanted)
    select = _of_contact(call, _of_flow(call, select))
    if call.boolean("responded"):
        select = select.where("item.responded")
    show = show_runs if _wants_paths(call) else _show_without_paths
    return call.page(call.within(select, "modified_on"), call.by_modification, show)


def _of_flow(call: Call, select: Select) -> Select:
    wanted = call.uuid("flow")
    if wanted is None:
        return select
    flow = references.flow(call.tenant, wanted)
    return select.where("item.flow_id = ?", flow["id"]) if flow else select.nothing()


def _of_contact(call: Call, select: Select) -> Select:
    wanted = call.text("contact")
    if not wanted:
        return select
    contact = references.by_uuid("contacts")(call.tenant, wanted)
    return select.where("item.contact_id = ?", contact["id"]) if contact else select.nothing()


def _wants_paths(call: Call) -> bool:
    return call.boolean("paths") is True or not call.values("paths")


def show_runs(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return runs as the API shows them, with their paths."""
    return _show(tenant, rows, [json.loads(row["path"]) for row in rows])


def _show_without_paths(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    return _show(tenant, rows, [None] * len(rows))


def _show(tenant: Tenant, rows: Sequence[sqlite3.Row], paths: Sequence[Json]) -> list[JsonObject]:
    contacts = _show_contacts(tenant, [row["contact_id"] for row in rows])
    flows = refs(tenant, "flows", [row["flow_id"] for row in rows])
    starts = _read_starts(tenant, rows)
    return [
        {
            "uuid": row["uuid"],
            "flow": flows[row["flow_id"]],
            "contact": contacts[row["contact_id"]],
            "start": starts.get(row["start_id"]),
            "responded": bool(row["responded"]),
            "path": path,
            "values": json.loads(row["results"]),
            "created_on": timestamps.show(row["created_on"]),
            "modified_on": timestamps.show(row["modified_on"]),
            "exited_on": timestamps.show_optional(row["exited_on"]),
            "exit_type": row["status"] if row["status"] in _EXITS else None,
            "id": row["id"],
        }
        for row, path in zip(rows, paths, strict=True)
    ]


def _read_starts(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> dict[int | None, JsonObject]:
    found = tenant.store.all(
        "SELECT id, uuid FROM rapidpro_flow_starts WHERE id IN (SELECT value FROM json_each(?))",
        json.dumps([row["start_id"] for row in rows]),
    )
    return {row["id"]: {"uuid": row["uuid"]} for row in found}


def _show_contacts(tenant: Tenant, ids: Sequence[int]) -> dict[int, JsonObject]:
    named, urns = contact_refs(tenant, ids), _first_urns(tenant, ids)
    return {contact_id: {**(named[contact_id] or {}), **_show_urn(tenant, urns.get(contact_id))} for contact_id in ids}


def _first_urns(tenant: Tenant, ids: Sequence[int]) -> dict[int, sqlite3.Row]:
    rows = tenant.store.all(
        "SELECT * FROM rapidpro_urns WHERE contact_id IN (SELECT value FROM json_each(?))"
        " ORDER BY contact_id, priority, id DESC",
        json.dumps(ids),
    )
    return {row["contact_id"]: row for row in rows}


def _show_urn(tenant: Tenant, urn: sqlite3.Row | None) -> JsonObject:
    if urn is None:
        return {"urn": None, "urn_display": None}
    if tenant.workspace.is_anonymous:
        return {"urn": f"{urn['scheme']}:********", "urn_display": None}
    return {"urn": f"{urn['scheme']}:{urn['path']}", "urn_display": _written(urn)}


def _written(urn: sqlite3.Row) -> str:
    """Return a URN as people write it."""
    if urn["scheme"] != "tel":
        return str(urn["display"] or urn["path"])
    try:
        number = phonenumbers.parse(urn["path"])
    except phonenumbers.NumberParseException:
        return str(urn["path"])
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


ENDPOINT = Endpoint("runs", get=list_runs, scope="v2.runs")
