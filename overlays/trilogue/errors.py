"""The errors of all three platforms.

TrilogueError
├── InvalidArgument                             (also ValueError) an argument or a setting is wrong; nothing was sent
└── RequestError                                a request failed
    ├── ConnectionFailed                        the platform could not be reached, or the connection broke
    │   └── TimedOut                            no response came in time
    ├── OutcomeUnknown                          the request was sent; whether the platform acted on it is unknown
    │   ├── OutcomeUnknownAfterConnectionLoss   (also ConnectionFailed)
    │   ├── OutcomeUnknownAfterTimeout          (also TimedOut)
    │   └── OutcomeUnknownAfterServerError      (also ServerError)
    ├── DecodeError                             the response is not what the description promises
    └── ApiError                                the platform responded with an error
        ├── BadRequest                          400
        ├── AuthenticationFailed                401: the credentials are missing, wrong or expired
        ├── PaymentRequired                     402
        ├── PermissionDenied                    403: the credentials are valid, the action is not allowed
        │   └── CredentialsRefused              (also AuthenticationFailed) 403 that means 401, on RapidPro
        ├── NotFound                            404
        │   └── Gone                            410
        ├── MethodNotAllowed                    405
        ├── Conflict                            409
        ├── PayloadTooLarge                     413
        ├── UnsupportedMediaType                415
        ├── LimitReached                        a quota or a limit of the platform is used up
        ├── RateLimited                         429
        └── ServerError                         5xx
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from ._redaction import redact


class TrilogueError(Exception):
    """The base of everything this package raises on purpose."""


class InvalidArgument(TrilogueError, ValueError):
    """An argument or a setting is wrong; nothing was sent. The message names it and says what to pass instead."""


class ErrorContext(TypedDict, total=False):
    """Where a request failed; every `RequestError` takes these."""

    platform: str
    operation: str
    attempts: int


class RequestError(TrilogueError):
    """A request failed. `platform` and `operation` say which, `attempts` how often it was sent."""

    def __init__(self, message: str, *, platform: str = "", operation: str = "", attempts: int = 1) -> None:
        """`message` says what happened."""
        super().__init__(message)
        self.platform, self.operation, self.attempts = platform, operation, attempts

    def __repr__(self) -> str:
        """Show the class and what `str` says, and so no more personal data than that does."""
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error be copied and pickled whatever arguments its class takes."""
        return _restore, (type(self), self.args), self.__dict__

    def __str__(self) -> str:
        """Say what was attempted and what happened, with personal data hidden."""
        what = redact(super().__str__())
        times = f" (after {self.attempts} attempts)" if self.attempts > 1 else ""
        return f"{self.platform} {self.operation}: {what}{times}" if self.operation else what


def _restore(error_class: type[RequestError], arguments: tuple[Any, ...]) -> RequestError:
    return error_class.__new__(error_class, *arguments)


class ConnectionFailed(RequestError):
    """The platform could not be reached, or the connection broke before the response was complete."""


class TimedOut(ConnectionFailed):
    """No response came in time."""


class DecodeError(RequestError):
    """The response is not what the description promises: not JSON, or JSON of another shape.

    `status`, `headers` and `content` are those of the response.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        headers: Mapping[str, str],
        content: bytes,
        **context: Unpack[ErrorContext],
    ) -> None:
        """Keep the response."""
        super().__init__(f"{status} {message}", **context)
        self.status, self.headers, self.content = status, headers, content


class OutcomeUnknown(RequestError):
    """The request was sent; whether the platform acted on it is unknown.

    It was not retried, because the operation is not idempotent. Check whether it took effect (list what was to be
    created, from `sent_at` on) before you try again. `sent_at`: when it was sent, UTC.
    """

    def __init__(self, message: str, *, sent_at: datetime, **details: Any) -> None:
        """Keep what happened, where, and when the request was sent."""
        super().__init__(message, **details)
        self.sent_at = sent_at


class OutcomeUnknownAfterConnectionLoss(OutcomeUnknown, ConnectionFailed):
    """The connection broke after the request was sent."""


class OutcomeUnknownAfterTimeout(OutcomeUnknown, TimedOut):
    """No response came in time after the request was sent."""


BY_STATUS: dict[int, type[ApiError]] = {}
"""The class of each status, as the classes below declare it."""


class ApiError(RequestError):
    """The platform responded with an error.

    `status`: the HTTP status. `type`: the platform's own name of the error, if it has one. `message`: its text in
    full; unlike `str(error)` it may hold personal data. `field_errors`: for each invalid field its messages, keyed
    by its path (`urns[0]`, `text.eng`); messages about the entire request have the empty key. `request_id`: the
    platform's id of the request, if it gives one. `body`: the parsed body, or its text. `headers`: found by name in
    any case. `retry_after`: seconds that the platform asks to wait, None if it does not say; `retry_at`: the time
    after which to try again, UTC.
    """

    def __init_subclass__(cls, *, status: int | None = None) -> None:
        """Raise the class for this status, where nothing more precise is known."""
        super().__init_subclass__()
        if status is not None:
            BY_STATUS[status] = cls

    def __init__(
        self,
        message: str,
        *,
        status: int,
        headers: Mapping[str, str],
        body: Any,
        type: str | None = None,
        request_id: str | None = None,
        field_errors: Mapping[str, list[str]] | None = None,
        retry_after: float | None = None,
        retry_at: datetime | None = None,
        **context: Unpack[ErrorContext],
    ) -> None:
        """Keep everything the platform said."""
        super().__init__(f"{status} {message}".strip(), **context)
        self.status, self.headers, self.body = status, headers, body
        self.message, self.type, self.request_id = message, type, request_id
        self.field_errors: Mapping[str, list[str]] = field_errors or {}
        self.retry_after, self.retry_at = retry_after, retry_at


class BadRequest(ApiError, status=400):
    """400: the request is invalid; `field_errors` says where."""


class AuthenticationFailed(ApiError, status=401):
    """The credentials are missing, wrong, expired or revoked."""


class PaymentRequired(ApiError, status=402):
    """402: billing blocks the request."""


class PermissionDenied(ApiError, status=403):
    """403: the credentials are valid, the action is not allowed."""


class CredentialsRefused(PermissionDenied, AuthenticationFailed):
    """403 that means 401: RapidPro refuses bad credentials this way."""


class NotFound(ApiError, status=404):
    """404: the object does not exist."""


class Gone(NotFound, status=410):
    """410: the object existed and is no longer there."""


class MethodNotAllowed(ApiError, status=405):
    """405: this server does not support the method; it may be of another version."""


class Conflict(ApiError, status=409):
    """409: the request conflicts with what exists (a duplicate, a limit that is reached, a reference)."""


class PayloadTooLarge(ApiError, status=413):
    """413: the request, or the response it asks for, is too large."""


class UnsupportedMediaType(ApiError, status=415):
    """415: the platform does not accept this content type."""


class LimitReached(ApiError):
    """A quota or a limit of the platform is used up; waiting does not help, a larger plan may."""


class RateLimited(ApiError, status=429):
    """429: too many requests; `retry_after` and `retry_at` say when to try again, if the platform does."""


class ServerError(ApiError):
    """5xx: the platform failed."""


class OutcomeUnknownAfterServerError(OutcomeUnknown, ServerError):
    """The platform failed, and may have acted before it did."""


def error_class(status: int) -> type[ApiError]:
    """Return the class for a status that nothing more precise is known about."""
    return BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
