"""Messages on their way out: made, and then carried on by timers as a channel would report it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import magic_inputs
from trilogue_sandbox.rapidpro.contents import QuickReply
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.tables import CHANNELS, MESSAGES, URNS

STATUSES = ("queued", "wired", "sent", "delivered", "read", "errored", "failed")

_ARRIVED = ("wired", "sent", "delivered", "read")
_WAY = (
    "SELECT contact.is_active AND contact.status = 'active' AS is_active, urn.id AS urn_id, channel.id AS channel_id"
    " FROM rapidpro_contacts AS contact"
    " LEFT JOIN rapidpro_urns AS urn ON urn.contact_id = contact.id"
    " LEFT JOIN rapidpro_channels AS channel ON channel.workspace_id = urn.workspace_id AND channel.is_active"
    " AND EXISTS (SELECT 1 FROM json_each(channel.schemes) WHERE value = urn.scheme)"
    " WHERE contact.id = ?"
    " ORDER BY channel.id IS NULL, urn.priority DESC, urn.id, channel.id = urn.channel_id DESC, channel.id LIMIT 1"
)


@attrs.frozen
class Content:
    """What is said."""

    text: str = ""
    attachments: Sequence[str] = ()
    quick_replies: Sequence[QuickReply] = ()


def channels_of_urns(context: WorkspaceContext, urns: Sequence[Row]) -> list[int | None]:
    """Return the number of the channel by which each URN is reached: its own, or else the first for its scheme."""
    channels = context.select(CHANNELS, is_active=True).all("ORDER BY item.id")
    own = {channel["id"] for channel in channels}
    first = {scheme: channel["id"] for channel in reversed(channels) for scheme in channel["schemes"]}
    return [urn["channel_id"] if urn["channel_id"] in own else first.get(urn["scheme"]) for urn in urns]


def send(context: WorkspaceContext, contact_id: int, content: Content, *, flow_id: int | None = None) -> Row:
    """Make a message to a contact and send it on its way."""
    message = _create(context, contact_id, content, flow_id=flow_id)
    _schedule(context.world, [message["id"]])
    return message


def send_broadcast(context: WorkspaceContext, broadcast_id: int, contents: Mapping[int, Content]) -> None:
    """Make the messages of a broadcast to some contacts, by their numbers, and send them on their way together."""
    messages = [
        _create(context, contact_id, content, broadcast_id=broadcast_id) for contact_id, content in contents.items()
    ]
    _schedule(context.world, [message["id"] for message in messages])


def advance_messages(world: World, arguments: Fields) -> None:
    """Carry `messages`, by their numbers, one step further."""
    numbers = [number for number in arguments.items("messages") if isinstance(number, int)]
    rows = world.records.select(MESSAGES).among("id", numbers).all()
    urn_ids = {row["urn_id"] for row in rows if row["urn_id"] is not None}
    urns = {urn["id"]: urn for urn in world.records.select(URNS).among("id", urn_ids).all()}
    moved = [row["id"] for row in rows if _advance(world, row, urns.get(row["urn_id"]))]
    _schedule(world, moved)


def _advance(world: World, message: Row, urn: Row | None) -> bool:
    """Carry a message one step further, if there is one; return whether another one follows."""
    steps = magic_inputs.steps_to(urn)
    status = steps.get(message["status"])
    if status is None:
        return False
    _set_status(world, message, status)
    if urn and status == "delivered":
        magic_inputs.schedule_answer(world, urn)
    return status in steps


def set_message_status(world: World, arguments: Fields) -> JsonObject:
    """Do what a channel does: report the `status` of an outgoing `message`, by its number."""
    context = WorkspaceContext.of(world, arguments)
    number, status = arguments.integer("message"), arguments.choice("status", STATUSES)
    message = context.find(MESSAGES, id=number, direction="out")
    if message is None:
        raise ControlError(f"`message`: there is no outgoing message with the number {number}", "message")
    _set_status(world, message, status)
    return {"message": number, "status": status}


def _create(
    context: WorkspaceContext,
    contact_id: int,
    content: Content,
    *,
    flow_id: int | None = None,
    broadcast_id: int | None = None,
) -> Row:
    """Make a message by the URN with the highest priority that a channel reaches; without one it has failed."""
    way = context.store.one(_WAY, contact_id)
    assert way is not None, f"no contact has the number {contact_id}"
    is_possible = way["channel_id"] is not None and way["is_active"] and not context.workspace.is_suspended
    return context.add(
        MESSAGES,
        contact_id=contact_id,
        urn_id=way["urn_id"] if way["channel_id"] is not None else None,
        channel_id=way["channel_id"],
        flow_id=flow_id,
        broadcast_id=broadcast_id,
        direction="out",
        status="queued" if is_possible else "failed",
        text=content.text,
        attachments=list(content.attachments),
        quick_replies=list(content.quick_replies),
    )


def _schedule(world: World, message_ids: Sequence[int]) -> None:
    if message_ids:
        world.schedule(world.now + SECOND, "advance_messages", messages=list(message_ids))


def _set_status(world: World, message: Row, status: str) -> None:
    sent_on = (message["sent_on"] or world.now) if status in _ARRIVED else None
    world.records.touch(MESSAGES, message, status=status, sent_on=sent_on)
