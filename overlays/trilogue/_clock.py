"""Time and chance, handed in so that tests need neither."""

from __future__ import annotations

import random
import time
from typing import Protocol

LONGEST = 1e9
"""Seconds, more than thirty years, that every clock can count; some fail at more."""


class Clock(Protocol):
    """What the client asks of time and chance."""

    def now(self) -> float:
        """Return the seconds since 1970, UTC."""
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
    """The clock of the machine."""

    def now(self) -> float:
        """Return the seconds since 1970, UTC."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(min(seconds, LONGEST))

    async def sleep_async(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        import asyncio  # here, because programs without an event loop need not load it

        await asyncio.sleep(min(seconds, LONGEST))

    def random(self) -> float:
        """Return a number from 0 up to 1, for jitter."""
        return random.random()
