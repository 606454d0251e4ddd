"""Other objects, as bodies and queries name them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeAlias, TypeVar

import attrs

from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.rapidpro import urns
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.serializer_fields import as_list, too_many
from trilogue_sandbox.rapidpro.serializers import Field, InvalidValue, Serializer
from trilogue_sandbox.rapidpro.tables import CONTACTS, FIELDS, FLOWS, GROUPS, LABELS, URNS, USERS

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 6
_FACTOR = 387_420_489  # odd, so that different numbers stay different modulo a power of two

T = TypeVar("T")

Lookup: TypeAlias = "Callable[[WorkspaceContext, str], T | None]"
"""Finds what a reference names in a workspace; raises InvalidValue if it is not to be had."""


@attrs.frozen
class Reference(Field[T]):
    """The name of another object, in whatever form its look-up takes."""

    find: Lookup[T]

    def read(self, value: Json, serializer: Serializer) -> T:
        """Return what it names."""
        if value is None or value == "":
            raise InvalidValue("This field may not be null.")
        return self.resolve(value, serializer)

    def resolve(self, value: Json, serializer: Serializer) -> T:
        """Return what a value names that may stand in a list."""
        found = self.find(serializer.context, str(name_of(value)))
        if found is None:
            raise InvalidValue(f"No such object: {value}")
        return found


def name_of(value: Json) -> str | int:
    """Return a value that can name an object.

    Raises:
        InvalidValue: it is neither a string nor an integer; a boolean counts as one.
    """
    if not isinstance(value, (str, int)):
        raise InvalidValue("Must be a string or integer")
    return value


def names_in(value: Json, serializer: Serializer, max_items: int) -> list[Json]:
    """Return the items of a list of names, or the keys of an object.

    Raises:
        InvalidValue: it is neither, or too long.
    """
    if isinstance(value, (str, list, dict)) and len(value) > max_items:
        raise InvalidValue(too_many(max_items))
    return [*value] if isinstance(value, dict) else as_list(value, serializer)


@attrs.frozen
class References(Field["list[T]"]):
    """Names of other objects. Only the first bad one is reported, and without its index."""

    find: Lookup[T]
    max_items: int = 100

    def read(self, value: Json, serializer: Serializer) -> list[T]:
        """Return what they name."""
        items = names_in(value, serializer, self.max_items)
        return [Reference(self.find).resolve(item, serializer) for item in items]


def normal_uuid(value: str) -> str:
    """Return a UUID in lower case and with hyphens; anything else as it is."""
    return str(uuid.UUID(value)) if is_uuid(value) else value


def is_uuid(value: str) -> bool:
    """Whether a string is a UUID in any form that Python reads."""
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


def uuid_lookup(table: Table, **values: SqlValue) -> Lookup[Row]:
    """Return the look-up of rows of a table by UUID; active ones, unless other values are given."""
    wanted = values or ({"is_active": True} if "is_active" in table.columns else {})
    normalize = str if table is CONTACTS else normal_uuid  # those of contacts are kept as text

    def find(context: WorkspaceContext, value: str) -> Row | None:
        return context.find(table, uuid=normalize(value), **wanted)

    return find


def uuid_or_name_lookup(table: Table) -> Lookup[Row]:
    """Return the look-up of active rows of a table by UUID or by name, ignoring case."""
    find_uuid = uuid_lookup(table)

    def find(context: WorkspaceContext, value: str) -> Row | None:
        return find_uuid(context, value) or find_named(context, table, value)

    return find


def find_named(context: WorkspaceContext, table: Table, name: str) -> Row | None:
    """Return the active row with this name, ignoring case."""
    select = context.select(table, is_active=True).where("lowercase(item.name) = ?", name.lower())
    return select.first("ORDER BY item.id")


def find_exactly(context: WorkspaceContext, table: Table, value: str) -> Row | None:
    """Return the active row with this UUID or exactly this name, as filters look for it."""
    return context.find(table, uuid=normal_uuid(value), is_active=True) or context.find(
        table, name=value, is_active=True
    )


def find_contact(context: WorkspaceContext, value: str) -> Row | None:
    """Find a contact that is not deleted, by UUID in its canonical form or by URN (phone numbers with a `+`)."""
    if found := context.find(CONTACTS, uuid=value, is_active=True):
        return found
    urn = None if context.workspace.is_anonymous else urns.parse(value, country="")
    return find_by_urn(context, urn) if urn else None


def find_by_urn(context: WorkspaceContext, urn: urns.Urn) -> Row | None:
    """Return the contact that has a URN."""
    row = context.find(URNS, scheme=urn.scheme, path=urn.path)
    return context.records.get(CONTACTS, row["contact_id"]) if row and row["contact_id"] else None


def find_field(context: WorkspaceContext, key: str) -> Row | None:
    """Find a custom field by its key."""
    return context.find(FIELDS, key=key, is_active=True)


def find_user(context: WorkspaceContext, email: str) -> Row | None:
    """Find a member of the workspace by e-mail, ignoring case."""
    members = "item.id IN (SELECT user_id FROM rapidpro_members WHERE workspace_id = ?)"
    users = context.records.select(USERS, is_active=True).where("lowercase(item.email) = ?", email.lower())
    return users.where(members, context.workspace.id).first()


find_group = uuid_or_name_lookup(GROUPS)
find_label = uuid_or_name_lookup(LABELS)
find_flow = uuid_lookup(FLOWS)
find_contact_by_uuid = uuid_lookup(CONTACTS)


def anonymous_display(context: WorkspaceContext, contact_id: int) -> str:
    """Return what stands for the URN of a contact of an anonymous workspace."""
    return context.server.anonymous_name(contact_id, contact_reference(contact_id))


def contact_reference(contact_id: int) -> str:
    """Return the reference by which people quote a contact of an anonymous workspace."""
    number = contact_id * _FACTOR % len(_ALPHABET) ** _LENGTH
    return "".join(_ALPHABET[number // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(_LENGTH))


def find_manual_group(context: WorkspaceContext, value: str) -> Row | None:
    """Return a group that people put contacts into.

    Raises:
        InvalidValue: it fills itself.
    """
    group = find_group(context, value)
    if group and group["query"] is not None:
        raise InvalidValue(f"Contact group must not be query based: {value}")
    return group
