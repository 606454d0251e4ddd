"""Conversations."""

from __future__ import annotations

from trilogue_sandbox.botpress_chat import signals
from trilogue_sandbox.botpress_chat.caller import Caller, Exchange, Resource
from trilogue_sandbox.botpress_chat.errors import ApiError
from trilogue_sandbox.botpress_chat.pagination import paginate
from trilogue_sandbox.botpress_chat.schema import CONVERSATIONS, PARTICIPANTS
from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View

CONVERSATION = View[Caller]("Conversation", CONVERSATIONS)


def create(caller: Caller, chosen: str | None) -> Row:
    """Create a conversation, whose owner and first participant is the caller."""
    owner_id = caller.user()["id"]
    row = caller.records.add(CONVERSATIONS, {"owner_id": owner_id} | ({} if chosen is None else {"id": chosen}))
    caller.records.add(PARTICIPANTS, {"conversation_id": row["id"], "user_id": owner_id})
    return row


def _list(exchange: Exchange) -> JsonObject:
    owned = exchange.records.select(CONVERSATIONS, owner_id=exchange.context.user_id)
    return paginate(exchange, "conversations", CONVERSATION, owned)


def _create(exchange: Exchange) -> Response:
    chosen = exchange.body.optional_string("id")
    if chosen is not None and exchange.records.find(CONVERSATIONS, id=chosen):
        raise ApiError("AlreadyExists", f"Conversation with id {chosen} already exists")
    return _created(exchange, create(exchange.context, chosen))


def _get_or_create(exchange: Exchange) -> Response:
    chosen = exchange.body.string("id")
    if exchange.records.find(CONVERSATIONS, id=chosen):
        return _created(exchange, exchange.context.owned(chosen))
    return _created(exchange, create(exchange.context, chosen))


def _get(exchange: Exchange) -> JsonObject:
    row = exchange.context.find(CONVERSATIONS, exchange.path.string("id"))
    exchange.context.require_participant(row["id"], "You are not a participant in this message's conversation")
    return _show(exchange, row)


def _delete(exchange: Exchange) -> JsonObject:
    row = exchange.context.owned(exchange.path.string("id"))
    exchange.records.remove(CONVERSATIONS, row)
    signals.end(exchange.world, row["id"])
    return {}


def _created(exchange: Exchange, row: Row) -> Response:
    return Response.json(_show(exchange, row), 201)


def _show(exchange: Exchange, row: Row) -> JsonObject:
    return {"conversation": CONVERSATION.show_one(exchange.context, row)}


RESOURCE = Resource(
    tables=(CONVERSATIONS,),
    operations={
        "listConversations": _list,
        "createConversation": _create,
        "getOrCreateConversation": _get_or_create,
        "getConversation": _get,
        "deleteConversation": _delete,
    },
)
