"""What platforms do of their own accord and outside the sandbox, such as posting events to webhooks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

POLL_SECONDS = 0.1
"""With a running clock, how often it is looked whether something has fallen due."""


class BackgroundJob(Protocol):
    """One thing to do."""

    async def run(self) -> None:
        """Do it, within a bounded time. The sandbox answers others meanwhile, so nothing of it may be touched here."""
        ...

    def finish(self) -> None:
        """Write down what came of it, in a transaction and with the sandbox to itself."""
        ...


Source: TypeAlias = Callable[[], BackgroundJob | None]
"""Returns what is due next, in a transaction. It is asked again when that is finished, until nothing is left."""


class BackgroundJobs:
    """One thread for the background jobs of all platforms, which does one after the other.

    It starts with the first job; with a running clock it starts with the first source, and then timers run when they
    are due, rather than before the next request. `turn` gives a block the sandbox to itself; `report` takes what a job
    raised, which is a defect.
    """

    def __init__(
        self,
        turn: Callable[[], AbstractContextManager[None]],
        report: Callable[[Exception], object],
        *,
        real_time: bool,
    ) -> None:
        self._turn = turn
        self._report = report
        self._real_time = real_time
        self._sources: list[Source] = []
        self._epoch = 0
        self._one_at_a_time = asyncio.Lock()
        self._starting = threading.Lock()
        self._running: tuple[asyncio.AbstractEventLoop, threading.Thread] | None = None

    def add_source(self, source: Source) -> None:
        """Ask a platform for background jobs from now on."""
        self._sources.append(source)
        if self._real_time and len(self._sources) == 1:
            self._submit(self._poll())

    def wake(self) -> None:
        """Say that there is something to do."""
        self._submit(self._work_off())

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is left to do; False if that takes longer."""
        if not self._sources:
            return True
        try:
            self._submit(self._work_off()).result(seconds)
        except (TimeoutError, CancelledError):
            return False
        return True

    def begin_anew(self) -> None:
        """Forget the background job that is under way, since the world it belongs to is gone."""
        self._epoch += 1
        if self._running is not None:
            self.wake()

    def close(self) -> None:
        """Break off what is under way, and end the thread."""
        if self._running is None:
            return
        loop, thread = self._running
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        self._running = None

    def _submit(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        with self._starting:
            if self._running is None:
                loop = asyncio.new_event_loop()
                thread = threading.Thread(target=loop.run_forever, name="trilogue-background-jobs", daemon=True)
                thread.start()
                self._running = loop, thread
            return asyncio.run_coroutine_threadsafe(work, self._running[0])

    async def _poll(self) -> None:
        while True:
            await self._work_off()
            await asyncio.sleep(POLL_SECONDS)

    async def _work_off(self) -> None:
        async with self._one_at_a_time:
            try:
                while await self._do_next():
                    pass
            except Exception as error:  # to go on would be to do the same background job again and again
                self._report(error)

    async def _do_next(self) -> bool:
        with self._turn():
            epoch, background_job = self._epoch, self._next()
        if background_job is None:
            return False
        await background_job.run()
        with self._turn():
            if epoch == self._epoch:
                background_job.finish()
        return True

    def _next(self) -> BackgroundJob | None:
        return next((background_job for source in self._sources if (background_job := source())), None)


async def _end_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
