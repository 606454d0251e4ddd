"""Responses without an end: what is published on a channel reaches each stream that is open on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable


class Stream:
    """The body of one response, for its listener to take piece by piece; can be used from several threads.

    `keep_alive` is sent after every 30 seconds without a piece; `on_close` is called when the stream ends.
    """

    def __init__(
        self, channels: Iterable[str], keep_alive: bytes, on_close: Callable[[], object] | None = None
    ) -> None:
        self.channels = frozenset(channels)
        self.keep_alive = keep_alive
        self.on_close: Callable[[], object] | None = None
        self.is_broken = False
        self._pieces: deque[bytes] = deque()
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will come than what can be taken."""
        return self._is_closed

    def add(self, piece: bytes) -> None:
        """Send a piece."""
        if not self._is_closed:
            self._pieces.append(piece)

    def take(self) -> bytes | None:
        """Return what has come, nothing if nothing has; None at the end."""
        if self._pieces:
            return self._pieces.popleft()
        return None if self._is_closed else b""

    def close(self, *, breaks: bool = False) -> None:
        """End the stream, or break its connection."""
        self._is_closed, self.is_broken = True, breaks
        if self.on_close:
            self.on_close()


class Streams:
    """The open streams of a sandbox."""

    def __init__(self) -> None:
        self._open: list[Stream] = []

    def open(self, *channels: str, keep_alive: bytes) -> Stream:
        """Open a stream on some channels."""
        stream = Stream(channels, keep_alive)
        self._open = [*self._listening(), stream]
        return stream

    def publish(self, channel: str, piece: bytes) -> None:
        """Send a piece to all who listen."""
        for stream in self._listening(channel):
            stream.add(piece)

    def close(self, channel: str | None = None, *, breaks: bool = False) -> int:
        """End the streams of a channel, or all; return how many."""
        ended = self._listening(channel)
        for stream in ended:
            stream.close(breaks=breaks)
        return len(ended)

    def _listening(self, channel: str | None = None) -> list[Stream]:
        return [
            stream for stream in self._open if not stream.is_closed and (channel is None or channel in stream.channels)
        ]
