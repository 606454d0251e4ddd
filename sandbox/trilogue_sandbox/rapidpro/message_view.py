"""How the API shows messages."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.rapidpro import timestamps
from trilogue_sandbox.rapidpro.refer import contact_refs, refs
from trilogue_sandbox.rapidpro.tenants import Tenant


def show_messages(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return messages as the API shows them."""
    contacts = contact_refs(tenant, [row["contact_id"] for row in rows])
    channels = refs(tenant, "channels", [row["channel_id"] for row in rows])
    flows = refs(tenant, "flows", [row["flow_id"] for row in rows])
    urns, labels = _read_urns(tenant, rows), _read_labels(tenant, rows)
    return [
        {
            "uuid": row["uuid"],
            "contact": contacts[row["contact_id"]],
            "urn": urns.get(row["urn_id"]),
            "channel": channels[row["channel_id"]],
            "direction": row["direction"],
            "type": row["type"],
            "status": row["status"],
            "archived": row["visibility"] == "archived",
            "visibility": row["visibility"],
            "text": row["text"],
            "labels": labels.get(row["id"], []),
            "flow": flows[row["flow_id"]],
            "attachments": [_show_attachment(attachment) for attachment in json.loads(row["attachments"])],
            "quick_replies": json.loads(row["quick_replies"]),
            "created_on": timestamps.show(row["created_on"]),
            "sent_on": timestamps.show_optional(row["sent_on"]),
            "modified_on": timestamps.show(row["modified_on"]),
            "media": next(iter(json.loads(row["attachments"])), None),
            "id": row["id"],
            "broadcast": row["broadcast_id"],
        }
        for row in rows
    ]


def _show_attachment(attachment: str) -> Json:
    content_type, _, url = attachment.partition(":")
    return {"content_type": content_type, "url": url}


def _read_urns(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> Mapping[int | None, str]:
    if tenant.workspace.is_anonymous:
        return {}
    found = tenant.store.all(
        "SELECT id, scheme, path, display FROM rapidpro_urns WHERE id IN (SELECT value FROM json_each(?))",
        json.dumps([row["urn_id"] for row in rows if row["urn_id"]]),
    )
    return {
        row["id"]: f"{row['scheme']}:{row['path']}" + (f"#{row['display']}" if row["display"] else "") for row in found
    }


def _read_labels(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> Mapping[int, list[Json]]:
    found: defaultdict[int, list[Json]] = defaultdict(list)
    for row in tenant.store.all(
        "SELECT labelled.message_id, label.uuid, label.name FROM rapidpro_message_labels AS labelled"
        " JOIN rapidpro_labels AS label ON label.id = labelled.label_id"
        " WHERE labelled.message_id IN (SELECT value FROM json_each(?)) ORDER BY labelled.message_id, label.id",
        json.dumps([row["id"] for row in rows]),
    ):
        found[row["message_id"]].append({"uuid": row["uuid"], "name": row["name"]})
    return found
