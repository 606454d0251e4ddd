"""Server-sent events: how they are parsed, and those of a response that is still being received."""

from __future__ import annotations

import os
import re
import socket
from collections import deque
from collections.abc import AsyncIterable, Iterable, Iterator
from contextlib import AsyncExitStack, ExitStack, suppress
from typing import Any

from .bodies import Incoming
from .failures import ErrorTranslation
from .messages import HttpResponse

LINE_END = re.compile(rb"\r\n|\n|\r")


class EventParser:
    """Finds the data of the events in the parts of a stream, as the HTML standard says; other fields are left out."""

    def __init__(self) -> None:
        """Begin a stream."""
        self._rest = b""
        self._lines: list[str] = []
        self._ends_with_return = False
        self._is_first_line = True

    def feed(self, part: bytes) -> Iterator[str]:
        """Yield the data of the events that a part completes."""
        if not part:
            return
        if self._ends_with_return:
            part = part.removeprefix(b"\n")
        self._ends_with_return = part.endswith(b"\r")
        *lines, self._rest = LINE_END.split(self._rest + part)
        for line in lines:
            yield from self._read(line.decode("utf-8", "replace"))

    def _read(self, line: str) -> Iterator[str]:
        if self._is_first_line:
            line, self._is_first_line = line.removeprefix("\ufeff"), False
        name, _, value = line.partition(":")
        if name == "data":
            self._lines.append(value.removeprefix(" "))
        elif not line and self._lines:
            yield "\n".join(self._lines)
            self._lines = []


class _Events:
    """What sync and async events share."""

    def __init__(self, response: Incoming[Any], *, is_direct: bool) -> None:
        self.is_closed = False
        self._network = response.network
        self._decoder = response.decoder()
        self._is_direct = is_direct
        self._parser = EventParser()
        self._data: deque[str] = deque()

    def _add(self, part: bytes) -> None:
        self._data.extend(self._parser.feed(part if self._decoder is None else self._decoder.decode(part)))


class SyncEvents(_Events):
    """The events of one response, for threads."""

    def __init__(self, response: Incoming[Iterable[bytes]], resources: ExitStack, *, is_direct: bool) -> None:
        """Receive what follows the head of a response; `resources` are released in the end."""
        super().__init__(response, is_direct=is_direct)
        self._resources = resources
        self._parts = iter(response.parts)
        self._process = os.getpid()

    def receive(self) -> str | None:
        """Wait for the data of the next event; None where the stream has ended.

        Raises:
            MaybeSent: the connection broke, or was silent for too long.
        """
        while not self._data:
            with ErrorTranslation("", self._is_direct):
                part = next(self._parts, None)
                if part is None:
                    return None
                self._add(part)
        return self._data.popleft()

    def interrupt(self) -> None:
        """Let a thread that waits for an event go on; a forked process leaves the connection to the other."""
        self.is_closed = True
        if self._process != os.getpid():
            return
        if self._network is None:
            self._resources.close()
            return
        with suppress(OSError):  # closed already; to close it while another thread reads would not wake that
            self._network.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        self.is_closed = True
        self._resources.__exit__(GeneratorExit, GeneratorExit(), None)  # as after an error: it cannot be used again


class AsyncEvents(_Events):
    """`SyncEvents` for asyncio."""

    def __init__(self, response: Incoming[AsyncIterable[bytes]], resources: AsyncExitStack, *, is_direct: bool) -> None:
        """Receive what follows the head of a response; `resources` are released in the end."""
        super().__init__(response, is_direct=is_direct)
        self._resources = resources
        self._parts = aiter(response.parts)

    async def receive(self) -> str | None:
        """Wait for the data of the next event; see `SyncEvents.receive`."""
        while not self._data:
            with ErrorTranslation("", self._is_direct):
                part = await anext(self._parts, None)
                if part is None:
                    return None
                self._add(part)
        return self._data.popleft()

    async def close(self) -> None:
        """Close the connection."""
        self.is_closed = True
        await self._resources.__aexit__(GeneratorExit, GeneratorExit(), None)


class OpenResponse(HttpResponse, frozen=True):
    """A successful response whose body is being received."""

    events: SyncEvents | AsyncEvents | None = None
