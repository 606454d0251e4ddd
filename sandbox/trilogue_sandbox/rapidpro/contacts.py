"""Contacts: listed, made, changed and deleted."""

from __future__ import annotations

import sqlite3
from functools import partial

import attrs

from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.rapidpro import contact_changes, memberships, references, urns
from trilogue_sandbox.rapidpro.contact_view import show_contacts
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid, invalid_together, refusal, unknown
from trilogue_sandbox.rapidpro.exchanges import Call, Show
from trilogue_sandbox.rapidpro.fields import (
    UNSET,
    Context,
    Entries,
    Field,
    InvalidValue,
    Items,
    Nullable,
    References,
    Text,
    Unset,
    optional,
)
from trilogue_sandbox.rapidpro.languages import all_languages
from trilogue_sandbox.rapidpro.tenants import Tenant
from trilogue_sandbox.rapidpro.urns import Urn, UrnField

_MAX_ITEMS = 100
_URN_TAKEN = "URN is in use by another contact."
_NO_URN_LOOKUPS = "URN lookups not allowed for anonymous organizations"


@attrs.frozen
class _LanguageField(Field[str]):
    def read(self, value: Json, context: Context) -> str:
        code = Text(3, min_length=3).read(value, context)
        if code not in all_languages():
            raise InvalidValue("Not a valid ISO639-3 language code.")
        return code


@attrs.frozen
class _UrnsField(Field["list[Urn]"]):
    def read(self, value: Json, context: Context) -> list[Urn]:
        given = Items(UrnField(), _MAX_ITEMS).read(value, context)
        if context.identified_by == "urn":
            raise InvalidValue("Field not allowed when using URN in URL")
        if context.changed and context.tenant.workspace.is_anonymous:
            raise InvalidValue("Updating URNs not allowed for anonymous organizations")
        return given


@attrs.frozen
class _GroupsField(Field["list[sqlite3.Row]"]):
    def read(self, value: Json, context: Context) -> list[sqlite3.Row]:
        groups = References(manual_group, _MAX_ITEMS).read(value, context)
        if groups and context.changed and context.changed["status"] != "active":
            raise InvalidValue("Non-active contacts can't be added to groups")
        return groups


@attrs.frozen
class _ValuesField(Field["dict[str, str | None]"]):
    def read(self, value: Json, context: Context) -> dict[str, str | None]:
        given = Entries(Nullable(Text(may_be_blank=True)), _MAX_ITEMS).read(value, context)
        known = contact_changes.field_types(context.tenant)
        strange = next((key for key in given if key not in known), None)
        if strange is not None:
            raise InvalidValue(f"Invalid contact field key: {strange}")
        return given


def manual_group(tenant: Tenant, value: str) -> sqlite3.Row | None:
    """Find a group that is not filled by a query."""
    group = references.group(tenant, value)
    if group and group["query"] is not None:
        raise InvalidValue(f"Contact group must not be query based: {value}")
    return group


@attrs.frozen
class ContactBody:
    """What can be written of a contact; what is not sent stays as it is."""

    name: str | Unset | None = optional(Nullable(Text(64)))
    language: str | Unset | None = optional(Nullable(_LanguageField()))
    urns: list[Urn] | Unset = optional(_UrnsField())
    groups: list[sqlite3.Row] | Unset = optional(_GroupsField())
    fields: dict[str, str | None] | Unset = optional(_ValuesField())
    note: str | None = optional(Text(10_000, may_be_blank=True), None)


def list_contacts(call: Call) -> Response:
    """Answer GET."""
    is_active = 0 if call.boolean("deleted") else 1
    select = call.with_uuid(call.select("rapidpro_contacts").where("item.is_active = ?", is_active))
    select = _with_urn(call, select)
    if wanted := call.text("group"):
        return _list_members(call, select, wanted)
    return call.page(call.within(select, "modified_on"), call.by_modification, _show(call))


def _list_members(call: Call, select: Select, group_name: str) -> Response:
    """Answer with members of a group, found in order by the index of memberships."""
    group = references.exactly_named(call.tenant, "groups", group_name)
    through = attrs.evolve(select, table=f"rapidpro_memberships AS member CROSS JOIN {select.table}")
    members = through.where("member.contact_id = item.id AND member.group_id = ?", group["id"] if group else None)
    ordering = attrs.evolve(call.by_modification, sorted_by=("member.modified_on", "member.contact_id"))
    return call.page(call.within(members, "member.modified_on"), ordering, _show(call))


