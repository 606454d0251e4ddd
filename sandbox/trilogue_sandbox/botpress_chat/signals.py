"""Signals: what those who listen to a conversation are told."""

from __future__ import annotations

import msgspec

from trilogue_sandbox.botpress_chat.caller import Exchange, Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.world import World

_KEEP_ALIVE = b"event: message\ndata: ping\n\n"


def send(world: World, conversation_id: str, type: str, data: JsonObject) -> None:
    """Tell all who listen to a conversation, once what happened is sure to last."""
    signal: JsonObject = {"type": type, "data": data}
    violations = world.description.check("Signal", signal, "signal")
    assert not violations, violations
    piece = b"event: message\ndata: %b\n\n" % msgspec.json.encode(signal)
    world.store.after_commit(lambda: world.streams.publish(_channel(conversation_id), piece))


def end(world: World, id: str) -> None:
    """End the streams of a conversation or a user."""
    world.store.after_commit(lambda: world.streams.close(_channel(id)))


def _listen(exchange: Exchange) -> Response:
    conversation_id, user_id = exchange.path.string("id"), exchange.context.user_id
    exchange.context.require_participant(conversation_id, "You are not a participant in this conversation")
    channels = (_channel(conversation_id), _channel(user_id))
    stream = exchange.world.streams.open(*channels, keep_alive=_KEEP_ALIVE)
    return Response(200, {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}, stream=stream)


def _end_streams(world: World, given: Fields) -> Json:
    """End the streams of `conversation_id`, or all; with `break`, as where a connection fails. Return how many."""
    conversation_id = given.optional_string("conversation_id")
    channel = None if conversation_id is None else _channel(conversation_id)
    return world.streams.close(channel, breaks=given.boolean("break"))


def _channel(id: str) -> str:
    return f"botpress_chat/{id}"


RESOURCE = Resource(operations={"listenConversation": _listen}, actions={"end_streams": _end_streams})
