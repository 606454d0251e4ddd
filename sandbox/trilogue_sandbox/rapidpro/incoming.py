"""What contacts do: they write, and they ask not to be written to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, contact_changes, conversations, urns
from trilogue_sandbox.rapidpro.endpoints import Action
from trilogue_sandbox.rapidpro.message_view import show_messages
from trilogue_sandbox.rapidpro.tenants import Tenant


def receive(world: World, given: JsonObject) -> JsonObject:
    """Let a message come in: `text` and `attachments` (`image/jpeg:https://...`) from a `urn`, on a `channel`.

    The channel is named by name or UUID; without one it is one that the URN can be reached on. A URN that nobody has
    becomes a contact. Returns the message.
    """
    tenant = arguments.tenant(world, given)
    urn = arguments.urn(tenant, given)
    attachments = _read_attachments(given)
    text = arguments.text(given, "text", "" if attachments else None)
    channel = arguments.row(tenant, given, "channel", "channels") if "channel" in given else _channel_of(tenant, urn)
    contact_id = contact_changes.contact_of_urn(tenant, urn)
    _remember_way(tenant, urn, channel["id"])
    return _handle(tenant, contact_id, _create(tenant, contact_id, urn, channel["id"], text, attachments), text)


def _handle(tenant: Tenant, contact_id: int, message_id: int, text: str) -> JsonObject:
    contact = tenant.store.one("SELECT status FROM rapidpro_contacts WHERE id = ?", contact_id)
    tenant.store.run("UPDATE rapidpro_contacts SET last_seen_on = ? WHERE id = ?", tenant.now, contact_id)
    if contact and contact["status"] == "blocked":
        tenant.store.run("UPDATE rapidpro_messages SET visibility = 'archived' WHERE id = ?", message_id)
    else:
        if contact and contact["status"] == "stopped":
            contact_changes.set_status(tenant, [contact_id], "active")
        flow_id = conversations.answer(tenant, contact_id, text)
        tenant.store.run("UPDATE rapidpro_messages SET flow_id = ? WHERE id = ?", flow_id, message_id)
    contact_changes.touch(tenant, [contact_id])
    return show_messages(tenant, tenant.store.all("SELECT * FROM rapidpro_messages WHERE id = ?", message_id))[0]


def _create(
    tenant: Tenant, contact_id: int, urn: urns.Urn, channel_id: int, text: str, attachments: Sequence[str]
) -> int:
    return tenant.store.insert(
        "INSERT INTO rapidpro_messages (uuid, workspace_id, contact_id, urn_id, channel_id, direction, status, text,"
        " attachments, created_on, modified_on) SELECT ?, workspace_id, ?, id, ?, 'in', 'handled', ?, ?, ?, ?"
        " FROM rapidpro_urns WHERE workspace_id = ? AND scheme = ? AND path = ?",
        *(tenant.world.ids.uuid7(), contact_id, channel_id, text, json.dumps(list(attachments))),
        *(tenant.now, tenant.now, tenant.workspace.id, urn.scheme, urn.path),
    )


def _channel_of(tenant: Tenant, urn: urns.Urn) -> sqlite3.Row:
    row = tenant.store.one(
        "SELECT * FROM rapidpro_channels WHERE workspace_id = ? AND is_active"
        " AND EXISTS (SELECT 1 FROM json_each(schemes) WHERE value = ?) ORDER BY id LIMIT 1",
        *(tenant.workspace.id, urn.scheme),
    )
    if row is None:
        raise ControlError(f"`urn`: no channel of this workspace reaches URNs of the scheme {urn.scheme}", "urn")
    return row


def _remember_way(tenant: Tenant, urn: urns.Urn, channel_id: int) -> None:
    """Answer on the channel on which the contact wrote last."""
    tenant.store.run(
        "UPDATE rapidpro_urns SET channel_id = ?, display = COALESCE(?, display)"
        " WHERE workspace_id = ? AND scheme = ? AND path = ?",
        *(channel_id, urn.display, tenant.workspace.id, urn.scheme, urn.path),
    )


def _read_attachments(given: JsonObject) -> list[str]:
    attachments = given.get("attachments", [])
    if not isinstance(attachments, list) or not all(isinstance(item, str) and ":" in item for item in attachments):
        raise ControlError("`attachments` is a list of types and addresses, as `image/jpeg:https://...`", "attachments")
    return [str(item) for item in attachments]


ACTIONS: Mapping[str, Action] = {"receive": receive}
