"""Events: what happened or is to happen, for the bot to react to.

No bot runs in the sandbox. It is simulated: a second after an event has come, the bot has processed it, or ignored it
where its `subscriptions` do not name the type. The action `process_event` says otherwise, or says so earlier.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from functools import partial

import attrs

from trilogue_sandbox.botpress import arguments, definitions, documents, json_schemas, schedules, timestamps
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_events (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, type TEXT NOT NULL,
    payload TEXT NOT NULL, conversation_id TEXT, user_id TEXT, message_id TEXT, workflow_id TEXT, status TEXT NOT NULL,
    failure_reason TEXT, created_at INTEGER NOT NULL);
CREATE INDEX botpress_events_newest ON botpress_events (bot_id, created_at);
CREATE INDEX botpress_events_by_conversation ON botpress_events (conversation_id, created_at);
"""

_TABLE = "botpress_events"
_PROCESSING_TIME = timedelta(seconds=1)
_LONGEST_TYPE = 200
"""In characters, with the alias of the integration in front, as the bot reads it."""
_OUTCOMES = ("processed", "ignored", "failed")


@attrs.frozen
class Subjects:
    """What an event belongs to."""

    conversation_id: str | None = None
    user_id: str | None = None
    message_id: str | None = None
    workflow_id: str | None = None


def emit(actor: Actor, event_type: str, payload: JsonObject, subjects: Subjects, due_at: datetime | None = None) -> str:
    """Let the bot know that something happened, now or at a moment; return the id of the event.

    `event_type` is the kept name: those of an integration have its alias in front.
    """
    event_id, status = actor.world.ids.prefixed("evt"), "pending" if due_at is None else "scheduled"
    actor.store.run(
        "INSERT INTO botpress_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
        *(event_id, actor.bot_id, event_type, documents.encode(payload), *attrs.astuple(subjects), status, actor.now),
    )
    if due_at is None:
        actor.world.timers.after(_PROCESSING_TIME, "event_done", {"event": event_id})
    else:
        actor.world.timers.at(due_at, "event_due", {"event": event_id})
    return event_id


def show(actor: Actor, row: sqlite3.Row) -> JsonObject:
    """Return an event as an actor sees it."""
    subjects: JsonObject = {
        "conversationId": row["conversation_id"],
        "userId": row["user_id"],
        "messageId": row["message_id"],
    }
    return {
        "id": row["id"],
        "createdAt": timestamps.show(row["created_at"]),
        "type": actor.seen(row["type"]),
        "payload": documents.decode(row["payload"]),
        **documents.without_nulls(subjects),
        "status": row["status"],
        "failureReason": row["failure_reason"],
    }


def _list(call: Call) -> JsonObject:
    query, select = call.query, call.of_bot(_TABLE)
    for table, name, noun in _SUBJECTS:
        if value := query.optional_text(name):
            call.find(call.of_bot(table), noun, value)
            select = select.equal(f"{noun}_id", value)
    if event_type := query.optional_text("type"):
        select = select.among("type", [event_type, call.actor.kept(event_type)])
    select = select.equal("status", query.optional_text("status"))
    return find_page(call, select).show("events", partial(show, call.actor))


_SUBJECTS = (
    ("botpress_conversations", "conversationId", "conversation"),
    ("botpress_users", "userId", "user"),
    ("botpress_messages", "messageId", "message"),
    ("botpress_workflows", "workflowId", "workflow"),
)


def _create(call: Call) -> JsonObject:
    event_type = _kept_type(call)
    payload = call.body.object("payload")
    declared = definitions.find(call.actor, "events", event_type)
    if declared:
        json_schemas.check_data(declared.object("schema"), payload, "payload")
    due_at = schedules.due_at(call.actor, call.body)
    event_id = emit(call.actor, event_type, payload, _subjects(call), due_at)
    return {"event": show(call.actor, _find(call, event_id))}


def _kept_type(call: Call) -> str:
    event_type = call.actor.kept(call.body.text("type"))
    if len(event_type) > _LONGEST_TYPE:
        raise ApiError(
            "InvalidPayload", f"type: with {call.actor.prefix!r} it has more than {_LONGEST_TYPE} characters"
        )
    return event_type


def _subjects(call: Call) -> Subjects:
    rows = {
        noun: call.refer(call.of_bot(table), noun, value)
        for table, name, noun in _SUBJECTS
        if (value := call.body.optional_text(name))
    }
    message, conversation = rows.get("message"), rows.get("conversation")
    if message and conversation and message["conversation_id"] != conversation["id"]:
        raise ApiError("RelationConflict", "the message is not one of the conversation")
    return Subjects(**{f"{noun}_id": row["id"] for noun, row in rows.items()})


def _get(call: Call) -> JsonObject:
    return {"event": show(call.actor, _find(call, call.path.text("id")))}


def _cancel(call: Call) -> JsonObject:
    scheduled = call.of_bot(_TABLE).equal("status", "scheduled")
    event = call.find(scheduled, "scheduled event", call.path.text("id"))
    call.store.run("UPDATE botpress_events SET status = 'canceled' WHERE id = ?", event["id"])
    return {}


def _find(call: Call, event_id: str) -> sqlite3.Row:
    return call.find(call.of_bot(_TABLE), "event", event_id)


def _become_due(world: World, timer: JsonObject) -> object:
    """Bring a scheduled event to the bot, unless it was cancelled or deleted."""
    event_id = arguments.text(timer, "event")
    due = "UPDATE botpress_events SET status = 'pending' WHERE id = ? AND status = 'scheduled'"
    if world.store.run(due, event_id):
        world.timers.after(_PROCESSING_TIME, "event_done", {"event": event_id})
    return {}


def _become_done(world: World, timer: JsonObject) -> object:
    """Let the bot be done with an event, unless it was before or the event was deleted."""
    event = world.store.one("SELECT * FROM botpress_events WHERE id = ?", arguments.text(timer, "event"))
    if event and event["status"] == "pending":
        _settle(world, event["id"], _usual_outcome(world, event))
    return {}


def _process(world: World, given: JsonObject) -> object:
    """Let the bot be done with an `event`: with `status` processed (the default), ignored or failed, for a `reason`."""
    event_id = arguments.text(given, "event")
    event = world.store.one("SELECT * FROM botpress_events WHERE id = ?", event_id)
    if event is None:
        raise ControlError(f"there is no event {event_id!r}", "event")
    status = arguments.choice(given, "status", _OUTCOMES, "processed")
    reason = arguments.text(given, "reason", "the bot failed") if status == "failed" else None
    _settle(world, event["id"], status, reason)
    return {"status": status}


def _settle(world: World, event_id: str, status: str, reason: str | None = None) -> None:
    world.store.run("UPDATE botpress_events SET status = ?, failure_reason = ? WHERE id = ?", status, reason, event_id)


def _usual_outcome(world: World, event: sqlite3.Row) -> str:
    wanted = definitions.of_bot(Actor(world, event["bot_id"])).document.below("subscriptions").value("events")
    return "ignored" if isinstance(wanted, dict) and event["type"] not in wanted else "processed"


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listEvents": _list,
        "createEvent": _create,
        "getEvent": _get,
        "cancelScheduledEvent": _cancel,
    },
    actions={"event_due": _become_due, "event_done": _become_done, "process_event": _process},
)
