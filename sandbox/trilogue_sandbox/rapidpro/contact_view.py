"""How the API shows contacts. Everything that a page refers to is read at once."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.rapidpro import contact_changes, timestamps, values
from trilogue_sandbox.rapidpro.refer import anonymous_name, refs
from trilogue_sandbox.rapidpro.tenants import Tenant

_MASK = "********"
_MAX_NOTES = 5


def show_contacts(tenant: Tenant, rows: Sequence[sqlite3.Row], *, expand_urns: bool = False) -> list[JsonObject]:
    """Return contacts as the API shows them."""
    surroundings = _Surroundings.of(tenant, rows, expand_urns)
    return [_show(tenant, row, surroundings) for row in rows]


@attrs.frozen
class _Surroundings:
    """What stands around the contacts of a page, by the contacts' numbers."""

    urns: Mapping[int, list[Json]]
    groups: Mapping[int, list[Json]]
    notes: Mapping[int, list[Json]]
    flows: Mapping[int | None, JsonObject | None]
    field_types: Mapping[str, str]

    @classmethod
    def of(cls, tenant: Tenant, rows: Sequence[sqlite3.Row], expand_urns: bool) -> _Surroundings:
        ids = json.dumps([row["id"] for row in rows])
        return cls(
            urns=_read_urns(tenant, ids, expand_urns),
            groups=_read_groups(tenant, ids),
            notes=_read_notes(tenant, ids),
            flows=refs(tenant, "flows", [row["flow_id"] for row in rows]),
            field_types=contact_changes.field_types(tenant),
        )


def _show(tenant: Tenant, row: sqlite3.Row, around: _Surroundings) -> JsonObject:
    number, is_active = row["id"], bool(row["is_active"])
    kept = json.loads(row["fields"])
    return {
        "uuid": row["uuid"],
        "name": row["name"],
        **(anonymous_name(number) if tenant.workspace.is_anonymous else {}),
        "status": row["status"] if is_active else None,
        "language": row["language"],
        "urns": around.urns.get(number, []),
        "groups": around.groups.get(number, []),
        "notes": around.notes.get(number, [])[-_MAX_NOTES:],
        "fields": {
            key: values.show_value(tenant, field_type, kept.get(key)) for key, field_type in around.field_types.items()
        }
        if is_active
        else {},
        "flow": around.flows[row["flow_id"]],
        "created_on": timestamps.show(row["created_on"]),
        "modified_on": timestamps.show(row["modified_on"]),
        "last_seen_on": timestamps.show_optional(row["last_seen_on"]),
        "blocked": row["status"] == "blocked" if is_active else None,
        "stopped": row["status"] == "stopped" if is_active else None,
    }


def _read_urns(tenant: Tenant, ids: str, expand: bool) -> Mapping[int, list[Json]]:
    rows = tenant.store.all(
        "SELECT contact_id, scheme, path, display, channel_id FROM rapidpro_urns"
        " WHERE contact_id IN (SELECT value FROM json_each(?)) ORDER BY contact_id, priority DESC, id",
        ids,
    )
    channels = refs(tenant, "channels", [row["channel_id"] for row in rows]) if expand else {}
    found: defaultdict[int, list[Json]] = defaultdict(list)
    for row in rows:
        path = _MASK if tenant.workspace.is_anonymous else row["path"]
        expanded: Json = {
            "channel": channels.get(row["channel_id"]),
            "scheme": row["scheme"],
            "path": path,
            "display": None if tenant.workspace.is_anonymous else row["display"],
        }
        found[row["contact_id"]].append(expanded if expand else f"{row['scheme']}:{path}")
    return found


def _read_groups(tenant: Tenant, ids: str) -> Mapping[int, list[Json]]:
    found: defaultdict[int, list[Json]] = defaultdict(list)
    for row in tenant.store.all(
        "SELECT membership.contact_id, grouping.uuid, grouping.name FROM rapidpro_memberships AS membership"
        " JOIN rapidpro_groups AS grouping ON grouping.id = membership.group_id"
        " WHERE membership.contact_id IN (SELECT value FROM json_each(?)) ORDER BY membership.contact_id, grouping.id",
        ids,
    ):
        found[row["contact_id"]].append({"uuid": row["uuid"], "name": row["name"]})
    return found


def _read_notes(tenant: Tenant, ids: str) -> Mapping[int, list[Json]]:
    found: defaultdict[int, list[Json]] = defaultdict(list)
    for row in tenant.store.all(
        "SELECT note.contact_id, note.text, note.created_on, user.email, user.first_name, user.last_name"
        " FROM rapidpro_notes AS note JOIN rapidpro_users AS user ON user.id = note.user_id"
        " WHERE note.contact_id IN (SELECT value FROM json_each(?)) ORDER BY note.id",
        ids,
    ):
        name = f"{row['first_name']} {row['last_name']}".strip()
        found[row["contact_id"]].append(
            {
                "text": row["text"],
                "created_on": timestamps.show(row["created_on"]),
                "created_by": {"email": row["email"], "name": name},
            }
        )
    return found
