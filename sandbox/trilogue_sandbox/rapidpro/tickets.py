"""Tickets: conversations with contacts that a person has to take care of."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, contact_changes, references, timestamps
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.refer import contact_refs, refs, user_refs
from trilogue_sandbox.rapidpro.tenants import Tenant


def list_tickets(call: Call) -> Response:
    """Answer GET. Malformed UUIDs are not refused and find nothing."""
    select = call.select("rapidpro_tickets")
    if wanted := call.text("uuid"):
        select = select.where("item.uuid = ?", references.normal_uuid(wanted))
    if wanted := call.text("contact"):
        contact = references.by_uuid("contacts")(call.tenant, wanted)
        select = select.where("item.contact_id = ?", contact["id"]) if contact else select.nothing()
    return call.page(select, call.by_modification, show_tickets)


def show_tickets(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return tickets as the API shows them."""
    contacts = contact_refs(tenant, [row["contact_id"] for row in rows])
    topics = refs(tenant, "topics", [row["topic_id"] for row in rows])
    flows = refs(tenant, "flows", [row["opened_in_id"] for row in rows])
    users = user_refs(tenant, [row[column] for row in rows for column in ("assignee_id", "opened_by_id")])
    return [
        {
            "uuid": row["uuid"],
            "contact": contacts[row["contact_id"]],
            "status": row["status"],
            "topic": topics[row["topic_id"]],
            "body": None,
            "assignee": users[row["assignee_id"]],
            "opened_on": timestamps.show(row["opened_on"]),
            "opened_by": users[row["opened_by_id"]],
            "opened_in": flows[row["opened_in_id"]],
            "modified_on": timestamps.show(row["modified_on"]),
            "closed_on": timestamps.show_optional(row["closed_on"]),
        }
        for row in rows
    ]


def open_ticket(
    tenant: Tenant,
    contact_id: int,
    topic: sqlite3.Row | None = None,
    *,
    assignee_id: int | None = None,
    user_id: int | None = None,
    flow_id: int | None = None,
    note: str | None = None,
) -> int:
    """Open a ticket, under the topic `General` unless another is given, and return its number."""
    filed = topic or _general(tenant)
    ticket_id = tenant.store.insert(
        "INSERT INTO rapidpro_tickets (uuid, workspace_id, contact_id, topic_id, assignee_id, opened_on, opened_by_id,"
        " opened_in_id, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(tenant.world.ids.uuid7(), tenant.workspace.id, contact_id, filed["id"], assignee_id, tenant.now),
        *(user_id, flow_id, tenant.now),
    )
    record(tenant, ticket_id, "opened", user_id, note)
    contact_changes.touch(tenant, [contact_id])
    return ticket_id


def record(tenant: Tenant, ticket_id: int, event: str, user_id: int | None, note: str | None = None) -> None:
    """Write into the history of a ticket what has happened to it."""
    tenant.store.run(
        "INSERT INTO rapidpro_ticket_events (ticket_id, type, note, user_id, created_on) VALUES (?, ?, ?, ?, ?)",
        *(ticket_id, event, note, user_id, tenant.now),
    )


def open_ticket_for_contact(world: World, given: JsonObject) -> object:
    """Let a user open a ticket for a contact, or a flow if no user is named."""
    tenant = arguments.tenant(world, given)
    contact = arguments.contact(tenant, given)
    topic = arguments.row(tenant, given, "topic", "topics") if "topic" in given else None
    flow = arguments.row(tenant, given, "flow", "flows") if "flow" in given else None
    ticket_id = open_ticket(
        tenant,
        contact["id"],
        topic,
        assignee_id=_user_id(tenant, given, "assignee"),
        user_id=_user_id(tenant, given, "user"),
        flow_id=flow["id"] if flow else None,
        note=arguments.text(given, "note", "") or None,
    )
    return show_tickets(tenant, tenant.store.all("SELECT * FROM rapidpro_tickets WHERE id = ?", ticket_id))[0]


def _general(tenant: Tenant) -> sqlite3.Row:
    row = tenant.store.one(
        "SELECT * FROM rapidpro_topics WHERE workspace_id = ? AND is_system ORDER BY id", tenant.workspace.id
    )
    assert row is not None
    return row


def _user_id(tenant: Tenant, given: JsonObject, name: str) -> int | None:
    if name not in given:
        return None
    user = references.user(tenant, arguments.text(given, name))
    if user is None:
        raise ControlError(f"`{name}`: the workspace has no user with this e-mail", name)
    return int(user["id"])


ENDPOINT = Endpoint("tickets", get=list_tickets, actions={"open_ticket": open_ticket_for_contact})
