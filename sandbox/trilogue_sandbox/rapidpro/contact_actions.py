"""What is done to many contacts at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro import contact_changes, memberships
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource, no_content
from trilogue_sandbox.rapidpro.references import (
    Reference,
    References,
    find_contact,
    find_manual_group,
)
from trilogue_sandbox.rapidpro.serializer_fields import Choice
from trilogue_sandbox.rapidpro.serializers import (
    Field,
    InvalidValue,
    Serializer,
    optional,
    required,
)
from trilogue_sandbox.rapidpro.tables import MESSAGES


@attrs.frozen
class _ContactsField(Field["list[Row]"]):
    def read(self, value: Json, serializer: Serializer) -> list[Row]:
        contacts = References(find_contact).read(value, serializer)
        if not contacts:
            raise InvalidValue("Contacts can't be empty.")
        return contacts


def _block(context: WorkspaceContext, ids: Sequence[int]) -> None:
    contact_changes.set_status(context, ids, "blocked")


def _unblock(context: WorkspaceContext, ids: Sequence[int]) -> None:
    contact_changes.set_status(context, ids, "active")


def _interrupt(context: WorkspaceContext, ids: Sequence[int]) -> None:
    contact_changes.interrupt_runs(context, ids)
    contact_changes.touch(context, ids)


def _archive_messages(context: WorkspaceContext, ids: Sequence[int]) -> None:
    messages = context.records.select(MESSAGES, direction="in", visibility="visible").among("contact_id", ids)
    messages.change("visibility = 'archived', modified_on = ?", context.now)


def _delete(context: WorkspaceContext, ids: Sequence[int]) -> None:
    for contact_id in ids:
        contact_changes.delete_contact(context, contact_id)


_GROUPING = ("add", "remove")
_CHANGES: Mapping[str, Callable[[WorkspaceContext, Sequence[int]], None]] = {
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

    contacts: Sequence[Row] = required(_ContactsField())
    action: str = required(Choice((*_GROUPING, *_CHANGES)))
    group: Row | None = optional(Reference(find_manual_group), None)


def perform_action(exchange: Exchange) -> Response:
    """Handle POST: do one thing to many contacts."""
    body = exchange.read_body(ContactActionBody)
    _check_action(body)
    ids = [contact["id"] for contact in body.contacts]
    if body.group is None:
        _CHANGES[body.action](exchange.context, ids)
    else:
        regroup = memberships.add if body.action == "add" else memberships.remove
        regroup(exchange.context, body.group["id"], ids)
        contact_changes.touch(exchange.context, ids)
    return no_content()


def _check_action(body: ContactActionBody) -> None:
    if body.action in _GROUPING and body.group is None:
        raise invalid_together(f'For action "{body.action}" you should also specify a group')
    if body.action not in _GROUPING and body.group is not None:
        raise invalid_together(f'For action "{body.action}" you should not specify a group')
    idle = [contact["uuid"] for contact in body.contacts if contact["status"] != "active"]
    if body.action == "add" and idle:
        raise invalid_together(f"Non-active contacts cannot be added to groups: {', '.join(idle)}")


RESOURCE = Resource(operations={"contact_actions_perform": perform_action})
