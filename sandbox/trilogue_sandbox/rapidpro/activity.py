"""Tickets and events, in any number, all of them made up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.ids import format_uuid
from trilogue_sandbox.kernel.table import Table
from trilogue_sandbox.kernel.timestamps import MINUTE, SECOND
from trilogue_sandbox.rapidpro import contact_changes
from trilogue_sandbox.rapidpro.access import MEMBERS
from trilogue_sandbox.rapidpro.channel_events import CHANNEL_EVENTS
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.flow_history import active_contacts
from trilogue_sandbox.rapidpro.population import new_draws, next_id, uuid7
from trilogue_sandbox.rapidpro.resthooks import RESTHOOK_EVENTS, RESTHOOKS
from trilogue_sandbox.rapidpro.tables import CHANNELS, CONTACTS, USERS
from trilogue_sandbox.rapidpro.tickets import TICKETS, TOPICS

_EVENTS = ("call-in", "call-in-missed", "call-out", "new-conversation", "referral", "optin", "welcome-message")


_TICKET_COLUMNS = (
    *("id", "uuid", "workspace_id", "contact_id", "topic_id", "status", "assignee_id", "opened_on", "opened_by_id"),
    *("modified_on", "closed_on"),
)


def make_tickets(context: WorkspaceContext, count: int) -> None:
    """Add tickets of active contacts, every third of them closed, one a minute until now."""
    topics, users, contacts = _ids(context, TOPICS), _assignable(context), active_contacts(context)
    if not contacts:
        return
    first, draws, now = next_id(context, TICKETS), new_draws(context), context.now
    rows = (
        (
            first + place,
            uuid7(opened_on, bits := draws.getrandbits(80)),
            context.workspace.id,
            contacts[bits % len(contacts)],
            topics[(bits >> 20) % len(topics)],
            "closed" if place % 3 == 2 else "open",
            users[(bits >> 40) % len(users)],
            opened_on,
            users[(bits >> 60) % len(users)],
            opened_on + MINUTE // 2,
            opened_on + MINUTE // 2 if place % 3 == 2 else None,
        )
        for place in range(count)
        for opened_on in (now - (count - place) * MINUTE,)
    )
    context.records.add_tuples(TICKETS, _TICKET_COLUMNS, rows)
    contact_changes.reconsider(context, contacts)


def make_channel_events(context: WorkspaceContext, count: int) -> None:
    """Add events of active contacts on a channel, one a minute until now."""
    channels, contacts = _ids(context, CHANNELS), active_contacts(context)
    if not (channels and contacts):
        return
    draws, now = new_draws(context), context.now
    rows = (
        (
            format_uuid(draws.getrandbits(128), version=4),
            context.workspace.id,
            event_type,
            contacts[place % len(contacts)],
            channels[0],
            msgspec.json.encode(
                {"duration": 12 + place % 60} if event_type in ("call-in", "call-out") else {}
            ).decode(),
            occurred_on,
            occurred_on + SECOND,
        )
        for place in range(count)
        for event_type, occurred_on in ((_EVENTS[place % len(_EVENTS)], now - (count - place) * MINUTE),)
    )
    columns = ("uuid", "workspace_id", "type", "contact_id", "channel_id", "extra", "occurred_on", "created_on")
    context.records.add_tuples(CHANNEL_EVENTS, columns, rows)


def make_resthook_events(context: WorkspaceContext, count: int) -> None:
    """Add events of the resthooks in turn, one a second until now."""
    resthooks, contacts = _ids(context, RESTHOOKS), active_contacts(context)
    if not (resthooks and contacts):
        return
    now, workspace_id = context.now, context.workspace.id
    rows = (
        (workspace_id, resthooks[place % len(resthooks)], data, now - (count - place) * SECOND)
        for place, data in enumerate(_event_data(context, contacts, count))
    )
    columns = ("workspace_id", "resthook_id", "data", "created_on")
    context.records.add_tuples(RESTHOOK_EVENTS, columns, rows)


def _event_data(context: WorkspaceContext, contacts: Sequence[int], count: int) -> Iterator[str]:
    rows = context.records.select(CONTACTS, "item.uuid, item.name").among("id", contacts[:count]).all()
    for place in range(count):
        contact = dict(rows[place % len(rows)])
        data: JsonObject = {"contact": contact, "channel": None, "path": [], "results": {}, "input": None}
        yield msgspec.json.encode(data).decode()


def _assignable(context: WorkspaceContext) -> list[int | None]:
    users = context.records.select(USERS, "item.id", is_active=True).through(
        MEMBERS, "member", "member.user_id = item.id"
    )
    members = users.where("member.workspace_id = ?", context.workspace.id).all("ORDER BY item.id")
    return [*(row["id"] for row in members), None]


def _ids(context: WorkspaceContext, table: Table) -> list[int]:
    return [row["id"] for row in context.select(table, is_active=True).all("ORDER BY item.id")]
