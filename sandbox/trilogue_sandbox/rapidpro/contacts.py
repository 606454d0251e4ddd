"""Contacts: listed, made, changed and deleted, one by one and many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro import contact_changes, memberships, outgoing, urns, values
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import api_error, invalid, invalid_together, not_found
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource, no_content
from trilogue_sandbox.rapidpro.languages import all_languages
from trilogue_sandbox.rapidpro.lists import by_uuid, within
from trilogue_sandbox.rapidpro.references import (
    anonymous_display,
    contact_reference,
    find_by_urn,
    find_contact,
    find_exactly,
    find_group,
)
from trilogue_sandbox.rapidpro.serializers import (
    UNSET,
    Choice,
    Entries,
    Field,
    InvalidValue,
    Items,
    Nullable,
    Reference,
    References,
    Serializer,
    String,
    Unset,
    optional,
    required,
)
from trilogue_sandbox.rapidpro.tables import CHANNELS, CONTACTS, FLOWS, GROUPS, MEMBERSHIPS, MESSAGES, URNS, USERS
from trilogue_sandbox.rapidpro.urns import Urn, UrnField
from trilogue_sandbox.rapidpro.views import ApiView, Formatter, Several, refer_to

_MAX_ITEMS = 100
_MAX_NOTES = 5
_MASK = "********"

# -- bodies ------------------------------------------------------------------------------------------------------------


@attrs.frozen
class _LanguageField(Field[str]):
    def read(self, value: Json, serializer: Serializer) -> str:
        code = String(3, min_length=3).read(value, serializer)
        if code not in all_languages():
            raise InvalidValue("Not a valid ISO639-3 language code.")
        return code


@attrs.frozen
class _UrnsField(Field["list[Urn]"]):
    def read(self, value: Json, serializer: Serializer) -> list[Urn]:
        given = Items(UrnField(), _MAX_ITEMS).read(value, serializer)
        if serializer.identified_by == "urn":
            raise InvalidValue("Field not allowed when using URN in URL")
        if serializer.changed and serializer.context.workspace.is_anonymous:
            raise InvalidValue("Updating URNs not allowed for anonymous organizations")
        if serializer.changed is None and serializer.context.server.checks_urns:
            _require_free(serializer.context, given)
        return given


def _require_free(context: WorkspaceContext, given: Sequence[Urn]) -> None:
    if taken := next((urn for urn in given if contact_changes.owner_of(context, urn) is not None), None):
        raise InvalidValue(f"URN belongs to another contact: {taken}")


@attrs.frozen
class _GroupsField(Field["list[Row]"]):
    def read(self, value: Json, serializer: Serializer) -> list[Row]:
        groups = References(_find_manual_group, _MAX_ITEMS).read(value, serializer)
        if groups and serializer.changed and serializer.changed["status"] != "active":
            raise InvalidValue("Non-active contacts can't be added to groups")
        return groups


@attrs.frozen
class _ValuesField(Field["dict[str, str | None]"]):
    def read(self, value: Json, serializer: Serializer) -> dict[str, str | None]:
        given = Entries(Nullable(String(may_be_blank=True)), _MAX_ITEMS).read(value, serializer)
        unknown = given.keys() - serializer.context.field_types.keys() if given else ()
        if unknown:
            raise InvalidValue(f"Invalid contact field key: {next(key for key in given if key in unknown)}")
        return given


@attrs.frozen
class _ContactsField(Field["list[Row]"]):
    def read(self, value: Json, serializer: Serializer) -> list[Row]:
        contacts = References(find_contact).read(value, serializer)
        if not contacts:
            raise InvalidValue("Contacts can't be empty.")
        return contacts


def _find_manual_group(context: WorkspaceContext, value: str) -> Row | None:
    group = find_group(context, value)
    if group and group["query"] is not None:
        raise InvalidValue(f"Contact group must not be query based: {value}")
    return group


@attrs.frozen
class ContactBody:
    """What can be written of a contact; what is not sent stays as it is."""

    name: str | Unset | None = optional(Nullable(String(64)))
    language: str | Unset | None = optional(Nullable(_LanguageField()))
    note: str | None = optional(String(10_000, may_be_blank=True), None)
    urns: list[Urn] | Unset = optional(_UrnsField())
    groups: list[Row] | Unset = optional(_GroupsField())
    fields: dict[str, str | None] | Unset = optional(_ValuesField())

    @property
    def own(self) -> dict[str, str | None]:
        """What was sent of the columns of a contact."""
        sent = {"name": self.name, "language": self.language}
        return {name: value for name, value in sent.items() if value is not UNSET}


# -- operations --------------------------------------------------------------------------------------------------------


def list_contacts(exchange: Exchange) -> JsonObject:
    """Handle GET."""
    is_active = not exchange.boolean("deleted")
    select = _with_urn(exchange, by_uuid(exchange, exchange.context.select(CONTACTS, is_active=is_active)))
    if group := exchange.string("group"):
        return _list_members(exchange, select, group)
    return exchange.page(within("modified_on")(exchange, select), _view(exchange), exchange.by_modification)


def _list_members(exchange: Exchange, select: Select, group_name: str) -> JsonObject:
    """Return the members of a group, found in order by the index of memberships."""
    group = find_exactly(exchange.context, GROUPS, group_name)
    members = select.through(MEMBERSHIPS, "member", "member.contact_id = item.id")
    members = members.where("member.group_id = ?", group["id"] if group else None)
    ordering = attrs.evolve(exchange.by_modification, table="member", key="contact_id")
    return exchange.page(within("modified_on", "member")(exchange, members), _view(exchange), ordering)


def _with_urn(exchange: Exchange, select: Select) -> Select:
    if not exchange.string("urn"):
        return select
    return select.where("item.id = ?", contact_changes.owner_of(exchange.context, _read_urn(exchange)))


def save_contact(exchange: Exchange) -> Response:
    """Handle POST."""
    identified = exchange.identify("uuid", "urn")
    urn = _read_urn(exchange) if identified and identified[0] == "urn" else None
    contact = _find(exchange, urn) if identified else None
    body = exchange.read_body(ContactBody, contact, identified[0] if identified else None)
    if contact and not contact["is_active"]:
        raise invalid_together("Deleted contacts can't be modified.")
    saved = _update(exchange, contact, body) if contact else _create(exchange, body, urn)
    group_ids = [] if body.groups is UNSET else [group["id"] for group in body.groups]
    if body.groups is not UNSET:
        memberships.replace_manual(exchange.context, saved["id"], group_ids)
    if contact:
        contact_changes.reconsider(exchange.context, [saved["id"]])
    else:
        contact_changes.consider_new(exchange.context, saved["id"], has_groups=bool(group_ids))
    return exchange.saved(_view(exchange), saved, is_new=contact is None)


def delete_contact(exchange: Exchange) -> Response:
    """Handle DELETE."""
    identified = exchange.identify("uuid", "urn")
    contact = _find(exchange, _read_urn(exchange) if identified and identified[0] == "urn" else None)
    if contact is None:
        raise not_found("Contact")
    if contact["is_active"]:
        contact_changes.delete_contact(exchange.context, contact["id"])
    return Response.empty()


def _read_urn(exchange: Exchange) -> Urn:
    if exchange.workspace.is_anonymous:
        raise api_error("URN lookups not allowed for anonymous organizations")
    given = exchange.string("urn")
    urn = urns.normalize(given, exchange.workspace.country)
    if urn is None:
        raise api_error(f"Invalid URN: {given}")
    return urn


def _find(exchange: Exchange, urn: Urn | None) -> Row | None:
    """Return the contact with a URN, if anyone has it; or the one whose UUID is in the query, who must exist."""
    if urn:
        return find_by_urn(exchange.context, urn)
    given = dict(exchange.request.query)["uuid"]
    if "\0" in given:
        exchange.fail_as("nul", "uuid")
    contact = exchange.context.find(CONTACTS, uuid=given)
    if contact is None:
        raise not_found("Contact")
    return contact


def _create(exchange: Exchange, body: ContactBody, urn: Urn | None) -> Row:
    context = exchange.context
    given = [_valid(urn)] if urn else [] if body.urns is UNSET else body.urns
    taken = [str(place) for place, each in enumerate(given) if contact_changes.owner_of(context, each) is not None]
    if taken:
        raise invalid({"urns": {place: ["URN is in use by another contact."] for place in taken}})
    return contact_changes.create_contact(context, given, **body.own, **_fields(context, {}, body))


def _valid(urn: Urn) -> Urn:
    """Return a URN that a contact can be created with."""
    if not urns.is_valid(urn):
        raise invalid_together(f"Invalid URN: {urn}. Ensure phone numbers contain country codes.")
    return urn


def _update(exchange: Exchange, contact: Row, body: ContactBody) -> Row:
    if body.urns is not UNSET:
        contact_changes.set_urns(exchange.context, contact["id"], body.urns)
    notes = {} if body.note is None else {"notes": [*contact["notes"], _note(exchange, body.note)][-_MAX_NOTES:]}
    fields = _fields(exchange.context, contact["fields"], body)
    return exchange.records.touch(CONTACTS, contact, **body.own, **fields, **notes)


def _fields(context: WorkspaceContext, kept: Mapping[str, str], body: ContactBody) -> dict[str, dict[str, str]]:
    given = {} if body.fields is UNSET else body.fields
    return {"fields": contact_changes.with_fields(context, kept, given)} if given else {}


def _note(exchange: Exchange, text: str) -> JsonObject:
    author = refer_to(exchange.context, USERS, [exchange.user_id])[exchange.user_id]
    return {"text": text, "created_on": exchange.world.timestamps.format(exchange.now), "created_by": author}


# -- bulk actions ------------------------------------------------------------------------------------------------------


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
    group: Row | None = optional(Reference(_find_manual_group), None)


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


# -- responses ---------------------------------------------------------------------------------------------------------


def _anonymous_name(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    if not context.workspace.is_anonymous:
        return [None] * len(rows)
    return [contact_reference(row["id"]) for row in rows]


def _anonymous_display(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    if not context.workspace.is_anonymous:
        return [None] * len(rows)
    return [anonymous_display(context, row["id"]) for row in rows]


def _if_active(column: str) -> Callable[[WorkspaceContext, Sequence[Row]], list[Json]]:
    return lambda context, rows: [row[column] if row["is_active"] else None for row in rows]


def _has_status(status: str) -> Callable[[WorkspaceContext, Sequence[Row]], list[Json]]:
    return lambda context, rows: [row["status"] == status if row["is_active"] else None for row in rows]


def _show_fields(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    types = context.field_types
    typed = [(key, field_type) for key, field_type in types.items() if field_type != "text"]
    shown: list[Json] = []
    for row in rows:
        kept = row["fields"]
        fields: JsonObject = {key: kept.get(key) for key in types} if row["is_active"] else {}
        for key, field_type in typed:
            if fields.get(key) is not None:
                fields[key] = values.show_value(context, field_type, kept[key])
        shown.append(fields)
    return shown


def _read_urns(context: WorkspaceContext, rows: Sequence[Row]) -> list[Row]:
    urns_of = context.records.select(URNS, "item.contact_id, item.scheme, item.path, item.display, item.channel_id")
    found = urns_of.among("contact_id", [row["id"] for row in rows])
    return found.all("ORDER BY item.contact_id, item.priority DESC, item.id")


def _by_contact(rows: Sequence[Row], items: Sequence[tuple[int, Json]]) -> list[Json]:
    gathered: defaultdict[int, list[Json]] = defaultdict(list)
    for contact_id, item in items:
        gathered[contact_id].append(item)
    return [gathered[row["id"]] for row in rows]


def _urn_formatter(context: WorkspaceContext) -> Formatter:
    is_hidden = context.workspace.is_anonymous
    return lambda scheme, path: f"{scheme}:{_MASK if is_hidden else path}"


def _show_urn_details(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    """Return the URNs with the channels by which they are reached, those that none reaches last."""
    found = _read_urns(context, rows)
    channel_ids = outgoing.channels_of_urns(context, found)
    channels = refer_to(context, CHANNELS, channel_ids)
    pairs = sorted(zip(found, channel_ids, strict=True), key=lambda pair: pair[1] is None)
    return _by_contact(rows, [(urn["contact_id"], _urn_details(context, urn, channels[way])) for urn, way in pairs])


def _urn_details(context: WorkspaceContext, urn: Row, channel: Json) -> JsonObject:
    is_hidden = context.workspace.is_anonymous
    return {
        "channel": channel,
        "scheme": urn["scheme"],
        "path": _MASK if is_hidden else urn["path"],
        "display": None if is_hidden else urn["display"],
    }


CONTACT = ApiView(
    "Contact",
    CONTACTS,
    computed={
        "ref": _anonymous_name,
        "anon_display": _anonymous_display,
        "status": _if_active("status"),
        "fields": _show_fields,
        "blocked": _has_status("blocked"),
        "stopped": _has_status("stopped"),
    },
    references={
        "flow": (FLOWS, "flow_id"),
        "urns": Several(URNS, "contact_id", order="-item.priority", formatter=_urn_formatter),
        "groups": Several(GROUPS, "contact_id", MEMBERSHIPS, "group_id"),
    },
)
_OTHER_REFERENCES = {name: to for name, to in CONTACT.references.items() if name != "urns"}
CONTACT_WITH_URN_DETAILS = ApiView(
    "ContactWithUrnDetails",
    CONTACTS,
    computed={**CONTACT.computed, "urns": _show_urn_details},
    references=_OTHER_REFERENCES,
)


def _view(exchange: Exchange) -> ApiView:
    return CONTACT_WITH_URN_DETAILS if exchange.boolean("expand_urns") else CONTACT


RESOURCE = Resource(
    tables=[CONTACTS, URNS],
    operations={
        "contacts_list": list_contacts,
        "contacts_save": save_contact,
        "contacts_delete": delete_contact,
        "contact_actions_perform": perform_action,
    },
)
