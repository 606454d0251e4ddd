"""Messages: listed, and sent to one contact."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.rapidpro import incoming, outgoing, references
from trilogue_sandbox.rapidpro.contents import ATTACHMENTS, MAX_TEXT, QUICK_REPLIES, QuickReply
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST, Ordering
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.fields import Reference, Text, optional, required
from trilogue_sandbox.rapidpro.message_view import show_messages

_TABLE = "rapidpro_messages"

_LAST_SENT_FIRST = Ordering("sent_on")


@attrs.frozen
class MessageBody:
    """What to say, and to whom."""

    contact: sqlite3.Row = required(Reference(references.contact))
    text: str = optional(Text(MAX_TEXT), "")
    attachments: Sequence[str] = optional(ATTACHMENTS, ())
    quick_replies: Sequence[QuickReply] = optional(QUICK_REPLIES, ())


def list_messages(call: Call) -> Response:
    """Answer GET."""
    call.refuse_together("contact", "folder", "label", "broadcast")
    select = call.with_uuid(call.select(_TABLE).where("item.folder IS NOT NULL"))
    if (number := call.integer("id")) is not None:
        select = select.where("item.id = ?", number)
    ordering = _LAST_SENT_FIRST if call.text("folder").lower() == "sent" else NEWEST_FIRST
    if wanted := call.text("label"):
        return _list_labelled(call, select, wanted)
    return call.page(call.within(_narrowed(call, select), "created_on"), ordering, show_messages)


def _list_labelled(call: Call, select: Select, label_name: str) -> Response:
    """Answer with messages that have a label, found in order by the index of labels."""
    label = references.exactly_named(call.tenant, "labels", label_name)
    through = attrs.evolve(select, table=f"rapidpro_message_labels AS labelled CROSS JOIN {select.table}")
    messages = through.where("labelled.message_id = item.id AND labelled.label_id = ?", label["id"] if label else None)
    ordering = attrs.evolve(NEWEST_FIRST, sorted_by=("labelled.created_on", "labelled.message_id"))
    return call.page(call.within(messages, "labelled.created_on"), ordering, show_messages)


def send_message(call: Call) -> Response:
    """Answer POST."""
    body = call.body(MessageBody)
    if not body.text and not body.attachments:
        raise invalid_together("Must provide either text or attachments.")
    content = outgoing.Content(body.text, body.attachments, body.quick_replies)
    message_id = outgoing.send(call.tenant, body.contact["id"], content)
    return Response.json(call.shown(_TABLE, message_id, show_messages), 201)


def _narrowed(call: Call, select: Select) -> Select:
    if folder := call.text("folder").lower():
        return select.where("item.folder = ?", folder)
    if contact := call.text("contact"):
        return _where_found(select, "item.contact_id = ?", references.known_contact(call.tenant, contact))
    broadcast = call.integer("broadcast")
    return select if broadcast is None else select.where("item.broadcast_id = ?", broadcast)


def _where_found(select: Select, condition: str, row: sqlite3.Row | None) -> Select:
    return select.where(condition, row["id"]) if row else select.nothing()


ENDPOINT = Endpoint(
    "messages",
    get=list_messages,
    post=send_message,
    scope="v2.messages",
    actions={**outgoing.ACTIONS, **incoming.ACTIONS},
)
