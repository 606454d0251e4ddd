"""Messages: listed, sent to one contact, and changed many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import each
from trilogue_sandbox.rapidpro import outgoing
from trilogue_sandbox.rapidpro.access import has_room
from trilogue_sandbox.rapidpro.contents import ATTACHMENTS, QUICK_REPLIES, TEXT_OF_MESSAGE, QuickReply
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.cursors import LAST_MODIFIED_FIRST, NEWEST_FIRST, Ordering
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource, no_content
from trilogue_sandbox.rapidpro.lists import at_most_one_of, by_id, by_reference, by_uuid, within
from trilogue_sandbox.rapidpro.references import (
    Reference,
    find_contact,
    find_contact_by_uuid,
    find_exactly,
    find_label,
    find_named,
    name_of,
    names_in,
    uuid_lookup,
)
from trilogue_sandbox.rapidpro.serializer_fields import Choice, any_name
from trilogue_sandbox.rapidpro.serializers import Field, InvalidValue, Serializer, optional, required
from trilogue_sandbox.rapidpro.tables import CHANNELS, CONTACTS, FLOWS, LABELLED_MESSAGES, LABELS, MESSAGES, URNS
from trilogue_sandbox.rapidpro.tickets import TICKETS
from trilogue_sandbox.rapidpro.views import ApiView, Several

_MESSAGE = Model("Msg", MESSAGES)
_MAX_MESSAGES = 100
_INCOMING = "incoming"
_FOLDER_ORDERINGS = {"sent": Ordering("sent_on"), _INCOMING: LAST_MODIFIED_FIRST}
_NEWEST_LABELLED_FIRST = Ordering("created_on", table="labelled", key="message_id")


@attrs.frozen
class MessageBody:
    """What to say, and to whom."""

    contact: Row = required(Reference(find_contact))
    text: str = optional(TEXT_OF_MESSAGE, "")
    attachments: Sequence[str] = optional(ATTACHMENTS, ())
    quick_replies: Sequence[QuickReply] = optional(QUICK_REPLIES, ())
    ticket: Row | None = optional(Reference(uuid_lookup(TICKETS)), None)


def list_messages(exchange: Exchange) -> JsonObject:
    """Handle GET."""
    select = exchange.context.select(MESSAGES).where("item.folder IS NOT NULL")
    for narrow in (at_most_one_of("contact", "folder", "label", "broadcast"), by_uuid, by_id):
        select = narrow(exchange, select)
    if label := exchange.string("label"):
        return _list_labelled(exchange, select, label)
    ordering = _FOLDER_ORDERINGS.get(exchange.string("folder").lower(), NEWEST_FIRST)
    column = "modified_on" if ordering is LAST_MODIFIED_FIRST else "created_on"
    return exchange.page(within(column)(exchange, _narrowed(exchange, select)), MESSAGE, ordering)


def _list_labelled(exchange: Exchange, select: Select, label_name: str) -> JsonObject:
    """Return the messages that have a label, found in order by the index of labelled messages."""
    label = find_exactly(exchange.context, LABELS, label_name)
    messages = select.through(LABELLED_MESSAGES, "labelled", "labelled.message_id = item.id")
    messages = messages.where("labelled.label_id = ?", label["id"] if label else None)
    return exchange.page(within("created_on", "labelled")(exchange, messages), MESSAGE, _NEWEST_LABELLED_FIRST)


def _narrowed(exchange: Exchange, select: Select) -> Select:
    if folder := exchange.string("folder"):
        if folder == _INCOMING and _INCOMING in exchange.choices("folder"):
            return select.where("item.direction = 'in' AND item.status = 'handled'")
        return select.where("item.folder = ?", folder.lower())
    if exchange.string("contact"):
        return by_reference("contact", "contact_id", find_contact_by_uuid)(exchange, select)
    return select.equal("broadcast_id", exchange.number("broadcast"))


def send_message(exchange: Exchange) -> Response:
    """Handle POST."""
    named = exchange.target(_MESSAGE)
    body = exchange.read_body(MessageBody)
    if not body.text and not body.attachments:
        raise invalid_together("Must provide either text or attachments.")
    content = outgoing.Content(body.text, body.attachments, body.quick_replies)
    message = outgoing.send(exchange.context, body.contact["id"], content)
    return exchange.saved(MESSAGE, message, is_new=named is None)


# -- bulk actions ------------------------------------------------------------------------------------------------------


@attrs.frozen
class _Chosen:
    """The messages that were found, and the entries that lead to none."""

    ids: list[int]
    failures: list[Json]


@attrs.frozen
class _MessagesField(Field[_Chosen]):
    def read(self, value: Json, serializer: Serializer) -> _Chosen:
        entries = names_in(value, serializer, _MAX_MESSAGES)
        rows = [(entry, _find_message(serializer.context, name_of(entry))) for entry in entries]
        if sent := next((row for _, row in rows if row and row["direction"] == "out"), None):
            raise InvalidValue(f"Not an incoming message: {sent['id']}")
        return _Chosen([row["id"] for _, row in rows if row], [entry for entry, row in rows if not row])


def _find_message(context: WorkspaceContext, number: str | int) -> Row | None:
    if not isinstance(number, int) or abs(number) >= 1 << 63:
        return None
    return context.select(MESSAGES, id=number).where("item.visibility <> 'deleted'").first()


def _archive(context: WorkspaceContext, ids: Sequence[int]) -> None:
    _set_visibility(context, ids, "archived")


def _restore(context: WorkspaceContext, ids: Sequence[int]) -> None:
    _set_visibility(context, ids, "visible")


def _delete(context: WorkspaceContext, ids: Sequence[int]) -> None:
    context.records.select(LABELLED_MESSAGES).among("message_id", ids).remove()
    context.records.select(MESSAGES).among("id", ids).change("text = '', attachments = '[]'")
    _set_visibility(context, ids, "deleted")


def _set_visibility(context: WorkspaceContext, ids: Sequence[int], visibility: str) -> None:
    messages = context.records.select(MESSAGES).among("id", ids)
    messages.change("visibility = ?, modified_on = ?", visibility, context.now)


_LABELLING = ("label", "unlabel")
_CHANGES: Mapping[str, Callable[[WorkspaceContext, Sequence[int]], None]] = {
    "archive": _archive,
    "restore": _restore,
    "delete": _delete,
}


@attrs.frozen
class MessageActionBody:
    """What to do, and to which messages."""

    messages: _Chosen = required(_MessagesField())
    action: str = required(Choice((*_LABELLING, *_CHANGES)))
    label: Row | None = optional(Reference(find_label), None)
    label_name: str | None = optional(any_name(), None)


def perform_action(exchange: Exchange) -> Response:
    """Handle POST: do one thing to many incoming messages."""
    body = exchange.read_body(MessageActionBody)
    _check_action(body)
    if body.action in _LABELLING:
        _relabel(exchange.context, body)
    else:
        _CHANGES[body.action](exchange.context, body.messages.ids)
    failures = body.messages.failures
    return Response.json({"failures": failures}) if failures else no_content()


def _check_action(body: MessageActionBody) -> None:
    if body.label and body.label_name:
        raise invalid_together("Can't specify both label and label_name.")
    has_label = bool(body.label or body.label_name)
    if body.action in _LABELLING and not has_label:
        raise invalid_together(f'For action "{body.action}" you should also specify a label')
    if body.action not in _LABELLING and has_label:
        raise invalid_together(f'For action "{body.action}" you should not specify a label')


def _relabel(context: WorkspaceContext, body: MessageActionBody) -> None:
    label = body.label or _label_named(context, str(body.label_name), body.action)
    if label is None:
        return
    ids = body.messages.ids
    if body.action == "label":
        label_messages(context, label, ids)
    else:
        context.records.select(LABELLED_MESSAGES, label_id=label["id"]).among("message_id", ids).remove()
    context.records.select(MESSAGES).among("id", ids).change("modified_on = ?", context.now)


def label_messages(context: WorkspaceContext, label: Row, ids: Sequence[int]) -> None:
    """Put a label on messages."""
    messages = context.records.select(MESSAGES, "item.id, item.created_on, item.visibility").among("id", ids).all()
    rows = ((label["id"], *message) for message in messages)
    context.records.add_tuples(LABELLED_MESSAGES, ("label_id", "message_id", "created_on", "visibility"), rows)


def _label_named(context: WorkspaceContext, name: str, action: str) -> Row | None:
    """Return the label with a name; to label, one is made if there is room for it."""
    if action == "unlabel":
        return find_exactly(context, LABELS, name)
    found = find_named(context, LABELS, name)
    return found or (context.add(LABELS, name=name) if has_room(context, LABELS) else None)


# -- responses ---------------------------------------------------------------------------------------------------------


def _show_urns(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    if context.workspace.is_anonymous:
        return [None] * len(rows)
    urns = context.records.select(URNS).among("id", [row["urn_id"] for row in rows if row["urn_id"]])
    shown = {
        urn["id"]: f"{urn['scheme']}:{urn['path']}" + (f"#{urn['display']}" if urn["display"] else "")
        for urn in urns.all()
    }
    return [shown.get(row["urn_id"]) for row in rows]


def _show_attachments(context: WorkspaceContext, row: Row) -> Json:
    parts = (attachment.partition(":") for attachment in row["attachments"])
    return [{"content_type": content_type, "url": url} for content_type, _, url in parts]


MESSAGE = ApiView(
    "Message",
    MESSAGES,
    computed={
        "status": each(lambda context, row: context.server.message_statuses.get(row["status"], row["status"])),
        "urn": _show_urns,
        "archived": each(lambda context, row: row["visibility"] == "archived"),
        "attachments": each(_show_attachments),
        "media": each(lambda context, row: next(iter(row["attachments"]), None)),
    },
    columns={"broadcast": "broadcast_id"},
    references={
        "contact": (CONTACTS, "contact_id"),
        "channel": (CHANNELS, "channel_id"),
        "flow": (FLOWS, "flow_id"),
        "labels": Several(LABELS, "message_id", LABELLED_MESSAGES, "label_id"),
    },
)

RESOURCE = Resource(
    tables=[MESSAGES, LABELLED_MESSAGES],
    operations={
        "messages_list": list_messages,
        "messages_send": send_message,
        "message_actions_perform": perform_action,
    },
    actions={"set_message_status": outgoing.set_message_status},
    jobs={"advance_messages": outgoing.advance_messages},
)
