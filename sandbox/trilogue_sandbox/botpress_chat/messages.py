"""Messages of users and of the bot."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress_chat import bot, signals
from trilogue_sandbox.botpress_chat.caller import Caller, Exchange, Resource
from trilogue_sandbox.botpress_chat.errors import ApiError
from trilogue_sandbox.botpress_chat.message_rows import MESSAGE, add
from trilogue_sandbox.botpress_chat.pagination import paginate
from trilogue_sandbox.botpress_chat.schema import MESSAGES
from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.table import Row


def _list(exchange: Exchange) -> JsonObject:
    conversation_id = exchange.path.string("conversationId")
    exchange.context.require_participant(conversation_id, "You are not a participant in this conversation")
    selected = exchange.records.select(MESSAGES, conversation_id=conversation_id)
    return paginate(exchange, "messages", MESSAGE, selected)


def _create(exchange: Exchange) -> Response:
    conversation_id = exchange.body.string("conversationId")
    _require_participant(exchange.context, conversation_id)
    content: dict[str, Any] = {
        "payload": exchange.body.object("payload"),
        "metadata": exchange.body.optional_object("metadata"),
    }
    row = add(exchange.context, conversation_id, exchange.context.user_id, content)
    bot.receive_message(exchange.context, row)
    return Response.json(_show(exchange, row), 201)


def _get(exchange: Exchange) -> JsonObject:
    row = exchange.context.find(MESSAGES, exchange.path.string("id"))
    _require_participant(exchange.context, row["conversation_id"])
    return _show(exchange, row)


def _delete(exchange: Exchange) -> JsonObject:
    row = exchange.context.find(MESSAGES, exchange.path.string("id"))
    if row["user_id"] != exchange.context.user_id:
        raise ApiError("Forbidden", "You are not the sender of this message")
    exchange.records.remove(MESSAGES, row)
    data: JsonObject = {"id": row["id"], "conversationId": row["conversation_id"], "userId": row["user_id"]}
    signals.send(exchange.world, row["conversation_id"], "message_deleted", data)
    return {}


def _require_participant(caller: Caller, conversation_id: str) -> None:
    caller.require_participant(conversation_id, "You are not a participant in this message's conversation")


def _show(exchange: Exchange, row: Row) -> JsonObject:
    return {"message": MESSAGE.show_one(exchange.context, row)}


RESOURCE = Resource(
    tables=(MESSAGES,),
    operations={
        "listMessages": _list,
        "createMessage": _create,
        "getMessage": _get,
        "deleteMessage": _delete,
    },
)
