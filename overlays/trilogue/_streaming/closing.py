"""Waits that end when their stream is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .._clock import Clock

LOOK_INTERVAL = 0.1
"""Seconds between two looks of a wait at whether the stream is closed; a clock sleeps, and cannot be woken."""


class StreamClosed(Exception):
    """The stream was closed while it waited."""


class ClosableClock:
    """A clock whose sleep ends with `StreamClosed` once a stream is closed."""

    def __init__(self, clock: Clock, is_closed: Callable[[], bool]) -> None:
        """Sleep by `clock`, and ask `is_closed`."""
        self._clock, self._is_closed = clock, is_closed
        self.now, self.monotonic, self.random = clock.now, clock.monotonic, clock.random

    def sleep(self, seconds: float) -> None:
        """Wait."""
        for part in self._slices(seconds):
            self._clock.sleep(part)

    async def sleep_async(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        for part in self._slices(seconds):
            await self._clock.sleep_async(part)

    def _slices(self, seconds: float) -> Iterator[float]:
        end = self._clock.monotonic() + seconds
        while (left := end - self._clock.monotonic()) > 0:
            if self._is_closed():
                raise StreamClosed
            yield min(left, LOOK_INTERVAL)
