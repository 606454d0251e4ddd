"""How long to wait: what the platform asks for, and what is sensible where it does not say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from attrs import frozen

logger = logging.getLogger("trilogue")

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 8.0
DOUBLINGS = 4
WORTH_TELLING = 1.0
LAST_SECOND = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()


@frozen
class Wait:
    """A pause before the next attempt.

    `reason`: `rate limit` (the platform refused, or would), or `failure` (the last attempt failed). `seconds`: how
    long. `until`: its end, UTC. `operation`: what waits, for example `contacts.list`. `attempt`: how often it was
    sent so far.
    """

    reason: str
    seconds: float
    until: datetime
    operation: str
    attempt: int


OnWait = Callable[[Wait], None]


def tell(wait: Wait, on_wait: OnWait | None) -> None:
    """Log a wait that a person would notice, and call back."""
    if wait.seconds <= WORTH_TELLING:
        return
    until = wait.until.strftime("%H:%M:%S UTC")
    logger.info("%s waits %.0f s (%s), goes on at %s", wait.operation, wait.seconds, wait.reason, until)
    if on_wait is not None:
        on_wait(wait)


def backoff(attempt: int, chance: float) -> float:
    """Return the seconds to wait after a failed attempt: doubling from 0.5 to 8, of which the upper half is chance."""
    longest = min(FIRST_BACKOFF * 2.0 ** min(attempt - 1, DOUBLINGS), LONGEST_BACKOFF)
    return longest * (0.5 + chance / 2)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds a platform asks to wait, or None where it does not say.

    Reads `Retry-After` as seconds or as an HTTP date; what is neither counts as not said, a moment that has passed as
    0.
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until_date(value, now)
    return max(seconds, 0.0) if seconds == seconds and abs(seconds) != float("inf") else None


def _until_date(value: str, now: float) -> float:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now


def moment(seconds: float) -> datetime:
    """Return a clock reading as a datetime, UTC; what is beyond the calendar as its last second."""
    return datetime.fromtimestamp(min(seconds, LAST_SECOND), UTC)
