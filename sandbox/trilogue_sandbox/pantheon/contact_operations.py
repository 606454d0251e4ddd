"""Manage contacts, link and merge them, and say how they are reached."""

from __future__ import annotations

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import conversations, identities, logins, messages, otps, payments
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channels import CHANNEL_TYPES
from trilogue_sandbox.pantheon.conversations import CONVERSATIONS
from trilogue_sandbox.pantheon.errors import ValidationErrors
from trilogue_sandbox.pantheon.identities import CONTACT, CONTACTS, IDENTITIES, find_identity, identities_of
from trilogue_sandbox.pantheon.lists import Listing
from trilogue_sandbox.pantheon.logins import LOGINS
from trilogue_sandbox.pantheon.messages import MESSAGES
from trilogue_sandbox.pantheon.operations import AppExchange, changing, deleting, find_argument, getting, updating
from trilogue_sandbox.pantheon.otps import OTPS
from trilogue_sandbox.pantheon.payments import PAYMENTS

REACHES = ("reachable", "off", "unreachable", "blocked", "window_closed")

_MAX_METADATA = 50


def _create(exchange: AppExchange) -> JsonObject:
    account, given = exchange.context, exchange.body.objects("identities")
    _check_identities(account, given)
    addresses = [(item.string("channel_type"), _normalized(item)) for item in given]
    values = exchange.body.given("name", "language", "metadata")
    return CONTACT.show_one(account, identities.add_contact(account, addresses, **values))


def _check_identities(account: Account, given: list[Fields]) -> None:
    seen = set[str]()
    with ValidationErrors() as errors:
        for position, item in enumerate(given):
            channel_type, is_first = item.string("channel_type"), item.string("channel_type") not in seen
            field, address = (f"identities.{position}.{name}" for name in ("channel_type", "address"))
            errors.require(is_first, field, f"The {field} field is that of an earlier identity")
            errors.add(address, *identities.obstacles(account, address, channel_type, item.string("address")))
            seen.add(channel_type)


def _normalized(fields: Fields) -> str:
    """Return an address that was found to have the form of its type, as it is stored."""
    normalized = CHANNEL_TYPES[fields.string("channel_type")].normalize(fields.string("address"))
    assert normalized is not None
    return normalized


def _with_identity(account: Account, select: Select, criteria: Fields) -> Select:
    """Narrow to contacts with an identity that meets both filters, of those given."""
    channel_type, address = criteria.optional_string("channel_type"), criteria.optional_string("address")
    if address is None:
        exists = f"EXISTS (SELECT 1 FROM {IDENTITIES.name} WHERE contact_id = item.id AND channel_type = ?)"
        return select.where(exists, channel_type) if channel_type else select
    types = [channel_type] if channel_type else CHANNEL_TYPES
    linked = account.records.select(IDENTITIES, "item.contact_id", account_id=account.id).among("channel_type", types)
    linked = linked.among("address", (address, address.lower()))
    linked = linked.where("item.address = ? OR item.channel_type = 'email'", address)
    ids = [row["contact_id"] for row in linked.all()]  # at most one of each type, for which the key is searched
    return select.where(f"item.id IN ({', '.join('?' * len(ids))})", *ids)


def _end_everything(account: Account, row: Row) -> None:
    """End what cannot go on without the contact."""
    messages.fail_queued(account, "unreachable", contact_id=row["id"])
    for conversation in conversations.open_conversations(account, row["id"]):
        conversations.close(account, conversation)
    payments.cancel_all(account, row["id"])
    logins.revoke_all(account, row["id"])
    otps.cancel_all(account, row["id"])


def _link_identity(account: Account, row: Row, body: Fields) -> Row:
    channel_type, address = body.string("channel_type"), body.string("address")
    before = find_identity(account, row["id"], channel_type)
    is_free = before is None or before["address"] == CHANNEL_TYPES[channel_type].normalize(address)
    with ValidationErrors() as errors:
        errors.add("address", *identities.obstacles(account, "address", channel_type, address, row["id"]))
        message = "The contact has another address on this type of channel; unlink that first"
        errors.require(is_free, "channel_type", message)
    return row if before else identities.link(account, row, channel_type, _normalized(body))


