"""Decides whether a failed attempt is retried, and after how many seconds.

| the last attempt | retryable call | any other call |
| --- | --- | --- |
| never reached the platform | retry | retry |
| reached it or may have, no response came | retry | outcome unknown |
| 408, 5xx (the platform may have acted) | retry, but not after 501 and 505 | outcome unknown |
| 429 (the platform did not process it) | retry | retry |
| any other status | error | error |

A call is retryable if its operation is idempotent or carries an idempotency key. A certificate that is not trusted is
not tried again. Retries stop where the client's retry quota is used up, see `_quota`.
"""

from __future__ import annotations

from ._http.failures import MaybeSent, NeverSent
from ._records import Record

NOT_IMPLEMENTED, VERSION_NOT_SUPPORTED = 501, 505


class Attempts:
    """How often a call was tried, and what became of it.

    `sent`: how often it left, or may have. `excused`: attempts refused with a time to wait, which use up no attempt.
    `is_ambiguous`: the platform may have acted on one of them.
    """

    def __init__(self) -> None:
        """Start before the first attempt."""
        self.tried = self.sent = self.excused = self.retries = 0
        self.is_ambiguous = False


class RetryPolicy(Record, frozen=True, eq=True):
    """How often and how soon a call is retried.

    `max_attempts`: how often it is sent at most. `first_backoff`: seconds before the first retry, doubled before each
    further one. `max_backoff`: the most that doubling leads to. `jitter`: the share of a backoff that is random.
    """

    max_attempts: int = 3
    first_backoff: float = 0.5
    max_backoff: float = 8.0
    jitter: float = 0.5

    def after_failure(
        self, failure: NeverSent | MaybeSent, attempts: Attempts, *, is_retryable: bool, random: float
    ) -> float | None:
        """Return the seconds until the retry after a failed connection; None for no retry."""
        is_safe = not failure.is_lasting if isinstance(failure, NeverSent) else is_retryable
        return self.backoff(attempts, random) if is_safe and self._allows_another(attempts) else None

    def after_rate_limit(self, retry_after: float | None, attempts: Attempts, *, random: float) -> float | None:
        """Return the seconds until the retry after a 429; None for no retry.

        While the platform names a time to wait, attempts do not count; a little jitter keeps callers apart.
        """
        backoff = self.backoff(attempts, random)
        if retry_after:
            return max(retry_after, backoff / 10)
        return backoff if self._allows_another(attempts) else None

    def after_error(
        self, status: int, retry_after: float | None, attempts: Attempts, *, is_retryable: bool, random: float
    ) -> float | None:
        """Return the seconds until the retry after any other unsuccessful response; None for no retry."""
        if not is_retryable or not is_transient(status) or not self._allows_another(attempts):
            return None
        return max(retry_after or 0.0, self.backoff(attempts, random))

    def backoff(self, attempts: Attempts, random: float) -> float:
        """Return the seconds to wait after so many attempts."""
        doublings = min(max(attempts.tried, 1) - 1, 30)  # beyond, the power leaves the range of a float
        longest = min(self.first_backoff * 2.0**doublings, self.max_backoff)
        return longest * (1 - self.jitter + self.jitter * random)

    def _allows_another(self, attempts: Attempts) -> bool:
        return attempts.tried - attempts.excused < self.max_attempts


def is_ambiguous(status: int) -> bool:
    """Return whether the platform may have acted although it says that it failed, or that it took too long."""
    return status == 408 or status >= 500


def is_transient(status: int) -> bool:
    """Return whether the same request may succeed later."""
    return is_ambiguous(status) and status not in (NOT_IMPLEMENTED, VERSION_NOT_SUPPORTED)
