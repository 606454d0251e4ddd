"""Several messages, or all that belongs to one, in a single request."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import conversations, credentials, messages, participants, users
from trilogue_sandbox.botpress.bot_tables import INSTALLATIONS
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS
from trilogue_sandbox.botpress.conversations import CONVERSATION
from trilogue_sandbox.botpress.declarations import Declarations
from trilogue_sandbox.botpress.errors import ApiError, PartialError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Installation, Resource, noun
from trilogue_sandbox.botpress.messages import MESSAGE
from trilogue_sandbox.botpress.tags import TaggedHandlers
from trilogue_sandbox.botpress.users import USER
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World


def _initialize(exchange: Exchange) -> JsonObject:
    actor, body = exchange.actor, exchange.body
    if actor.installation is None:
        raise ApiError("Forbidden", "only an integration can do this; send x-integration-id")
    declarations = Declarations.of(actor)
    user, conversation = (_party(declarations, body, handlers) for handlers in (users.HANDLERS, conversations.HANDLERS))
    participants.add(actor, conversation["id"], user["id"])
    response: JsonObject = {"user": USER.show_one(actor, user)}
    if "message" in body:
        parties: JsonObject = {"userId": user["id"], "conversationId": conversation["id"]}
        given = attrs.evolve(body, values={**body.object("message"), **parties})
        find = messages.get_or_create(declarations, given)[0] if _is_searched(given) else None
        response["message"] = MESSAGE.show_one(actor, find or messages.send(declarations, given))
    changed = actor.refer(CONVERSATIONS, conversation["id"])  # by the message
    return {**response, "conversation": CONVERSATION.show_one(actor, changed)}


def _party(declarations: Declarations, given: Fields, handlers: TaggedHandlers) -> Row:
    """Return the user or conversation that is named or described; where both are given, the id decides."""
    table = handlers.view.table
    name = noun(table)
    if f"{name}Id" in given:
        return declarations.actor.refer(table, given.string(f"{name}Id"))
    if name not in given:
        raise ApiError("InvalidPayload", f"give {name}Id or {name}")
    described = given.nested(name)
    if _is_searched(described):
        return handlers.get_or_add(declarations, described)[0]
    return handlers.add(declarations, described)


def _is_searched(given: Fields) -> bool:
    """Whether something is looked for at all: by at least one tag."""
    return bool(given.strings("discriminateByTags")) and bool(given.object("tags"))


def _import(exchange: Exchange) -> JsonObject:
    declarations, imported = Declarations.of(exchange.actor), list[Json]()
    failures: list[tuple[Fields, ApiError]] = []
    for given in exchange.body.objects("messages"):
        try:
            with exchange.actor.store.transaction():
                imported.append(MESSAGE.show_one(exchange.actor, _import_one(declarations, given)))
        except ApiError as error:
            failures.append((given, error))
    if failures:
        raise _partly_failed(imported, failures)
    return {"messages": imported}


def _import_one(declarations: Declarations, given: Fields) -> Row:
    conversation = declarations.actor.refer(CONVERSATIONS, given.string("conversationId"))
    row = messages.find_same(declarations, conversation["id"], given) if _is_searched(given) else None
    if row is not None:
        return messages.change(declarations, row, given)
    return messages.add(declarations, given, given.optional_timestamp("createdAt") or declarations.actor.now)


def _partly_failed(imported: list[Json], failures: list[tuple[Fields, ApiError]]) -> PartialError:
    """Return the error of an import of which some has failed; what has not stays imported."""
    first = failures[0][1]
    failed: list[Json] = [
        {"message": given.values, "error": {"type": error.error_type, "message": error.message}}
        for given, error in failures
    ]
    total = len(imported) + len(failed)
    return PartialError(
        first.error_type,
        f"{len(failed)} of {total} messages could not be imported; the first: {first.message}",
        {"resolvedMessages": imported, "failedMessages": failed},
    )


def receive(world: World, given: Fields) -> object:
    """Let a person write: `text`, or `type` and `payload`, in the chat `chat`, called `name`.

    The message comes in through the integration telegram of `bot`, which finds or creates the user and the conversation
    by the number of the chat.
    """
    bot_id = given.string("bot", credentials.BOT_ID)
    installed = world.records.find(INSTALLATIONS, bot_id=bot_id, integration_id=credentials.INTEGRATION_ID)
    if installed is None:
        raise ControlError(f"the integration telegram is not installed in the bot {bot_id!r}", "bot")
    installation = Installation(credentials.INTEGRATION_ID, "telegram", installed["alias"])
    declarations = Declarations.of(Actor(world, bot_id, installation))
    chat, name = given.string("chat", "5551234"), given.string("name", "Ben")
    known: JsonObject = {"tags": {"id": chat}, "discriminateByTags": ["id"]}
    user, _ = users.get_or_create(declarations, Fields({**known, "name": name}))
    conversation, _ = conversations.get_or_create(declarations, Fields({**known, "channel": "channel"}))
    message: JsonObject = {
        "userId": user["id"],
        "conversationId": conversation["id"],
        "type": given.string("type", "text"),
        "payload": given.object("payload") or {"text": given.string("text")},
    }
    sent = messages.send(declarations, Fields(message))
    return {"message": sent["id"], "conversation": conversation["id"], "user": user["id"]}


RESOURCE = Resource(
    operations={"initializeIncomingMessage": _initialize, "importMessages": _import}, actions={"receive": receive}
)
