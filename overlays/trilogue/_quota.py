"""Bounds the retries of a client, so that a platform in trouble is not sent three times as many requests."""

from __future__ import annotations

from ._forks import ProcessLock

RETRY_COST = 14
"""Tokens that a retry costs, as in the SDKs of AWS; they come back if it succeeds."""

FIRST_SUCCESS = 1
"""Tokens earned by a call that succeeds at its first attempt."""


class RetryQuota:
    """Tokens for retries, shared by all copies of a client.

    In an outage the first calls are retried, then none is: 200 calls send 235 requests. Attempts for which the platform
    names a time to wait cost nothing.
    """

    def __init__(self, capacity: int = 500) -> None:
        """Begin with `capacity` tokens, which is also the most there can be."""
        self.capacity = self._left = capacity
        self._lock = ProcessLock()

    @property
    def left(self) -> int:
        """The tokens that are left; a retry takes 14."""
        return self._left

    def spend(self) -> bool:
        """Take the tokens for a retry; return False where too few are left."""
        with self._lock:
            if self._left < RETRY_COST:
                return False
            self._left -= RETRY_COST
            return True

    def earn(self, retries: int) -> None:
        """Give back what the retries of a call that succeeded have cost."""
        if self._left == self.capacity:
            return
        with self._lock:
            self._left = min(self._left + (retries * RETRY_COST or FIRST_SUCCESS), self.capacity)

    def __repr__(self) -> str:
        """Show how much is left."""
        return f"RetryQuota({self._left} of {self.capacity})"
