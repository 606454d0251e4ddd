"""The namespace channels.

The sandbox stands in for the messaging platforms too: it accepts all credentials after two seconds, unless one of them
says what else is to happen (`refused`, `unanswered`).
"""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import arguments, documents, message_life, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channel_types import CHANNEL_TYPES
from trilogue_sandbox.pantheon.errors import Faults
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.paging import Listing, list_page
from trilogue_sandbox.pantheon.resource_types import CHANNEL
from trilogue_sandbox.pantheon.resources import Resource

REFUSED = "refused"
UNANSWERED = "unanswered"

_ANSWERED_AFTER = 2 * timestamps.SECOND
_GIVEN_UP_AFTER = 10 * timestamps.MINUTE


def show(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a channel as the API shows it."""
    return {
        "id": row["id"],
        "type": row["type"],
        "name": row["name"],
        "address": row["address"],
        "status": row["status"],
        "status_reason": row["status_reason"],
        "capabilities": CHANNEL_TYPES[row["type"]].capabilities,
        "metadata": documents.decode(row["metadata"]),
        "created_at": timestamps.show(row["created_at"]),
        "updated_at": timestamps.show(row["updated_at"]),
        "connected_at": timestamps.show_optional(row["connected_at"]),
    }


def connect(account: Account, kind: str, name: str, address: str, credentials: JsonObject, metadata: JsonObject) -> str:
    """Make a channel, which has to be free to be made, and await the platform's answer; return its id."""
    channel_id = account.add(
        CHANNEL,
        {
            "type": kind,
            "name": name,
            "address": address,
            "status": "pending",
            "credentials": documents.encode(credentials),
            "metadata": documents.encode(metadata),
            "created_at": account.now,
            "updated_at": account.now,
        },
    )
    _await_answer(account, account.find(CHANNEL, channel_id))
    return channel_id


def _connect(call: Call) -> JsonObject:
    kind, credentials = call.body.text("type"), call.body.object("credentials")
    address = CHANNEL_TYPES[kind].normal(call.body.text("address"))
    faults = Faults()
    if address is None:
        faults.add("address", f"This is no address of the type {kind}")
    elif _is_in_use(call.account, kind, address):
        faults.add("address", "Another channel of this type has the address")
    _check_credentials(kind, credentials, faults)
    faults.raise_if_any()
    assert address is not None
    name, metadata = call.body.text("name"), call.body.object("metadata")
    return _shown(call, connect(call.account, kind, name, address, credentials, metadata))


def _get(call: Call) -> JsonObject:
    return show(call.account, call.find(CHANNEL, "channel_id"))


def _with_address(account: Account, select: Select, criteria: Fields) -> Select:
    address = criteria.optional_text("address")
    if address is None:
        return select
    return select.where("item.address = ? OR (item.type = 'email' AND item.address = ?)", address, address.lower())


_CHANNELS = Listing(CHANNEL.table, show, ("type", "status"), narrow=_with_address)


def _list(call: Call) -> JsonObject:
    return list_page(call, _CHANNELS)


def _update(call: Call) -> JsonObject:
    row = call.find(CHANNEL, "channel_id")
    if "credentials" in call.body:
        _check_new_credentials(call.account, row, call.body.object("credentials"))
    account, body = call.account, call.body
    account.change(CHANNEL, row, name=body.text("name", row["name"]))
    if "metadata" in body:
        account.change(CHANNEL, row, metadata=documents.encode(body.object("metadata")))
    if "credentials" in body:
        credentials = documents.encode(body.object("credentials"))
        account.change(
            CHANNEL, row, status="pending", status_reason=None, credentials=credentials, trial=row["trial"] + 1
        )
        _await_answer(account, account.find(CHANNEL, row["id"]))
    return _shown(call, row["id"])


def _disconnect(call: Call) -> JsonObject:
    row = call.find(CHANNEL, "channel_id")
    faults = Faults()
    faults.add_if(row["status"] == "disconnected", "channel_id", "The channel is already disconnected")
    faults.raise_if_any()
    disconnect(call.account, row, "It was disconnected by the app.")
    return _shown(call, row["id"])


def disconnect(account: Account, row: sqlite3.Row, reason: str) -> None:
    """End the connection of a channel; what is queued on it fails."""
    account.change(CHANNEL, row, status="disconnected", status_reason=reason, credentials="{}")
    message_life.fail_queued(account, "channel_id", row["id"], "channel_disconnected")


def _check_new_credentials(account: Account, row: sqlite3.Row, credentials: JsonObject) -> None:
    faults = Faults()
    _check_credentials(row["type"], credentials, faults)
    if row["status"] == "disconnected" and _is_in_use(account, row["type"], row["address"]):
        faults.add("credentials", "Another channel has the type and address of this one by now")
    faults.raise_if_any()


def _check_credentials(kind: str, credentials: JsonObject, faults: Faults) -> None:
    wanted = CHANNEL_TYPES[kind].credentials
    for key in wanted:
        faults.add_if(key not in credentials, f"credentials.{key}", f"The type {kind} needs this key")
    for key in credentials:
        faults.add_if(key not in wanted, f"credentials.{key}", f"The type {kind} does not have this key")


def _is_in_use(account: Account, kind: str, address: str) -> bool:
    sql = (
        "SELECT id FROM pantheon_channels"
        " WHERE account_id = ? AND type = ? AND address = ? AND status <> 'disconnected'"
    )
    return account.store.one(sql, account.id, kind, address) is not None


def _shown(call: Call, channel_id: str) -> JsonObject:
    return show(call.account, call.account.find(CHANNEL, channel_id))


def _await_answer(account: Account, row: sqlite3.Row) -> None:
    is_answered = UNANSWERED not in documents.decode_object(row["credentials"]).values()
    after = _ANSWERED_AFTER if is_answered else _GIVEN_UP_AFTER
    timestamps.plant(account.world, account.now + after, "answer_channel", id=row["id"], trial=row["trial"])


def _answer_channel(world: World, given: JsonObject) -> object:
    """Let the platform answer whether it takes the credentials, unless there have been newer ones since."""
    if found := arguments.due(world, given, CHANNEL):
        account, row = found
        if row["status"] == "pending" and row["trial"] == given.get("trial"):
            hear_from_platform(account, row)
    return None


def hear_from_platform(account: Account, row: sqlite3.Row) -> None:
    """Let the platform answer the credentials of a pending channel."""
    credentials = documents.decode_object(row["credentials"]).values()
    if UNANSWERED in credentials:
        disconnect(account, row, "The platform did not answer within 10 minutes.")
    elif REFUSED in credentials:
        disconnect(account, row, "The platform refused the credentials.")
    else:
        account.change(CHANNEL, row, status="connected", connected_at=account.now)
        message_life.submit_queued(account, row["id"])


def _withdraw_channel(world: World, given: JsonObject) -> object:
    """Let the platform end the connection of `channel_id`, for `reason`."""
    arguments.only(given, "channel_id", "reason")
    account, row = arguments.thing(world, given, CHANNEL, "channel_id")
    if row["status"] != "connected":
        raise ControlError(f"the channel is {row['status']}, not connected", "channel_id")
    disconnect(account, row, arguments.text(given, "reason", "The platform withdrew the connection.", longest=500))
    return show(account, account.find(CHANNEL, row["id"]))


RESOURCE: Resource = Resource(
    handlers={
        "channels_connect": _connect,
        "channels_get": _get,
        "channels_list": _list,
        "channels_update": _update,
        "channels_disconnect": _disconnect,
    },
    actions={"withdraw_channel": _withdraw_channel},
    timers={"answer_channel": _answer_channel},
)
