"""The namespace contacts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import (
    arguments,
    contact_ends,
    conversations,
    deletions,
    documents,
    identities,
    message_life,
    timestamps,
)
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channel_types import CHANNEL_TYPES
from trilogue_sandbox.pantheon.errors import Faults
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.paging import Listing, list_page
from trilogue_sandbox.pantheon.resource_types import CONTACT
from trilogue_sandbox.pantheon.resources import Resource

REACHES = ("reachable", "off", "unreachable", "blocked", "window_closed")

_MAX_METADATA = 50


def show(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a contact as the API shows it."""
    linked: list[Json] = [identities.show(identity) for identity in identities.of_contact(account, row["id"])]
    return {
        "id": row["id"],
        "name": row["name"],
        "language": row["language"],
        "identities": linked,
        "metadata": documents.decode(row["metadata"]),
        "created_at": timestamps.show(row["created_at"]),
        "updated_at": timestamps.show(row["updated_at"]),
    }


def create(
    account: Account,
    name: str | None,
    language: str | None,
    addresses: Iterable[tuple[str, str]],
    metadata: JsonObject,
) -> str:
    """Make a contact with addresses (types and addresses), which must be free; return its id."""
    contact_id = account.add(
        CONTACT,
        {
            "name": name,
            "language": language,
            "metadata": documents.encode(metadata),
            "created_at": account.now,
            "updated_at": account.now,
        },
    )
    for channel_type, address in addresses:
        identities.link(account, contact_id, channel_type, address)
    return contact_id


def _create(call: Call) -> JsonObject:
    given = call.body.objects("identities")
    _check_identities(call.account, given)
    addresses = [(item.text("channel_type"), _normal(item)) for item in given]
    name, language = call.body.optional_text("name"), call.body.optional_text("language")
    return _shown(call, create(call.account, name, language, addresses, call.body.object("metadata")))


def _check_identities(account: Account, given: list[Fields]) -> None:
    faults, seen = Faults(), set[str]()
    for position, item in enumerate(given):
        channel_type = item.text("channel_type")
        is_second = channel_type in seen
        faults.add_if(is_second, f"identities.{position}.channel_type", "An earlier identity is of this type")
        if sentence := identities.objection(account, channel_type, item.text("address")):
            faults.add(f"identities.{position}.address", sentence)
        seen.add(channel_type)
    faults.raise_if_any()


def _normal(given: Fields) -> str:
    """Return an address that has been found to have the form of its type, as it is stored."""
    normal = CHANNEL_TYPES[given.text("channel_type")].normal(given.text("address"))
    assert normal is not None
    return normal


def _get(call: Call) -> JsonObject:
    return show(call.account, call.find(CONTACT, "contact_id"))


def _reached(account: Account, select: Select, criteria: Fields) -> Select:
    """Narrow to contacts with an identity that meets both filters, of those given."""
    conditions, values = ["contact_id = item.id"], list[SqlValue]()
    if (channel_type := criteria.optional_text("channel_type")) is not None:
        conditions.append("channel_type = ?")
        values.append(channel_type)
    if (address := criteria.optional_text("address")) is not None:
        conditions.append("(address = ? OR (channel_type = 'email' AND address = ?))")
        values += [address, address.lower()]
    if not values:
        return select
    return select.where(f"EXISTS (SELECT 1 FROM pantheon_identities WHERE {' AND '.join(conditions)})", *values)


_CONTACTS = Listing(CONTACT.table, show, ("name", "language"), narrow=_reached)


def _list(call: Call) -> JsonObject:
    return list_page(call, _CONTACTS)


def _update(call: Call) -> JsonObject:
    row = call.find(CONTACT, "contact_id")
    for field in ("name", "language"):
        if field in call.body:
            call.account.change(CONTACT, row, **{field: call.body.optional_text(field)})
    if "metadata" in call.body:
        call.account.change(CONTACT, row, metadata=documents.encode(call.body.object("metadata")))
    return _shown(call, row["id"])


def _delete(call: Call) -> JsonObject:
    row = call.find(CONTACT, "contact_id")
    contact_ends.end_everything(call.account, row["id"])
    return deletions.delete(call.account, CONTACT, row["id"])


