"""Events: what happened or is to happen, for the bot to react to.

No bot runs in the sandbox. It is simulated: a second after an event has come, the bot has processed it, or ignored it
where its `subscriptions` do not name the type. While the bot or its workspace is blocked, the event fails. The action
`process_event` says otherwise, or says so earlier.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from trilogue_sandbox.botpress import json_schemas
from trilogue_sandbox.botpress.account_tables import WORKSPACES
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, EVENTS, MESSAGES, USERS, WORKFLOWS
from trilogue_sandbox.botpress.declarations import Declarations
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, noun
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World

_EVENT = View[Actor]("Event", EVENTS, computed={"type": each(lambda actor, row: actor.unqualify(row["type"]))})

_PROCESSING_TIME = timedelta(seconds=1)
_LONGEST_TYPE = 200
"""In characters, with the alias of the integration in front, as the bot reads it."""
_OUTCOMES = ("processed", "ignored", "failed")
_SUBJECTS = {"conversationId": CONVERSATIONS, "userId": USERS, "messageId": MESSAGES, "workflowId": WORKFLOWS}


def emit(
    actor: Actor, event_type: str, payload: JsonObject, due_at: datetime | None = None, **subjects: str | None
) -> Row:
    """Let the bot know that something happened, now or at a time; return the event.

    `event_type` is the qualified name. An event may be about a conversation, a user, a message and a workflow
    (`conversation_id`, `user_id`, `message_id`, `workflow_id`).
    """
    status = "pending" if due_at is None else "scheduled"
    event = {"bot_id": actor.bot_id, "type": event_type, "payload": payload, "status": status, **subjects}
    row = actor.records.add(EVENTS, event)
    if due_at is None:
        actor.world.timers.after(_PROCESSING_TIME, "event_done", {"event": row["id"]})
    else:
        actor.world.timers.at(due_at, "event_due", {"event": row["id"]})
    return row


def read_schedule(world: World, given: Fields) -> datetime | None:
    """Return the time of a body's `schedule`; None if it has none, or the time has come.

    Raises:
        ApiError: `dateTime` is no time, or `delay` leads beyond the end of time (InvalidPayload).
    """
    schedule, now = given.nested("schedule"), world.clock.now()
    timestamp = schedule.optional_timestamp("dateTime")
    try:
        delay = timedelta(milliseconds=schedule.integer("delay", 0))
        due = now + delay if timestamp is None else from_microseconds(timestamp)
    except OverflowError as error:
        raise ApiError("InvalidPayload", "schedule/delay leads beyond the year 9999") from error
    return due if due > now else None


def _list(exchange: Exchange) -> JsonObject:
    query, actor = exchange.query, exchange.actor
    select = actor.rows(EVENTS)
    for name, table in _SUBJECTS.items():
        if value := query.optional_string(name):
            select = select.equal(f"{noun(table)}_id", actor.find(table, value)["id"])
    if event_type := query.optional_string("type"):
        select = select.among("type", [event_type, actor.qualify(event_type)])
    return paginate(exchange, "events", select.equal("status", query.optional_string("status")), _EVENT.show)


def _create(exchange: Exchange) -> JsonObject:
    event_type, payload = exchange.actor.qualify(exchange.body.string("type")), exchange.body.object("payload")
    if len(event_type) > _LONGEST_TYPE:
        prefix = exchange.actor.prefix
        raise ApiError("InvalidPayload", f"type: with {prefix!r} it has more than {_LONGEST_TYPE} characters")
    declared = Declarations.of(exchange.actor).find("events", event_type)
    if declared:
        json_schemas.check_data(declared.object("schema"), payload, "payload")
    due_at = read_schedule(exchange.world, exchange.body)
    row = emit(exchange.actor, event_type, payload, due_at, **_subjects(exchange))
    return {"event": _EVENT.show_one(exchange.actor, row)}


def _subjects(exchange: Exchange) -> dict[str, str]:
    rows = {
        noun(table): exchange.actor.refer(table, value)
        for name, table in _SUBJECTS.items()
        if (value := exchange.body.optional_string(name))
    }
    message, conversation = rows.get("message"), rows.get("conversation")
    if message and conversation and message["conversation_id"] != conversation["id"]:
        raise ApiError("RelationConflict", "the message is not one of the conversation")
    return {f"{name}_id": row["id"] for name, row in rows.items()}


def _get(exchange: Exchange) -> JsonObject:
    row = exchange.actor.find(EVENTS, exchange.path.string("id"))
    return {"event": _EVENT.show_one(exchange.actor, row)}


def _cancel(exchange: Exchange) -> JsonObject:
    event_id = exchange.path.string("id")
    scheduled = exchange.actor.rows(EVENTS).equal("id", event_id).equal("status", "scheduled")
    if not scheduled.change("status = 'canceled'"):
        raise ApiError("ResourceNotFound", f"no scheduled event has the id {event_id!r}")
    return {}


def _become_due(world: World, given: Fields) -> object:
    """Bring a scheduled event to the bot, unless it was cancelled or deleted."""
    event_id = given.string("event")
    if world.records.select(EVENTS, id=event_id, status="scheduled").change("status = 'pending'"):
        world.timers.after(_PROCESSING_TIME, "event_done", {"event": event_id})
    return {}


def _become_done(world: World, given: Fields) -> object:
    """Let the bot be done with an event, unless it was before or the event was deleted."""
    event = world.records.find(EVENTS, id=given.string("event"), status="pending")
    if event:
        status, reason = _outcome(world, event)
        world.records.change(EVENTS, event, status=status, failure_reason=reason)
    return {}


def _outcome(world: World, event: Row) -> tuple[str, str | None]:
    wanted = world.records.get(BOTS, event["bot_id"])["subscriptions"].get("events")
    if wanted is not None and event["type"] not in wanted:
        return "ignored", None
    obstacle = find_obstacle(world, event["bot_id"])
    return ("failed", obstacle) if obstacle else ("processed", None)


def find_obstacle(world: World, bot_id: str) -> str | None:
    """Return why a bot does not run: it is blocked, or its workspace; None if it runs."""
    bot = world.records.get(BOTS, bot_id)
    if bot["blocked"]:
        return "the bot is blocked"
    is_blocked = world.records.get(WORKSPACES, bot["workspace_id"])["blocked"]
    return "the workspace is blocked" if is_blocked else None


def _process(world: World, given: Fields) -> object:
    """Let the bot be done with an `event`: with `status` processed (the default), ignored or failed, for a `reason`."""
    event_id, status = given.string("event"), given.choice("status", _OUTCOMES, "processed")
    reason = given.string("reason", "the bot failed") if status == "failed" else None
    event = world.records.find(EVENTS, id=event_id)
    if event is None:
        raise ControlError(f"there is no event {event_id!r}", "event")
    world.records.change(EVENTS, event, status=status, failure_reason=reason)
    return {"status": status}


RESOURCE = Resource(
    tables=(EVENTS,),
    operations={"listEvents": _list, "createEvent": _create, "getEvent": _get, "cancelScheduledEvent": _cancel},
    actions={"process_event": _process},
    jobs={"event_due": _become_due, "event_done": _become_done},
)