def save_contact(call: Call) -> Response:
    """Answer POST."""
    identified = call.identify("uuid", "urn")
    urn = _read_urn(call) if identified and identified[0] == "urn" else None
    contact = _find(call, urn) if identified else None
    body = call.body(ContactBody, contact, identified[0] if identified else None)
    if contact and not contact["is_active"]:
        raise invalid_together("Deleted contacts can't be modified.")
    contact_id = _update(call, contact, body) if contact else _create(call, body, urn)
    return Response.json(call.shown("rapidpro_contacts", contact_id, _show(call)), 200 if contact else 201)


def delete_contact(call: Call) -> Response:
    """Answer DELETE."""
    identified = call.identify("uuid", "urn")
    contact = _find(call, _read_urn(call) if identified and identified[0] == "urn" else None)
    if contact is None:
        raise unknown("Contact")
    if contact["is_active"]:
        contact_changes.delete_contact(call.tenant, contact["id"])
    return Response.empty()


def _show(call: Call) -> Show:
    return partial(show_contacts, expand_urns=bool(call.boolean("expand_urns")))


def _with_urn(call: Call, select: Select) -> Select:
    if not call.text("urn"):
        return select
    owner = contact_changes.owner_of(call.tenant, _read_urn(call))
    return select.where("item.id = ?", owner)


def _read_urn(call: Call) -> Urn:
    if call.workspace.is_anonymous:
        raise refusal(_NO_URN_LOOKUPS)
    urn = urns.parse(call.text("urn"), call.workspace.country)
    if urn is None or len(call.text("urn")) > urns.MAX_LENGTH:
        raise refusal(f"Invalid URN: {call.text('urn')}")
    return urn


def _find(call: Call, urn: Urn | None) -> sqlite3.Row | None:
    """Return the contact with a URN, if anyone has it; or the one whose UUID is in the query, who must exist."""
    if urn:
        return references.find_by_urn(call.tenant, urn)
    call.uuids("uuid")
    contact = call.store.one(
        "SELECT * FROM rapidpro_contacts WHERE uuid = ? AND workspace_id = ?", call.text("uuid"), call.workspace.id
    )
    if contact is None:
        raise unknown("Contact")
    return contact


def _create(call: Call, body: ContactBody, urn: Urn | None) -> int:
    given = [urn] if urn else [] if body.urns is UNSET else body.urns
    if taken := {str(place): [_URN_TAKEN] for place, each in enumerate(given) if _is_taken(call, each)}:
        raise invalid({"urns": taken})
    contact_id = contact_changes.create_contact(
        call.tenant,
        name=None if body.name is UNSET else body.name,
        language=None if body.language is UNSET else body.language,
        urns=given,
    )
    _write_rest(call, contact_id, body)
    return contact_id


def _is_taken(call: Call, urn: Urn) -> bool:
    return contact_changes.owner_of(call.tenant, urn) is not None


def _update(call: Call, contact: sqlite3.Row, body: ContactBody) -> int:
    contact_id: int = contact["id"]
    if body.name is not UNSET:
        call.store.run("UPDATE rapidpro_contacts SET name = ? WHERE id = ?", body.name, contact_id)
    if body.language is not UNSET:
        call.store.run("UPDATE rapidpro_contacts SET language = ? WHERE id = ?", body.language, contact_id)
    if body.urns is not UNSET:
        contact_changes.set_urns(call.tenant, contact_id, body.urns)
    if body.note is not None:
        contact_changes.add_note(call.tenant, contact_id, body.note, call.user.id)
    _write_rest(call, contact_id, body)
    return contact_id


def _write_rest(call: Call, contact_id: int, body: ContactBody) -> None:
    if body.groups is not UNSET:
        memberships.replace_manual(call.tenant, contact_id, [group["id"] for group in body.groups])
    if body.fields is not UNSET:
        contact_changes.set_fields(call.tenant, contact_id, body.fields)
    contact_changes.touch(call.tenant, [contact_id])


ENDPOINT = Endpoint("contacts", get=list_contacts, post=save_contact, delete=delete_contact, scope="v2.contacts")
