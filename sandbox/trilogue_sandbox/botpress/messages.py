"""Messages of a conversation.

A message that an integration creates has come in from a user (`incoming`) and is an event for the bot; one that the bot
creates goes out to the users (`outgoing`).
"""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import events, json_schemas, participants, tags
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, MESSAGES, USERS
from trilogue_sandbox.botpress.conversations import CONVERSATION
from trilogue_sandbox.botpress.declarations import Declarations
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.limits import require_size
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.botpress.users import USER
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World

MESSAGE = View[Actor]("Message", MESSAGES, computed={"tags": tags.VISIBLE})

_PAYLOAD_KILOBYTES = 128


def send(declarations: Declarations, given: Fields) -> Row:
    """Send the message that the fields of a request describe, now or at the time of their schedule."""
    actor, due_at = declarations.actor, events.read_schedule(declarations.actor.world, given)
    conversation, user = _parties(actor, given)
    row = _add(declarations, given, conversation, user, is_sent=due_at is None)
    if due_at is None:
        _notify(actor, row, _count(actor, conversation, 1), user)
    else:
        actor.world.timers.at(due_at, "message_due", {"message": row["id"], "bot": actor.bot_id})
    return row


def add(declarations: Declarations, given: Fields, created_at: int) -> Row:
    """Add a message of the past to its conversation; the bot does not hear of it."""
    conversation, user = _parties(declarations.actor, given)
    row = _add(declarations, given, conversation, user, created_at=created_at)
    _count(declarations.actor, conversation, 1)
    return row


def _parties(actor: Actor, given: Fields) -> tuple[Row, Row]:
    conversation_id, user_id = given.string("conversationId"), given.string("userId")
    return actor.refer(CONVERSATIONS, conversation_id), actor.refer(USERS, user_id)


def _add(declarations: Declarations, given: Fields, conversation: Row, user: Row, **values: Any) -> Row:
    actor = declarations.actor
    message: dict[str, Any] = {
        "bot_id": actor.bot_id,
        "conversation_id": conversation["id"],
        "user_id": user["id"],
        "type": given.string("type"),
        "payload": given.object("payload"),
        "direction": "incoming" if actor.installation else "outgoing",
        "tags": tags.merged({}, tags.read(declarations, "message", given.object("tags"))),
        "origin": given.optional_string("origin"),
        **values,
    }
    _check_payload(declarations, conversation, message["type"], message["payload"])
    participants.add(actor, conversation["id"], user["id"])
    return actor.records.add(MESSAGES, message)


def get_or_create(declarations: Declarations, given: Fields) -> tuple[Row, bool]:
    """Return the message of the conversation with the same tags, changed as the request says, or send it.

    The second value says whether it is new.
    """
    conversation = declarations.actor.refer(CONVERSATIONS, given.string("conversationId"))
    row = find_same(declarations, conversation["id"], given)
    if row is not None:
        return change(declarations, row, given), False
    if "payload" not in given:
        raise ApiError("InvalidPayload", "payload: must be given, since no message has these tags")
    return send(declarations, given), True


def find_same(declarations: Declarations, conversation_id: str, given: Fields) -> Row | None:
    """Return the message of a conversation with the same tags as the fields of a request."""
    actor = declarations.actor
    select = actor.rows(MESSAGES).equal("conversation_id", conversation_id)
    wanted = tags.read(declarations, "message", given.object("tags"))
    return tags.find_same(actor, select, wanted, given.optional_strings("discriminateByTags"))


def change(declarations: Declarations, row: Row, given: Fields) -> Row:
    """Set the tags, and the payload where there is one, that the fields of a request name."""
    actor = declarations.actor
    changes: dict[str, Any] = {
        "tags": tags.merged(row["tags"], tags.read(declarations, "message", given.object("tags")))
    }
    if "payload" in given:
        changes["payload"] = given.object("payload")
        conversation = actor.refer(CONVERSATIONS, row["conversation_id"])
        _check_payload(declarations, conversation, row["type"], changes["payload"])
    return actor.records.touch(MESSAGES, row, **changes)


def _check_payload(declarations: Declarations, conversation: Row, message_type: str, payload: JsonObject) -> None:
    """Make sure that a payload fits its type, where the channel declares the type."""
    require_size(payload, "payload", _PAYLOAD_KILOBYTES)
    for declaration in declarations.integrations:
        channel = declaration.channel(conversation["channel"])
        if channel and declaration.prefix == f"{conversation['alias']}:":
            declared = channel.nested("messages").optional_object(message_type)
            if declared is not None:
                json_schemas.check_data(Fields(declared).object("schema"), payload, "payload")


def _notify(actor: Actor, row: Row, conversation: Row, user: Row) -> None:
    """Let the bot know of a message that came in."""
    if row["direction"] != "incoming":
        return
    bot = actor.bot
    payload: JsonObject = {
        "message": MESSAGE.show_one(bot, row),
        "conversation": CONVERSATION.show_one(bot, conversation),
        "user": USER.show_one(bot, user),
    }
    subjects = {"conversation_id": conversation["id"], "user_id": user["id"], "message_id": row["id"]}
    events.emit(bot, "message_created", payload, **subjects)


def _count(actor: Actor, conversation: Row, difference: int) -> Row:
    count = conversation["message_count"] + difference
    return actor.records.touch(CONVERSATIONS, conversation, message_count=count)


def _become_due(world: World, given: Fields) -> object:
    """Send a scheduled message, unless it or its user was deleted."""
    row = world.records.find(MESSAGES, id=given.string("message"), is_sent=False)
    user = world.records.find(USERS, id=row["user_id"]) if row else None
    if row and user:
        actor, conversation = (
            Actor(world, given.string("bot")),
            world.records.get(CONVERSATIONS, row["conversation_id"]),
        )
        sent = world.records.change(MESSAGES, row, is_sent=True, created_at=world.now)
        _notify(actor, sent, _count(actor, conversation, 1), user)
    return {}


def _list(exchange: Exchange) -> JsonObject:
    query, actor = exchange.query, exchange.actor
    select = tags.having(actor, actor.rows(MESSAGES).where("item.is_sent"), query.object("tags"))
    if conversation_id := query.optional_string("conversationId"):
        select = select.equal("conversation_id", actor.find(CONVERSATIONS, conversation_id)["id"])
    first, last = query.optional_timestamp("afterDate"), query.optional_timestamp("beforeDate")
    return paginate(exchange, "messages", select.between("created_at", first, last), MESSAGE.show)


def _delete(exchange: Exchange) -> JsonObject:
    row = exchange.actor.find(MESSAGES, exchange.path.string("id"))
    exchange.records.remove(MESSAGES, row)
    if row["is_sent"]:
        _count(exchange.actor, exchange.records.get(CONVERSATIONS, row["conversation_id"]), -1)
    return {}


_HANDLERS = tags.TaggedHandlers(MESSAGE, send, get_or_create, change)
RESOURCE = Resource(
    tables=(MESSAGES,),
    operations={
        "listMessages": _list,
        "createMessage": _HANDLERS.create,
        "getOrCreateMessage": _HANDLERS.get_or_create,
        "getMessage": _HANDLERS.get,
        "updateMessage": _HANDLERS.update,
        "deleteMessage": _delete,
    },
    jobs={"message_due": _become_due},
)
