"""Reports a wait before it begins: one log line and a callback."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from attrs import frozen

logger = logging.getLogger("trilogue")

REPORT_THRESHOLD = 1.0
"""Seconds; only a longer wait is reported."""

Reason = Literal["rate limit", "failure"]


@frozen
class Wait:
    """A pause before the next attempt.

    `reason`: `rate limit` (the platform responded with 429, or would), or `failure` (the last attempt failed).
    `seconds`: how long. `until`: its end, UTC. `operation`: what waits, for example `contacts.list`. `attempt`: the
    number of attempts so far.
    """

    reason: str
    seconds: float
    until: datetime
    operation: str
    attempt: int


OnWait = Callable[[Wait], None]


def report(wait: Wait, on_wait: OnWait | None) -> None:
    """Log a wait above the threshold, and call back."""
    if wait.seconds <= REPORT_THRESHOLD:
        return
    until = wait.until.strftime("%H:%M:%S UTC")
    logger.info("%s waits %.0f s (%s), continues at %s", wait.operation, wait.seconds, wait.reason, until)
    if on_wait is not None:
        on_wait(wait)
