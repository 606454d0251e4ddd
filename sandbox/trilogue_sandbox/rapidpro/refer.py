"""Other objects as rows of the API mention them: UUID and name."""

from __future__ import annotations

import json
from collections.abc import Iterable

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.rapidpro.tenants import Tenant

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 6
_FACTOR = 387_420_489  # odd, so that different numbers stay different modulo a power of two


def refs(tenant: Tenant, table: str, ids: Iterable[int | None]) -> dict[int | None, JsonObject | None]:
    """Return the mentions of rows of `rapidpro_<table>` by their numbers; None is mentioned as None."""
    wanted = json.dumps([number for number in dict.fromkeys(ids) if number is not None])
    rows = tenant.store.all(
        f"SELECT id, uuid, name FROM rapidpro_{table} WHERE id IN (SELECT value FROM json_each(?))", wanted
    )
    found: dict[int | None, JsonObject | None] = {None: None}
    for row in rows:
        found[row["id"]] = {"uuid": row["uuid"], "name": row["name"]}
    return found


def contact_refs(tenant: Tenant, ids: Iterable[int]) -> dict[int | None, JsonObject | None]:
    """Return the mentions of contacts, which in an anonymous workspace have a short name to quote besides."""
    found = refs(tenant, "contacts", ids)
    if not tenant.workspace.is_anonymous:
        return found
    return {number: {**ref, **anonymous_name(number)} if ref and number else ref for number, ref in found.items()}


def user_refs(tenant: Tenant, ids: Iterable[int | None]) -> dict[int | None, JsonObject | None]:
    """Return the mentions of users, who go by e-mail and name; None is mentioned as None."""
    wanted = json.dumps([number for number in dict.fromkeys(ids) if number is not None])
    rows = tenant.store.all(
        "SELECT id, email, first_name, last_name FROM rapidpro_users WHERE id IN (SELECT value FROM json_each(?))",
        wanted,
    )
    found: dict[int | None, JsonObject | None] = {None: None}
    for row in rows:
        found[row["id"]] = {"email": row["email"], "name": f"{row['first_name']} {row['last_name']}".strip()}
    return found


def anonymous_name(contact_id: int) -> JsonObject:
    """Return the fields by which a contact of an anonymous workspace is quoted."""
    number = contact_id * _FACTOR % len(_ALPHABET) ** _LENGTH
    name = "".join(_ALPHABET[number // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(_LENGTH))
    return {"ref": name, "anon_display": name}
