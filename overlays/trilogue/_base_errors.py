"""The classes that all errors stand on; `errors` has the tree, and tracebacks say so."""

from __future__ import annotations

from typing import Any, TypedDict

from ._redaction import Hidden, redact, to_printable


class TrilogueError(Exception):
    """The base of everything this package raises on purpose."""

    __module__ = "trilogue.errors"
    _hides_arguments = True

    def __init_subclass__(cls) -> None:
        """Let tracebacks name the module that people import."""
        if cls.__module__.startswith("trilogue._"):
            cls.__module__ = "trilogue.errors"


class InvalidArgument(TrilogueError, ValueError):
    """An argument or a setting is wrong; nothing was sent. The message names it and says what to pass instead."""


class TooManyRows(TrilogueError):
    """A list has more rows than `all()` may return."""


class ErrorContext(TypedDict, total=False):
    """Where a request failed, and what may be done; every `RequestError` takes these."""

    platform: str
    operation: str
    attempts: int
    is_safe_to_retry: bool
    idempotency_key: str | None
    attempt: Hidden


class RequestError(TrilogueError):
    """A request failed.

    `platform` and `operation` say which, `attempts` how often it was sent. `is_safe_to_retry`: calling the method once
    more with the same arguments cannot carry it out twice, and may succeed; ask it before you retry in a queue or a
    loop of your own. `idempotency_key`: the key that was sent, if the operation has one; a call that sends it again, by
    `with_options(headers=...)`, is not carried out twice either.
    """

    def __init__(
        self,
        message: str,
        *,
        platform: str = "",
        operation: str = "",
        attempts: int = 1,
        is_safe_to_retry: bool = False,
        idempotency_key: str | None = None,
        attempt: Hidden | None = None,
    ) -> None:
        """`message` says what happened; `attempt` is what `reconcile` needs."""
        super().__init__(to_printable(redact(message)))
        self.platform, self.operation, self.attempts = platform, operation, attempts
        self.is_safe_to_retry, self.idempotency_key = is_safe_to_retry, idempotency_key
        self._attempt = attempt or Hidden()

    @property
    def attempt(self) -> Any:
        """The last attempt, which `reconcile` looks for the effect of; None in a pickle."""
        return self._attempt.get("attempt", None)

    def __dir__(self) -> list[str]:
        """List what a user needs; `attempt` is for `reconcile` alone."""
        return [name for name in super().__dir__() if name != "attempt"]

    def __repr__(self) -> str:
        """Show the class and what `str` says, and so no more personal data than that does."""
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error be copied and pickled whatever arguments its class takes."""
        return _restore, (type(self), self.args), self.__dict__

    def __str__(self) -> str:
        """Say what was attempted and what happened, with personal data hidden."""
        what = super().__str__()
        times = f" (after {self.attempts} attempts)" if self.attempts > 1 else ""
        return f"{self.platform} {self.operation}: {what}{times}" if self.operation else what


def _restore(error_class: type[RequestError], arguments: tuple[Any, ...]) -> RequestError:
    error = error_class.__new__(error_class, *arguments)
    error.args = arguments  # an OSError, such as TimeoutError, does not take them from __new__
    return error


class ConnectionFailed(RequestError):
    """The platform could not be reached, or the connection broke before the response was complete."""


class TimedOut(ConnectionFailed):
    """No response came in time."""
