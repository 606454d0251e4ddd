"""Objects found by what request bodies call them: a UUID, a name, a key, a URN."""

from __future__ import annotations

import sqlite3
import uuid

from trilogue_sandbox.rapidpro import urns
from trilogue_sandbox.rapidpro.fields import Lookup
from trilogue_sandbox.rapidpro.tenants import Tenant


def by_uuid(table: str, condition: str = "is_active") -> Lookup[sqlite3.Row]:
    """Return the look-up of the rows of a table that fulfil a condition, by UUID."""

    def find(tenant: Tenant, value: str) -> sqlite3.Row | None:
        return tenant.store.one(
            f"SELECT * FROM rapidpro_{table} WHERE uuid = ? AND workspace_id = ? AND ({condition})",
            *(normal_uuid(value), tenant.workspace.id),
        )

    return find


def by_uuid_or_name(table: str) -> Lookup[sqlite3.Row]:
    """Return the look-up of the active rows of a table by UUID or by name, whatever the case of the letters."""
    by_that = by_uuid(table)

    def find(tenant: Tenant, value: str) -> sqlite3.Row | None:
        return by_that(tenant, value) or find_named(tenant, table, value)

    return find


def find_named(tenant: Tenant, table: str, name: str) -> sqlite3.Row | None:
    """Return the active row with this name, whatever the case of the letters."""
    rows = tenant.store.all(
        f"SELECT * FROM rapidpro_{table} WHERE workspace_id = ? AND is_active ORDER BY id", tenant.workspace.id
    )
    return next((row for row in rows if row["name"].lower() == name.lower()), None)


def exactly_named(tenant: Tenant, table: str, value: str) -> sqlite3.Row | None:
    """Return the active row with this UUID or exactly this name, as filters look for it."""
    return tenant.store.one(
        f"SELECT * FROM rapidpro_{table} WHERE workspace_id = ? AND is_active AND (uuid = ? OR name = ?)",
        *(tenant.workspace.id, normal_uuid(value), value),
    )


def contact(tenant: Tenant, value: str) -> sqlite3.Row | None:
    """Find a contact that is not deleted, by UUID in its canonical form or by URN (phone numbers with a `+`)."""
    if found := tenant.store.one(
        "SELECT * FROM rapidpro_contacts WHERE uuid = ? AND workspace_id = ? AND is_active",
        *(value, tenant.workspace.id),
    ):
        return found
    urn = None if tenant.workspace.is_anonymous else urns.parse(value, country="")
    return find_by_urn(tenant, urn) if urn else None


def find_by_urn(tenant: Tenant, urn: urns.Urn) -> sqlite3.Row | None:
    """Return the contact that has a URN."""
    return tenant.store.one(
        "SELECT contact.* FROM rapidpro_urns AS urn JOIN rapidpro_contacts AS contact ON contact.id = urn.contact_id"
        " WHERE urn.workspace_id = ? AND urn.scheme = ? AND urn.path = ?",
        *(tenant.workspace.id, urn.scheme, urn.path),
    )


def normal_uuid(value: str) -> str:
    """Return a UUID in lower case and with hyphens; anything else as it is."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return value


group = by_uuid_or_name("groups")
label = by_uuid_or_name("labels")
flow = by_uuid("flows")
campaign = by_uuid("campaigns", "is_active AND NOT is_archived")
topic = by_uuid("topics")
known_contact = by_uuid("contacts")
ticket = by_uuid("tickets", "TRUE")


def field(tenant: Tenant, key: str) -> sqlite3.Row | None:
    """Find a custom field by its key."""
    return tenant.store.one(
        "SELECT * FROM rapidpro_fields WHERE workspace_id = ? AND key = ? AND is_active", tenant.workspace.id, key
    )


def user(tenant: Tenant, email: str) -> sqlite3.Row | None:
    """Find a member of the workspace by e-mail, whatever the case of the letters."""
    return tenant.store.one(
        "SELECT user.* FROM rapidpro_users AS user JOIN rapidpro_members AS member ON member.user_id = user.id"
        " WHERE member.workspace_id = ? AND LOWER(user.email) = ? AND user.is_active",
        *(tenant.workspace.id, email.lower()),
    )
