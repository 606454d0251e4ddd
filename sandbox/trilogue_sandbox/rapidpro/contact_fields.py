"""The workspace's own fields of contacts."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.rapidpro import memberships, queries
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid, invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call, Kind
from trilogue_sandbox.rapidpro.fields import Choice, Context, Text, optional, unique_in
from trilogue_sandbox.rapidpro.tenants import Tenant

FIELD = Kind("ContactField", "rapidpro_fields", key="key")
TYPES = ("text", "number", "datetime", "state", "district", "ward")

_MAX_LENGTH = 36
_VALUE_TYPES = {"number": "numeric"}
_RESERVED = ("has", "is", "fields", "urns", "created_on", "last_seen_on")


def key_of(name: str) -> str:
    """Return the key that is made from a name: in lower case, each run of other characters an underscore."""
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")


def _check_characters(name: str, context: Context) -> str | None:
    if not re.fullmatch("[A-Za-z0-9- ]+", name):
        return "Can only contain letters, numbers and hypens."
    key = key_of(name)
    if not re.fullmatch("[a-z][a-z0-9_]*", key) or key in _RESERVED:
        return f'Generated key "{key}" is invalid or a reserved name.'
    return None


_NAME = Text(_MAX_LENGTH, rules=(_check_characters, unique_in("fields")))


@attrs.frozen
class FieldBody:
    """What can be written of a field, under the present names or the former ones."""

    label: str | None = optional(_NAME, None)
    value_type: str | None = optional(Choice([*TYPES, *_VALUE_TYPES.values()]), None)
    name: str | None = optional(_NAME, None)
    type: str | None = optional(Choice(TYPES), None)


def list_fields(call: Call) -> Response:
    """Answer GET."""
    select = call.select(FIELD.table).where("item.is_active = 1")
    if key := call.text("key"):
        select = select.where("item.key = ?", key)
    return call.page(select, NEWEST_FIRST, show_fields)


def save_field(call: Call) -> Response:
    """Answer POST."""
    field = call.target(FIELD)
    if field is None:
        call.check_room("fields")
    body = call.body(FieldBody, field)
    name, field_type = _required(body)
    if field is None:
        return Response.json(call.shown(FIELD.table, _create(call, name, field_type), show_fields), 201)
    if field["type"] == "datetime" and field_type != "datetime" and _is_scheduled_by(call, field["key"]):
        raise invalid({"type": ["Can't change type of date field being used by campaign events."]})
    call.store.run("UPDATE rapidpro_fields SET name = ?, type = ? WHERE id = ?", name, field_type, field["id"])
    if field_type != field["type"]:
        memberships.fill_all(call.tenant)
    return Response.json(call.shown(FIELD.table, field["id"], show_fields))


def _required(body: FieldBody) -> tuple[str, str]:
    name = body.name or body.label
    if name is None:
        raise invalid_together("Field 'name' is required.")
    former = next((present for present, value in _VALUE_TYPES.items() if value == body.value_type), body.value_type)
    field_type = body.type or former
    if field_type is None:
        raise invalid_together("Field 'type' is required.")
    return name, field_type


def _create(call: Call, name: str, field_type: str) -> int:
    key = key_of(name)
    if call.store.one("SELECT 1 FROM rapidpro_fields WHERE workspace_id = ? AND key = ?", call.workspace.id, key):
        raise invalid({"name": [f'Generated key "{key}" is taken by another field.']})  # the real server fails (500)
    return create_field(call.tenant, name, field_type)


def create_field(tenant: Tenant, name: str, field_type: str) -> int:
    """Make a field and return its number; its key must be free."""
    return tenant.store.insert(
        "INSERT INTO rapidpro_fields (uuid, workspace_id, key, name, type, created_on) VALUES (?, ?, ?, ?, ?, ?)",
        *(tenant.world.ids.uuid4(), tenant.workspace.id, key_of(name), name, field_type, tenant.now),
    )


def _is_scheduled_by(call: Call, key: str) -> bool:
    return _count_events(call.tenant)[key] > 0


def show_fields(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return fields as the API shows them, with how often they are used."""
    flows, groups, events = _count_flows(tenant), _count_groups(tenant), _count_events(tenant)
    return [
        {
            "key": row["key"],
            "name": row["name"],
            "type": row["type"],
            "featured": bool(row["is_featured"]),
            "priority": row["priority"],
            "usages": {
                "flows": flows[row["key"]],
                "groups": groups[row["key"]],
                "campaign_events": events[row["key"]],
            },
            "agent_access": row["agent_access"],
            "label": row["name"],
            "value_type": _VALUE_TYPES.get(row["type"], row["type"]),
        }
        for row in rows
    ]


def _count_flows(tenant: Tenant) -> Counter[str]:
    rows = tenant.store.all(
        "SELECT field.key FROM rapidpro_flow_fields AS used JOIN rapidpro_fields AS field ON field.id = used.field_id"
        " JOIN rapidpro_flows AS flow ON flow.id = used.flow_id AND flow.is_active WHERE field.workspace_id = ?",
        tenant.workspace.id,
    )
    return Counter(row["key"] for row in rows)


def _count_groups(tenant: Tenant) -> Counter[str]:
    rows = tenant.store.all(
        "SELECT query FROM rapidpro_groups"
        " WHERE workspace_id = ? AND query IS NOT NULL AND is_active AND status <> 'invalid'",
        tenant.workspace.id,
    )
    return Counter(key for row in rows for key in queries.parse(tenant, row["query"]).fields)


def _count_events(tenant: Tenant) -> Counter[str]:
    rows = tenant.store.all(
        "SELECT relative_to FROM rapidpro_campaign_events WHERE workspace_id = ? AND is_active", tenant.workspace.id
    )
    return Counter(row["relative_to"] for row in rows)


ENDPOINT = Endpoint("fields", get=list_fields, post=save_field)
