"""The errors of all three platforms.

TrilogueError
├── InvalidArgument                             (also ValueError) an argument or a setting is wrong; nothing was sent
├── TooManyRows                                 a list has more rows than `all()` may return
└── RequestError                                a request failed
    ├── ConnectionFailed                        the platform could not be reached, or the connection broke
    │   └── TimedOut                            no response came in time
    ├── OutcomeUnknown                          the request was sent; whether the platform acted on it is unknown
    │   ├── OutcomeUnknownAfterConnectionLoss   (also ConnectionFailed)
    │   ├── OutcomeUnknownAfterTimeout          (also TimedOut)
    │   ├── OutcomeUnknownAfterServerError      (also ServerError)
    │   └── OutcomeUnknownAfterUnreadableResponse  (also DecodeError)
    ├── WaitError                               a method that waits for a final state ended without success
    │   ├── WaitFailed                          the final state is a failure
    │   └── WaitTimedOut                        (also TimeoutError) the state was not final before the deadline
    ├── BulkStopped                             the calls for many items ended before the last item
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
from typing import Any, Unpack

from ._base_errors import ConnectionFailed as ConnectionFailed
from ._base_errors import ErrorContext as ErrorContext
from ._base_errors import InvalidArgument as InvalidArgument
from ._base_errors import RequestError as RequestError
from ._base_errors import TimedOut as TimedOut
from ._base_errors import TooManyRows as TooManyRows
from ._base_errors import TrilogueError as TrilogueError
from ._bulk_errors import BulkStopped as BulkStopped
from ._redaction import Hidden, redact, to_printable
from ._wait_errors import WaitError as WaitError
from ._wait_errors import WaitFailed as WaitFailed
from ._wait_errors import WaitTimedOut as WaitTimedOut


class DecodeError(RequestError):
    """The response is not what the description promises: not JSON, or JSON of another shape.

    `status`, `headers` and `content` are those of the response. A pickle has the status alone.
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
        self.status = status
        self._hidden = Hidden(headers=headers, content=content)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response, found by name in any case."""
        return self._hidden.get("headers", {})

    @property
    def content(self) -> bytes:
        """The body of the response."""
        return self._hidden.get("content", b"")


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

    `status`: the HTTP status. `type`: the platform's own name of the error, if it has one. `message`: its text, with
    personal data hidden; `full_message()` has it in full. `field_errors`: for each invalid field its messages in full,
    keyed by its path (`urns[0]`, `text.eng`); messages about the entire request have the empty key. `request_id`: the
    platform's id of the request, if it gives one. `body`: the parsed body, or its text. `headers`: found by name in
    any case. `retry_after`: seconds that the platform asks to wait, None if it does not say; `retry_at`: the time
    after which to try again, UTC. What the platform said in full is in no log, trace or pickle of the error.
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
        full_message: str | None = None,
        advice: str = "",
        **context: Unpack[ErrorContext],
    ) -> None:
        """Keep everything the platform said."""
        super().__init__(f"{'' if status < 300 else status} {message}".strip() + advice, **context)
        self.status, self.type, self.request_id = status, type, request_id
        self.message = to_printable(redact(message))
        self.retry_after, self.retry_at = retry_after, retry_at
        self._hidden = Hidden(
            headers=headers,
            body=body,
            field_errors=field_errors or {},
            message=message if full_message is None else full_message,
        )

    def full_message(self) -> str:
        """Return the platform's text in full; it may hold personal data."""
        return self._hidden.get("message", self.message)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response, found by name in any case."""
        return self._hidden.get("headers", {})

    @property
    def body(self) -> Any:
        """The parsed body, or its text."""
        return self._hidden.get("body", None)

    @property
    def field_errors(self) -> Mapping[str, list[str]]:
        """The messages for each invalid field."""
        return self._hidden.get("field_errors", {})


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
    """404, or a list without what was looked up: the object does not exist."""


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


class OutcomeUnknownAfterUnreadableResponse(OutcomeUnknown, DecodeError):
    """The platform, or a proxy, responded with success, but the response cannot be read.

    Most likely the request was carried out: look for its effect, do not send it again.
    """


def error_class(status: int) -> type[ApiError]:
    """Return the class for a status that nothing more precise is known about."""
    return BY_STATUS.get(status, ServerError if status >= 500 else ApiError)


def __dir__() -> list[str]:
    return [name for name, value in globals().items() if isinstance(value, type) and issubclass(value, TrilogueError)]
