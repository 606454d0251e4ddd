"""What platforms do by themselves and outside the sandbox, such as posting events to webhooks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

POLL_SECONDS = 0.1
"""With a running clock, how often due timers and jobs are looked for."""


class BackgroundJob(Protocol):
    """One thing to do."""

    async def run(self) -> None:
        """Do it, within a bounded time. The sandbox serves requests meanwhile, so do not touch its state here."""
        ...

    def finish(self) -> None:
        """Record the result, in a transaction and with exclusive access."""
        ...


Source: TypeAlias = Callable[[], BackgroundJob | None]
"""Returns the job that is due next, in a transaction; called again when that is finished, until it returns None."""


class BackgroundJobs:
    """One thread for the background jobs of all platforms, which runs one after the other.

    It starts with the first job; with a running clock it starts with the first source, and then timers run when they
    are due, rather than before the next request. `turn` gives a block exclusive access; `report` takes what a job
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
        """Look for jobs now."""
        self._submit(self._run_all())

    def settle(self, seconds: float) -> bool:
        """Wait until no job is left; False if that takes longer."""
        if not self._sources:
            return True
        try:
            self._submit(self._run_all()).result(seconds)
        except (TimeoutError, CancelledError):
            return False
        return True

    def drop_running(self) -> None:
        """Ignore the result of the job that is running, since the state it belongs to is gone."""
        self._epoch += 1
        if self._running is not None:
            self.wake()

    def close(self) -> None:
        """Cancel the job that is running, and end the thread."""
        if self._running is None:
            return
        loop, thread = self._running
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result()
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
            await self._run_all()
            await asyncio.sleep(POLL_SECONDS)

    async def _run_all(self) -> None:
        async with self._one_at_a_time:
            try:
                while await self._run_next():
                    pass
            except Exception as error:  # to continue would run the same job again and again
                self._report(error)

    async def _run_next(self) -> bool:
        with self._turn():
            epoch, job = self._epoch, self._next()
        if job is None:
            return False
        await job.run()
        with self._turn():
            if epoch == self._epoch:
                job.finish()
        return True

    def _next(self) -> BackgroundJob | None:
        return next((job for source in self._sources if (job := source())), None)


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
