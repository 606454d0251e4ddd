"""Messages: what is said in a conversation.

What an integration says has come in from the people (`incoming`) and is an event for the bot; what the bot says goes
out to them (`outgoing`).
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from functools import partial

from trilogue_sandbox.botpress import (
    arguments,
    conversations,
    definitions,
    documents,
    events,
    json_schemas,
    lookups,
    owned_tags,
    participants,
    schedules,
    sizes,
    tags,
    timestamps,
    users,
)
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_messages (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES botpress_conversations ON DELETE CASCADE, user_id TEXT NOT NULL,
    type TEXT NOT NULL, payload TEXT NOT NULL, direction TEXT NOT NULL, tags TEXT NOT NULL, origin TEXT,
    is_said INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX botpress_messages_newest ON botpress_messages (bot_id, created_at);
CREATE INDEX botpress_messages_by_conversation ON botpress_messages (conversation_id, created_at);
"""

_TABLE = "botpress_messages"


def show(actor: Actor, row: sqlite3.Row) -> JsonObject:
    """Return a message as an actor sees it."""
    origin: JsonObject = {"origin": row["origin"]}
    return {
        "id": row["id"],
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        "type": row["type"],
        "payload": documents.decode(row["payload"]),
        "direction": row["direction"],
        "userId": row["user_id"],
        "conversationId": row["conversation_id"],
        "tags": owned_tags.show(actor, row["tags"]),
        **documents.without_nulls(origin),
    }


def say(actor: Actor, given: Fields) -> sqlite3.Row:
    """Say what the fields of a request say, now or at the moment of their schedule.

    Raises:
        ApiError: conversation or user do not exist, a tag is not declared, or the payload does not fit its type.
    """
    due_at = schedules.due_at(actor, given)
    row = keep(actor, given, is_said=due_at is None)
    if due_at is None:
        _announce(actor, row)
    else:
        _schedule(actor, row["id"], due_at)
    return row


def keep(actor: Actor, given: Fields, created_at: int | None = None, *, is_said: bool = True) -> sqlite3.Row:
    """Put a message into its conversation without telling anyone, as said at a moment in the past if one is given.

    Raises:
        ApiError: as `say`.
    """
    conversation = conversations.refer(actor, given.text("conversationId"))
    user = users.refer(actor, given.text("userId"))
    kept = tags.merged({}, owned_tags.read(actor, "message", given.object("tags")))
    payload = _payload(actor, conversation, given.text("type"), given.object("payload"))
    message_id, direction = actor.world.ids.prefixed("msg"), "incoming" if actor.installation else "outgoing"
    now = actor.now
    actor.store.run(
        "INSERT INTO botpress_messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(message_id, actor.bot_id, conversation["id"], user["id"], given.text("type"), payload, direction),
        *(documents.encode(kept), given.optional_text("origin"), is_said, created_at or now, now),
    )
    participants.add(actor, conversation["id"], user["id"])
    if is_said:
        _count(actor, conversation["id"], 1)
    return _find(actor, message_id)


def get_or_create(actor: Actor, given: Fields) -> tuple[sqlite3.Row, bool]:
    """Return the message of the conversation with the same tags, changed as the request says, or say it.

    The second value says whether it is new.

    Raises:
        ApiError: as `say`; or a message that has to be made has no payload.
    """
    conversation = conversations.refer(actor, given.text("conversationId"))
    row = find_same(actor, conversation["id"], given)
    if row is not None:
        return change(actor, row, given), False
    if "payload" not in given:
        raise ApiError("InvalidPayload", "payload: must be given, since no message has these tags")
    return say(actor, given), True


def find_same(actor: Actor, conversation_id: str, given: Fields) -> sqlite3.Row | None:
    """Return the message of a conversation with the same tags as the fields of a request."""
    select = actor.select(_TABLE).equal("conversation_id", conversation_id)
    kept = owned_tags.read(actor, "message", given.object("tags"))
    return owned_tags.find_same(actor, select, kept, given.optional_texts("discriminateByTags"))


def change(actor: Actor, row: sqlite3.Row, given: Fields) -> sqlite3.Row:
    """Set the tags, and the payload where there is one, that the fields of a request name.

    Raises:
        ApiError: a tag is not declared, or the payload does not fit the type.
    """
    set_tags = owned_tags.read(actor, "message", given.object("tags"))
    changed = tags.merged(documents.decode_object(row["tags"]), set_tags)
    payload = row["payload"]
    if "payload" in given:
        conversation = conversations.refer(actor, row["conversation_id"])
        payload = _payload(actor, conversation, row["type"], given.object("payload"))
    actor.store.run(
        "UPDATE botpress_messages SET tags = ?, payload = ?, updated_at = ? WHERE id = ?",
        *(documents.encode(changed), payload, actor.now, row["id"]),
    )
    return _find(actor, row["id"])


