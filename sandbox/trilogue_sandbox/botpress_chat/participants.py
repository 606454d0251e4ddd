"""Participants: the users in a conversation."""

from __future__ import annotations

from trilogue_sandbox.botpress_chat import signals
from trilogue_sandbox.botpress_chat.caller import Exchange, Resource
from trilogue_sandbox.botpress_chat.errors import ApiError
from trilogue_sandbox.botpress_chat.pagination import paginate
from trilogue_sandbox.botpress_chat.schema import PARTICIPANTS, USERS
from trilogue_sandbox.botpress_chat.users import USER
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row


def _list(exchange: Exchange) -> JsonObject:
    conversation_id = exchange.path.string("conversationId")
    message = "You are not a participant in this message's conversation"
    exchange.context.require_participant(conversation_id, message)
    return paginate(exchange, "participants", USER, _participants(exchange, conversation_id))


def _add(exchange: Exchange) -> JsonObject:
    conversation = exchange.context.owned(exchange.path.string("conversationId"))
    user = exchange.context.find(USERS, exchange.body.string("userId"))
    exchange.records.add_if_new(PARTICIPANTS, {"conversation_id": conversation["id"], "user_id": user["id"]})
    _signal(exchange, "participant_added", conversation, user["id"])
    return {"participant": USER.show_one(exchange.context, user)}


def _get(exchange: Exchange) -> JsonObject:
    return {"participant": USER.show_one(exchange.context, _find(exchange))}


def _remove(exchange: Exchange) -> JsonObject:
    conversation, user = exchange.context.owned(exchange.path.string("conversationId")), _find(exchange)
    if user["id"] == conversation["owner_id"]:
        message = "You cannot remove yourself from the conversation because you are its owner"
        raise ApiError("InvalidPayload", message)
    exchange.records.select(PARTICIPANTS, conversation_id=conversation["id"], user_id=user["id"]).remove()
    signals.end(exchange.world, user["id"])
    _signal(exchange, "participant_removed", conversation, user["id"])
    return {}


def _find(exchange: Exchange) -> Row:
    conversation = exchange.context.owned(exchange.path.string("conversationId"))
    user_id = exchange.path.string("userId")
    row = _participants(exchange, conversation["id"]).equal("id", user_id).first()
    if row is None:
        raise ApiError("ResourceNotFound", f"Participant {user_id} does not exist")
    return row


def _participants(exchange: Exchange, conversation_id: str) -> Select:
    ids = "SELECT user_id FROM chat_participants WHERE conversation_id = ?"
    return exchange.records.select(USERS).where(f"item.id IN ({ids})", conversation_id)


def _signal(exchange: Exchange, type: str, conversation: Row, user_id: str) -> None:
    data: JsonObject = {"conversationId": conversation["id"], "participantId": user_id}
    signals.send(exchange.world, conversation["id"], type, data)


RESOURCE = Resource(
    tables=(PARTICIPANTS,),
    operations={
        "listParticipants": _list,
        "addParticipant": _add,
        "getParticipant": _get,
        "removeParticipant": _remove,
    },
)
