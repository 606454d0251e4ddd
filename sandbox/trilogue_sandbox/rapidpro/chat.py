"""The contacts of a workspace, in front of their phones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trilogue_sandbox.kernel.chats import LATEST, Chat, ChatMessage, Choice
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import urns
from trilogue_sandbox.rapidpro.arguments import named_urn
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.exchange import Resource
from trilogue_sandbox.rapidpro.incoming import receive
from trilogue_sandbox.rapidpro.references import find_by_urn
from trilogue_sandbox.rapidpro.tables import CONTACTS, MESSAGES, URNS

_RECEIVED = ("sent", "delivered", "read")
_HERE = "geo:-1.9500,30.0600"
"""Where contacts are when they are asked."""


class _Chat(Chat):
    scope = "workspace"
    reports_reading = True

    def contacts(self, world: World, arguments: Fields) -> Mapping[str, str]:
        context = WorkspaceContext.of(world, arguments)
        rows = context.select(URNS).where("item.contact_id IS NOT NULL").all("ORDER BY item.id LIMIT ?", LATEST)
        owners = world.records.select(CONTACTS).among("id", {row["contact_id"] for row in rows}).all()
        names = {row["id"]: row["name"] or "" for row in owners}
        return {f"{row['scheme']}:{row['path']}": names[row["contact_id"]] for row in rows}

    def messages(self, world: World, arguments: Fields) -> Sequence[ChatMessage]:
        context = WorkspaceContext.of(world, arguments)
        contact = find_by_urn(context, _urn(context, arguments))
        if contact is None:
            return ()
        rows = context.select(MESSAGES, contact_id=contact["id"]).where("item.visibility <> 'deleted'")
        return [_show(row) for row in reversed(rows.all("ORDER BY item.created_on DESC, item.id DESC LIMIT ?", LATEST))]

    def say(self, world: World, arguments: Fields, text: str) -> object:
        return self._receive(world, arguments, text=text)

    def tap(self, world: World, arguments: Fields, message: ChatMessage, choice: Choice) -> object:
        said: JsonObject = {"attachments": [_HERE]} if choice.id == "location" else {"text": choice.label}
        return self._receive(world, arguments, **said)

    def mark_read(self, world: World, arguments: Fields) -> object:
        context = WorkspaceContext.of(world, arguments)
        contact = find_by_urn(context, _urn(context, arguments))
        if contact:
            delivered = context.select(MESSAGES, contact_id=contact["id"], direction="out", status="delivered")
            for row in delivered.all():
                world.records.touch(MESSAGES, row, status="read")
        return None

    def _receive(self, world: World, arguments: Fields, **said: Json) -> object:
        urn = str(_urn(WorkspaceContext.of(world, arguments), arguments))
        given: JsonObject = {**arguments.given("workspace"), "urn": urn, **said}
        return receive(world, Fields(given, arguments.error))


def _urn(context: WorkspaceContext, arguments: Fields) -> urns.Urn:
    return named_urn(context, arguments, "contact")


def _show(row: Row) -> ChatMessage:
    is_incoming = row["direction"] == "in"
    text = "\n".join(part for part in (row["text"], *row["attachments"]) if part)
    choices = [choice for reply in row["quick_replies"] if (choice := _choice(reply))]
    is_received = is_incoming or row["status"] in _RECEIVED
    return ChatMessage(str(row["id"]), is_incoming, text, row["created_on"], row["status"], is_received, choices)


def _choice(reply: Mapping[str, str]) -> Choice | None:
    """Return what a quick reply offers; a form or an address is nothing that comes in as a message."""
    if reply["type"] == "location":
        return Choice("location", reply.get("text", "Send my location"))
    return Choice(f"text:{reply['text']}", reply["text"]) if reply["type"] == "text" else None


RESOURCE = Resource(actions=_Chat().actions)