def _unlink_identity(account: Account, row: Row, body: Fields) -> Row:
    channel_type, field = body.string("channel_type"), "channel_type"
    with ValidationErrors() as errors:
        if find_identity(account, row["id"], channel_type) is None:
            errors.add(field, "The contact has no identity on this type of channel")
        elif conversations.is_active_on(account, row["id"], channel_type):
            errors.add(field, "The contact has an open conversation on this type of channel; switch or close it first")
    return identities.unlink(account, row, channel_type)


def _merge(account: Account, row: Row, body: Fields) -> Row:
    duplicate = account.find(CONTACTS, body.string("duplicate_id"))
    metadata = {**duplicate["metadata"], **row["metadata"]}
    with ValidationErrors() as errors:
        if row["id"] == duplicate["id"]:
            errors.add("duplicate_id", "The duplicate_id field names the same contact")
        else:
            errors.add("duplicate_id", *_shared_types(account, row["id"], duplicate["id"]))
            fits = len(metadata) <= _MAX_METADATA
            errors.require(fits, "duplicate_id", "The contacts have more than 50 keys of metadata together")
    _hand_over(account, duplicate["id"], row["id"])
    names = {name: row[name] or duplicate[name] for name in ("name", "language")}
    account.records.remove(CONTACTS, duplicate)
    return account.records.touch(CONTACTS, row, **names, metadata=metadata)


def _shared_types(account: Account, contact_id: str, duplicate_id: str) -> list[str]:
    types = {row["channel_type"] for row in identities_of(account, contact_id).all()}
    linked = [row["channel_type"] for row in identities_of(account, duplicate_id).all("ORDER BY linked_at, id")]
    return [f"The contacts both have an identity on {shared}; unlink one first" for shared in linked if shared in types]


def _hand_over(account: Account, giver_id: str, taker_id: str) -> None:
    """Make everything of one contact another one's."""
    for table in (IDENTITIES, MESSAGES, PAYMENTS):
        account.records.select(table, contact_id=giver_id).change("contact_id = ?", taker_id)
    for table in (CONVERSATIONS, OTPS):
        given = account.records.select(table, contact_id=giver_id)
        given.change("contact_id = ?, updated_at = ?", taker_id, account.now)
    logins_given = account.records.select(LOGINS, contact_id=giver_id)
    logins_given.change("contact_id = ?, identity = json_set(identity, '$.contact_id', ?)", taker_id, taker_id)


def _set_reach(world: World, fields: Fields) -> object:
    """Set how `contact_id` is reached on `channel_type` from now on.

    `reach` is `reachable`; `off` (messages are sent, and delivered when it is `reachable` again); or the reason why
    messages fail: `unreachable`, `blocked` or `window_closed` (which lets templates through).
    """
    fields.only("contact_id", "channel_type", "reach")
    account, row = find_argument(world, fields, CONTACTS, "contact_id")
    channel_type, reach = fields.choice("channel_type", tuple(CHANNEL_TYPES)), fields.choice("reach", REACHES)
    identity = find_identity(account, row["id"], channel_type)
    if identity is None:
        raise ControlError(f"the contact has no identity on {channel_type}", "channel_type")
    account.change(IDENTITIES, identity, reach=reach)
    if reach == "reachable":
        messages.deliver_sent(account, row["id"], channel_type)
    return {"contact_id": row["id"], "channel_type": channel_type, "reach": reach}


RESOURCE = Resource[AppExchange](
    tables=(CONTACTS, IDENTITIES),
    operations={
        "contacts_create": _create,
        "contacts_get": getting(CONTACT, "contact_id"),
        "contacts_list": Listing(CONTACT, ("name", "language"), narrow=_with_identity),
        "contacts_update": updating(CONTACT, "contact_id", "name", "language", "metadata"),
        "contacts_delete": deleting(CONTACTS, "contact_id", first=_end_everything),
        "contacts_link_identity": changing(CONTACT, "contact_id", _link_identity),
        "contacts_unlink_identity": changing(CONTACT, "contact_id", _unlink_identity),
        "contacts_merge": changing(CONTACT, "contact_id", _merge),
    },
    actions={"set_reach": _set_reach},
)
