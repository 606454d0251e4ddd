"""What users do to several tickets at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.http import Response
from trilogue_sandbox.rapidpro import contact_changes, references, tickets
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.fields import (
    UNSET,
    Choice,
    Nullable,
    Reference,
    References,
    Text,
    Unset,
    optional,
    required,
)

_ACTIONS = ("assign", "add_note", "change_topic", "close", "reopen")


@attrs.frozen
class TicketActionBody:
    """What to do, and to which tickets."""

    tickets: Sequence[sqlite3.Row] = required(References(references.ticket))
    action: str = required(Choice(_ACTIONS))
    assignee: sqlite3.Row | Unset | None = optional(Nullable(Reference(references.user)))
    note: str | None = optional(Text(10_000), None)
    topic: sqlite3.Row | None = optional(Reference(references.topic), None)


def act_on_tickets(call: Call) -> Response:
    """Answer POST: with the tickets that nothing changed for, if there are any."""
    body = call.body(TicketActionBody)
    _check(body)
    change = _CHANGES[body.action]
    named = {ticket["uuid"]: ticket for ticket in body.tickets}
    changed = {uuid: ticket for uuid, ticket in named.items() if change(call, body, ticket)}
    contact_changes.touch(call.tenant, [ticket["contact_id"] for ticket in changed.values()])
    if unchanged := [uuid for uuid in named if uuid not in changed]:
        return Response.json({"failures": unchanged})
    return Response.json("", 204)


def _check(body: TicketActionBody) -> None:
    if body.action == "assign" and body.assignee is UNSET:
        raise invalid_together('For action "assign" you must specify the assignee')
    if body.action == "add_note" and not body.note:
        raise invalid_together('For action "add_note" you must specify the note')
    if body.action == "change_topic" and not body.topic:
        raise invalid_together('For action "change_topic" you must specify the topic')


def _assign(call: Call, body: TicketActionBody, ticket: sqlite3.Row) -> bool:
    assignee_id = None if isinstance(body.assignee, Unset) or body.assignee is None else body.assignee["id"]
    return _change(call, ticket, "assigned", assignee_id=assignee_id)


def _add_note(call: Call, body: TicketActionBody, ticket: sqlite3.Row) -> bool:
    call.store.run("UPDATE rapidpro_tickets SET modified_on = ? WHERE id = ?", call.tenant.now, ticket["id"])
    tickets.record(call.tenant, ticket["id"], "note_added", call.user.id, body.note)
    return True


def _change_topic(call: Call, body: TicketActionBody, ticket: sqlite3.Row) -> bool:
    assert body.topic is not None
    return _change(call, ticket, "topic_changed", topic_id=body.topic["id"])


def _close(call: Call, body: TicketActionBody, ticket: sqlite3.Row) -> bool:
    return _change(call, ticket, "closed", status="closed") and _set_closed_on(call, ticket, call.tenant.now)


def _reopen(call: Call, body: TicketActionBody, ticket: sqlite3.Row) -> bool:
    return _change(call, ticket, "reopened", status="open") and _set_closed_on(call, ticket, None)


def _change(call: Call, ticket: sqlite3.Row, event: str, **column: str | int | None) -> bool:
    """Set one column, and return whether it was something else before."""
    ((name, value),) = column.items()
    changed = call.store.run(
        f"UPDATE rapidpro_tickets SET {name} = ?, modified_on = ? WHERE id = ? AND {name} IS NOT ?",
        *(value, call.tenant.now, ticket["id"], value),
    )
    if changed:
        tickets.record(call.tenant, ticket["id"], event, call.user.id)
    return bool(changed)


def _set_closed_on(call: Call, ticket: sqlite3.Row, moment: int | None) -> bool:
    call.store.run("UPDATE rapidpro_tickets SET closed_on = ? WHERE id = ?", moment, ticket["id"])
    return True


_CHANGES: Mapping[str, Callable[[Call, TicketActionBody, sqlite3.Row], bool]] = {
    "assign": _assign,
    "add_note": _add_note,
    "change_topic": _change_topic,
    "close": _close,
    "reopen": _reopen,
}

ENDPOINT = Endpoint("ticket_actions", post=act_on_tickets, is_list=False, is_fixed=True)