def _payload(actor: Actor, conversation: sqlite3.Row, message_type: str, payload: JsonObject) -> str:
    """Return a payload as it is to be kept; the channel says what a type holds, where it declares the type."""
    text = documents.encode(payload)
    sizes.refuse_above(text, "payload", 128)
    for definition in definitions.of_integrations(actor):
        channel = definition.channel(conversation["channel"])
        if channel and definition.alias == conversation["alias"] and message_type in channel.object("messages"):
            schema = channel.below("messages").below(message_type).object("schema")
            json_schemas.check_data(schema, payload, "payload")
    return text


def _announce(actor: Actor, row: sqlite3.Row) -> None:
    """Let the bot know of a message that came in."""
    if row["direction"] != "incoming":
        return
    bot = Actor(actor.world, actor.bot_id)
    conversation = conversations.refer(bot, row["conversation_id"])
    user = users.refer(bot, row["user_id"])
    payload: JsonObject = {
        "message": show(bot, row),
        "conversation": conversations.show(bot, conversation),
        "user": users.show(bot, user),
    }
    events.emit(bot, "message_created", payload, events.Subjects(conversation["id"], user["id"], row["id"]))


def _schedule(actor: Actor, message_id: str, due_at: datetime) -> None:
    actor.world.timers.at(due_at, "message_due", {"message": message_id, "bot": actor.bot_id})


def _become_due(world: World, timer: JsonObject) -> object:
    """Say a scheduled message, unless it or who was to say it was deleted."""
    actor, message_id = Actor(world, arguments.text(timer, "bot")), arguments.text(timer, "message")
    due = (
        "UPDATE botpress_messages SET is_said = 1, created_at = ?, updated_at = ? WHERE id = ?"
        " AND NOT is_said AND user_id IN (SELECT id FROM botpress_users)"
    )
    if world.store.run(due, actor.now, actor.now, message_id):
        row = _find(actor, message_id)
        _count(actor, row["conversation_id"], 1)
        _announce(actor, row)
    return {}


def _count(actor: Actor, conversation_id: str, difference: int) -> None:
    actor.store.run(
        "UPDATE botpress_conversations SET message_count = message_count + ?, updated_at = ? WHERE id = ?",
        *(difference, actor.now, conversation_id),
    )


def _list(call: Call) -> JsonObject:
    query = call.query
    select = owned_tags.carrying(call.actor, call.of_bot(_TABLE).where("item.is_said"), query.object("tags"))
    if conversation_id := query.optional_text("conversationId"):
        select = select.equal("conversation_id", conversations.find(call.actor, conversation_id)["id"])
    select = select.between("created_at", query.optional_moment("afterDate"), query.optional_moment("beforeDate"))
    return find_page(call, select).show("messages", partial(show, call.actor))


def _create(call: Call) -> JsonObject:
    return {"message": show(call.actor, say(call.actor, call.body))}


def _get_or_create(call: Call) -> JsonObject:
    row, is_new = get_or_create(call.actor, call.body)
    return {"message": show(call.actor, row), "meta": {"created": is_new}}


def _get(call: Call) -> JsonObject:
    return {"message": show(call.actor, _find(call.actor, call.path.text("id")))}


def _update(call: Call) -> JsonObject:
    row = change(call.actor, _find(call.actor, call.path.text("id")), call.body)
    return {"message": show(call.actor, row)}


def _delete(call: Call) -> JsonObject:
    row = _find(call.actor, call.path.text("id"))
    call.store.run("DELETE FROM botpress_messages WHERE id = ?", row["id"])
    if row["is_said"]:
        _count(call.actor, row["conversation_id"], -1)
    return {}


def _find(actor: Actor, message_id: str) -> sqlite3.Row:
    return lookups.find(actor.store, actor.select(_TABLE), "message", message_id)


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listMessages": _list,
        "createMessage": _create,
        "getOrCreateMessage": _get_or_create,
        "getMessage": _get,
        "updateMessage": _update,
        "deleteMessage": _delete,
    },
    actions={"message_due": _become_due},
)
