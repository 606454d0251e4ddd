"""Expressions in texts, such as `@contact.name`, filled in for one contact."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from trilogue_sandbox.rapidpro import contact_changes, values
from trilogue_sandbox.rapidpro.tenants import Tenant

_EXPRESSION = re.compile(r"@(?:(@)|\(\s*([a-z_][\w.]*)\s*\)|([a-z_]\w*(?:\.\w+)*))", re.IGNORECASE)


def fill_in(text: str, known: Mapping[str, str]) -> str:
    """Replace expressions by their values; what begins with a known word and leads nowhere becomes empty.

    `@@` stands for one `@`, and an `@` before anything else is left alone, as in an e-mail address.
    """
    roots = {path.partition(".")[0] for path in known}

    def replace(found: re.Match[str]) -> str:
        if found[1]:
            return "@"
        path = (found[2] or found[3]).lower()
        return known.get(path, "") if path.partition(".")[0] in roots else found[0]

    return _EXPRESSION.sub(replace, text)


def values_of_globals(tenant: Tenant) -> dict[str, str]:
    """Return the globals by the paths of their expressions."""
    rows = tenant.store.all("SELECT key, value FROM rapidpro_globals WHERE workspace_id = ?", tenant.workspace.id)
    return {"globals": "", **{f"globals.{row['key']}": row["value"] for row in rows}}


def values_of_contact(tenant: Tenant, contact_id: int) -> dict[str, str]:
    """Return what expressions can say of a contact, by their paths."""
    contact = tenant.store.one("SELECT * FROM rapidpro_contacts WHERE id = ?", contact_id)
    assert contact is not None
    name, kept = contact["name"] or "", json.loads(contact["fields"])
    known = {
        "contact": name,
        "contact.uuid": contact["uuid"],
        "contact.name": name,
        "contact.first_name": name.partition(" ")[0],
        "contact.language": contact["language"] or "",
        "fields": "",
        "urns": "",
    }
    for key, field_type in contact_changes.field_types(tenant).items():
        shown = values.show_value(tenant, field_type, kept.get(key)) or ""
        known[f"fields.{key}"] = known[f"contact.fields.{key}"] = shown
    return known | _urns(tenant, contact_id)


def _urns(tenant: Tenant, contact_id: int) -> dict[str, str]:
    rows = tenant.store.all(
        "SELECT scheme, path FROM rapidpro_urns WHERE contact_id = ? ORDER BY priority, id DESC", contact_id
    )
    known: dict[str, str] = {}
    for row in rows:  # the one with the highest priority comes last and stays
        path = "********" if tenant.workspace.is_anonymous else row["path"]
        known[f"urns.{row['scheme']}"] = known["contact.urn"] = f"{row['scheme']}:{path}"
    return known
