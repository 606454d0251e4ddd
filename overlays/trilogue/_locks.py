"""A lock for flows."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from ._clock import Clock
from ._http.pools import AsyncHttp, SyncHttp

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from asyncio import Lock as TaskLock


class FlowLock:
    """A step that acquires a lock and gives the function to release it; tasks wait without blocking the event loop."""

    def __init__(self) -> None:
        """Begin unlocked."""
        self._threads = Lock()
        self._tasks: tuple[AbstractEventLoop, TaskLock] | None = None

    def run(self, http: SyncHttp, clock: Clock) -> Callable[[], None]:
        """Acquire it in this thread."""
        self._threads.acquire()
        return self._threads.release

    async def run_async(self, http: AsyncHttp, clock: Clock) -> Callable[[], None]:
        """Acquire it in this event loop."""
        lock = self._lock_of_this_loop()
        await lock.acquire()
        return lock.release

    def _lock_of_this_loop(self) -> TaskLock:
        import asyncio  # here, because programs without an event loop need not load it

        loop = asyncio.get_running_loop()
        if self._tasks is None or self._tasks[0] is not loop:
            self._tasks = loop, asyncio.Lock()
        return self._tasks[1]
