"""What can become of contacts, whoever causes it: a request, a message that comes in, a timer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro import campaign_schedule, memberships, values
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.tables import CONTACTS, LABELLED_MESSAGES, MESSAGES, RUNS, URNS
from trilogue_sandbox.rapidpro.urns import Urn

_TOP_PRIORITY = 1000
_GIVE_URN = (
    "INSERT INTO rapidpro_urns (workspace_id, contact_id, scheme, path, display, priority) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (workspace_id, scheme, path)"
    " DO UPDATE SET contact_id = excluded.contact_id, priority = excluded.priority WHERE contact_id IS NULL"
)


def create_contact(context: WorkspaceContext, urns: Sequence[Urn], **values: Any) -> Row:
    """Create a contact; its URNs must be free. Call `consider_new` when everything about it is written."""
    contact = context.add(CONTACTS, **values)
    _give_urns(context, contact["id"], urns)
    return contact


def contact_of_urn(context: WorkspaceContext, urn: Urn) -> int:
    """Return the number of the contact with a URN, who is created if there is none."""
    owner = owner_of(context, urn)
    if owner is not None:
        return owner
    contact = create_contact(context, [urn])
    consider_new(context, contact["id"])
    return int(contact["id"])


def owner_of(context: WorkspaceContext, urn: Urn) -> int | None:
    """Return the number of the contact with a URN, or None."""
    row = context.find(URNS, scheme=urn.scheme, path=urn.path)
    return row["contact_id"] if row else None


def set_urns(context: WorkspaceContext, contact_id: int, urns: Sequence[Urn]) -> None:
    """Give a contact these URNs and no others, the first with the highest priority; those of others are left out."""
    context.records.select(URNS, contact_id=contact_id).change("contact_id = NULL")
    _give_urns(context, contact_id, urns)


def _give_urns(context: WorkspaceContext, contact_id: int, urns: Sequence[Urn]) -> None:
    for place, urn in enumerate(urns):
        owned = (context.workspace.id, contact_id, urn.scheme, urn.path, urn.display)
        context.store.run(_GIVE_URN, *owned, _TOP_PRIORITY - place)


def with_fields(context: WorkspaceContext, kept: Mapping[str, str], given: Mapping[str, str | None]) -> dict[str, str]:
    """Return the field values of a contact with some of them written; None and the empty string clear one."""
    types, merged = context.field_types, {**kept}
    for key, value in given.items():
        if value:
            merged[key] = values.store_value(context, types[key], value)
        else:
            merged.pop(key, None)
    return merged


def set_status(context: WorkspaceContext, contact_ids: Iterable[int], status: str) -> None:
    """Change the status of contacts. Those who are no longer active leave all groups."""
    ids = list(contact_ids)
    context.records.select(CONTACTS).among("id", ids).change("status = ?", status)
    if status != "active":
        memberships.leave_all(context, ids)
        interrupt_runs(context, ids)
    touch(context, ids)


def interrupt_runs(context: WorkspaceContext, contact_ids: Iterable[int]) -> None:
    """Take contacts out of the flows they are in. Call `touch` afterwards."""
    ids = list(contact_ids)
    runs = context.records.select(RUNS).where("item.exited_on IS NULL").among("contact_id", ids)
    runs.change("status = 'interrupted', exited_on = ?, modified_on = ?", context.now, context.now)
    context.records.select(CONTACTS).among("id", ids).change("flow_id = NULL")


def touch(context: WorkspaceContext, contact_ids: Iterable[int]) -> None:
    """Note that something about contacts has changed: smart groups and campaigns look at them again."""
    ids = list(contact_ids)
    context.records.select(CONTACTS).among("id", ids).change("modified_on = ?", context.now)
    reconsider(context, ids)


def consider_new(context: WorkspaceContext, contact_id: int, *, has_groups: bool = False) -> None:
    """Let smart groups look at a new contact, and campaigns if it is in a group."""
    if memberships.reevaluate(context, [contact_id]) or has_groups:
        campaign_schedule.reschedule(context, [contact_id])


def reconsider(context: WorkspaceContext, contact_ids: Sequence[int]) -> None:
    """Let smart groups and campaigns look at contacts whose rows are written already."""
    memberships.reevaluate(context, contact_ids)
    campaign_schedule.reschedule(context, contact_ids)


def delete_contact(context: WorkspaceContext, contact_id: int) -> None:
    """Erase what is known of a contact, and free its URNs. The row stays, and so does the time it was made."""
    interrupt_runs(context, [contact_id])
    memberships.leave_all(context, [contact_id])
    set_urns(context, contact_id, [])
    messages = context.records.select(MESSAGES, contact_id=contact_id)
    ids = [row["id"] for row in messages.all()]
    context.records.select(LABELLED_MESSAGES).among("message_id", ids).remove()
    messages.change("visibility = 'deleted', text = '', attachments = '[]', quick_replies = '[]'")
    contact = context.records.get(CONTACTS, contact_id)
    gone = dict.fromkeys(("name", "language", "last_seen_on", "flow_id"))
    context.records.touch(CONTACTS, contact, is_active=False, fields={}, notes=[], **gone)
    campaign_schedule.reschedule(context, [contact_id])
