"""Custom events."""

from __future__ import annotations

from trilogue_sandbox.botpress_chat import bot, signals
from trilogue_sandbox.botpress_chat.caller import Caller, Exchange, Resource
from trilogue_sandbox.botpress_chat.schema import EVENTS
from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.views import View

EVENT = View[Caller]("Event", EVENTS)

_FORBIDDEN = "You are not a participant in this event's conversation"


def _create(exchange: Exchange) -> Response:
    conversation_id = exchange.body.string("conversationId")
    exchange.context.require_participant(conversation_id, _FORBIDDEN)
    row = exchange.records.add(
        EVENTS,
        {
            "conversation_id": conversation_id,
            "user_id": exchange.context.user_id,
            "payload": exchange.body.object("payload"),
        },
    )
    shown = EVENT.show_one(exchange.context, row)
    signals.send(exchange.world, conversation_id, "event_created", {**shown, "isBot": False})
    bot.receive_event(exchange.context, shown)
    return Response.json({"event": shown}, 201)


def _get(exchange: Exchange) -> JsonObject:
    row = exchange.context.find(EVENTS, exchange.path.string("id"))
    exchange.context.require_participant(row["conversation_id"], _FORBIDDEN)
    return {"event": EVENT.show_one(exchange.context, row)}


RESOURCE = Resource(tables=(EVENTS,), operations={"createEvent": _create, "getEvent": _get})
