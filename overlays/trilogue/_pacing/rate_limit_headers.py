"""Counts down with the platform's rate-limit headers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field
from trilogue_generated.runtime.operation import Operation

from .._clock import Clock, to_datetime
from .._retry_after import LONGEST_WAIT, read_retry_after
from .counts import Counts, LocalCounts
from .forecasts import seconds_in_counts
from .pacer import CLOCK_SKEW, Claimant, CountingPacer, Scope
from .queue import Waiting, delay
from .rates import Rate

MAX_DIGITS = 9
"""Digits of a header's number; a longer one does not count requests."""


class Countdown(Struct, eq=False):
    """Requests left until the count restarts at `ends_at`, None if not known; `total` is what it restarts with."""

    left: int | None = None
    ends_at: float = 0.0
    total: int | None = None
    in_flight: int = 0
    waiting: Waiting = field(default_factory=dict[str, tuple[int, float]])


class HeaderPacer(CountingPacer[Countdown]):
    """Counts down with the platform, for each scope on its own: what a response says is left, less what was sent since.

    Where nothing is left, callers wait until the count restarts; then no more of them continue than it allows.
    """

    def __init__(
        self,
        scope: Scope,
        remaining: str,
        reset: Callable[[Mapping[str, str], float], float],
        total: str = "",
        seconds: float = 0.0,
        counts: Counts[Countdown] | None = None,
    ) -> None:
        """`remaining` names the header that counts down; `reset` returns the seconds until the count restarts.

        It is called with the headers and the wall-clock time. `total` names the header that says what the count
        restarts with, and `seconds` is how long it lasts; without them, the first response of a new count says so.
        """
        super().__init__(scope, counts or LocalCounts(Countdown))
        self._remaining, self._reset, self._total, self._seconds = remaining, reset, total, seconds

    def claim(self, operation: Operation[Any], clock: Clock, claimant: Claimant) -> float:
        """Return 0 and count a request where there is room, else the seconds until the count restarts."""

        def claim(count: Countdown, now: float) -> float:
            self._advance(count, now)
            room = math.inf if count.left is None else count.left
            seconds = delay(count.waiting, claimant, room, count.ends_at - now, now)
            if seconds == 0 and count.left is not None:
                count.left, count.in_flight = count.left - 1, count.in_flight + 1
            return seconds

        return self._counts.change(self._scope(operation), clock, claim)

    def _advance(self, count: Countdown, now: float) -> None:
        """Restart a count that is over, or forget it where the next response says how it restarts."""
        if count.left is None or now < count.ends_at:
            return
        count.in_flight = 0
        if count.total is None or not self._seconds:
            count.left = None
            return
        count.left = count.total
        count.ends_at += ((now - count.ends_at) // self._seconds + 1) * self._seconds

    def learn(self, operation: Operation[Any], status: int, headers: Mapping[str, str], clock: Clock) -> None:
        """Learn what is left; a 401 is not counted, so its numbers belong to nobody."""
        if status == 401:
            return
        retry_after = read_retry_after(headers, clock.now()) if status == 429 else None
        left = 0 if retry_after is not None else _read_number(headers, self._remaining)
        if left is None:
            return
        seconds = self._reset(headers, clock.now()) if retry_after is None else retry_after
        if seconds > LONGEST_WAIT:
            return
        total = _read_number(headers, self._total)
        self._counts.change(
            self._scope(operation), clock, lambda count, now: self._learn(count, left, now + seconds, total)
        )

    def _learn(self, count: Countdown, left: int, ends_at: float, total: int | None) -> None:
        """Store what a response says, unless it is of an earlier count, or knows less than one that overtook it."""
        if count.left is None:
            count.left, count.ends_at, count.total = left, ends_at, total
            return
        count.in_flight = max(count.in_flight - 1, 0)
        tolerance = max(CLOCK_SKEW, self._seconds / 2)  # a slow response names a late end, by as long as it took
        if ends_at < count.ends_at - tolerance:
            return
        is_same = ends_at <= count.ends_at + tolerance
        count.left = min(left, count.left) if is_same and count.in_flight else left
        count.ends_at, count.total = ends_at, total if total is not None else count.total

    def _show(self, count: Countdown, now: float, to_wall_clock: float) -> Rate:
        self._advance(count, now)
        if count.left is None:
            return Rate(count.total)
        left = max(count.left, 0)
        used = None if count.total is None else max(count.total - left, 0)
        return Rate(count.total, used, left, to_datetime(count.ends_at + to_wall_clock))

    def seconds_for(self, operation: Operation[Any], calls: int, clock: Clock) -> float | None:
        """Return how long so many calls would have to wait; None if the limit or its period is not known."""

        def forecast(count: Countdown, now: float) -> float | None:
            self._advance(count, now)
            if count.left is None:
                return None
            if calls <= count.left:
                return 0.0
            if count.total is None or not self._seconds:
                return None
            return seconds_in_counts(count.left, count.total, count.ends_at - now, self._seconds, calls)

        return self._counts.change(self._scope(operation), clock, forecast)


def _read_number(headers: Mapping[str, str], name: str) -> int | None:
    """Return the number in a header, None where there is none."""
    value = headers.get(name, "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= MAX_DIGITS else None
