"""Finds the signals that a stream missed while it was not connected.

The platform sends no signal again and numbers none. What it lists tells what happened meanwhile: new and deleted
messages, and who takes part. Custom events are not listed anywhere, so those are lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen
from trilogue_generated.botpress_chat import models as m
from trilogue_generated.botpress_chat.operations import conversations_participants, messages

from .._core import Core
from .._flow import Flow
from .._pagination.iteration import Iteration
from .._sending import send
from .._serialization.arguments import serialize

REMEMBERED = 1000
"""Messages, the latest ones, whose deletion is noticed; a conversation of years does not fill the memory."""


@frozen
class _Message:
    created_at: datetime
    user_id: str


class MissedSignals:
    """Compares what the platform lists with what is known from the stream."""

    def __init__(self, core: Core, arguments: Mapping[str, Any]) -> None:
        """Look at the conversation that the stream listens to."""
        self._core = core
        self._conversation: str = arguments["id"]
        self._messages: dict[str, _Message] = {}
        self._deleted: set[str] = set()
        self._participants: set[str] = set()
        self._bots: set[str] = set()

    def begin(self) -> Flow[None]:
        """Note the latest messages and the participants."""
        self._participants = yield from self._list_participants()
        iteration = self._iterate(messages.LIST)
        yield from self._fetch(iteration)
        for message in reversed(iteration.rest_of_page().items):
            self._remember(message.id, message.created_at, message.user_id)

    def catch_up(self) -> Flow[list[Any]]:
        """Return the data of the signals that would have come, each kind oldest first."""
        participants = yield from self._list_participants()
        listed = yield from self._list_messages()
        return [
            *(self._participant("participant_added", each) for each in sorted(participants - self._participants)),
            *(self._created(each, participants) for each in reversed(listed) if each.id not in self._messages),
            *self._deletions(listed),
            *(self._participant("participant_removed", each) for each in sorted(self._participants - participants)),
        ]

    def is_new(self, item: Any) -> bool:
        """Return whether a signal was not there before, and remember it."""
        match item:
            case m.MessageCreated(data=m.SignalledMessage() as message):
                is_new = message.id not in self._messages
                self._bots |= {message.user_id} if message.is_bot else set()
                self._remember(message.id, message.created_at, message.user_id)
            case m.MessageDeleted(data=m.SignalledDeletion(id=deleted)):
                is_new = deleted not in self._deleted
                self._deleted.add(deleted)
            case m.ParticipantAdded(data=m.SignalledParticipant(participant_id=user)):
                is_new = user not in self._participants
                self._participants.add(user)
            case m.ParticipantRemoved(data=m.SignalledParticipant(participant_id=user)):
                is_new = user in self._participants
                self._participants.discard(user)
            case _:
                is_new = True
        return is_new

    def _remember(self, id: str, created_at: datetime, user_id: str) -> None:
        self._messages[id] = _Message(created_at, user_id)
        if len(self._messages) > REMEMBERED:
            del self._messages[next(iter(self._messages))]

    @property
    def _since(self) -> datetime | None:
        """When the oldest message that is known was created; all older ones are known too."""
        return min((message.created_at for message in self._messages.values()), default=None)

    def _list_messages(self) -> Flow[list[m.Message]]:
        """Return the messages since the oldest that is known, newest first."""
        listed: list[m.Message] = []
        since, iteration = self._since, self._iterate(messages.LIST)
        while iteration.needs_page:
            yield from self._fetch(iteration)
            page = iteration.rest_of_page().items
            recent = [message for message in page if since is None or message.created_at >= since]
            listed += recent
            if len(recent) < len(page):
                break
        return listed

    def _list_participants(self) -> Flow[set[str]]:
        ids: set[str] = set()
        iteration = self._iterate(conversations_participants.LIST)
        while iteration.needs_page:
            yield from self._fetch(iteration)
            ids |= {user.id for user in iteration.rest_of_page().items}
        return ids

    def _iterate(self, operation: Any) -> Iteration[Any]:
        return Iteration(self._core, operation, serialize(operation, {"conversation_id": self._conversation}))

    def _fetch(self, iteration: Iteration[Any]) -> Flow[None]:
        iteration.read_page((yield from send(iteration.prepare_page(), self._core)))

    def _created(self, message: m.Message, participants: set[str]) -> Any:
        """Return the signal of a message; one whose sender is no participant is the bot's."""
        is_bot = message.user_id in self._bots or message.user_id not in participants | self._participants
        return {"type": "message_created", "data": {**message.to_dict(), "isBot": is_bot}}

    def _deletions(self, listed: list[m.Message]) -> Iterator[Any]:
        present = {message.id for message in listed}
        for id, message in self._messages.items():
            if id not in present and id not in self._deleted:
                data = {"id": id, "conversationId": self._conversation, "userId": message.user_id}
                yield {"type": "message_deleted", "data": data}

    def _participant(self, type: str, user_id: str) -> Any:
        return {"type": type, "data": {"conversationId": self._conversation, "participantId": user_id}}
