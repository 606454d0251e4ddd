"""The errors of all three platforms.

TrilogueError
├── InvalidArgument (also ValueError)       nothing was sent: an argument or a setting is wrong
├── ConnectionFailed                        the platform could not be reached, or the connection broke
│   └── TimedOut                            it did not answer in time
├── OutcomeUnknown                          it was sent, and nobody knows whether the platform acted on it
│   ├── OutcomeUnknownAfterConnectionLoss   (also ConnectionFailed)
│   ├── OutcomeUnknownAfterTimeout          (also TimedOut)
│   └── OutcomeUnknownAfterServerError      (also ServerError)
├── DecodeError                             the answer is not what the platform promises
└── ApiError                                the platform refused
    ├── BadRequest                          400
    ├── AuthenticationFailed                401: the credentials are missing, wrong or expired
    ├── PaymentRequired                     402
    ├── PermissionDenied                    403: the credentials are fine, the action is not allowed
    │   └── CredentialsRefused              (also AuthenticationFailed) 403 that means 401, as RapidPro says it
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
from typing import Any, ClassVar

from ._redaction import redact


class TrilogueError(Exception):
    """The base of everything this package raises on purpose."""


class InvalidArgument(TrilogueError, ValueError):
    """An argument or a setting is wrong; nothing was sent. The message names it and says what to write instead."""


class RequestError(TrilogueError):
    """A request failed. `platform` and `operation` say which, `attempts` how often it was sent."""

    platform: str = ""
    operation: str = ""
    attempts: int = 1

    def in_context(self, platform: str, operation: str, attempts: int) -> RequestError:
        """Say where this happened; returns the error itself."""
        self.platform, self.operation, self.attempts = platform, operation, attempts
        return self

    def __repr__(self) -> str:
        """Show the class and what `str` says, and so no more personal data than that does."""
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error be copied and pickled whatever its class is made with."""
        return _revived, (type(self), self.args), self.__dict__

    def __str__(self) -> str:
        """Say what was attempted and what happened; personal data in it is hidden."""
        what = redact(super().__str__())
        times = f" (after {self.attempts} attempts)" if self.attempts > 1 else ""
        return f"{self.platform} {self.operation}: {what}{times}" if self.operation else what


def _revived(kind: type[RequestError], arguments: tuple[Any, ...]) -> RequestError:
    return kind.__new__(kind, *arguments)


class ConnectionFailed(RequestError):
    """The platform could not be reached, or the connection broke before the answer was complete."""


class TimedOut(ConnectionFailed):
    """The platform did not answer in time."""


class DecodeError(RequestError):
    """The answer is not what the platform promises: no JSON, or JSON of another shape.

    `status`, `headers` and `content` are those of the answer.
    """

    def __init__(self, message: str, *, status: int, headers: Mapping[str, str], content: bytes) -> None:
        """Keep the answer, so that it can be looked at."""
        super().__init__(message)
        self.status, self.headers, self.content = status, headers, content


class OutcomeUnknown(RequestError):
    """The request was sent, and nobody knows whether the platform acted on it.

    It was not sent again, because doing it twice is not the same as doing it once. Look whether it took effect (list
    what was to be created, from `sent_at` on) before trying again.
    """

    sent_at: datetime
    """When it was sent, UTC."""


class OutcomeUnknownAfterConnectionLoss(OutcomeUnknown, ConnectionFailed):
    """The connection broke after the request was sent."""


class OutcomeUnknownAfterTimeout(OutcomeUnknown, TimedOut):
    """No answer came in time after the request was sent."""


class ApiError(RequestError):
    """The platform answered with an error.

    `status`: the HTTP status. `type`: the platform's own name of the error, if it has one. `message`: its text in
    full; unlike `str(error)` it may hold personal data. `field_errors`: for each field at fault its messages, keyed
    by its path (`urns[0]`, `text.eng`); messages about the whole request stand under the empty key. `request_id`: the
    platform's id of the request, if it gives one. `body`: the parsed body, or its text. `headers`: found by name in
    any case.
    """

    statuses: ClassVar[tuple[int, ...]] = ()
    """The statuses that this class stands for."""

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
    ) -> None:
        """Keep all that the platform said."""
        super().__init__(f"{status} {message}".strip())
        self.status, self.headers, self.body = status, headers, body
        self.message, self.type, self.request_id = message, type, request_id
        self.field_errors: Mapping[str, list[str]] = field_errors or {}


class BadRequest(ApiError):
    """400: the platform found a mistake in the request; `field_errors` says where."""

    statuses: ClassVar[tuple[int, ...]] = (400,)


class AuthenticationFailed(ApiError):
    """The credentials are missing, wrong, expired or revoked."""

    statuses: ClassVar[tuple[int, ...]] = (401,)


class PaymentRequired(ApiError):
    """402: billing blocks the request."""

    statuses: ClassVar[tuple[int, ...]] = (402,)


class PermissionDenied(ApiError):
    """403: the caller is known and may not do this."""

    statuses: ClassVar[tuple[int, ...]] = (403,)


class CredentialsRefused(PermissionDenied, AuthenticationFailed):
    """403 that means 401: RapidPro refuses bad credentials this way."""

    statuses: ClassVar[tuple[int, ...]] = ()


class NotFound(ApiError):
    """404: there is no such object."""

    statuses: ClassVar[tuple[int, ...]] = (404,)


class Gone(NotFound):
    """410: there was such an object, and it is no longer there."""

    statuses: ClassVar[tuple[int, ...]] = (410,)


class MethodNotAllowed(ApiError):
    """405: this server does not do this; it may be of another version."""

    statuses: ClassVar[tuple[int, ...]] = (405,)


class Conflict(ApiError):
    """409: the request does not go together with what is there (a duplicate, a limit that is reached, a reference)."""

    statuses: ClassVar[tuple[int, ...]] = (409,)


class PayloadTooLarge(ApiError):
    """413: the request, or what it asks for, is too large."""

    statuses: ClassVar[tuple[int, ...]] = (413,)


class UnsupportedMediaType(ApiError):
    """415: the platform does not read this content type."""

    statuses: ClassVar[tuple[int, ...]] = (415,)


class LimitReached(ApiError):
    """A quota or a limit of the platform is used up; waiting does not help, a larger plan may."""


class RateLimited(ApiError):
    """429: too many requests.

    `retry_after`: seconds to wait; None where the platform did not say. `retry_at`: the moment that is, UTC.
    """

    statuses: ClassVar[tuple[int, ...]] = (429,)
    retry_after: float | None = None
    retry_at: datetime | None = None


class ServerError(ApiError):
    """5xx: the platform failed."""


class OutcomeUnknownAfterServerError(OutcomeUnknown, ServerError):
    """The platform failed, and may have acted before it did."""


BY_STATUS: dict[int, type[ApiError]] = {
    status: kind
    for kind in (
        BadRequest,
        AuthenticationFailed,
        PaymentRequired,
        PermissionDenied,
        NotFound,
        Gone,
        MethodNotAllowed,
        Conflict,
        PayloadTooLarge,
        UnsupportedMediaType,
        RateLimited,
    )
    for status in kind.statuses
}


def error_class(status: int) -> type[ApiError]:
    """Return the class for a status that nothing more precise is known about."""
    return BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
