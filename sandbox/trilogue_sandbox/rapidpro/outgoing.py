"""Messages on their way out: made, and then carried on by timers as a channel would report it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

import attrs

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments
from trilogue_sandbox.rapidpro.contents import QuickReply
from trilogue_sandbox.rapidpro.endpoints import Action
from trilogue_sandbox.rapidpro.tenants import Tenant, now

STATUSES = ("queued", "wired", "sent", "delivered", "read", "errored", "failed")

_NEXT = {"queued": "wired", "wired": "sent", "sent": "delivered"}
_STEP = timedelta(seconds=1)
_ARRIVED = ("wired", "sent", "delivered", "read")


@attrs.frozen
class Content:
    """What is said."""

    text: str = ""
    attachments: Sequence[str] = ()
    quick_replies: Sequence[QuickReply] = ()


def send(tenant: Tenant, contact_id: int, content: Content, *, flow_id: int | None = None) -> int:
    """Make a message to a contact and send it on its way; return its number."""
    message_id = _create(tenant, contact_id, content, flow_id, None)
    _plant(tenant.world, [message_id])
    return message_id


def send_broadcast(tenant: Tenant, broadcast_id: int, contents: Mapping[int, Content]) -> None:
    """Make the messages of a broadcast to some contacts, by their numbers, and send them on their way together."""
    _plant(tenant.world, [_create(tenant, number, said, None, broadcast_id) for number, said in contents.items()])


def advance_messages(world: World, given: JsonObject) -> None:
    """Carry `messages`, by their numbers, one step further."""
    numbers = given.get("messages")
    if not isinstance(numbers, list):
        raise ControlError("`messages` is a list of numbers", "messages")
    rows = world.store.all(
        "SELECT id, status FROM rapidpro_messages WHERE id IN (SELECT value FROM json_each(?))", json.dumps(numbers)
    )
    moved = [row for row in rows if row["status"] in _NEXT]
    for row in moved:
        _set_status(world, row["id"], _NEXT[row["status"]])
    _plant(world, [row["id"] for row in moved if _NEXT[row["status"]] in _NEXT])


def set_message_status(world: World, given: JsonObject) -> JsonObject:
    """Do what a channel does: report the `status` of an outgoing `message`, by its number."""
    tenant = arguments.tenant(world, given)
    number, status = arguments.integer(given, "message"), arguments.choice(given, "status", STATUSES)
    row = tenant.store.one(
        "SELECT id FROM rapidpro_messages WHERE id = ? AND workspace_id = ? AND direction = 'out'",
        *(number, tenant.workspace.id),
    )
    if row is None:
        raise ControlError(f"`message`: there is no outgoing message with the number {number}", "message")
    _set_status(world, number, status)
    return {"message": number, "status": status}


def _create(tenant: Tenant, contact_id: int, content: Content, flow_id: int | None, broadcast_id: int | None) -> int:
    urn_id, channel_id = _find_way(tenant, contact_id)
    is_possible = channel_id is not None and _is_active(tenant, contact_id) and not tenant.workspace.is_suspended
    return tenant.store.insert(
        "INSERT INTO rapidpro_messages (uuid, workspace_id, contact_id, urn_id, channel_id, flow_id, broadcast_id,"
        " direction, status, text, attachments, quick_replies, created_on, modified_on)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'out', ?, ?, ?, ?, ?, ?)",
        *(tenant.world.ids.uuid7(), tenant.workspace.id, contact_id, urn_id, channel_id, flow_id, broadcast_id),
        *("queued" if is_possible else "failed", content.text, json.dumps(list(content.attachments))),
        *(json.dumps(list(content.quick_replies)), tenant.now, tenant.now),
    )


def _find_way(tenant: Tenant, contact_id: int) -> tuple[int | None, int | None]:
    """Return the URN with the highest priority that a channel reaches, and the channel."""
    row = tenant.store.one(
        "SELECT urn.id AS urn_id, channel.id AS channel_id FROM rapidpro_urns AS urn"
        " JOIN rapidpro_channels AS channel ON channel.workspace_id = urn.workspace_id AND channel.is_active"
        " AND EXISTS (SELECT 1 FROM json_each(channel.schemes) WHERE value = urn.scheme)"
        " WHERE urn.contact_id = ?"
        " ORDER BY urn.priority DESC, urn.id, channel.id = urn.channel_id DESC, channel.id LIMIT 1",
        contact_id,
    )
    return (row["urn_id"], row["channel_id"]) if row else (None, None)


def _is_active(tenant: Tenant, contact_id: int) -> bool:
    row = tenant.store.one("SELECT status, is_active FROM rapidpro_contacts WHERE id = ?", contact_id)
    return row is not None and bool(row["is_active"]) and row["status"] == "active"


def _plant(world: World, message_ids: Sequence[int]) -> None:
    if message_ids:
        world.timers.after(_STEP, "advance_messages", {"messages": list(message_ids)})


def _set_status(world: World, message_id: int, status: str) -> None:
    moment = now(world)
    world.store.run(
        "UPDATE rapidpro_messages SET status = ?, modified_on = ?,"
        " sent_on = CASE WHEN ? THEN COALESCE(sent_on, ?) END WHERE id = ?",
        *(status, moment, status in _ARRIVED, moment, message_id),
    )


ACTIONS: Mapping[str, Action] = {"advance_messages": advance_messages, "set_message_status": set_message_status}
