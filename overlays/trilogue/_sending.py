"""Sends a call until it succeeds, or until a retry could do harm or is of no use; `_retries` holds the rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from trilogue_generated.runtime.operation import ListOperation, Operation

from ._calls import PreparedCall
from ._core import Core
from ._deadline import Deadline
from ._error_responses import read_redirect
from ._events import Events
from ._flow import Block, Flow, Send, Sleep, Step
from ._http.failures import MaybeSent, NeverSent
from ._http.messages import HttpRequest, HttpResponse
from ._outcomes import Attempt, error_for_failure, error_for_response, rate_limit_error
from ._pacing.pacer import RANKS, Claimant, Priority
from ._responses import Response
from ._retries import Attempts, is_ambiguous
from ._retry_after import LONGEST_WAIT, read_retry_after
from ._waits import Reason, Waits
from .errors import RateLimited

Result = TypeVar("Result")

UNAUTHORIZED = 401
CANCELLED = "Cancelled"


def send(call: PreparedCall[Result], core: Core, deadline: Deadline | None = None) -> Flow[Response[Result]]:
    """Send a call and return its successful response; `deadline` is that of the call it belongs to, if there is one.

    Raises:
        RequestError: see the tree in `errors`.
    """
    response, attempt = yield from exchange(call, core, deadline, Send)
    return Response(response, call.operation, attempt)


def exchange(
    call: PreparedCall[Any], core: Core, deadline: Deadline | None, step: Callable[[HttpRequest], Step]
) -> Flow[tuple[HttpResponse, Attempt]]:
    """Carry out `step` with the request of a call until the response is a successful one; raises as `send` does."""
    sending = _Sending(call, core, deadline)
    while True:
        yield from sending.pace()
        authorization = yield from core.auth.authorize(call.operation, core, sending.deadline)
        try:
            response: HttpResponse = yield step(sending.next_request(authorization))
        except (NeverSent, MaybeSent) as failure:
            wait = sending.wait_after_failure(failure)
        except GeneratorExit:
            sending.events.ended(None, CANCELLED)
            raise
        else:
            yield from sending.learn(response)
            if 200 <= response.status < 300:
                return response, sending.succeeded()
            if sending.may_renew(response) and (yield from core.auth.renew(authorization, core, sending.deadline)):
                continue
            wait = sending.wait_after_error(response)
        yield from sending.pause(*wait)


class _Sending:
    """One call on its way: its attempts, its deadline, and what it ends with."""

    def __init__(self, call: PreparedCall[Any], core: Core, deadline: Deadline | None) -> None:
        self._call, self._core, self._clock = call, core, core.clock
        self._policy = core.options.retry_policy
        self._attempts = Attempts()
        self.deadline = Deadline(call.deadline, core.clock) if deadline is None else deadline.within(call.deadline)
        self._waits = Waits(call.operation.name, core.options.on_wait)
        self.events = Events(core.options.hooks, core.platform.label, core.base_url, call.operation, core.clock)
        self._first_sent_at = self._sent_at = core.clock.now()
        self._is_renewed = False
        rank = RANKS[core.options.priority or usual_priority(call.operation)]
        self._claimant = Claimant(rank, _no_patience if call.fails_fast else self.deadline.left)

    def pace(self) -> Flow[None]:
        """Wait until the rate limit has room."""
        pacer = self._core.pacer
        while (seconds := (yield Block(self._claim)) if pacer.blocks else self._claim()) > 0:
            yield from self.pause(seconds, "rate limit")

    def _claim(self) -> float:
        return self._core.pacer.claim(self._call.operation, self._clock, self._claimant)

    def next_request(self, authorization: str | None) -> HttpRequest:
        """Return the request of the next attempt, which may take no more time than the call has left."""
        self._attempts.tried += 1
        self._sent_at = self._clock.now()
        if self._attempts.tried == 1:
            self._first_sent_at = self._sent_at
        self.events.sent(self._attempts.tried)
        header = self._core.platform.credentials_header
        return self._call.request({} if authorization is None else {header: authorization}, self.deadline)

    def learn(self, response: HttpResponse) -> Flow[None]:
        """Note what a response says of the rate limit, and of what became of the request."""
        self.events.ended(response)
        self._report_drift(response)
        self._attempts.sent += 1
        self._attempts.is_ambiguous |= is_ambiguous(response.status)
        pacer, operation = self._core.pacer, self._call.operation
        if pacer.blocks:
            yield Block(partial(pacer.learn, operation, response.status, response.headers, self._clock))
        else:
            pacer.learn(operation, response.status, response.headers, self._clock)

    def succeeded(self) -> Attempt:
        """Return what is known of the call."""
        self._core.quota.earn(self._attempts.retries)
        return self._attempt()

    def may_renew(self, response: HttpResponse) -> bool:
        """Return whether to renew the credentials: after the first 401 of a call."""
        if response.status != UNAUTHORIZED or self._is_renewed:
            return False
        self._is_renewed = True
        return True

    def wait_after_failure(self, failure: NeverSent | MaybeSent) -> tuple[float, Reason]:
        """Return the wait before the retry, or raise the error the call ends with."""
        self.events.ended(None, _name(failure))
        if isinstance(failure, MaybeSent):
            self._attempts.sent += 1
            self._attempts.is_ambiguous = True
        seconds = self._policy.after_failure(
            failure, self._attempts, is_retryable=self._call.is_retryable, random=self._clock.random()
        )
        if seconds is None or not self._may_retry(seconds):
            raise error_for_failure(failure, self._attempt()) from None
        self.events.retried(self._attempts.tried, _name(failure), seconds)
        return seconds, "failure"

    def wait_after_error(self, response: HttpResponse) -> tuple[float, Reason]:
        """Return the wait before the retry, or raise the error the call ends with."""
        platform = self._core.platform
        details = read_redirect(response) or platform.read_error(response)
        now, random = self._clock.now(), self._clock.random()
        retry_after = read_retry_after(response.headers, now)
        is_rate_limit = issubclass(details.error_class, RateLimited)
        is_excused = is_rate_limit and bool(retry_after)
        if is_rate_limit:
            seconds = self._policy.after_rate_limit(retry_after, self._attempts, random=random)
        else:
            seconds = self._policy.after_error(
                response.status, retry_after, self._attempts, is_retryable=self._call.is_retryable, random=random
            )
        if seconds is None or not self._may_retry(seconds, is_free=is_excused):
            raise error_for_response(details, response, retry_after, now, self._attempt()) from None
        self._attempts.excused += is_excused
        self.events.retried(self._attempts.tried, f"status {response.status}", seconds)
        return seconds, "rate limit" if is_rate_limit else "failure"

    def pause(self, seconds: float, reason: Reason) -> Flow[None]:
        """Report a wait and wait, unless that would pass the deadline."""
        if seconds <= 0:
            return
        now = self._clock.now()
        if not self._allows(seconds):
            raise rate_limit_error(seconds, now, self._attempt())
        self._waits.report(reason, seconds, now, self._attempts.tried)
        yield Sleep(seconds)

    def _report_drift(self, response: HttpResponse) -> None:
        on_drift = self._core.options.on_drift
        if on_drift is not None:
            from ._drift.watching import report_drift  # here, because only programs with on_drift need it

            report_drift(on_drift, self._core.platform.name, self._call.operation, response)

    def _may_retry(self, seconds: float, *, is_free: bool = False) -> bool:
        """Return whether a retry keeps to the deadline and to the retry quota, and take it from the quota."""
        if not self._allows(seconds):
            return False
        if is_free:
            return True
        if not self._core.quota.spend():
            return False
        self._attempts.retries += 1
        return True

    def _allows(self, seconds: float) -> bool:
        return not self._call.fails_fast and seconds <= LONGEST_WAIT and self.deadline.allows(seconds)

    def _attempt(self) -> Attempt:
        return Attempt(self._call, self._core.platform, self._attempts, self._sent_at, self._first_sent_at)


def _no_patience() -> float:
    return 0.0


def _name(failure: NeverSent | MaybeSent) -> str:
    """Return the name of the error that a failure is raised as."""
    return "TimedOut" if isinstance(failure, MaybeSent) and failure.timed_out else "ConnectionFailed"


def usual_priority(operation: Operation[Any]) -> Priority:
    """Return the priority of a call that has none: what someone waits for goes before an export."""
    return "low" if isinstance(operation, ListOperation) else "normal"
