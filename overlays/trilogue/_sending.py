"""Sends a call until it succeeds, or until a retry could do harm or is of no use; `_retries` holds the rules."""

from __future__ import annotations

from typing import Generic, TypeVar

from ._calls import PreparedCall
from ._clock import to_datetime
from ._core import Core
from ._deadline import Deadline
from ._error_responses import read_redirect
from ._flow import Flow, Send, Sleep
from ._http.failures import MaybeSent, NeverSent
from ._http.messages import HttpRequest, HttpResponse
from ._outcomes import Attempt, error_for_failure, error_for_response, rate_limit_error
from ._responses import Response
from ._retries import Attempts
from ._retry_after import read_retry_after
from ._waits import Reason, Wait, report
from .errors import RateLimited

Result = TypeVar("Result")

UNAUTHORIZED = 401


def send(call: PreparedCall[Result], core: Core) -> Flow[Response[Result]]:
    """Send a call and return its successful response.

    Raises:
        RequestError: see the tree in `errors`.
    """
    sending = _Sending(call, core)
    while True:
        yield from sending.pace()
        authorization = yield from core.auth.authorize(call.operation, core)
        try:
            response: HttpResponse = yield Send(sending.next_request(authorization))
        except (NeverSent, MaybeSent) as failure:
            wait = sending.wait_after_failure(failure)
        else:
            core.pacer.learn(call.operation, response.status, response.headers, core.clock)
            if 200 <= response.status < 300:
                return sending.succeeded(response)
            if sending.may_renew(response) and (yield from core.auth.renew(authorization, core)):
                continue
            wait = sending.wait_after_error(response)
        yield from sending.pause(*wait)


class _Sending(Generic[Result]):
    """One call on its way: its attempts, its deadline, and what it ends with."""

    def __init__(self, call: PreparedCall[Result], core: Core) -> None:
        self._call, self._core, self._clock = call, core, core.clock
        self._policy = core.options.retry_policy
        self._attempts = Attempts()
        self._deadline = Deadline(call.deadline, core.clock)
        self._sent_at = core.clock.now()
        self._is_renewed = False

    def pace(self) -> Flow[None]:
        """Wait until the rate limit has room."""
        while (seconds := self._core.pacer.claim(self._call.operation, self._clock)) > 0:
            yield from self.pause(seconds, "rate limit")

    def next_request(self, authorization: str | None) -> HttpRequest:
        """Return the request of the next attempt, which may take no more time than the call has left."""
        self._attempts.count += 1
        self._sent_at = self._clock.now()
        return self._call.request(authorization, self._deadline.limit(self._call.timeout))

    def succeeded(self, response: HttpResponse) -> Response[Result]:
        """Return the response with what is known of the call."""
        call, label = self._call, self._core.platform.label
        return Response(
            response.status, response.headers, response.content, call.operation, label, self._attempts.count
        )

    def may_renew(self, response: HttpResponse) -> bool:
        """Return whether to renew the credentials: after the first 401 of a call."""
        if response.status != UNAUTHORIZED or self._is_renewed:
            return False
        self._is_renewed = True
        return True

    def wait_after_failure(self, failure: NeverSent | MaybeSent) -> tuple[float, Reason]:
        """Return the wait before the retry, or raise the error the call ends with."""
        seconds = self._policy.after_failure(
            failure, self._attempts, is_retryable=self._call.is_retryable, random=self._clock.random()
        )
        if seconds is None or not self._allows(seconds):
            raise error_for_failure(failure, self._attempt()) from None
        return seconds, "failure"

    def wait_after_error(self, response: HttpResponse) -> tuple[float, Reason]:
        """Return the wait before the retry, or raise the error the call ends with."""
        details = read_redirect(response) or self._core.platform.read_error(response)
        now, random = self._clock.now(), self._clock.random()
        retry_after = read_retry_after(response.headers, now)
        is_rate_limit = issubclass(details.error_class, RateLimited)
        if is_rate_limit:
            seconds = self._policy.after_rate_limit(retry_after, self._attempts, random=random)
        else:
            seconds = self._policy.after_error(
                response.status, retry_after, self._attempts, is_retryable=self._call.is_retryable, random=random
            )
        if seconds is None or not self._allows(seconds):
            raise error_for_response(details, response, retry_after, now, self._attempt()) from None
        self._attempts.excused += is_rate_limit and bool(retry_after)
        return seconds, "rate limit" if is_rate_limit else "failure"

    def pause(self, seconds: float, reason: Reason) -> Flow[None]:
        """Report a wait and wait, unless that would pass the deadline."""
        if seconds <= 0:
            return
        now = self._clock.now()
        if not self._allows(seconds):
            raise rate_limit_error(seconds, now, self._attempt())
        wait = Wait(reason, seconds, to_datetime(now + seconds), self._call.operation.name, self._attempts.count)
        report(wait, self._core.options.on_wait)
        yield Sleep(seconds)

    def _allows(self, seconds: float) -> bool:
        return not self._call.fails_fast and self._deadline.allows(seconds)

    def _attempt(self) -> Attempt:
        call, label = self._call, self._core.platform.label
        return Attempt(label, call.operation.name, self._attempts.count, self._sent_at, call.is_retryable)
