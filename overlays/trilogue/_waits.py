"""Reports a wait before it begins: one log line and a callback."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from ._clock import to_datetime

logger = logging.getLogger("trilogue")

REPORT_THRESHOLD = 1.0
"""Seconds; waits are reported once they are longer than this in sum."""

Reason = Literal["rate limit", "failure", "pending"]


class Wait(Struct, frozen=True):
    """A pause before the next attempt.

    `reason`: `rate limit` (the platform responded with 429, or would), `failure` (the last attempt failed), or
    `pending` (what a `wait` method waits for is in no final state). `seconds`: how long. `until`: its end, UTC.
    `operation`: what waits, for example `contacts.list`. `attempt`: the number of attempts so far. `total`: the seconds
    of all waits of this call, this one included.
    """

    reason: Reason
    seconds: float
    until: datetime
    operation: str
    attempt: int
    total: float = 0.0


OnWait = Callable[[Wait], None]


class Waits:
    """The waits of one call. Short ones are reported by their sum, so that many of them are not silent."""

    def __init__(self, operation: str, on_wait: OnWait | None) -> None:
        """Report to the log and to `on_wait`."""
        self._operation, self._on_wait = operation, on_wait
        self._total = self._unreported = 0.0

    def report(self, reason: Reason, seconds: float, now: float, attempt: int) -> None:
        """Log a wait that begins at the wall-clock time `now`, and call back, once the sum passes the threshold."""
        self._total += seconds
        self._unreported += seconds
        if self._unreported <= REPORT_THRESHOLD:
            return
        self._unreported = 0.0
        wait = Wait(reason, seconds, to_datetime(now + seconds), self._operation, attempt, self._total)
        until = wait.until.strftime("%H:%M:%S UTC")
        logger.info(
            "%s waits %.0f s (%s), continues at %s; %.0f s in all",
            wait.operation, wait.seconds, wait.reason, until, wait.total,
        )  # fmt: skip
        if self._on_wait is not None:
            self._on_wait(wait)
