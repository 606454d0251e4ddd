"""Users: the people, and other parties, that a bot talks with."""

from __future__ import annotations

import sqlite3
from functools import partial

from trilogue_sandbox.botpress import documents, lookups, owned_tags, tags, timestamps
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.paging import Ordering, find_page
from trilogue_sandbox.botpress.references import forget_states, refuse_if_at_work
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject

_SCHEMA = """
CREATE TABLE botpress_users (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, tags TEXT NOT NULL,
    name TEXT, picture_url TEXT, properties TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX botpress_users_newest ON botpress_users (bot_id, created_at);
CREATE INDEX botpress_users_changed ON botpress_users (bot_id, updated_at);
"""

_TABLE = "botpress_users"
_COLUMNS = {"createdAt": "created_at", "updatedAt": "updated_at"}


def find(actor: Actor, user_id: str) -> sqlite3.Row:
    """Return a user whom the path or a filter names.

    Raises:
        ApiError: there is none (ResourceNotFound).
    """
    return lookups.find(actor.store, actor.select(_TABLE), "user", user_id)


def refer(actor: Actor, user_id: str) -> sqlite3.Row:
    """Return a user whom a field of the body names.

    Raises:
        ApiError: there is none (ReferenceNotFound).
    """
    return lookups.refer(actor.store, actor.select(_TABLE), "user", user_id)


def show(actor: Actor, row: sqlite3.Row) -> JsonObject:
    """Return a user as an actor sees it."""
    properties = documents.decode_object(row["properties"])
    optional: JsonObject = {"name": row["name"], "pictureUrl": row["picture_url"]}
    return {
        "id": row["id"],
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        "tags": owned_tags.show(actor, row["tags"]),
        **documents.without_nulls(optional),
        "properties": properties,
        "attributes": properties,
    }


def create(actor: Actor, given: Fields) -> sqlite3.Row:
    """Make a user of the fields of a request.

    Raises:
        ApiError: a tag is not declared.
    """
    kept = tags.merged({}, owned_tags.read(actor, "user", given.object("tags")))
    user_id, now = actor.world.ids.prefixed("user"), actor.now
    actor.store.run(
        "INSERT INTO botpress_users VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(user_id, actor.bot_id, documents.encode(kept), given.optional_text("name")),
        *(given.optional_text("pictureUrl"), documents.encode(_properties(given)), now, now),
    )
    return find(actor, user_id)


def get_or_create(actor: Actor, given: Fields) -> tuple[sqlite3.Row, bool]:
    """Return the user with the same tags, changed as the request says, or a new one; and whether it is new.

    Raises:
        ApiError: a tag is not declared.
    """
    kept = owned_tags.read(actor, "user", given.object("tags"))
    keys = given.optional_texts("discriminateByTags")
    row = owned_tags.find_same(actor, actor.select(_TABLE), kept, keys)
    return (create(actor, given), True) if row is None else (_change(actor, row, given), False)


def _list(call: Call) -> JsonObject:
    select = owned_tags.carrying(call.actor, call.of_bot(_TABLE), call.query.object("tags"))
    if conversation_id := call.query.optional_text("conversationId"):
        call.find(call.of_bot("botpress_conversations"), "conversation", conversation_id)
        taking_part = "SELECT user_id FROM botpress_participants WHERE conversation_id = ?"
        select = select.where(f"item.id IN ({taking_part})", conversation_id)
    first, last = call.query.optional_moment("afterDate"), call.query.optional_moment("beforeDate")
    select = select.between(_COLUMNS[call.query.text("rangeField", "createdAt")], first, last)
    column = _COLUMNS[call.query.text("sortField", "createdAt")]
    ordering = Ordering.by(f"item.{column}", call.query.optional_text("sortDirection"))
    return find_page(call, select, ordering).show("users", partial(show, call.actor))


def _create(call: Call) -> JsonObject:
    return {"user": show(call.actor, create(call.actor, call.body))}


def _get_or_create(call: Call) -> JsonObject:
    row, is_new = get_or_create(call.actor, call.body)
    return {"user": show(call.actor, row), "meta": {"created": is_new}}


def _get(call: Call) -> JsonObject:
    return {"user": show(call.actor, find(call.actor, call.path.text("id")))}


def _update(call: Call) -> JsonObject:
    row = _change(call.actor, find(call.actor, call.path.text("id")), call.body)
    return {"user": show(call.actor, row)}


def _delete(call: Call) -> JsonObject:
    row = find(call.actor, call.path.text("id"))
    refuse_if_at_work(call.actor, "user_id", row["id"])
    forget_states(call.actor, "user", row["id"])
    call.store.run("DELETE FROM botpress_users WHERE id = ?", row["id"])
    return {}


def _change(actor: Actor, row: sqlite3.Row, given: Fields) -> sqlite3.Row:
    changed = tags.merged(documents.decode_object(row["tags"]), owned_tags.read(actor, "user", given.object("tags")))
    properties = tags.merged(documents.decode_object(row["properties"]), _properties(given), removed_by=None)
    name = given.optional_text("name") if "name" in given else row["name"]
    picture_url = given.optional_text("pictureUrl") if "pictureUrl" in given else row["picture_url"]
    actor.store.run(
        "UPDATE botpress_users SET tags = ?, properties = ?, name = ?, picture_url = ?, updated_at = ? WHERE id = ?",
        *(documents.encode(changed), documents.encode(properties), name, picture_url, actor.now, row["id"]),
    )
    return find(actor, row["id"])


def _properties(given: Fields) -> JsonObject:
    """Return the properties of a request, which may still call them by their former name."""
    return {**given.object("attributes"), **given.object("properties")}


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listUsers": _list,
        "createUser": _create,
        "getOrCreateUser": _get_or_create,
        "getUser": _get,
        "updateUser": _update,
        "deleteUser": _delete,
    },
)
