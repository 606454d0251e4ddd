"""Labels of messages."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.rapidpro import counts
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call, Kind
from trilogue_sandbox.rapidpro.fields import name_in, required
from trilogue_sandbox.rapidpro.tenants import Tenant

LABEL = Kind("Label", "rapidpro_labels")


@attrs.frozen
class LabelBody:
    """What a label is made of."""

    name: str = required(name_in("labels"))


def list_labels(call: Call) -> Response:
    """Answer GET."""
    call.refuse_together("uuid", "name")
    select = call.with_uuid(call.select("rapidpro_labels").where("item.is_active = 1"))
    return call.page(call.with_name(select), NEWEST_FIRST, show_labels)


def save_label(call: Call) -> Response:
    """Answer POST."""
    label = call.target(LABEL)
    if label is None:
        call.check_room("labels")
    body = call.body(LabelBody, label)
    if label is None:
        return Response.json(call.shown("rapidpro_labels", create_label(call.tenant, body.name), show_labels), 201)
    call.store.run("UPDATE rapidpro_labels SET name = ? WHERE id = ?", body.name, label["id"])
    return Response.json(call.shown("rapidpro_labels", label["id"], show_labels))


def delete_label(call: Call) -> Response:
    """Answer DELETE."""
    label = call.target(LABEL)
    assert label is not None
    call.store.run("DELETE FROM rapidpro_message_labels WHERE label_id = ?", label["id"])
    call.store.run("UPDATE rapidpro_labels SET is_active = 0 WHERE id = ?", label["id"])
    return Response.empty()


def create_label(tenant: Tenant, name: str) -> int:
    """Make a label and return its number."""
    return tenant.store.insert(
        "INSERT INTO rapidpro_labels (uuid, workspace_id, name, created_on) VALUES (?, ?, ?, ?)",
        *(tenant.world.ids.uuid4(), tenant.workspace.id, name, tenant.now),
    )


def show_labels(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return labels as the API shows them, with the number of their messages that are not archived."""
    messages = counts.read(tenant, "labels", [row["id"] for row in rows])
    return [{"uuid": row["uuid"], "name": row["name"], "count": messages[row["id"], "visible"]} for row in rows]


ENDPOINT = Endpoint("labels", get=list_labels, post=save_label, delete=delete_label)
