"""What is sent, what may be sent again, and when.

The logic is a generator of steps, as in httpx's auth flow: it yields what is to be done and is given the outcome, so
that one body serves threads and asyncio. A request is sent again only if that cannot do harm: because it provably
never left, because the platform refused it unprocessed, because doing it twice is the same as once, or because it
carries a key.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from attrs import frozen

from ._clock import Clock
from ._http import AsyncHttp, HttpRequest, HttpResponse, MaybeSent, NeverSent, SyncHttp
from ._responses import redirection
from ._waiting import Wait, backoff, moment, retry_after, tell
from .errors import (
    ApiError,
    ConnectionFailed,
    OutcomeUnknown,
    OutcomeUnknownAfterConnectionLoss,
    OutcomeUnknownAfterServerError,
    OutcomeUnknownAfterTimeout,
    RateLimited,
    TimedOut,
)

if TYPE_CHECKING:
    from ._core import Call, Core

Result = TypeVar("Result")


class Step(Protocol):
    """One thing to do; the flow is given what it returns, or what it raises."""

    def run(self, http: SyncHttp, clock: Clock) -> Any:
        """Do it in this thread."""
        ...

    async def run_async(self, http: AsyncHttp, clock: Clock) -> Any:
        """Do it without blocking the event loop."""
        ...


Flow = Generator[Step, Any, Result]


@frozen(repr=False, eq=False)
class Send:
    """Send a request; gives its answer."""

    request: HttpRequest

    def run(self, http: SyncHttp, clock: Clock) -> HttpResponse:
        """Send it."""
        return http.send(self.request)

    async def run_async(self, http: AsyncHttp, clock: Clock) -> HttpResponse:
        """Send it."""
        return await http.send(self.request)


@frozen(eq=False)
class Sleep:
    """Wait some seconds."""

    seconds: float

    def run(self, http: SyncHttp, clock: Clock) -> None:
        """Wait."""
        clock.sleep(self.seconds)

    async def run_async(self, http: AsyncHttp, clock: Clock) -> None:
        """Wait."""
        await clock.sleep_async(self.seconds)


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
    finally:
        flow.close()


async def drive_async(flow: Flow[Result], http: AsyncHttp, clock: Clock) -> Result:
    """Carry out a flow in the event loop."""
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
    finally:
        flow.close()


def send(call: Call, core: Core) -> Flow[HttpResponse]:
    """Send a call until it succeeds, or until sending it again could do harm or is of no use.

    Raises:
        RequestError: see the tree in `errors`.
    """
    attempts = _Attempts(call, core)
    while True:
        while (seconds := core.pacer.claim(call.operation, core.clock.now())) > 0:
            yield from attempts.pause(seconds, "rate limit")
        try:
            request = yield from core.auth.signed(call, core)
            attempts.begin(request)
            response: HttpResponse = yield Send(request)
        except (NeverSent, MaybeSent) as failure:
            seconds = attempts.after_failure(failure)
        else:
            core.pacer.answered(call.operation, response.status, response.headers, core.clock.now())
            if 200 <= response.status < 300:
                return response
            if response.status == 401 and attempts.may_renew() and (yield from core.auth.renewed(request, core)):
                continue
            seconds = attempts.after_answer(response)
        yield from attempts.pause(seconds, attempts.reason)


class _Attempts:
    """The attempts of one call: counts them and decides about the next."""

    def __init__(self, call: Call, core: Core) -> None:
        self.call, self.core = call, core
        self.count = 0
        self.waited = 0
        self.renewed = False
        self.reason = "failure"
        self.sent_at = core.clock.now()
        self.ends_at = None if call.deadline is None else self.sent_at + call.deadline

    def begin(self, request: HttpRequest) -> None:
        """Count an attempt, and leave it no more time than the call has left."""
        self.count += 1
        self.sent_at = self.core.clock.now()
        if self.ends_at is not None:
            request.timeout = request.timeout.within(self.ends_at - self.sent_at)

    def may_renew(self) -> bool:
        """Whether a 401 may be met with new credentials: once."""
        first, self.renewed = not self.renewed, True
        return first

    def pause(self, seconds: float, reason: str) -> Flow[None]:
        """Wait, unless that would pass the deadline."""
        if seconds <= 0:
            return
        now = self.core.clock.now()
        if not self._fits(seconds):
            raise self._in_context(self._too_long(now, seconds))
        tell(
            Wait(reason, seconds, moment(now + seconds), self.call.operation.name, self.count),
            self.core.options.on_wait,
        )
        yield Sleep(seconds)

    def after_failure(self, failure: NeverSent | MaybeSent) -> float:
        """Return the seconds to wait before the next attempt, or raise what became of the call."""
        self.reason = "failure"
        harmless = isinstance(failure, NeverSent) or self.call.repeatable
        if harmless and self._has_another() and self._fits(seconds := self._backoff()):
            return seconds
        raise self._in_context(self._failed(failure)) from None

    def after_answer(self, response: HttpResponse) -> float:
        """Return the seconds to wait before the next attempt, or raise what the platform said."""
        error = redirection(response) or self.core.platform.read_error(response)
        asked = retry_after(response.headers, self.core.clock.now())
        if isinstance(error, RateLimited):
            return self._after_rate_limit(error, asked)
        self.reason = "failure"
        if _is_ambiguous(response.status) and not self.call.repeatable:
            raise self._in_context(_unknown_after(error, self.sent_at)) from None
        seconds = max(asked or 0.0, self._backoff())
        if _is_passing(response.status) and self._has_another() and self._fits(seconds):
            return seconds
        raise self._in_context(error) from None

    def _after_rate_limit(self, error: RateLimited, asked: float | None) -> float:
        """Refused unprocessed, so any call may be sent again; where no time to wait is named, attempts count."""
        self.reason = "rate limit"
        now = self.core.clock.now()
        error.retry_after = asked
        error.retry_at = None if asked is None else moment(now + asked)
        seconds = max(asked, self._backoff() / 10) if asked else self._backoff()
        if self._fits(seconds) and (asked or self._has_another()):
            self.waited += bool(asked)
            return seconds
        raise self._in_context(error) from None

    def _has_another(self) -> bool:
        return self.count - self.waited < self.core.options.max_attempts

    def _fits(self, seconds: float) -> bool:
        return self.call.patient and (self.ends_at is None or self.core.clock.now() + seconds <= self.ends_at)

    def _backoff(self) -> float:
        return backoff(max(self.count, 1), self.core.clock.random())

    def _failed(self, failure: NeverSent | MaybeSent) -> ConnectionFailed | OutcomeUnknown:
        if isinstance(failure, NeverSent):
            return ConnectionFailed(f"{failure}; nothing was sent")
        if self.call.repeatable:
            return TimedOut(str(failure)) if failure.timed_out else ConnectionFailed(str(failure))
        kind = OutcomeUnknownAfterTimeout if failure.timed_out else OutcomeUnknownAfterConnectionLoss
        error = kind(f"{failure}; it may have been carried out, so it was not sent again")
        error.sent_at = moment(self.sent_at)
        return error

    def _too_long(self, now: float, seconds: float) -> RateLimited:
        error = RateLimited(
            f"the rate limit is used up for {seconds:.0f} s, longer than this call may take",
            status=429,
            headers={},
            body=None,
        )
        error.retry_after, error.retry_at = seconds, moment(now + seconds)
        return error

    def _in_context(self, error: Any) -> Any:
        return error.in_context(self.core.platform.label, self.call.operation.name, self.count)


def _is_ambiguous(status: int) -> bool:
    """Whether the platform may have acted although it says that it failed, or that it took too long."""
    return status == 408 or status >= 500


def _is_passing(status: int) -> bool:
    return _is_ambiguous(status) and status not in (501, 505)


def _unknown_after(error: ApiError, sent_at: float) -> OutcomeUnknownAfterServerError:
    unknown = OutcomeUnknownAfterServerError(
        f"{error.message}; it may have been carried out, so it was not sent again",
        status=error.status,
        headers=error.headers,
        body=error.body,
        type=error.type,
        request_id=error.request_id,
        field_errors=error.field_errors,
    )
    unknown.sent_at = moment(sent_at)
    return unknown
