"""Steps that sync and async code share, and the drivers that carry them out.

The logic of a call is a generator of steps, as in httpx's auth flow: it yields what is to be done and receives the
outcome, so that one body serves threads and asyncio.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from typing import Any, Protocol, TypeVar

from ._clock import Clock
from ._http.failures import MaybeSent, NeverSent
from ._http.messages import HttpRequest, HttpResponse
from ._http.senders import AsyncHttp, SyncHttp
from .errors import TrilogueError

Result = TypeVar("Result")


class Step(Protocol):
    """One thing to do; the flow receives what it returns, or what it raises."""

    def run(self, http: SyncHttp, clock: Clock) -> Any:
        """Do it in this thread."""
        ...

    def run_async(self, http: AsyncHttp, clock: Clock) -> Coroutine[Any, Any, Any]:
        """Do it without blocking the event loop."""
        ...


Flow = Generator[Step, Any, Result]


class Send:
    """Send a request; gives its response."""

    def __init__(self, request: HttpRequest) -> None:
        """Send this one."""
        self._request = request

    def run(self, http: SyncHttp, clock: Clock) -> HttpResponse:
        """Send it."""
        return http.send(self._request)

    def run_async(self, http: AsyncHttp, clock: Clock) -> Coroutine[Any, Any, HttpResponse]:
        """Send it."""
        return http.send(self._request)


class Sleep:
    """Wait some seconds."""

    def __init__(self, seconds: float) -> None:
        """Wait so long."""
        self._seconds = seconds

    def run(self, http: SyncHttp, clock: Clock) -> None:
        """Wait."""
        clock.sleep(self._seconds)

    def run_async(self, http: AsyncHttp, clock: Clock) -> Coroutine[Any, Any, None]:
        """Wait."""
        return clock.sleep_async(self._seconds)


class Block:
    """Call a function that may block; gives what it returns."""

    def __init__(self, function: Callable[[], Any]) -> None:
        """Call this one."""
        self._function = function

    def run(self, http: SyncHttp, clock: Clock) -> Any:
        """Call it in this thread."""
        return self._function()

    async def run_async(self, http: AsyncHttp, clock: Clock) -> Any:
        """Call it in another thread."""
        import asyncio  # here, because programs without an event loop need not load it

        return await asyncio.to_thread(self._function)


def drive(flow: Flow[Result], http: SyncHttp, clock: Clock) -> Result:
    """Carry out a flow in this thread."""
    try:
        step = next(flow)
        while True:
            try:
                outcome = step.run(http, clock)
            except (NeverSent, MaybeSent) as failure:
                step = flow.throw(failure)
            else:
                step = flow.send(outcome)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]  # a StopIteration does not know its generator's type
    except TrilogueError as error:
        ended_by = error
    finally:
        flow.close()
    try:
        raise _bare(ended_by)
    finally:
        del ended_by  # or frame and error would keep each other alive


async def drive_async(flow: Flow[Result], http: AsyncHttp, clock: Clock) -> Result:
    """Carry out a flow in the event loop.

    Raises:
        RuntimeError: this is not the event loop of asyncio.
    """
    _require_asyncio()
    try:
        step = next(flow)
        while True:
            try:
                outcome = await step.run_async(http, clock)
            except (NeverSent, MaybeSent) as failure:
                step = flow.throw(failure)
            else:
                step = flow.send(outcome)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]  # a StopIteration does not know its generator's type
    except TrilogueError as error:
        ended_by = error
    finally:
        flow.close()
    try:
        raise _bare(ended_by)
    finally:
        del ended_by  # or frame and error would keep each other alive


def _require_asyncio() -> None:
    import asyncio  # here, because programs with threads need no asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "the async clients run on asyncio alone, not on trio; use asyncio.run(), or the sync client in a thread"
        ) from None


def _bare(error: TrilogueError) -> TrilogueError:
    """Return an error without the frames it came through, whose variables hold the request, and without their like."""
    if error.__suppress_context__:
        error.__context__ = None
    return error.with_traceback(None)
