"""Who takes part in a conversation."""

from __future__ import annotations

import sqlite3
from functools import partial

from trilogue_sandbox.botpress import conversations, lookups, users
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select

_SCHEMA = """
CREATE TABLE botpress_participants (
    conversation_id TEXT NOT NULL REFERENCES botpress_conversations ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES botpress_users ON DELETE CASCADE, PRIMARY KEY (conversation_id, user_id))
    WITHOUT ROWID;
CREATE INDEX botpress_participants_by_user ON botpress_participants (user_id);
"""


def add(actor: Actor, conversation_id: str, user_id: str) -> None:
    """Let a user take part in a conversation, unless they do already."""
    actor.store.run("INSERT OR IGNORE INTO botpress_participants VALUES (?, ?)", conversation_id, user_id)


def _list(call: Call) -> JsonObject:
    conversation = conversations.find(call.actor, call.path.text("id"))
    return find_page(call, _taking_part(call, conversation)).show("participants", partial(users.show, call.actor))


def _add(call: Call) -> JsonObject:
    conversation = conversations.find(call.actor, call.path.text("id"))
    user = users.refer(call.actor, call.body.text("userId"))
    add(call.actor, conversation["id"], user["id"])
    return {"participant": users.show(call.actor, user)}


def _get(call: Call) -> JsonObject:
    return {"participant": users.show(call.actor, _find(call))}


def _remove(call: Call) -> JsonObject:
    call.store.run(
        "DELETE FROM botpress_participants WHERE conversation_id = ? AND user_id = ?",
        *(call.path.text("id"), _find(call)["id"]),
    )
    return {}


def _find(call: Call) -> sqlite3.Row:
    conversation = conversations.find(call.actor, call.path.text("id"))
    return lookups.find(call.store, _taking_part(call, conversation), "participant", call.path.text("userId"))


def _taking_part(call: Call, conversation: sqlite3.Row) -> Select:
    taking_part = "SELECT user_id FROM botpress_participants WHERE conversation_id = ?"
    return call.of_bot("botpress_users").where(f"item.id IN ({taking_part})", conversation["id"])


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listParticipants": _list,
        "addParticipant": _add,
        "getParticipant": _get,
        "removeParticipant": _remove,
    },
)
