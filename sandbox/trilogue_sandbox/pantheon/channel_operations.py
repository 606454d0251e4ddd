"""Connect and disconnect channels.

The sandbox stands in for the messaging platforms too: it accepts all credentials after two seconds, unless one of them
says what else is to happen (`refused`, `unanswered`).
"""

from __future__ import annotations

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import MINUTE, SECOND
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import messages
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channels import CHANNEL, CHANNEL_TYPES, CHANNELS, TEMPLATES
from trilogue_sandbox.pantheon.errors import ValidationErrors, require
from trilogue_sandbox.pantheon.identities import no_address
from trilogue_sandbox.pantheon.lists import Listing
from trilogue_sandbox.pantheon.operations import AppExchange, acting, changing, getting

REFUSED = "refused"
UNANSWERED = "unanswered"

_ANSWERED_AFTER = 2 * SECOND
_GIVEN_UP_AFTER = 10 * MINUTE


def connect(account: Account, address: str, **values: Json) -> Row:
    """Add a channel whose address must be free, and await the decision of the messaging platform."""
    row = account.add(CHANNELS, address=address, **values)
    _await_decision(account, row)
    return row


def disconnect(account: Account, row: Row, reason: str) -> Row:
    """End the connection of a channel; what is queued on it fails."""
    changed = account.change(CHANNELS, row, status="disconnected", status_reason=reason, credentials={})
    messages.fail_queued(account, "channel_disconnected", channel_id=row["id"])
    return changed


def decide(account: Account, row: Row) -> Row:
    """Let the messaging platform decide on the credentials of a pending channel."""
    credentials = row["credentials"].values()
    if UNANSWERED in credentials:
        return disconnect(account, row, "The platform did not answer within 10 minutes.")
    if REFUSED in credentials:
        return disconnect(account, row, "The platform refused the credentials.")
    connected = account.change(CHANNELS, row, status="connected", connected_at=account.now)
    messages.submit_queued(account, row["id"])
    return connected


def _await_decision(account: Account, row: Row) -> None:
    after = _GIVEN_UP_AFTER if UNANSWERED in row["credentials"].values() else _ANSWERED_AFTER
    account.world.schedule(account.now + after, "answer_channel", id=row["id"], trial=row["trial"])


def _connect(exchange: AppExchange) -> JsonObject:
    account, body = exchange.context, exchange.body
    channel_type, credentials = body.string("type"), body.object("credentials")
    address = CHANNEL_TYPES[channel_type].normalize(body.string("address"))
    with ValidationErrors() as errors:
        if address is None:
            errors.add("address", no_address("address", channel_type))
        elif _is_in_use(account, channel_type, address):
            errors.add("address", "The address field is in use by another channel of this type")
        _check_credentials(channel_type, credentials, errors)
    assert address is not None
    row = connect(account, address, credentials=credentials, **body.given("type", "name", "metadata"))
    return CHANNEL.show_one(account, row)


def _with_address(account: Account, select: Select, criteria: Fields) -> Select:
    address = criteria.optional_string("address")
    if address is None:
        return select
    return select.where("item.address = ? OR (item.type = 'email' AND item.address = ?)", address, address.lower())


def _update(account: Account, row: Row, body: Fields) -> Row:
    if "credentials" in body:
        _check_new_credentials(account, row, body.object("credentials"))
    changed = account.change(CHANNELS, row, **body.given("name", "metadata"))
    if "credentials" in body:
        trial = {"status": "pending", "status_reason": None, "trial": row["trial"] + 1}
        changed = account.change(CHANNELS, changed, **trial, **body.given("credentials"))
        _await_decision(account, changed)
    return changed


def _disconnect(account: Account, row: Row, body: Fields) -> Row:
    require(row["status"] != "disconnected", "channel_id", "The channel is already disconnected")
    return disconnect(account, row, "It was disconnected by the app.")


def _check_new_credentials(account: Account, row: Row, credentials: JsonObject) -> None:
    with ValidationErrors() as errors:
        _check_credentials(row["type"], credentials, errors)
        if row["status"] == "disconnected" and _is_in_use(account, row["type"], row["address"]):
            errors.add("credentials", "The type and address of the channel are in use by another channel by now")


def _check_credentials(channel_type: str, credentials: JsonObject, errors: ValidationErrors) -> None:
    wanted = CHANNEL_TYPES[channel_type].credentials
    for key in wanted:
        field = f"credentials.{key}"
        errors.require(key in credentials, field, f"The {field} field is required for the type {channel_type}")
    takes = f"for the type {channel_type} it takes: {', '.join(wanted) or 'none'}"
    errors.require(set(credentials) <= set(wanted), "credentials", f"The credentials field has unknown keys; {takes}")


def _is_in_use(account: Account, channel_type: str, address: str) -> bool:
    same = account.select(CHANNELS, type=channel_type, address=address)
    return same.where("item.status <> 'disconnected'").exists()


def _decide(world: World, fields: Fields) -> None:
    """Let the messaging platform decide on credentials, unless there have been newer ones since."""
    row = world.records.find(CHANNELS, id=fields.string("id"), status="pending", trial=fields.integer("trial"))
    if row is not None:
        decide(Account(world, row["account_id"]), row)


def _withdraw(account: Account, row: Row, fields: Fields) -> Row:
    """Let the messaging platform end the connection of `channel_id`, for `reason`."""
    reason = fields.string("reason", "The platform withdrew the connection.", longest=500)
    return disconnect(account, row, reason)


RESOURCE = Resource[AppExchange](
    tables=(CHANNELS, TEMPLATES),
    operations={
        "channels_connect": _connect,
        "channels_get": getting(CHANNEL, "channel_id"),
        "channels_list": Listing(CHANNEL, ("type", "status"), narrow=_with_address),
        "channels_update": changing(CHANNEL, "channel_id", _update),
        "channels_disconnect": changing(CHANNEL, "channel_id", _disconnect),
    },
    actions={"withdraw_channel": acting(CHANNEL, "channel_id", _withdraw, "reason", statuses=("connected",))},
    jobs={"answer_channel": _decide},
)
