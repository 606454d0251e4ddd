"""The exceptions of failed calls, each made once, with everything that is known."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from ._clock import to_datetime
from ._error_responses import ErrorDetails, describe_unexpected_body
from ._http.failures import MaybeSent, NeverSent
from ._http.messages import HttpResponse
from ._retries import is_ambiguous
from .errors import (
    ApiError,
    ConnectionFailed,
    ErrorContext,
    OutcomeUnknown,
    OutcomeUnknownAfterConnectionLoss,
    OutcomeUnknownAfterServerError,
    OutcomeUnknownAfterTimeout,
    RateLimited,
    TimedOut,
)

UNKNOWN = "the platform may have acted on it, so it was not retried"


@frozen(repr=False, eq=False)
class Attempt:
    """The last attempt of a call, the one number `count`; `sent_at` is a wall-clock time."""

    platform: str
    operation: str
    count: int
    sent_at: float
    is_retryable: bool

    @property
    def context(self) -> ErrorContext:
        """Where the call failed."""
        return ErrorContext(platform=self.platform, operation=self.operation, attempts=self.count)


def error_for_failure(failure: NeverSent | MaybeSent, attempt: Attempt) -> ConnectionFailed | OutcomeUnknown:
    """Return the error for a call that ends without a response."""
    if isinstance(failure, NeverSent):
        return ConnectionFailed(f"{failure}; nothing was sent", **attempt.context)
    if attempt.is_retryable:
        error_class = TimedOut if failure.timed_out else ConnectionFailed
        return error_class(str(failure), **attempt.context)
    unknown = OutcomeUnknownAfterTimeout if failure.timed_out else OutcomeUnknownAfterConnectionLoss
    return unknown(f"{failure}; {UNKNOWN}", sent_at=to_datetime(attempt.sent_at), **attempt.context)


def error_for_response(
    details: ErrorDetails, response: HttpResponse, retry_after: float | None, now: float, attempt: Attempt
) -> ApiError:
    """Return the error for a call that ends with an unsuccessful response, received at the wall-clock time `now`."""
    message = details.message or describe_unexpected_body(response, attempt.platform)
    arguments: dict[str, Any] = {
        "status": response.status,
        "headers": response.headers,
        "body": details.body,
        "type": details.type,
        "request_id": details.request_id,
        "field_errors": details.field_errors,
        "retry_after": retry_after,
        "retry_at": None if retry_after is None else to_datetime(now + retry_after),
        **attempt.context,
    }
    is_unknown = is_ambiguous(response.status) and not attempt.is_retryable
    if not is_unknown or issubclass(details.error_class, RateLimited):
        return details.error_class(message, **arguments)
    sent_at = to_datetime(attempt.sent_at)
    return OutcomeUnknownAfterServerError(f"{message} ({UNKNOWN})", sent_at=sent_at, **arguments)


def rate_limit_error(seconds: float, now: float, attempt: Attempt) -> RateLimited:
    """Return the error for a call whose deadline ends before the rate limit lets it be sent."""
    return RateLimited(
        f"the rate limit is used up for {seconds:.0f} s, longer than the deadline of this call allows",
        status=429,
        headers={},
        body=None,
        retry_after=seconds,
        retry_at=to_datetime(now + seconds),
        **attempt.context,
    )
