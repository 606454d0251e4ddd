"""What can become of contacts, whoever causes it: a request, a message that comes in, a timer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from trilogue_sandbox.rapidpro import campaign_schedule, exits, memberships, values
from trilogue_sandbox.rapidpro.tenants import Tenant
from trilogue_sandbox.rapidpro.urns import Urn

STATUSES = ("active", "blocked", "stopped", "archived")


def create_contact(
    tenant: Tenant, *, name: str | None = None, language: str | None = None, urns: Sequence[Urn] = ()
) -> int:
    """Make a contact and return its number; its URNs must be free. Call `touch` when everything about it is written."""
    contact_id = tenant.store.insert(
        "INSERT INTO rapidpro_contacts (uuid, workspace_id, name, language, created_on, modified_on)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        *(tenant.world.ids.uuid4(), tenant.workspace.id, name, language, tenant.now, tenant.now),
    )
    set_urns(tenant, contact_id, urns)
    return contact_id


def contact_of_urn(tenant: Tenant, urn: Urn) -> int:
    """Return the number of the contact with a URN, who is made if there is none."""
    owner = owner_of(tenant, urn)
    if owner is not None:
        return owner
    contact_id = create_contact(tenant, urns=[urn])
    touch(tenant, [contact_id])
    return contact_id


def owner_of(tenant: Tenant, urn: Urn) -> int | None:
    """Return the number of the contact with a URN, or None."""
    row = tenant.store.one(
        "SELECT contact_id FROM rapidpro_urns WHERE workspace_id = ? AND scheme = ? AND path = ?",
        *(tenant.workspace.id, urn.scheme, urn.path),
    )
    return row["contact_id"] if row else None


def set_urns(tenant: Tenant, contact_id: int, urns: Sequence[Urn]) -> None:
    """Give a contact these URNs and no others, the first with the highest priority; those of others are left out."""
    tenant.store.run("UPDATE rapidpro_urns SET contact_id = NULL WHERE contact_id = ?", contact_id)
    for place, urn in enumerate(urns):
        tenant.store.run(
            "INSERT INTO rapidpro_urns (workspace_id, contact_id, scheme, path, display, priority)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (workspace_id, scheme, path)"
            " DO UPDATE SET contact_id = excluded.contact_id, priority = excluded.priority"
            " WHERE contact_id IS NULL",
            *(tenant.workspace.id, contact_id, urn.scheme, urn.path, urn.display, 1000 - place),
        )


def set_fields(tenant: Tenant, contact_id: int, given: Mapping[str, str | None]) -> None:
    """Write some field values of a contact; None and the empty text clear one."""
    types = field_types(tenant)
    contact = tenant.store.one("SELECT fields FROM rapidpro_contacts WHERE id = ?", contact_id)
    kept: dict[str, str] = json.loads(contact["fields"]) if contact else {}
    for key, value in given.items():
        if value:
            kept[key] = values.store_value(tenant, types[key], value)
        else:
            kept.pop(key, None)
    tenant.store.run("UPDATE rapidpro_contacts SET fields = ? WHERE id = ?", json.dumps(kept), contact_id)


def field_types(tenant: Tenant) -> dict[str, str]:
    """Return the types of the workspace's fields by their keys, in the order in which they were made."""
    rows = tenant.store.all(
        "SELECT key, type FROM rapidpro_fields WHERE workspace_id = ? AND is_active ORDER BY id", tenant.workspace.id
    )
    return {row["key"]: row["type"] for row in rows}


def add_note(tenant: Tenant, contact_id: int, text: str, user_id: int) -> None:
    """Write a note about a contact."""
    tenant.store.run(
        "INSERT INTO rapidpro_notes (contact_id, text, user_id, created_on) VALUES (?, ?, ?, ?)",
        *(contact_id, text, user_id, tenant.now),
    )


def set_status(tenant: Tenant, contact_ids: Iterable[int], status: str) -> None:
    """Change the status of contacts. Those who are no longer active leave all groups."""
    ids = list(contact_ids)
    tenant.store.run(
        "UPDATE rapidpro_contacts SET status = ? WHERE id IN (SELECT value FROM json_each(?))", status, json.dumps(ids)
    )
    if status != "active":
        memberships.leave_all(tenant, ids)
        exits.interrupt(tenant, ids)
    touch(tenant, ids)


def touch(tenant: Tenant, contact_ids: Iterable[int]) -> None:
    """Note that something about contacts has changed: smart groups and campaigns look at them anew."""
    ids = list(contact_ids)
    tenant.store.run(
        "UPDATE rapidpro_contacts SET modified_on = ? WHERE id IN (SELECT value FROM json_each(?))",
        *(tenant.now, json.dumps(ids)),
    )
    memberships.reevaluate(tenant, ids)
    campaign_schedule.reschedule(tenant, ids)


def delete_contact(tenant: Tenant, contact_id: int) -> None:
    """Erase what is known of a contact, and free its URNs. The row stays, and so does the time it was made."""
    exits.interrupt(tenant, [contact_id])
    memberships.leave_all(tenant, [contact_id])
    set_urns(tenant, contact_id, [])
    tenant.store.run("DELETE FROM rapidpro_notes WHERE contact_id = ?", contact_id)
    tenant.store.run(
        "UPDATE rapidpro_messages SET visibility = 'deleted', text = '', attachments = '[]', quick_replies = '[]'"
        " WHERE contact_id = ?",
        contact_id,
    )
    tenant.store.run(
        "UPDATE rapidpro_contacts SET is_active = 0, name = NULL, language = NULL, fields = '{}', last_seen_on = NULL,"
        " flow_id = NULL, modified_on = ? WHERE id = ?",
        *(tenant.now, contact_id),
    )
    campaign_schedule.reschedule(tenant, [contact_id])
