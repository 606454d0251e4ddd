"""Workflows: longer pieces of work of a bot.

Events of the type `workflow_update` notify the bot. A workflow for which no `timeoutAt` was given times out after an
hour; what the platform has as default is not published.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from trilogue_sandbox.botpress import events, tags
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, EVENTS, USERS, WORKFLOWS
from trilogue_sandbox.botpress.conversations import CONVERSATION
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.botpress.users import USER
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.timestamps import HOUR
from trilogue_sandbox.kernel.views import View, snake_case
from trilogue_sandbox.kernel.world import World

_WORKFLOW = View[Actor]("Workflow", WORKFLOWS)
_FILTERS = {"conversationId": CONVERSATIONS, "userId": USERS, "parentWorkflowId": WORKFLOWS}

_Update: TypeAlias = Literal[
    "workflow_started", "workflow_continued", "workflow_timedout", "child_workflow_finished", "child_workflow_deleted"
]


def start(actor: Actor, given: Fields) -> Row:
    """Start the workflow that the fields of a request describe."""
    related = {
        snake_case(name): actor.refer(table, row_id)["id"]
        for name, table in _FILTERS.items()
        if (row_id := given.optional_string(name)) is not None
    }
    workflow = {
        "bot_id": actor.bot_id,
        "name": given.string("name"),
        "status": given.string("status"),
        "input": given.object("input"),
        "event_id": _event_id(actor, given),
        "tags": tags.merged({}, given.object("tags")),
        "timeout_at": given.optional_timestamp("timeoutAt") or actor.now + HOUR,
        **related,
    }
    row = actor.records.add(WORKFLOWS, workflow)
    _schedule_timeout(actor.world, row)
    if row["status"] == "pending":
        _notify(actor, row, "workflow_started")
    return row


def _event_id(actor: Actor, given: Fields) -> str | None:
    """Return the event that is being worked on."""
    event_id = given.optional_string("eventId")
    if event_id is not None:
        actor.refer(EVENTS, event_id)
    elif given.optional_string("status") == "in_progress":
        raise ApiError("InvalidPayload", "eventId: must be given with the status in_progress")
    return event_id


def _list(exchange: Exchange) -> JsonObject:
    query, actor = exchange.query, exchange.actor
    select = tags.matching(actor.rows(WORKFLOWS), query.object("tags"))
    for name, table in _FILTERS.items():
        if row_id := query.optional_string(name):
            select = select.equal(snake_case(name), actor.find(table, row_id)["id"])
    select = select.among("status", query.optional_strings("statuses")).equal("name", query.optional_string("name"))
    return paginate(exchange, "workflows", select, _WORKFLOW.show)


def _create(exchange: Exchange) -> JsonObject:
    return {"workflow": _WORKFLOW.show_one(exchange.actor, start(exchange.actor, exchange.body))}


def _get_or_create(exchange: Exchange) -> JsonObject:
    body = exchange.body
    select = exchange.actor.rows(WORKFLOWS).equal("name", body.string("name"))
    if group := body.optional_string("discriminateByStatusGroup"):
        select = select.where("item.is_active" if group == "active" else "NOT item.is_active")
    bot = exchange.actor.bot  # the tags of workflows are the bot's, whoever asks
    row = tags.find_same(bot, select, body.object("tags"), body.optional_strings("discriminateByTags"))
    shown = _WORKFLOW.show_one(exchange.actor, row or start(exchange.actor, body))
    return {"workflow": shown, "meta": {"created": row is None}}


def _get(exchange: Exchange) -> JsonObject:
    row = exchange.actor.find(WORKFLOWS, exchange.path.string("id"))
    return {"workflow": _WORKFLOW.show_one(exchange.actor, row)}


def _update(exchange: Exchange) -> JsonObject:
    actor, given = exchange.actor, exchange.body
    row = actor.find(WORKFLOWS, exchange.path.string("id"))
    changes = {
        "status": given.string("status", row["status"]),
        "event_id": _event_id(actor, given) or row["event_id"],
        "user_id": actor.refer(USERS, given.string("userId"))["id"] if "userId" in given else row["user_id"],
        "tags": tags.merged(row["tags"], given.object("tags")),
        "output": given.object("output") if "output" in given else row["output"],
        "timeout_at": given.optional_timestamp("timeoutAt") or row["timeout_at"],
        "failure_reason": given.optional_string("failureReason") or row["failure_reason"],
    }
    completed_at = (row["completed_at"] or actor.now) if changes["status"] == "completed" else None
    changed = actor.records.touch(WORKFLOWS, row, completed_at=completed_at, **changes)
    _follow(actor, row, changed)
    return {"workflow": _WORKFLOW.show_one(actor, changed)}


def _follow(actor: Actor, before: Row, after: Row) -> None:
    """Do what a change of status brings with it."""
    if after["timeout_at"] != before["timeout_at"]:
        _schedule_timeout(actor.world, after)
    if after["status"] == "in_progress" and before["status"] != "in_progress":
        _notify(actor, after, "workflow_continued")
    if before["is_active"] and not after["is_active"]:
        _notify_parent(actor, after, "child_workflow_finished")


def _delete(exchange: Exchange) -> JsonObject:
    _notify_parent(exchange.actor, tags.remove_with_states(exchange, WORKFLOWS), "child_workflow_deleted")
    return {}


def _notify(actor: Actor, row: Row, update: _Update, child: Row | None = None) -> None:
    bot = actor.bot
    payload: JsonObject = {"type": update, "workflow": _WORKFLOW.show_one(bot, row)}
    if child:
        payload["childWorkflow"] = _WORKFLOW.show_one(bot, child)
    if conversation := _related(bot, CONVERSATIONS, row["conversation_id"]):
        payload["conversation"] = CONVERSATION.show_one(bot, conversation)
    if user := _related(bot, USERS, row["user_id"]):
        payload["user"] = USER.show_one(bot, user)
    subjects = {"conversation_id": row["conversation_id"], "user_id": row["user_id"], "workflow_id": row["id"]}
    events.emit(bot, "workflow_update", payload, **subjects)


def _notify_parent(actor: Actor, row: Row, update: _Update) -> None:
    if parent := _related(actor, WORKFLOWS, row["parent_workflow_id"]):
        _notify(actor, parent, update, row)


def _related(actor: Actor, table: Table, row_id: str | None) -> Row | None:
    return actor.rows(table).equal("id", row_id).first() if row_id else None


def _schedule_timeout(world: World, row: Row) -> None:
    world.schedule(row["timeout_at"], "workflow_timeout", workflow=row["id"])


def _time_out(world: World, given: Fields) -> object:
    """Let a workflow time out, unless it has ended, was deleted or has more time now."""
    row = world.records.find(WORKFLOWS, id=given.string("workflow"), is_active=True)
    if row and row["timeout_at"] <= world.now:
        actor = Actor(world, row["bot_id"])
        changed = world.records.change(WORKFLOWS, row, status="timedout")
        _notify(actor, changed, "workflow_timedout")
        _notify_parent(actor, changed, "child_workflow_finished")
    return {}


RESOURCE = Resource(
    tables=(WORKFLOWS,),
    operations={
        "listWorkflows": _list,
        "createWorkflow": _create,
        "getOrCreateWorkflow": _get_or_create,
        "getWorkflow": _get,
        "updateWorkflow": _update,
        "deleteWorkflow": _delete,
    },
    jobs={"workflow_timeout": _time_out},
)
