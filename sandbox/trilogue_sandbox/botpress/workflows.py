"""Workflows: longer pieces of work of a bot.

The bot is told of them by events of the type `workflow_update`. A workflow for which no `timeoutAt` was given times out
after an hour; what the platform has as default is not published.
"""

from __future__ import annotations

import sqlite3
from typing import Literal, TypeAlias

from trilogue_sandbox.botpress import (
    arguments,
    conversations,
    documents,
    events,
    lookups,
    owned_tags,
    rows,
    tags,
    timestamps,
    users,
)
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.references import forget_states, refuse_if_at_work
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_workflows (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, name TEXT NOT NULL,
    status TEXT NOT NULL, input TEXT NOT NULL, output TEXT NOT NULL DEFAULT '{}', parent_workflow_id TEXT,
    conversation_id TEXT, user_id TEXT, event_id TEXT, tags TEXT NOT NULL, failure_reason TEXT,
    timeout_at INTEGER NOT NULL, completed_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    is_active INTEGER GENERATED ALWAYS AS (status IN ('pending', 'in_progress', 'listening', 'paused')));
CREATE INDEX botpress_workflows_newest ON botpress_workflows (bot_id, created_at);
CREATE INDEX botpress_workflows_by_conversation ON botpress_workflows (conversation_id, is_active);
CREATE INDEX botpress_workflows_by_user ON botpress_workflows (user_id, is_active);
CREATE INDEX botpress_workflows_by_parent ON botpress_workflows (parent_workflow_id, is_active);
"""

_TABLE = "botpress_workflows"
_TIMEOUT = 3_600_000_000
"""An hour, in microseconds."""

_Update: TypeAlias = Literal[
    "workflow_started",
    "workflow_continued",
    "workflow_timedout",
    "child_workflow_finished",
    "child_workflow_deleted",
]


def _list(call: Call) -> JsonObject:
    query = call.query
    select = tags.carrying(call.of_bot(_TABLE), query.object("tags"))
    if conversation_id := query.optional_text("conversationId"):
        select = select.equal("conversation_id", conversations.find(call.actor, conversation_id)["id"])
    if user_id := query.optional_text("userId"):
        select = select.equal("user_id", users.find(call.actor, user_id)["id"])
    if parent_id := query.optional_text("parentWorkflowId"):
        select = select.equal("parent_workflow_id", _find(call.actor, parent_id)["id"])
    select = select.among("status", query.optional_texts("statuses")).equal("name", query.optional_text("name"))
    return find_page(call, select).show("workflows", _show)


def _create(call: Call) -> JsonObject:
    return {"workflow": _show(begin(call.actor, call.body))}


def _get_or_create(call: Call) -> JsonObject:
    select = call.of_bot(_TABLE).equal("name", call.body.text("name"))
    select = _of_group(select, call.body.optional_text("discriminateByStatusGroup"))
    bot = Actor(call.world, call.bot_id)  # the tags of workflows are the bot's, whoever asks
    keys = call.body.optional_texts("discriminateByTags")
    row = owned_tags.find_same(bot, select, call.body.object("tags"), keys)
    is_new = row is None
    return {"workflow": _show(row or begin(call.actor, call.body)), "meta": {"created": is_new}}


def _of_group(select: Select, group: str | None) -> Select:
    return select if group is None else select.where("item.is_active" if group == "active" else "NOT item.is_active")


def _get(call: Call) -> JsonObject:
    return {"workflow": _show(_find(call.actor, call.path.text("id")))}


def _update(call: Call) -> JsonObject:
    row, given = _find(call.actor, call.path.text("id")), call.body
    changed = tags.merged(documents.decode_object(row["tags"]), given.object("tags"))
    changes: dict[str, SqlValue] = {
        "status": given.text("status", row["status"]),
        "event_id": _event(call.actor, given) or row["event_id"],
        "user_id": users.refer(call.actor, given.text("userId"))["id"] if "userId" in given else row["user_id"],
        "tags": documents.encode(changed),
        "output": documents.encode(given.object("output")) if "output" in given else row["output"],
        "timeout_at": given.optional_moment("timeoutAt") or row["timeout_at"],
        "failure_reason": given.optional_text("failureReason") or row["failure_reason"],
        "updated_at": call.now,
    }
    rows.change(call.store, _TABLE, row["id"], changes)
    _follow(call.actor, row)
    return {"workflow": _show(_find(call.actor, row["id"]))}


def _delete(call: Call) -> JsonObject:
    row = _find(call.actor, call.path.text("id"))
    refuse_if_at_work(call.actor, "parent_workflow_id", row["id"])
    forget_states(call.actor, "workflow", row["id"])
    call.store.run("DELETE FROM botpress_workflows WHERE id = ?", row["id"])
    _tell_parent(call.actor, row, "child_workflow_deleted")
    return {}


def begin(actor: Actor, given: Fields) -> sqlite3.Row:
    """Begin the workflow that the fields of a request describe.

    Raises:
        ApiError: an id leads to nothing, or the event is missing.
    """
    conversation_id, user_id = given.optional_text("conversationId"), given.optional_text("userId")
    parent_id, now = given.optional_text("parentWorkflowId"), actor.now
    values: dict[str, SqlValue] = {
        "id": actor.world.ids.prefixed("wkflow"),
        "bot_id": actor.bot_id,
        "name": given.text("name"),
        "status": given.text("status"),
        "input": documents.encode(given.object("input")),
        "parent_workflow_id": parent_id and _refer(actor, parent_id)["id"],
        "conversation_id": conversation_id and conversations.refer(actor, conversation_id)["id"],
        "user_id": user_id and users.refer(actor, user_id)["id"],
        "event_id": _event(actor, given),
        "tags": documents.encode(tags.merged({}, given.object("tags"))),
        "timeout_at": given.optional_moment("timeoutAt") or now + _TIMEOUT,
        "created_at": now,
        "updated_at": now,
    }
    rows.insert(actor.store, _TABLE, values)
    row = _find(actor, str(values["id"]))
    _plan_timeout(actor.world, row)
    if row["status"] == "pending":
        _tell(actor, row, "workflow_started")
    return row


def _event(actor: Actor, given: Fields) -> str | None:
    """Return the event that is being worked on.

    Raises:
        ApiError: `in_progress` needs one, or there is no such event.
    """
    event_id = given.optional_text("eventId")
    if event_id is not None:
        lookups.refer(actor.store, actor.select("botpress_events"), "event", event_id)
    elif given.optional_text("status") == "in_progress":
        raise ApiError("InvalidPayload", "eventId: must be given with the status in_progress")
    return event_id


def _follow(actor: Actor, before: sqlite3.Row) -> None:
    """Do what a change of status brings with it."""
    row = _find(actor, before["id"])
    completed_at = (row["completed_at"] or actor.now) if row["status"] == "completed" else None
    actor.store.run("UPDATE botpress_workflows SET completed_at = ? WHERE id = ?", completed_at, row["id"])
    if row["timeout_at"] != before["timeout_at"]:
        _plan_timeout(actor.world, row)
    if row["status"] == "in_progress" and before["status"] != "in_progress":
        _tell(actor, row, "workflow_continued")
    if before["is_active"] and not row["is_active"]:
        _tell_parent(actor, row, "child_workflow_finished")


def _tell(actor: Actor, row: sqlite3.Row, update: _Update, child: JsonObject | None = None) -> None:
    bot = Actor(actor.world, actor.bot_id)
    payload: JsonObject = {"type": update, "workflow": _show(row), **({"childWorkflow": child} if child else {})}
    subjects = events.Subjects(row["conversation_id"], row["user_id"], workflow_id=row["id"])
    if subjects.conversation_id and (found := _optional(bot, "botpress_conversations", subjects.conversation_id)):
        payload["conversation"] = conversations.show(bot, found)
    if subjects.user_id and (found := _optional(bot, "botpress_users", subjects.user_id)):
        payload["user"] = users.show(bot, found)
    events.emit(bot, "workflow_update", payload, subjects)


def _tell_parent(actor: Actor, row: sqlite3.Row, update: _Update) -> None:
    parent_id = row["parent_workflow_id"]
    parent = _optional(actor, _TABLE, parent_id) if parent_id else None
    if parent:
        _tell(actor, parent, update, _show(row))


def _plan_timeout(world: World, row: sqlite3.Row) -> None:
    world.timers.at(from_microseconds(row["timeout_at"]), "workflow_timeout", {"workflow": row["id"]})


def _time_out(world: World, timer: JsonObject) -> object:
    """Let a workflow time out, unless it has ended, was deleted or has more time now."""
    row = world.store.one("SELECT * FROM botpress_workflows WHERE id = ?", arguments.text(timer, "workflow"))
    if row is None or not row["is_active"] or row["timeout_at"] > timestamps.now(world):
        return {}
    actor = Actor(world, row["bot_id"])
    world.store.run(
        "UPDATE botpress_workflows SET status = 'timedout', updated_at = ? WHERE id = ?", actor.now, row["id"]
    )
    row = _find(actor, row["id"])
    _tell(actor, row, "workflow_timedout")
    _tell_parent(actor, row, "child_workflow_finished")
    return {}


def _find(actor: Actor, workflow_id: str) -> sqlite3.Row:
    return lookups.find(actor.store, actor.select(_TABLE), "workflow", workflow_id)


def _refer(actor: Actor, workflow_id: str) -> sqlite3.Row:
    return lookups.refer(actor.store, actor.select(_TABLE), "workflow", workflow_id)


def _optional(actor: Actor, table: str, row_id: str) -> sqlite3.Row | None:
    return lookups.optional(actor.store, actor.select(table), row_id)


def _show(row: sqlite3.Row) -> JsonObject:
    optional: JsonObject = {
        "parentWorkflowId": row["parent_workflow_id"],
        "conversationId": row["conversation_id"],
        "userId": row["user_id"],
        "completedAt": timestamps.show_optional(row["completed_at"]),
        "failureReason": row["failure_reason"],
    }
    return {
        "id": row["id"],
        "name": row["name"],
        "status": row["status"],
        "input": documents.decode(row["input"]),
        "output": documents.decode(row["output"]),
        **documents.without_nulls(optional),
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        "timeoutAt": timestamps.show(row["timeout_at"]),
        "tags": documents.decode(row["tags"]),
    }


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listWorkflows": _list,
        "createWorkflow": _create,
        "getOrCreateWorkflow": _get_or_create,
        "getWorkflow": _get,
        "updateWorkflow": _update,
        "deleteWorkflow": _delete,
    },
    actions={"workflow_timeout": _time_out},
)
