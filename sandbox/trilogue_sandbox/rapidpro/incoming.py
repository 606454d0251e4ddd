"""What contacts write."""

from __future__ import annotations

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import contact_changes, flow_sessions
from trilogue_sandbox.rapidpro.arguments import channel_for, named_urn
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.exchange import Resource
from trilogue_sandbox.rapidpro.messages import MESSAGE
from trilogue_sandbox.rapidpro.tables import CONTACTS, MESSAGES, URNS


def receive(world: World, arguments: Fields) -> JsonObject:
    """Let a message come in: `text` and `attachments` (`image/jpeg:https://...`) from a `urn`, on a `channel`.

    The channel is named by name or UUID; without one it is one that the URN can be reached on. A URN that nobody has
    becomes a contact. Returns the message.
    """
    context = WorkspaceContext.of(world, arguments)
    urn = named_urn(context, arguments)
    attachments = _read_attachments(arguments)
    text = arguments.string("text", "" if attachments else None)
    channel = channel_for(context, arguments, urn.scheme)
    contact_id = contact_changes.contact_of_urn(context, urn)
    row = context.find(URNS, scheme=urn.scheme, path=urn.path)
    assert row is not None
    world.records.change(URNS, row, channel_id=channel["id"], display=urn.display or row["display"])
    message = context.add(
        MESSAGES,
        contact_id=contact_id,
        urn_id=row["id"],
        channel_id=channel["id"],
        direction="in",
        status="handled",
        text=text,
        attachments=attachments,
    )
    return MESSAGE.show_one(context, _handle(context, message))


def _handle(context: WorkspaceContext, message: Row) -> Row:
    """Hand a message to the flow that takes it; one of a blocked contact is archived."""
    contact_id = message["contact_id"]
    contact = context.records.get(CONTACTS, contact_id)
    context.records.touch(CONTACTS, contact, last_seen_on=context.now)
    if contact["status"] == "blocked":
        handled = context.records.change(MESSAGES, message, visibility="archived")
    else:
        if contact["status"] == "stopped":
            contact_changes.set_status(context, [contact_id], "active")
        flow_id = flow_sessions.answer(context, contact_id, message["text"])
        handled = context.records.change(MESSAGES, message, flow_id=flow_id)
    contact_changes.touch(context, [contact_id])
    return handled


def _read_attachments(arguments: Fields) -> list[str]:
    attachments = arguments.items("attachments")
    if not all(isinstance(item, str) and ":" in item for item in attachments):
        raise ControlError("`attachments` is a list of types and addresses, as `image/jpeg:https://...`", "attachments")
    return [str(item) for item in attachments]


RESOURCE = Resource(actions={"receive": receive})
