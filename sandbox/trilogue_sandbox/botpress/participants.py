"""Participants: the users in a conversation."""

from __future__ import annotations

from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, PARTICIPANTS, USERS
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.botpress.users import USER
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row


def add(actor: Actor, conversation_id: str, user_id: str) -> None:
    """Let a user participate in a conversation, unless they do already."""
    actor.records.add_if_new(PARTICIPANTS, {"conversation_id": conversation_id, "user_id": user_id})


def _list(exchange: Exchange) -> JsonObject:
    return paginate(exchange, "participants", _participants(exchange), USER.show)


def _add(exchange: Exchange) -> JsonObject:
    conversation = exchange.actor.find(CONVERSATIONS, exchange.path.string("id"))
    user = exchange.actor.refer(USERS, exchange.body.string("userId"))
    add(exchange.actor, conversation["id"], user["id"])
    return {"participant": USER.show_one(exchange.actor, user)}


def _get(exchange: Exchange) -> JsonObject:
    return {"participant": USER.show_one(exchange.actor, _find(exchange))}


def _remove(exchange: Exchange) -> JsonObject:
    user = _find(exchange)
    conversation_id = exchange.path.string("id")
    exchange.records.select(PARTICIPANTS, conversation_id=conversation_id, user_id=user["id"]).remove()
    return {}


def _find(exchange: Exchange) -> Row:
    user_id = exchange.path.string("userId")
    return require(_participants(exchange).equal("id", user_id), "participant", user_id)


def _participants(exchange: Exchange) -> Select:
    conversation = exchange.actor.find(CONVERSATIONS, exchange.path.string("id"))
    participants = "SELECT user_id FROM botpress_participants WHERE conversation_id = ?"
    return exchange.actor.rows(USERS).where(f"item.id IN ({participants})", conversation["id"])


RESOURCE = Resource(
    tables=(PARTICIPANTS,),
    operations={
        "listParticipants": _list,
        "addParticipant": _add,
        "getParticipant": _get,
        "removeParticipant": _remove,
    },
)
