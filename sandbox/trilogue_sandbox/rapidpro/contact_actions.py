"""Doing one thing to many contacts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.rapidpro import contact_changes, exits, memberships, references
from trilogue_sandbox.rapidpro.contacts import manual_group
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.fields import (
    Choice,
    Context,
    Field,
    InvalidValue,
    Reference,
    References,
    optional,
    required,
)
from trilogue_sandbox.rapidpro.tenants import Tenant

_GROUPING = ("add", "remove")


@attrs.frozen
class _ContactsField(Field["list[sqlite3.Row]"]):
    def read(self, value: Json, context: Context) -> list[sqlite3.Row]:
        contacts = References(references.contact).read(value, context)
        if not contacts:
            raise InvalidValue("Contacts can't be empty.")
        return contacts


def _block(tenant: Tenant, ids: Sequence[int]) -> None:
    contact_changes.set_status(tenant, ids, "blocked")


def _unblock(tenant: Tenant, ids: Sequence[int]) -> None:
    contact_changes.set_status(tenant, ids, "active")


def _interrupt(tenant: Tenant, ids: Sequence[int]) -> None:
    exits.interrupt(tenant, ids)
    contact_changes.touch(tenant, ids)


def _archive_messages(tenant: Tenant, ids: Sequence[int]) -> None:
    tenant.store.run(
        "UPDATE rapidpro_messages SET visibility = 'archived', modified_on = ? WHERE direction = 'in'"
        " AND visibility = 'visible' AND contact_id IN (SELECT value FROM json_each(?))",
        *(tenant.now, json.dumps([*ids])),
    )


def _delete(tenant: Tenant, ids: Sequence[int]) -> None:
    for contact_id in ids:
        contact_changes.delete_contact(tenant, contact_id)


_CHANGES: dict[str, Callable[[Tenant, Sequence[int]], None]] = {
    "block": _block,
    "unblock": _unblock,
    "interrupt": _interrupt,
    "archive_messages": _archive_messages,
    "archive": _archive_messages,
    "delete": _delete,
}


@attrs.frozen
class ContactActionBody:
    """What to do, and to which contacts."""

    contacts: Sequence[sqlite3.Row] = required(_ContactsField())
    action: str = required(Choice((*_GROUPING, *_CHANGES)))
    group: sqlite3.Row | None = optional(Reference(manual_group), None)


def act(call: Call) -> Response:
    """Answer POST."""
    body = call.body(ContactActionBody)
    _check(body)
    ids = [contact["id"] for contact in body.contacts]
    if body.group is None:
        _CHANGES[body.action](call.tenant, ids)
    else:
        regroup = memberships.add if body.action == "add" else memberships.remove
        regroup(call.tenant, body.group["id"], ids)
        contact_changes.touch(call.tenant, ids)
    return Response.json("", 204)


def _check(body: ContactActionBody) -> None:
    if body.action in _GROUPING and body.group is None:
        raise invalid_together(f'For action "{body.action}" you should also specify a group')
    if body.action not in _GROUPING and body.group is not None:
        raise invalid_together(f'For action "{body.action}" you should not specify a group')
    idle = [contact["uuid"] for contact in body.contacts if contact["status"] != "active"]
    if body.action == "add" and idle:
        raise invalid_together(f"Non-active contacts cannot be added to groups: {', '.join(idle)}")


ENDPOINT = Endpoint("contact_actions", post=act, is_fixed=True)