def _link_identity(call: Call) -> JsonObject:
    row = call.find(CONTACT, "contact_id")
    channel_type, address = call.body.text("channel_type"), call.body.text("address")
    before = identities.find(call.account, row["id"], channel_type)
    faults = Faults()
    if sentence := identities.objection(call.account, channel_type, address, row["id"]):
        faults.add("address", sentence)
    if before is not None and before["address"] != CHANNEL_TYPES[channel_type].normal(address):
        faults.add("channel_type", "The contact has another address on this type of channel; unlink that first")
    faults.raise_if_any()
    if before is None:
        identities.link(call.account, row["id"], channel_type, _normal(call.body))
    return _shown(call, row["id"])


def _unlink_identity(call: Call) -> JsonObject:
    row, channel_type = call.find(CONTACT, "contact_id"), call.body.text("channel_type")
    faults = Faults()
    if identities.find(call.account, row["id"], channel_type) is None:
        faults.add("channel_type", "The contact has no identity on this type of channel")
    elif conversations.is_active_on(call.account, row["id"], channel_type):
        faults.add("channel_type", "An open conversation is active on this type of channel; switch or close it first")
    faults.raise_if_any()
    identities.unlink(call.account, row["id"], channel_type)
    return _shown(call, row["id"])


def _merge(call: Call) -> JsonObject:
    row, duplicate = call.find(CONTACT, "contact_id"), call.find(CONTACT, "duplicate_id")
    metadata = {**documents.decode_object(duplicate["metadata"]), **documents.decode_object(row["metadata"])}
    faults = Faults()
    if row["id"] == duplicate["id"]:
        faults.add("duplicate_id", "This is the same contact")
    else:
        faults.add("duplicate_id", *_shared_types(call.account, row["id"], duplicate["id"]))
        faults.add_if(len(metadata) > _MAX_METADATA, "duplicate_id", "Together the metadata has more than 50 keys")
    faults.raise_if_any()
    contact_ends.hand_over(call.account, duplicate["id"], row["id"])
    name, language = row["name"] or duplicate["name"], row["language"] or duplicate["language"]
    call.account.change(CONTACT, row, name=name, language=language, metadata=documents.encode(metadata))
    call.account.remove(CONTACT, duplicate["id"])
    return _shown(call, row["id"])


def _shared_types(account: Account, contact_id: str, duplicate_id: str) -> list[str]:
    types = {row["channel_type"] for row in identities.of_contact(account, contact_id)}
    shared = [
        row["channel_type"] for row in identities.of_contact(account, duplicate_id) if row["channel_type"] in types
    ]
    return [f"Both have an identity on {channel_type}; unlink one first" for channel_type in shared]


def _shown(call: Call, contact_id: str) -> JsonObject:
    return show(call.account, call.account.find(CONTACT, contact_id))


def _set_reach(world: World, given: JsonObject) -> object:
    """Say how the person behind `contact_id` is reached on `channel_type` from now on.

    `reach` is `reachable`; `off` (messages are sent, and delivered when it is `reachable` again); or the reason why
    messages fail: `unreachable`, `blocked` or `window_closed` (which lets templates through).
    """
    arguments.only(given, "contact_id", "channel_type", "reach")
    account, row = arguments.thing(world, given, CONTACT, "contact_id")
    channel_type = arguments.choice(given, "channel_type", tuple(CHANNEL_TYPES))
    reach = arguments.choice(given, "reach", REACHES)
    if identities.find(account, row["id"], channel_type) is None:
        raise ControlError(f"the contact has no identity on {channel_type}", "channel_type")
    account.store.run(
        "UPDATE pantheon_identities SET reach = ? WHERE contact_id = ? AND channel_type = ?",
        *(reach, row["id"], channel_type),
    )
    if reach == "reachable":
        message_life.deliver_sent(account, row["id"], channel_type)
    return {"contact_id": row["id"], "channel_type": channel_type, "reach": reach}


RESOURCE: Resource = Resource(
    handlers={
        "contacts_create": _create,
        "contacts_get": _get,
        "contacts_list": _list,
        "contacts_update": _update,
        "contacts_delete": _delete,
        "contacts_link_identity": _link_identity,
        "contacts_unlink_identity": _unlink_identity,
        "contacts_merge": _merge,
    },
    actions={"set_reach": _set_reach},
)
