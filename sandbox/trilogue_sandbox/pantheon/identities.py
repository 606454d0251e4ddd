"""Where contacts are reached: at most one address of each type of channel, each of them nobody else's."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.pantheon import timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channel_types import CHANNEL_TYPES


def of_contact(account: Account, contact_id: str) -> list[sqlite3.Row]:
    """Return the identities of a contact in the order in which they were linked."""
    return account.store.all(
        "SELECT * FROM pantheon_identities WHERE contact_id = ? ORDER BY linked_at, rowid", contact_id
    )


def find(account: Account, contact_id: str, channel_type: str) -> sqlite3.Row | None:
    """Return the identity of a contact on a type of channel, or None."""
    return account.store.one(
        "SELECT * FROM pantheon_identities WHERE contact_id = ? AND channel_type = ?", contact_id, channel_type
    )


def owner(account: Account, channel_type: str, address: str) -> str | None:
    """Return the id of the contact with an address, or None."""
    row = account.store.one(
        "SELECT contact_id FROM pantheon_identities WHERE account_id = ? AND channel_type = ? AND address = ?",
        *(account.id, channel_type, address),
    )
    return None if row is None else str(row["contact_id"])


def link(account: Account, contact_id: str, channel_type: str, address: str) -> None:
    """Give a contact an address, which must be free."""
    account.store.run(
        "INSERT INTO pantheon_identities (account_id, contact_id, channel_type, address, linked_at)"
        " VALUES (?, ?, ?, ?, ?)",
        *(account.id, contact_id, channel_type, address, account.now),
    )
    _touch(account, contact_id)


def unlink(account: Account, contact_id: str, channel_type: str) -> None:
    """Take the address on a type of channel away from a contact."""
    account.store.run(
        "DELETE FROM pantheon_identities WHERE contact_id = ? AND channel_type = ?", contact_id, channel_type
    )
    _touch(account, contact_id)


def address(account: Account, contact_id: str, channel_type: str) -> str | None:
    """Return the address of a contact on a type of channel, or None."""
    identity = find(account, contact_id, channel_type)
    return None if identity is None else str(identity["address"])


def verify(account: Account, contact_id: str, channel_type: str, address: str) -> None:
    """Note that the person has proved to be behind an address, if the contact still has it."""
    is_still_theirs = account.store.run(
        "UPDATE pantheon_identities SET verified_at = ? WHERE contact_id = ? AND channel_type = ? AND address = ?",
        *(account.now, contact_id, channel_type, address),
    )
    if is_still_theirs:
        _touch(account, contact_id)


def hand_over(account: Account, giver_id: str, taker_id: str) -> None:
    """Give all identities of a contact to another one, who must have none of the same types."""
    account.store.run("UPDATE pantheon_identities SET contact_id = ? WHERE contact_id = ?", taker_id, giver_id)
    _touch(account, taker_id)


def objection(account: Account, channel_type: str, address: str, contact_id: str | None = None) -> str | None:
    """Return why a contact cannot have an address, or None if they can; without an id, a contact still to be made."""
    normal = CHANNEL_TYPES[channel_type].normal(address)
    if normal is None:
        return f"This is no address of the type {channel_type}"
    if owner(account, channel_type, normal) not in (None, contact_id):
        return "The address belongs to another contact"
    return None


def show(row: sqlite3.Row) -> JsonObject:
    """Return an identity as the API shows it."""
    return {
        "channel_type": row["channel_type"],
        "address": row["address"],
        "linked_at": timestamps.show(row["linked_at"]),
        "verified_at": timestamps.show_optional(row["verified_at"]),
    }


def _touch(account: Account, contact_id: str) -> None:
    account.store.run("UPDATE pantheon_contacts SET updated_at = ? WHERE id = ?", account.now, contact_id)
