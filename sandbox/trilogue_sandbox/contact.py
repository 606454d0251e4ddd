"""A person on the other side, for tests: what they write, tap and see."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from trilogue_sandbox.kernel.chats import Choice
from trilogue_sandbox.kernel.http import Json

if TYPE_CHECKING:
    from trilogue_sandbox.kernel.engine import Engine

WITHIN = 60.0
"""Seconds of the sandbox's clock that a contact waits for a message."""

_STEP = timedelta(milliseconds=500)
_POLL_SECONDS = 0.05


@attrs.frozen
class ChatMessage:
    """A message to or from a contact; `is_received` is False while it has not reached them, and if it never will."""

    id: str
    is_from_contact: bool
    text: str
    at: str
    status: str
    is_received: bool
    choices: Sequence[Choice] = ()
    code: str | None = attrs.field(default=None, repr=False)

    @property
    def labels(self) -> list[str]:
        """What can be tapped."""
        return [choice.label for choice in self.choices]

    def __str__(self) -> str:
        sender = "contact" if self.is_from_contact else "platform"
        choices = f" [{' | '.join(self.labels)}]" if self.choices else ""
        return f"{self.at}  {sender:<8}  {self.text}{choices}  ({self.status})"


class Contact:
    """A person on the other side of a platform, named by an address such as `tel:+250788123123`.

    Whoever has the address, or else somebody new once they write. While they wait, the clock of the sandbox moves; one
    that follows the real time is waited for with `sleep`. `options` say with whom they write: the `workspace`, `bot` or
    `client_id`; by default, that of the first account.
    """

    def __init__(
        self,
        sandbox: Engine,
        platform: str,
        address: str,
        options: dict[str, str] | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.address = address
        self._sandbox = sandbox
        self._platform = platform
        self._options = options or {}
        self._sleep = sleep
        self._seen: set[str] = set()

    def __repr__(self) -> str:
        return f"Contact({self._platform!r})"

    @property
    def messages(self) -> list[ChatMessage]:
        """The latest messages to and from the contact, oldest first."""
        return msgspec.convert(self._act("show_chat")["messages"], list[ChatMessage])

    @property
    def transcript(self) -> str:
        """The chat as text, a line for each message."""
        lines = [str(message) for message in self.messages] or ["no messages"]
        return "\n".join([f"{self.address} on {self._platform}:", *(f"  {line}" for line in lines)])

    def says(self, text: str) -> None:
        """Write a message.

        Raises:
            ControlError: it cannot come in, since the address is wrong or no channel reaches it.
        """
        self._act("say", text=text)

    def sees(self, text: str, within: float = WITHIN) -> ChatMessage:
        """Wait for a message with these words, at most `within` seconds of the sandbox's clock, and return it.

        Counted are messages that came after the contact last wrote or tapped, each of them once.

        Raises:
            AssertionError: none came; the error has the transcript.
        """
        __tracebackhide__ = True
        seen = self._await(lambda: _first(self._unseen(), lambda message: text in message.text), repr(text), within)
        self._seen.add(seen.id)
        return seen

    def taps(self, label: str, within: float = WITHIN) -> None:
        """Tap the quick reply, button or other choice below the latest message that offers it, once that has arrived.

        Raises:
            AssertionError: it does not arrive, or no message offers it; the error has the transcript.
        """
        __tracebackhide__ = True
        message = self._await(lambda: self._latest(lambda message: label in message.labels), repr(label), within)
        self._act("tap", message=message.id, choice=label)

    def reads(self) -> None:
        """Read what has arrived, where the platform is told of that.

        Raises:
            ControlError: the platform is not told.
        """
        self._act("mark_read")

    def approves_login(self, within: float = WITHIN) -> None:
        """Approve the latest login; see `taps`."""
        __tracebackhide__ = True
        self.taps("Approve", within)

    def denies_login(self, within: float = WITHIN) -> None:
        """Deny the latest login; see `taps`."""
        __tracebackhide__ = True
        self.taps("Deny", within)

    def pays(self, within: float = WITHIN) -> None:
        """Pay what was asked for last; see `taps`."""
        __tracebackhide__ = True
        self.taps("Pay", within)

    def declines_payment(self, within: float = WITHIN) -> None:
        """Have the payment declined that was asked for last; see `taps`."""
        __tracebackhide__ = True
        self.taps("Decline", within)

    def reads_otp(self, within: float = WITHIN) -> str:
        """Return the code of the latest one-time password, once that has arrived.

        Raises:
            AssertionError: it does not arrive, or there is none; the error has the transcript.
        """
        __tracebackhide__ = True
        message = self._await(lambda: self._latest(lambda message: message.code), "one-time password", within)
        return str(message.code)

    def _latest(self, fits: Callable[[ChatMessage], object]) -> ChatMessage | None:
        """Return the latest message of the platform that fits, or None while it has not arrived."""
        sent = [message for message in reversed(self.messages) if not message.is_from_contact]
        found = _first(sent, fits)
        return found if found and found.is_received else None

    def _unseen(self) -> list[ChatMessage]:
        """Return what has arrived since the contact last wrote and was not seen yet, oldest first."""
        latest = list(takewhile(lambda message: not message.is_from_contact, reversed(self.messages)))
        return [message for message in reversed(latest) if message.is_received and message.id not in self._seen]

    def _await(self, find: Callable[[], ChatMessage | None], what: str, within: float) -> ChatMessage:
        __tracebackhide__ = True
        for _ in self._wait(timedelta(seconds=within)):
            if found := find():
                return found
        raise AssertionError(f"{self.address} saw no {what} within {within:g} seconds\n{self.transcript}")

    def _wait(self, within: timedelta) -> Iterator[None]:
        """Yield now and whenever some time has passed, up to a limit."""
        end = self._sandbox.now() + within
        while True:
            self._sandbox.settle()
            yield
            if (left := end - self._sandbox.now()) <= timedelta(0):
                return
            if self._sandbox.is_real_time:
                self._sleep(_POLL_SECONDS)
            else:
                self._sandbox.advance(min(_STEP, left))

    def _act(self, action: str, **arguments: Json) -> dict[str, Any]:
        given: dict[str, Json] = {"contact": self.address, **self._options, **arguments}
        result: dict[str, Any] = msgspec.to_builtins(self._sandbox.control(self._platform, action, given))
        return result


def _first(messages: list[ChatMessage], fits: Callable[[ChatMessage], object]) -> ChatMessage | None:
    return next((message for message in messages if fits(message)), None)
