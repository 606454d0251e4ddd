"""The exceptions of failed calls, each made once, with everything that is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._calls import PreparedCall
from ._clock import to_datetime
from ._core import Platform
from ._error_responses import ErrorDetails, describe_unexpected_body
from ._http.failures import MaybeSent, NeverSent
from ._http.messages import HttpResponse
from ._records import Record
from ._redaction import Hidden
from ._retries import Attempts, is_ambiguous, is_transient
from .errors import (
    ApiError,
    AuthenticationFailed,
    ConnectionFailed,
    DecodeError,
    ErrorContext,
    NotFound,
    OutcomeUnknown,
    OutcomeUnknownAfterConnectionLoss,
    OutcomeUnknownAfterServerError,
    OutcomeUnknownAfterTimeout,
    OutcomeUnknownAfterUnreadableResponse,
    RateLimited,
    TimedOut,
)

UNKNOWN = "the platform may have acted on it, so it was not retried"
ACCEPTED = "the platform has most likely carried it out; do not send it again before you have checked"


class Attempt(Record, frozen=True):
    """The last attempt of a call; `sent_at` is its wall-clock time, `first_sent_at` that of the first."""

    call: PreparedCall[Any]
    platform: Platform
    attempts: Attempts
    sent_at: float
    first_sent_at: float

    @property
    def is_harmless_again(self) -> bool:
        """Whether calling the method once more cannot carry it out twice; a new call has a new idempotency key."""
        return not self.attempts.is_ambiguous or (self.call.is_retryable and not self.call.has_generated_key)

    def context(self, is_safe_to_retry: bool = False) -> ErrorContext:
        """Return where the call failed, and what a caller may do about it."""
        key = self.call.operation.key_header
        return ErrorContext(
            platform=self.platform.label,
            operation=self.call.operation.name,
            attempts=self.attempts.sent,
            is_safe_to_retry=is_safe_to_retry,
            idempotency_key=None if key is None else self.call.headers.get(key.lower()),
            attempt=Hidden(attempt=self),
        )


def error_for_failure(failure: NeverSent | MaybeSent, attempt: Attempt) -> ConnectionFailed | OutcomeUnknown:
    """Return the error for a call that ends without a response."""
    context = attempt.context(attempt.is_harmless_again)
    if isinstance(failure, NeverSent):
        context["is_safe_to_retry"] = attempt.is_harmless_again and not failure.is_lasting
        return ConnectionFailed(f"{failure}; {_what_was_sent(attempt.attempts)}", **context)
    if attempt.call.is_retryable:
        error_class = TimedOut if failure.timed_out else ConnectionFailed
        return error_class(str(failure), **context)
    unknown = OutcomeUnknownAfterTimeout if failure.timed_out else OutcomeUnknownAfterConnectionLoss
    return unknown(f"{failure}; {UNKNOWN}", sent_at=to_datetime(attempt.sent_at), **attempt.context())


def _what_was_sent(attempts: Attempts) -> str:
    if attempts.sent:
        return "this time nothing was sent"
    return "nothing was sent" + (f" in {attempts.tried} tries" if attempts.tried > 1 else "")


def error_for_response(
    details: ErrorDetails, response: HttpResponse, retry_after: float | None, now: float, attempt: Attempt
) -> ApiError:
    """Return the error for a call that ends with an unsuccessful response, received at the wall-clock time `now`."""
    from ._private_values import hide_private  # here, because only programs whose calls fail need it

    call = attempt.call
    full = details.message or describe_unexpected_body(response, attempt.platform.label)
    message = hide_private(full, call.operation, call.url, call.body)
    is_rate_limit = issubclass(details.error_class, RateLimited)
    may_help = is_rate_limit or is_transient(response.status)
    arguments: dict[str, Any] = {
        "status": response.status,
        "headers": response.headers,
        "body": details.body,
        "type": details.type,
        "request_id": details.request_id,
        "field_errors": details.field_errors,
        "retry_after": retry_after,
        "retry_at": None if retry_after is None else to_datetime(now + retry_after),
        "full_message": full,
    }
    if is_ambiguous(response.status) and not call.is_retryable and not is_rate_limit:
        sent_at = to_datetime(attempt.sent_at)
        arguments |= attempt.context()
        return OutcomeUnknownAfterServerError(message, sent_at=sent_at, advice=f" ({UNKNOWN})", **arguments)
    arguments |= attempt.context(may_help and attempt.is_harmless_again)
    return details.error_class(message, advice=_advice(details, attempt, retry_after, now), **arguments)


def _advice(details: ErrorDetails, attempt: Attempt, retry_after: float | None, now: float) -> str:
    """Return what to do next, where the platform's own words do not say."""
    if issubclass(details.error_class, AuthenticationFailed) and attempt.platform.credentials:
        return f"; check {attempt.platform.credentials}"
    if issubclass(details.error_class, NotFound) and not details.message and attempt.call.operation.servers:
        return f"; only {' and '.join(attempt.call.operation.servers)} has this operation"
    if issubclass(details.error_class, RateLimited) and retry_after is not None:
        return f"; try again in {retry_after:.0f} s, at {to_datetime(now + retry_after):%H:%M:%S UTC}"
    return ""


def error_for_unreadable(
    message: str, status: int, headers: Mapping[str, str], content: bytes, attempt: Attempt
) -> DecodeError:
    """Return the error for a successful response that cannot be read; only a read may be repeated."""
    call = attempt.call
    response: dict[str, Any] = {"status": status, "headers": headers, "content": content, **attempt.context()}
    if call.is_retryable and not call.has_generated_key:
        return DecodeError(message, **response)
    return OutcomeUnknownAfterUnreadableResponse(
        f"{message}; {ACCEPTED}", sent_at=to_datetime(attempt.sent_at), **response
    )


def rate_limit_error(seconds: float, now: float, attempt: Attempt) -> RateLimited:
    """Return the error for a call whose deadline ends before the rate limit lets it be sent."""
    retry_at = to_datetime(now + seconds)
    return RateLimited(
        f"the rate limit is used up for {seconds:.0f} s, until {retry_at:%H:%M:%S UTC},"
        " longer than the deadline of this call allows",
        status=429,
        headers={},
        body=None,
        retry_after=seconds,
        retry_at=retry_at,
        **attempt.context(attempt.is_harmless_again),
    )
