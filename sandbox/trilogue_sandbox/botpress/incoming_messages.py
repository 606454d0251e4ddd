"""Several messages, or all that belongs to one, in a single call."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import arguments, conversations, messages, participants, seeding, users
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError, PartialError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import Installation
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World


def _initialize(call: Call) -> JsonObject:
    if call.installation is None:
        raise ApiError("Forbidden", "only an integration can do this; send x-integration-id")
    user, conversation = _user(call.actor, call.body), _conversation(call.actor, call.body)
    participants.add(call.actor, conversation["id"], user["id"])
    answer: JsonObject = {}
    if "message" in call.body:
        parties: JsonObject = {"userId": user["id"], "conversationId": conversation["id"]}
        row = _message(call.actor, Fields({**call.body.object("message"), **parties}))
        answer = {"message": messages.show(call.actor, row)}
    conversation = conversations.refer(call.actor, conversation["id"])  # the message has changed it
    shown = conversations.show(call.actor, conversation)
    return {"user": users.show(call.actor, user), "conversation": shown, **answer}


def _user(actor: Actor, given: Fields) -> sqlite3.Row:
    """Return the user that is named or described; where both are given, the id decides."""
    _require_any(given, "userId", "user")
    if "userId" in given:
        return users.refer(actor, given.text("userId"))
    described = given.below("user")
    return users.get_or_create(actor, described)[0] if _is_searched(described) else users.create(actor, described)


def _conversation(actor: Actor, given: Fields) -> sqlite3.Row:
    _require_any(given, "conversationId", "conversation")
    if "conversationId" in given:
        return conversations.refer(actor, given.text("conversationId"))
    described = given.below("conversation")
    if _is_searched(described):
        return conversations.get_or_create(actor, described)[0]
    return conversations.create(actor, described)


def _message(actor: Actor, given: Fields) -> sqlite3.Row:
    return messages.get_or_create(actor, given)[0] if _is_searched(given) else messages.say(actor, given)


def _is_searched(given: Fields) -> bool:
    """Whether something is looked for at all: by at least one tag."""
    return bool(given.texts("discriminateByTags")) and bool(given.object("tags"))


def _require_any(given: Fields, by_id: str, described: str) -> None:
    if by_id not in given and described not in given:
        raise ApiError("InvalidPayload", f"give {by_id} or {described}")


def _import(call: Call) -> JsonObject:
    resolved: list[Json] = []
    failures: list[tuple[Fields, ApiError]] = []
    for given in call.body.objects("messages"):
        try:
            with call.store.transaction():
                resolved.append(messages.show(call.actor, _import_one(call.actor, given)))
        except ApiError as refused:
            failures.append((given, refused))
    if failures:
        raise _partly_failed(resolved, failures)
    return {"messages": resolved}


def _import_one(actor: Actor, given: Fields) -> sqlite3.Row:
    conversation = conversations.refer(actor, given.text("conversationId"))
    row = messages.find_same(actor, conversation["id"], given) if _is_searched(given) else None
    if row is not None:
        return messages.change(actor, row, given)
    return messages.keep(actor, given, given.optional_moment("createdAt"))


def _partly_failed(resolved: list[Json], failures: list[tuple[Fields, ApiError]]) -> PartialError:
    """Return the error of an import of which some has failed; what has not stays imported."""
    first = failures[0][1]
    failed: list[Json] = [
        {"message": given.values, "error": {"type": refused.error_type, "message": refused.message}}
        for given, refused in failures
    ]
    total = len(resolved) + len(failed)
    return PartialError(
        first.error_type,
        f"{len(failed)} of {total} messages could not be imported; the first: {first.message}",
        {"resolvedMessages": resolved, "failedMessages": failed},
    )


def _receive(world: World, given: JsonObject) -> object:
    """Let a person write: `text`, or `type` and `payload`, in the chat `chat`, called `name`.

    Comes in through the integration telegram of `bot`, which finds or makes the user and the conversation by the number
    of the chat.
    """
    chat, name = arguments.text(given, "chat", "5551234"), arguments.text(given, "name", "Ben")
    actor = _telegram(world, arguments.text(given, "bot", seeding.BOT_ID))
    known: JsonObject = {"tags": {"id": chat}, "discriminateByTags": ["id"]}
    user, _ = users.get_or_create(actor, Fields({**known, "name": name}))
    conversation, _ = conversations.get_or_create(actor, Fields({**known, "channel": "channel"}))
    said: JsonObject = {
        "userId": user["id"],
        "conversationId": conversation["id"],
        "type": arguments.text(given, "type", "text"),
        "payload": arguments.mapping(given, "payload") or {"text": arguments.text(given, "text")},
    }
    message = messages.say(actor, Fields(said))
    return {"message": message["id"], "conversation": conversation["id"], "user": user["id"]}


def _telegram(world: World, bot_id: str) -> Actor:
    installed = world.store.one(
        "SELECT alias FROM botpress_installations WHERE bot_id = ? AND integration_id = ?",
        *(bot_id, seeding.INTEGRATION_ID),
    )
    if installed is None:
        raise ControlError(f"the integration telegram is not installed in the bot {bot_id!r}", "bot")
    return Actor(world, bot_id, Installation(seeding.INTEGRATION_ID, "telegram", installed["alias"]))


RESOURCE = Resource(
    handlers={"initializeIncomingMessage": _initialize, "importMessages": _import},
    actions={"receive": _receive},
)
