"""Time and random numbers, passed in so that tests control both."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Protocol

MAX_SECONDS = 1e9
"""The longest duration, more than thirty years, that every clock can count; some fail at more."""

LAST_SECOND = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()


class Clock(Protocol):
    """What the client needs of time and random numbers."""

    def now(self) -> float:
        """Return the wall-clock time in seconds since 1970, UTC; used for what people and servers name."""
        ...

    def monotonic(self) -> float:
        """Return the seconds of a clock that never goes back; used for durations, from an arbitrary start."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    async def sleep_async(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        ...

    def random(self) -> float:
        """Return a number from 0 up to 1, for jitter."""
        ...


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> float:
        """Return the wall-clock time in seconds since 1970, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Return the seconds of a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(min(seconds, MAX_SECONDS))

    async def sleep_async(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        import asyncio  # here, because programs without an event loop need not load it

        await asyncio.sleep(min(seconds, MAX_SECONDS))

    def random(self) -> float:
        """Return a number from 0 up to 1, for jitter."""
        return random.random()


def to_datetime(seconds: float) -> datetime:
    """Return a wall-clock time as a datetime, UTC; the calendar's last second for anything later."""
    return datetime.fromtimestamp(min(seconds, LAST_SECOND), UTC)
