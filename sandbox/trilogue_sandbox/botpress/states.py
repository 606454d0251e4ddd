"""States: values kept under a name for a conversation, a user, a bot, an integration or a workflow.

A state with an expiry ends when it was not used, neither read nor written, for so long; the bot is told by the event
`state_expired`. Reading it then gives ResourceGone, until it is set again.
"""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import (
    arguments,
    conversations,
    definitions,
    documents,
    events,
    json_schemas,
    lookups,
    sizes,
    timestamps,
    users,
)
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_states (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, type TEXT NOT NULL,
    owner_id TEXT NOT NULL, name TEXT NOT NULL, payload TEXT NOT NULL, expiry INTEGER, expires_at INTEGER,
    is_expired INTEGER NOT NULL DEFAULT 0, is_cached INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, UNIQUE (bot_id, type, owner_id, name));
"""

_TABLE = "botpress_states"
_KILOBYTES = 128
_MILLISECOND = 1000


def _get(call: Call) -> JsonObject:
    row = _used(call.actor, _require(call, _address(call)))
    return {"state": _show(call.actor, row), "meta": {"cached": _note_reading(call, row)}}


def _set(call: Call) -> JsonObject:
    return {"state": _show(call.actor, _write(call, call.body.object("payload")))}


def _patch(call: Call) -> JsonObject:
    row = _require(call, _address(call))
    return {"state": _show(call.actor, _write(call, {**_payload(row), **call.body.object("payload")}))}


def _get_or_set(call: Call) -> JsonObject:
    row = _find(call, _address(call))
    if row is None or row["is_expired"]:
        row = _write(call, call.body.object("payload"))
    return {"state": _show(call.actor, _used(call.actor, row)), "meta": {"cached": _note_reading(call, row)}}


def _set_expiry(call: Call) -> JsonObject:
    row = _require(call, _address(call))
    call.store.run(
        "UPDATE botpress_states SET expiry = ?, updated_at = ? WHERE id = ?",
        *(call.body.optional_integer("expiry"), call.now, row["id"]),
    )
    return {"state": _show(call.actor, _used(call.actor, _again(call.actor, row["id"])))}


def _address(call: Call) -> tuple[str, str, str]:
    """Return type, owner and kept name of the state that the path names.

    Raises:
        ApiError: there is no such owner (ResourceNotFound).
    """
    state_type, owner_id = call.path.text("type"), call.path.text("id")
    if state_type == "conversation":
        conversations.find(call.actor, owner_id)
    elif state_type == "user":
        users.find(call.actor, owner_id)
    elif state_type == "workflow":
        call.find(call.of_bot("botpress_workflows"), "workflow", owner_id)
    elif state_type == "integration":
        call.find(call.of_bot("botpress_installations"), "installation", owner_id, "integration_id")
    elif owner_id != call.bot_id:
        raise ApiError("ResourceNotFound", f"the states of the bot {owner_id!r} are not to be found from this bot")
    return state_type, owner_id, call.actor.kept(call.path.text("name"))


def _find(call: Call, address: tuple[str, str, str]) -> sqlite3.Row | None:
    return call.store.one(
        "SELECT * FROM botpress_states WHERE bot_id = ? AND type = ? AND owner_id = ? AND name = ?",
        *(call.bot_id, *address),
    )


def _require(call: Call, address: tuple[str, str, str]) -> sqlite3.Row:
    row = _find(call, address)
    if row is None:
        raise ApiError("ResourceNotFound", f"there is no state {call.path.text('name')!r}; set it first")
    if row["is_expired"]:
        raise ApiError("ResourceGone", f"the state {call.path.text('name')!r} has expired; set it again")
    return row


def _write(call: Call, payload: JsonObject) -> sqlite3.Row:
    """Put values in the place of all there were.

    Raises:
        ApiError: they are too large, or do not fit what the definition declares.
    """
    address = _address(call)
    declared, before = _declared(call.actor, address), _find(call, address)
    text = documents.encode(payload)
    sizes.refuse_above(text, "payload", _KILOBYTES)
    if declared and payload:
        json_schemas.check_data(declared.object("schema"), payload, "payload")
    usual = before["expiry"] if before else declared.optional_integer("expiry") if declared else None
    expiry = call.body.optional_integer("expiry") if "expiry" in call.body else usual
    call.store.run(
        "INSERT INTO botpress_states (id, bot_id, type, owner_id, name, payload, expiry, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bot_id, type, owner_id, name) DO UPDATE"
        " SET payload = excluded.payload, expiry = excluded.expiry, updated_at = excluded.updated_at,"
        " is_expired = 0, is_cached = 0",
        *(call.world.ids.prefixed("state"), call.bot_id, *address, text, expiry, call.now, call.now),
    )
    row = _find(call, address)
    assert row is not None
    return _used(call.actor, row)


def _declared(actor: Actor, address: tuple[str, str, str]) -> Fields | None:
    state_type, _, name = address
    declared = definitions.find(actor, "states", name)
    return declared if declared and declared.text("type") == state_type else None


def _used(actor: Actor, row: sqlite3.Row) -> sqlite3.Row:
    """Begin the idle time of a state anew."""
    expires_at = None if row["expiry"] is None else actor.now + row["expiry"] * _MILLISECOND
    actor.store.run("UPDATE botpress_states SET expires_at = ? WHERE id = ?", expires_at, row["id"])
    if expires_at is not None:
        actor.world.timers.at(from_microseconds(expires_at), "state_idle", {"state": row["id"]})
    return _again(actor, row["id"])


def _note_reading(call: Call, row: sqlite3.Row) -> bool:
    """Return whether a reading is answered from the cache: every one after the first since the state was written."""
    call.store.run("UPDATE botpress_states SET is_cached = 1 WHERE id = ?", row["id"])
    return bool(row["is_cached"])


def _become_idle(world: World, timer: JsonObject) -> object:
    """Let a state expire, unless it was used, deleted or given another expiry since."""
    row = world.store.one("SELECT * FROM botpress_states WHERE id = ?", arguments.text(timer, "state"))
    now = timestamps.now(world)
    if row and not row["is_expired"] and row["expires_at"] is not None and row["expires_at"] <= now:
        world.store.run("UPDATE botpress_states SET is_expired = 1 WHERE id = ?", row["id"])
        bot = Actor(world, row["bot_id"])
        events.emit(bot, "state_expired", {"state": _show(bot, row)}, _subjects(row))
    return {}


def _subjects(row: sqlite3.Row) -> events.Subjects:
    owner = {f"{row['type']}_id": row["owner_id"]}
    return events.Subjects(owner.get("conversation_id"), owner.get("user_id"), workflow_id=owner.get("workflow_id"))


def _again(actor: Actor, state_id: str) -> sqlite3.Row:
    return lookups.find(actor.store, actor.select(_TABLE), "state", state_id)


def _payload(row: sqlite3.Row) -> JsonObject:
    return documents.decode_object(row["payload"])


def _show(actor: Actor, row: sqlite3.Row) -> JsonObject:
    subjects = _subjects(row)
    optional: JsonObject = {
        "conversationId": subjects.conversation_id,
        "userId": subjects.user_id,
        "expiry": row["expiry"],
        "expiresAt": timestamps.show_optional(row["expires_at"]),
    }
    return {
        "id": row["id"],
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        "botId": row["bot_id"],
        "name": actor.seen(row["name"]),
        "type": row["type"],
        "payload": _payload(row),
        **documents.without_nulls(optional),
    }


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "getState": _get,
        "setState": _set,
        "patchState": _patch,
        "getOrSetState": _get_or_set,
        "setStateExpiry": _set_expiry,
    },
    actions={"state_idle": _become_idle},
)
