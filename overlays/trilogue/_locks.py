"""A lock for flows, shared by threads and by the tasks of any event loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError

from ._clock import Clock
from ._forks import ProcessLock, renew_in_children
from ._http.senders import AsyncHttp, SyncHttp
from ._records import Record

Release = Callable[[], None]


class FlowLock:
    """A fair lock: whoever releases it hands it to the one who has waited longest. A forked process finds it free."""

    def __init__(self) -> None:
        """Begin unlocked."""
        self._guard = ProcessLock()
        self.renew()
        renew_in_children(self)

    def renew(self) -> None:
        """Unlock it."""
        self.is_held = False
        self._waiting: deque[Future[None]] = deque()

    def acquire(self, seconds: float) -> Acquire:
        """Return the step that acquires it within `seconds`; gives the function to release it, None if it is late."""
        return Acquire(self, seconds)

    def queue(self) -> Future[None]:
        """Return a future that is done once the caller holds the lock."""
        turn = Future[None]()
        with self._guard:
            if self.is_held:
                self._waiting.append(turn)
                return turn
            self.is_held = True
        turn.set_result(None)
        return turn

    def leave(self, turn: Future[None]) -> None:
        """Wait no longer, and pass on the lock if it came meanwhile."""
        if not turn.cancel():
            self.release()

    def release(self) -> None:
        """Hand the lock to the next in the queue, if there is one."""
        while True:
            with self._guard:
                if not self._waiting:
                    self.is_held = False
                    return
                turn = self._waiting.popleft()
            if turn.set_running_or_notify_cancel():
                turn.set_result(None)
                return


class Acquire(Record, frozen=True):
    """The step that acquires a lock."""

    lock: FlowLock
    seconds: float

    def run(self, http: SyncHttp, clock: Clock) -> Release | None:
        """Wait in this thread."""
        turn = self.lock.queue()
        try:
            turn.result(min(self.seconds, LONGEST_WAIT))
        except FutureTimeoutError:
            self.lock.leave(turn)
            return None
        except BaseException:
            self.lock.leave(turn)
            raise
        return self.lock.release

    async def run_async(self, http: AsyncHttp, clock: Clock) -> Release | None:
        """Wait without blocking the event loop."""
        import asyncio  # here, because programs without an event loop need not load it

        turn = self.lock.queue()
        try:
            async with asyncio.timeout(min(self.seconds, LONGEST_WAIT)):
                await asyncio.wrap_future(turn)
        except TimeoutError:
            self.lock.leave(turn)
            return None
        except BaseException:
            self.lock.leave(turn)
            raise
        return self.lock.release


LONGEST_WAIT = 1e6
"""Seconds; some systems cannot wait longer at a time."""
