"""Contacts, and where they are reached: one address on each type of channel at most, each of them nobody else's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.magic_numbers import magic_number
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import CHANGED, CREATED, JSON, KEY, TEXT, TIMESTAMP, Row, Table
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.pantheon.accounts import Account, account_table
from trilogue_sandbox.pantheon.channels import CHANNEL_TYPES

CONTACTS = account_table(
    "contacts",
    "cont",
    {"name": TEXT.nullable(), "language": TEXT.nullable(), "metadata": JSON.default({}), "updated_at": CHANGED},
    indexes=("account_id, name, created_at, id",),
)

IDENTITIES = Table(
    "pantheon_identities",
    {
        "id": KEY,
        "account_id": TEXT,
        "contact_id": TEXT.references("pantheon_contacts ON DELETE CASCADE"),
        "channel_type": TEXT,
        "address": TEXT,
        "linked_at": CREATED,
        "verified_at": TIMESTAMP.nullable(),
        "reach": TEXT.default("reachable"),
    },
    unique_indexes=("account_id, channel_type, address", "contact_id, channel_type"),
)

MAGIC_REACHES: Mapping[int | None, str] = {
    1: "unreachable",
    2: "queued",
    3: "channel_error",
    4: "off",
    5: "blocked",
    6: "window_closed",
}
"""How contacts with a magic number are reached."""

IDENTITY = View[Account]("Identity", IDENTITIES)


def _show_identities(account: Account, contacts: Sequence[Row]) -> Sequence[Json]:
    linked: dict[str, list[Json]] = {contact["id"]: [] for contact in contacts}
    rows = account.records.select(IDENTITIES).among("contact_id", linked).all("ORDER BY linked_at, id")
    for row, shown in zip(rows, IDENTITY.show(account, rows), strict=True):
        linked[row["contact_id"]].append(shown)
    return list(linked.values())


CONTACT = View[Account]("Contact", CONTACTS, {"identities": _show_identities})


def add_contact(account: Account, addresses: Iterable[tuple[str, str]] = (), **values: Json) -> Row:
    """Add a contact with addresses (types and addresses), which must be free."""
    contact = account.add(CONTACTS, **values)
    for channel_type, address in addresses:
        _add_identity(account, contact, channel_type, address)
    return contact


def identities_of(account: Account, contact_id: str) -> Select:
    """Select the identities of a contact."""
    return account.records.select(IDENTITIES, contact_id=contact_id)


def find_identity(account: Account, contact_id: str, channel_type: str) -> Row | None:
    """Return the identity of a contact on a type of channel, or None."""
    return account.records.find(IDENTITIES, contact_id=contact_id, channel_type=channel_type)


def find_address(account: Account, contact_id: str, channel_type: str) -> str | None:
    """Return the address of a contact on a type of channel, or None."""
    identity = find_identity(account, contact_id, channel_type)
    return identity["address"] if identity else None


def find_owner(account: Account, channel_type: str, address: str) -> str | None:
    """Return the id of the contact with an address, or None."""
    row = account.select(IDENTITIES, channel_type=channel_type, address=address).first()
    return row["contact_id"] if row else None


def link(account: Account, contact: Row, channel_type: str, address: str) -> Row:
    """Give a contact an address, which must be free."""
    _add_identity(account, contact, channel_type, address)
    return account.records.touch(CONTACTS, contact)


def unlink(account: Account, contact: Row, channel_type: str) -> Row:
    """Take the address on a type of channel away from a contact."""
    identities_of(account, contact["id"]).equal("channel_type", channel_type).remove()
    return account.records.touch(CONTACTS, contact)


def verify(account: Account, contact_id: str, channel_type: str, address: str) -> None:
    """Note that the contact has proved to be behind an address, if it is still theirs."""
    contact, identity = account.get(CONTACTS, contact_id), find_identity(account, contact_id, channel_type)
    if contact is not None and identity is not None and identity["address"] == address:
        account.change(IDENTITIES, identity, verified_at=account.now)
        account.records.touch(CONTACTS, contact)


def no_address(field: str, channel_type: str) -> str:
    """Return the error of a field that does not have the form of an address."""
    return f"The {field} field must be an address of the type {channel_type}"


def obstacles(
    account: Account, field: str, channel_type: str, address: str, contact_id: str | None = None
) -> list[str]:
    """Return why a contact cannot have the address in a field; nothing if they can. One to be added has no id yet."""
    normalized = CHANNEL_TYPES[channel_type].normalize(address)
    if normalized is None:
        return [no_address(field, channel_type)]
    if find_owner(account, channel_type, normalized) not in (None, contact_id):
        return [f"The {field} field belongs to another contact"]
    return []


def _add_identity(account: Account, contact: Row, channel_type: str, address: str) -> None:
    reach = MAGIC_REACHES.get(magic_number(address), "reachable")
    account.add(IDENTITIES, contact_id=contact["id"], channel_type=channel_type, address=address, reach=reach)
