"""Contacts: listed, made, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro import contact_changes, memberships, urns
from trilogue_sandbox.rapidpro.contact_views import CONTACT, CONTACT_WITH_URN_DETAILS
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import api_error, invalid, invalid_together, not_found
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource
from trilogue_sandbox.rapidpro.languages import all_languages
from trilogue_sandbox.rapidpro.lists import by_uuid, within
from trilogue_sandbox.rapidpro.references import (
    References,
    find_by_urn,
    find_exactly,
    find_manual_group,
)
from trilogue_sandbox.rapidpro.serializer_fields import Entries, Items, String
from trilogue_sandbox.rapidpro.serializers import (
    UNSET,
    Field,
    InvalidValue,
    Nullable,
    Serializer,
    Unset,
    optional,
)
from trilogue_sandbox.rapidpro.tables import CONTACTS, GROUPS, MEMBERSHIPS, URNS, USERS
from trilogue_sandbox.rapidpro.urns import Urn, UrnField
from trilogue_sandbox.rapidpro.views import ApiView, refer_to

_MAX_ITEMS = 100
_MAX_NOTES = 5

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
        groups = References(find_manual_group, _MAX_ITEMS).read(value, serializer)
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


def _view(exchange: Exchange) -> ApiView:
    return CONTACT_WITH_URN_DETAILS if exchange.boolean("expand_urns") else CONTACT


RESOURCE = Resource(
    tables=[CONTACTS, URNS],
    operations={
        "contacts_list": list_contacts,
        "contacts_save": save_contact,
        "contacts_delete": delete_contact,
    },
)
