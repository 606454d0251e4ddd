"""Conversations: places on a channel where users and the bot write to each other."""

from __future__ import annotations

import sqlite3
from functools import partial

from trilogue_sandbox.botpress import definitions, documents, lookups, owned_tags, tags, timestamps
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.paging import Ordering, find_page
from trilogue_sandbox.botpress.references import forget_states, refuse_if_at_work
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import Installation
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select

_SCHEMA = """
CREATE TABLE botpress_conversations (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, integration TEXT NOT NULL,
    alias TEXT NOT NULL, channel TEXT NOT NULL, tags TEXT NOT NULL, properties TEXT NOT NULL,
    message_count INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX botpress_conversations_newest ON botpress_conversations (bot_id, created_at);
CREATE INDEX botpress_conversations_changed ON botpress_conversations (bot_id, updated_at);
"""

_TABLE = "botpress_conversations"
_COLUMNS = {"createdAt": "created_at", "updatedAt": "updated_at"}


def find(actor: Actor, conversation_id: str) -> sqlite3.Row:
    """Return a conversation that the path or a filter names.

    Raises:
        ApiError: there is none (ResourceNotFound).
    """
    return lookups.find(actor.store, actor.select(_TABLE), "conversation", conversation_id)


def refer(actor: Actor, conversation_id: str) -> sqlite3.Row:
    """Return a conversation that a field of the body names.

    Raises:
        ApiError: there is none (ReferenceNotFound).
    """
    return lookups.refer(actor.store, actor.select(_TABLE), "conversation", conversation_id)


def show(actor: Actor, row: sqlite3.Row) -> JsonObject:
    """Return a conversation as an actor sees it."""
    at_work = actor.store.one(
        "SELECT id FROM botpress_workflows WHERE conversation_id = ? AND is_active ORDER BY rowid DESC", row["id"]
    )
    current: JsonObject = {"currentWorkflowId": at_work["id"]} if at_work else {}
    return {
        "id": row["id"],
        **current,
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        "channel": row["channel"],
        "integration": row["integration"],
        "tags": owned_tags.show(actor, row["tags"]),
        "messageCount": row["message_count"],
        "properties": documents.decode_object(row["properties"]),
    }


def create(actor: Actor, given: Fields) -> sqlite3.Row:
    """Make a conversation of the fields of a request.

    Raises:
        ApiError: a tag is not declared, or no integration has the channel.
    """
    carrier = _carrier(actor, given)
    kept = tags.merged({}, owned_tags.read(actor, "conversation", given.object("tags")))
    properties = tags.merged({}, given.object("properties"), removed_by=None)
    conversation_id, now = actor.world.ids.prefixed("conv"), actor.now
    actor.store.run(
        "INSERT INTO botpress_conversations VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
        *(conversation_id, actor.bot_id, carrier.name, carrier.alias, given.text("channel")),
        *(documents.encode(kept), documents.encode(properties), now, now),
    )
    return find(actor, conversation_id)


def get_or_create(actor: Actor, given: Fields) -> tuple[sqlite3.Row, bool]:
    """Return the conversation of the channel with the same tags, changed as the request says, or a new one.

    The second value says whether it is new.

    Raises:
        ApiError: a tag is not declared, or no integration has the channel.
    """
    select = actor.select(_TABLE).equal("channel", given.text("channel")).equal("alias", _carrier(actor, given).alias)
    kept = owned_tags.read(actor, "conversation", given.object("tags"))
    row = owned_tags.find_same(actor, select, kept, given.optional_texts("discriminateByTags"))
    return (create(actor, given), True) if row is None else (_change(actor, row, given), False)


def _carrier(actor: Actor, given: Fields) -> Installation:
    """Return the integration on whose channel a conversation takes place.

    For an integration this is itself. For the bot it is the one it names, or the first one that has the channel.
    """
    channel, name = given.text("channel"), given.optional_text("integrationName")
    for definition in definitions.writable(actor):
        installation = actor.installation or _installation(actor, definition.alias)
        if installation and definition.channel(channel) and name in (None, installation.name):
            return installation
    raise ApiError("ReferenceNotFound", f"channel: no integration installed in the bot has the channel {channel!r}")


def _installation(actor: Actor, alias: str) -> Installation | None:
    row = actor.store.one(
        "SELECT integration.id, integration.name FROM botpress_installations AS installation"
        " JOIN botpress_integrations AS integration ON integration.id = installation.integration_id"
        " WHERE installation.bot_id = ? AND installation.alias = ?",
        *(actor.bot_id, alias),
    )
    return Installation(row["id"], row["name"], alias) if row else None


def _list(call: Call) -> JsonObject:
    query = call.query
    select = owned_tags.carrying(call.actor, call.of_bot(_TABLE), query.object("tags"))
    select = _with_participants(select, query.texts("participantIds"))
    select = select.equal("integration", query.optional_text("integrationName"))
    select = select.equal("channel", query.optional_text("channel"))
    select = select.between("created_at", query.optional_moment("afterDate"), query.optional_moment("beforeDate"))
    fewest, most = query.optional_integer("minMessageCount"), query.optional_integer("maxMessageCount")
    select = select.between("message_count", fewest, most)
    column = _COLUMNS[query.text("sortField", "createdAt")]
    ordering = Ordering.by(f"item.{column}", query.optional_text("sortDirection"))
    return find_page(call, select, ordering).show("conversations", partial(show, call.actor))


def _with_participants(select: Select, user_ids: list[str]) -> Select:
    taking_part = "SELECT 1 FROM botpress_participants WHERE conversation_id = item.id AND user_id = ?"
    for user_id in user_ids:
        select = select.where(f"EXISTS ({taking_part})", user_id)
    return select


def _create(call: Call) -> JsonObject:
    return {"conversation": show(call.actor, create(call.actor, call.body))}


def _get_or_create(call: Call) -> JsonObject:
    row, is_new = get_or_create(call.actor, call.body)
    return {"conversation": show(call.actor, row), "meta": {"created": is_new}}


def _get(call: Call) -> JsonObject:
    return {"conversation": show(call.actor, find(call.actor, call.path.text("id")))}


def _update(call: Call) -> JsonObject:
    row = _change(call.actor, find(call.actor, call.path.text("id")), call.body)
    return {"conversation": show(call.actor, row)}


def _delete(call: Call) -> JsonObject:
    row = find(call.actor, call.path.text("id"))
    refuse_if_at_work(call.actor, "conversation_id", row["id"])
    forget_states(call.actor, "conversation", row["id"])
    call.store.run("DELETE FROM botpress_conversations WHERE id = ?", row["id"])
    return {}


def _change(actor: Actor, row: sqlite3.Row, given: Fields) -> sqlite3.Row:
    set_tags = owned_tags.read(actor, "conversation", given.object("tags"))
    changed = tags.merged(documents.decode_object(row["tags"]), set_tags)
    properties = documents.decode_object(row["properties"])
    properties = tags.merged(properties, given.object("properties"), removed_by=None)
    actor.store.run(
        "UPDATE botpress_conversations SET tags = ?, properties = ?, updated_at = ? WHERE id = ?",
        *(documents.encode(changed), documents.encode(properties), actor.now, row["id"]),
    )
    return find(actor, row["id"])


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listConversations": _list,
        "createConversation": _create,
        "getOrCreateConversation": _get_or_create,
        "getConversation": _get,
        "updateConversation": _update,
        "deleteConversation": _delete,
    },
)
