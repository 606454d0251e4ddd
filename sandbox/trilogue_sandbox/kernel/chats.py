"""What a person on the other side sees and does, on every platform alike: chats, over the control plane."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.nearest import nearest_hint
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import Action
from trilogue_sandbox.kernel.timestamps import format_milliseconds
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class Choice:
    """Something that can be tapped below a message: a quick reply, a button, a decision."""

    id: str
    label: str


@attrs.frozen
class ChatMessage:
    """A message as the contact has it. `is_received` is False while it has not reached them, and if it never will.

    `at` is in microseconds since 1970. `status` is in the words of the platform. `code` is the one-time password that
    the message carries.
    """

    id: str
    is_from_contact: bool
    text: str = attrs.field(repr=False)
    at: int
    status: str
    is_received: bool = True
    choices: Sequence[Choice] = ()
    code: str | None = attrs.field(default=None, repr=False)

    @property
    def document(self) -> JsonObject:
        """The message as JSON."""
        choices: list[JsonObject] = [{"id": choice.id, "label": choice.label} for choice in self.choices]
        return {**attrs.asdict(self), "at": format_milliseconds(self.at), "choices": [*choices]}


class Chat(ABC):
    """The chats of one platform. `arguments` have the `contact`, an address, and in whose name the platform acts."""

    scope: str
    """The optional argument that names in whose name, such as `workspace`."""

    reports_reading = False
    """Whether the platform is told what contacts have read."""

    @abstractmethod
    def contacts(self, world: World, arguments: Fields) -> Mapping[str, str]:
        """Return the addresses that there are, and whose they are."""

    @abstractmethod
    def messages(self, world: World, arguments: Fields) -> Sequence[ChatMessage]:
        """Return the latest messages to and from the contact, oldest first; none if nobody has the address."""

    @abstractmethod
    def say(self, world: World, arguments: Fields, text: str) -> object:
        """Let the contact write, which makes the contact if nobody has the address."""

    @abstractmethod
    def tap(self, world: World, arguments: Fields, message: ChatMessage, choice: Choice) -> object:
        """Let the contact tap a choice below a message."""

    def mark_read(self, world: World, arguments: Fields) -> object:
        """Let the contact read all messages that have arrived, where the platform is told of that."""
        raise ControlError("this platform is not told what contacts have read")

    @property
    def actions(self) -> dict[str, Action]:
        """The actions of the control plane."""
        return {
            "list_chats": self._list,
            "show_chat": self._show,
            "say": self._say,
            "tap": self._tap,
            "mark_read": self._mark_read,
        }

    def _list(self, world: World, arguments: Fields) -> object:
        """Return the contacts, and whether the platform is told what they have read."""
        arguments.only(self.scope)
        chats = [{"contact": key, "name": name} for key, name in self.contacts(world, arguments).items()]
        return {"chats": chats, "reports_reading": self.reports_reading}

    def _show(self, world: World, arguments: Fields) -> object:
        """Return the messages of a contact."""
        arguments.only("contact", self.scope)
        return self._document(world, arguments)

    def _say(self, world: World, arguments: Fields) -> object:
        """Send a text as the contact, and return their messages."""
        arguments.only("contact", "text", self.scope)
        self.say(world, arguments, arguments.string("text"))
        return self._document(world, arguments)

    def _tap(self, world: World, arguments: Fields) -> object:
        """Tap a quick reply or a button of a message, and return the messages."""
        arguments.only("contact", "message", "choice", self.scope)
        message = self._find_message(world, arguments)
        wanted = arguments.string("choice")
        choice = next((choice for choice in message.choices if wanted in (choice.id, choice.label)), None)
        if choice is None:
            hint = nearest_hint(wanted, [choice.label for choice in message.choices])
            raise ControlError(f"`choice`: the message offers no {wanted!r}{hint}", "choice")
        if not message.is_received:
            raise ControlError(f"`message`: it has not arrived, it is {message.status}", "message")
        self.tap(world, arguments, message, choice)
        return self._document(world, arguments)

    def _mark_read(self, world: World, arguments: Fields) -> object:
        """Read what has arrived, and return the messages."""
        arguments.only("contact", self.scope)
        self.mark_read(world, arguments)
        return self._document(world, arguments)

    def _find_message(self, world: World, arguments: Fields) -> ChatMessage:
        wanted = arguments.string("message")
        found = next((message for message in self.messages(world, arguments) if message.id == wanted), None)
        if found is None:
            raise ControlError(f"`message`: the chat has no message {wanted!r}", "message")
        return found

    def _document(self, world: World, arguments: Fields) -> JsonObject:
        messages: list[JsonObject] = [message.document for message in self.messages(world, arguments)]
        return {"contact": arguments.string("contact"), "messages": [*messages]}


LATEST = 200
"""How many messages a chat shows."""
