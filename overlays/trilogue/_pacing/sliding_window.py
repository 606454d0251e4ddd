"""Keeps to a number of requests in a sliding window."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field
from trilogue_generated.runtime.operation import Operation

from .._clock import Clock, to_datetime
from .._retry_after import LONGEST_WAIT, read_retry_after
from .counts import Counts, LocalCounts
from .forecasts import seconds_in_window
from .pacer import CLOCK_SKEW, Claimant, CountingPacer, Scope
from .queue import Waiting, delay
from .rates import Rate

TRANSIT_MARGIN = 1.0
"""Seconds that may pass between sending a request and the platform's counting it."""

LONG_AGO = -1e12


class Window(Struct, eq=False):
    """The times of the requests in the window, and when the platform has room again."""

    limit: int | None = None
    sent: list[float] = field(default_factory=list[float])
    room_at: float = LONG_AGO
    waiting: Waiting = field(default_factory=dict[str, tuple[int, float]])


class WindowPacer(CountingPacer[Window]):
    """Keeps to a number of requests in a sliding window, for each scope on its own.

    The limit is the one given, or else learned: when the platform refuses a request until just the time at which the
    oldest request of this process leaves the window, the number of requests in it is the limit. Either way nothing is
    sent before the time the platform named. Callers that wait at the same time each claim again when their wait is
    over, so that no more continue than there is room for.
    """

    def __init__(
        self, scope: Scope, seconds: float, limit: int | None = None, counts: Counts[Window] | None = None
    ) -> None:
        """`seconds` is the length of the window."""
        super().__init__(scope, counts or LocalCounts(Window))
        self._seconds, self._limit, self.unused = seconds, limit, Rate(limit, 0, limit)

    def claim(self, operation: Operation[Any], clock: Clock, claimant: Claimant) -> float:
        """Return 0 and count a request where the window has room, else the seconds until it has."""

        def claim(window: Window, now: float) -> float:
            self._advance(window, now)
            seconds = delay(window.waiting, claimant, self._room(window, now), self._room_at(window) - now, now)
            if seconds == 0:
                window.sent.append(now)
            return seconds

        return self._counts.change(self._scope(operation), clock, claim)

    def _room(self, window: Window, now: float) -> float:
        if window.room_at > now:
            return 0
        limit = self._limit_of(window)
        return math.inf if limit is None else limit - len(window.sent)

    def _room_at(self, window: Window) -> float:
        limit = self._limit_of(window)
        if limit is None or len(window.sent) < limit:
            return window.room_at
        first_to_leave = window.sent[len(window.sent) - limit]
        return max(window.room_at, first_to_leave + self._seconds + TRANSIT_MARGIN)

    def learn(self, operation: Operation[Any], status: int, headers: Mapping[str, str], clock: Clock) -> None:
        """Learn from a 429, and take back the refused request, which the platform does not count."""
        if status != 429:
            return
        retry_after = read_retry_after(headers, clock.now())

        def learn(window: Window, now: float) -> None:
            self._advance(window, now)
            if window.sent:
                window.sent.pop()
            if retry_after is not None and retry_after <= LONGEST_WAIT:
                self._learn(window, now + retry_after)

        self._counts.change(self._scope(operation), clock, learn)

    def _learn(self, window: Window, room_at: float) -> None:
        window.room_at = room_at
        if self._limit is None and window.sent and abs(window.sent[0] + self._seconds - room_at) <= CLOCK_SKEW:
            window.limit = len(window.sent)

    def _limit_of(self, window: Window) -> int | None:
        return window.limit if self._limit is None else self._limit

    def _advance(self, window: Window, now: float) -> None:
        del window.sent[: bisect_right(window.sent, now - self._seconds - TRANSIT_MARGIN)]

    def _show(self, window: Window, now: float, to_wall_clock: float) -> Rate:
        self._advance(window, now)
        limit, used = self._limit_of(window), len(window.sent)
        left = None if limit is None else max(min(limit - used, self._room(window, now)), 0)
        resets_at = max(window.room_at, window.sent[0] + self._seconds if window.sent else LONG_AGO)
        later = None if resets_at <= now else to_datetime(resets_at + to_wall_clock)
        return Rate(limit, used, None if left is None else int(left), later)

    def seconds_for(self, operation: Operation[Any], calls: int, clock: Clock) -> float | None:
        """Return how long so many calls would have to wait; None if the limit is not known."""

        def forecast(window: Window, now: float) -> float | None:
            self._advance(window, now)
            limit = self._limit_of(window)
            if limit is None:
                return None
            begin = max(now, window.room_at)
            return begin - now + seconds_in_window(window.sent, limit, self._seconds + TRANSIT_MARGIN, calls, begin)

        return self._counts.change(self._scope(operation), clock, forecast)
