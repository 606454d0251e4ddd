"""Tickets, which are conversations with contacts that a person has to take care of, and the topics of tickets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import CHANGED, CREATED, KEY, TEXT, TIMESTAMP, Row
from trilogue_sandbox.kernel.views import each
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import contact_changes, named_objects
from trilogue_sandbox.rapidpro.arguments import named_contact, named_row
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.counts import counted, read_counts
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource, no_content
from trilogue_sandbox.rapidpro.lists import by_any_uuid, by_reference, listing
from trilogue_sandbox.rapidpro.references import Reference, References, find_contact_by_uuid, find_user, uuid_lookup
from trilogue_sandbox.rapidpro.serializer_fields import Choice, ServerString, name_in
from trilogue_sandbox.rapidpro.serializers import UNSET, Field, Nullable, Serializer, Unset, optional, required
from trilogue_sandbox.rapidpro.table_types import NAMED, NO, UUID7, WORKSPACE, object_table, plain_table, ref
from trilogue_sandbox.rapidpro.tables import CONTACTS, FLOWS, USERS
from trilogue_sandbox.rapidpro.views import ApiView

TOPICS = object_table("topics", name=TEXT, is_system=NO, indexes=[NAMED])
TICKETS = plain_table(
    "tickets",
    id=KEY,
    uuid=UUID7,
    workspace_id=WORKSPACE,
    contact_id=ref("contacts"),
    topic_id=ref("topics"),
    status=TEXT.default("open"),
    body=TEXT.default(""),
    assignee_id=ref("users").nullable(),
    opened_on=CREATED,
    opened_by_id=ref("users").nullable(),
    opened_in_id=ref("flows").nullable(),
    modified_on=CHANGED,
    closed_on=TIMESTAMP.nullable(),
    indexes=["workspace_id, modified_on, id", "contact_id, modified_on, id"],
    triggers=counted("tickets", by="topic_id", owner="topics", name="{row}.status", changing="topic_id, status"),
)
TICKET_EVENTS = plain_table(
    "ticket_events",
    id=KEY,
    ticket_id=ref("tickets"),
    type=TEXT,
    note=TEXT.nullable(),
    user_id=ref("users").nullable(),
    created_on=CREATED,
)

find_topic = uuid_lookup(TOPICS)

TICKET = ApiView(
    "Ticket",
    TICKETS,
    computed={"body": each(lambda context, row: row["body"] if context.server.shows_ticket_bodies else None)},
    references={
        "contact": (CONTACTS, "contact_id"),
        "topic": (TOPICS, "topic_id"),
        "assignee": (USERS, "assignee_id"),
        "opened_by": (USERS, "opened_by_id"),
        "opened_in": (FLOWS, "opened_in_id"),
    },
)


def open_ticket(context: WorkspaceContext, contact_id: int, topic: Row | None = None, **values: int | None) -> Row:
    """Open a ticket, under the topic `General` unless another is given; `values` are further columns."""
    filed = topic or context.select(TOPICS, is_system=True).first("ORDER BY item.id")
    assert filed is not None
    ticket = context.add(TICKETS, contact_id=contact_id, topic_id=filed["id"], **values)
    _record(context, ticket, "opened", values.get("opened_by_id"))
    contact_changes.touch(context, [contact_id])
    return ticket


def _record(context: WorkspaceContext, ticket: Row, event: str, user_id: int | None, note: str | None = None) -> None:
    """Write into the history of a ticket what has happened to it."""
    context.records.add(TICKET_EVENTS, {"ticket_id": ticket["id"], "type": event, "note": note, "user_id": user_id})


def open_ticket_for_contact(world: World, arguments: Fields) -> object:
    """Let a user open a ticket for a contact, or a flow if no user is named."""
    context = WorkspaceContext.of(world, arguments)
    contact = named_contact(context, arguments)
    topic = named_row(context, arguments, "topic", TOPICS) if "topic" in arguments else None
    flow = named_row(context, arguments, "flow", FLOWS) if "flow" in arguments else None
    ticket = open_ticket(
        context,
        contact["id"],
        topic,
        assignee_id=_user_id(context, arguments, "assignee"),
        opened_by_id=_user_id(context, arguments, "user"),
        opened_in_id=flow["id"] if flow else None,
    )
    return TICKET.show_one(context, ticket)


def _user_id(context: WorkspaceContext, arguments: Fields, name: str) -> int | None:
    if name not in arguments:
        return None
    user = find_user(context, arguments.string(name))
    if user is None:
        raise ControlError(f"`{name}`: the workspace has no user with this e-mail", name)
    return int(user["id"])


# -- bulk actions ------------------------------------------------------------------------------------------------------


@attrs.frozen
class _AssigneeField(Field[Row]):
    def read(self, value: Json, serializer: Serializer) -> Row:
        if isinstance(value, int):
            serializer.fail_as("number-for-email", "assignee")
        return Reference(find_user).read(value, serializer)


@attrs.frozen
class TicketActionBody:
    """What to do, and to which tickets."""

    tickets: Sequence[Row] = required(References(uuid_lookup(TICKETS)))
    action: str = required(Choice(("assign", "add_note", "change_topic", "close", "reopen")))
    assignee: Row | Unset | None = optional(Nullable(_AssigneeField()))
    topic: Row | None = optional(Reference(find_topic), None)
    note: str | None = optional(ServerString(lambda server: server.note_length), None)


def perform_action(exchange: Exchange) -> Response:
    """Handle POST: with the tickets that nothing changed for, if there are any."""
    body = exchange.read_body(TicketActionBody)
    _check_action(body)
    change = _CHANGES[body.action]
    named = {ticket["uuid"]: ticket for ticket in body.tickets}
    changed = {uuid: ticket for uuid, ticket in named.items() if change(exchange, body, ticket)}
    contact_changes.touch(exchange.context, [ticket["contact_id"] for ticket in changed.values()])
    unchanged = [uuid for uuid in named if uuid not in changed]
    if unchanged and exchange.operation.describes(200):
        return Response.json({"failures": unchanged})
    return no_content()


def _check_action(body: TicketActionBody) -> None:
    if body.action == "assign" and body.assignee is UNSET:
        raise invalid_together('For action "assign" you must specify the assignee')
    if body.action == "add_note" and not body.note:
        raise invalid_together('For action "add_note" you must specify the note')
    if body.action == "change_topic" and not body.topic:
        raise invalid_together('For action "change_topic" you must specify the topic')


def _assign(exchange: Exchange, body: TicketActionBody, ticket: Row) -> bool:
    assignee_id = None if isinstance(body.assignee, Unset) or body.assignee is None else body.assignee["id"]
    return _change(exchange, ticket, "assigned", assignee_id=assignee_id)


def _add_note(exchange: Exchange, body: TicketActionBody, ticket: Row) -> bool:
    exchange.records.touch(TICKETS, ticket)
    _record(exchange.context, ticket, "note_added", exchange.user_id, body.note)
    return True


def _change_topic(exchange: Exchange, body: TicketActionBody, ticket: Row) -> bool:
    assert body.topic is not None
    return _change(exchange, ticket, "topic_changed", topic_id=body.topic["id"])


def _close(exchange: Exchange, body: TicketActionBody, ticket: Row) -> bool:
    return ticket["status"] != "closed" and _change(exchange, ticket, "closed", status="closed", closed_on=exchange.now)


def _reopen(exchange: Exchange, body: TicketActionBody, ticket: Row) -> bool:
    return _change(exchange, ticket, "reopened", status="open", closed_on=None)


def _change(exchange: Exchange, ticket: Row, event: str, **values: Any) -> bool:
    """Write values, and return whether they differed from those before."""
    if all(ticket[name] == value for name, value in values.items()):
        return False
    exchange.records.change(TICKETS, ticket, **values)
    _record(exchange.context, ticket, event, exchange.user_id)
    return True


_CHANGES: Mapping[str, Callable[[Exchange, TicketActionBody, Row], bool]] = {
    "assign": _assign,
    "add_note": _add_note,
    "change_topic": _change_topic,
    "close": _close,
    "reopen": _reopen,
}

# -- topics, under which tickets are filed ----------------------------------------------------------------------------

_TOPIC = Model("Topic", TOPICS)


@attrs.frozen
class TopicBody:
    """What can be written of a topic."""

    name: str = required(name_in(TOPICS))


def _count_tickets(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    counts = read_counts(context.records, TOPICS, [row["id"] for row in rows])
    return [{status: counts[row["id"], status] for status in ("open", "closed")} for row in rows]


TOPIC = ApiView("Topic", TOPICS, computed={"counts": _count_tickets}, columns={"system": "is_system"})


def _by_ticket(exchange: Exchange, select: Select) -> Select:
    """Filter by the former name of `uuid`, which is read where that is missing or empty."""
    wanted = exchange.unvalidated_uuids("ticket")[-1:]
    return select if exchange.string("uuid") or not wanted else select.equal("uuid", wanted[0])


RESOURCE = Resource(
    tables=[TOPICS, TICKETS, TICKET_EVENTS],
    operations={
        "tickets_list": listing(
            TICKET,
            by_any_uuid,
            _by_ticket,
            by_reference("contact", "contact_id", find_contact_by_uuid),
            by_modification=True,
        ),
        "ticket_actions_perform": perform_action,
        "topics_list": listing(TOPIC),
        "topics_save": named_objects.saving(TOPIC, _TOPIC, TopicBody),
    },
    actions={"open_ticket": open_ticket_for_contact},
)
