"""Keeps to a number of requests in a sliding window."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from attrs import define, field
from trilogue_generated.runtime.operation import Operation

from .._clock import Clock
from .._forks import ProcessLock
from .._retry_after import read_retry_after
from .pacer import CLOCK_SKEW, Scope

TRANSIT_MARGIN = 1.0
"""Seconds that may pass between sending a request and the platform's counting it."""


@define(repr=False, eq=False)
class _Window:
    """The monotonic times of the requests in the window, and when the platform has room again."""

    limit: int | None
    sent: deque[float] = field(factory=deque[float])
    room_at: float = float("-inf")


class WindowPacer:
    """Keeps to a number of requests in a sliding window, for each scope on its own.

    The limit is the one given, or else learned: when the platform refuses a request until just the time at which the
    oldest request of this process leaves the window, the number of requests in it is the limit. Either way nothing is
    sent before the time the platform named. Callers that wait at the same time each claim again when their wait is
    over, so that no more continue than there is room for.
    """

    def __init__(self, scope: Scope, seconds: float, limit: int | None = None) -> None:
        """`scope` names the count of an operation; `seconds` is the length of the window."""
        self._scope, self._seconds, self._limit = scope, seconds, limit
        self._windows: dict[str, _Window] = {}
        self._lock = ProcessLock()

    def claim(self, operation: Operation[Any], clock: Clock) -> float:
        """Return 0 and count a request where the window has room, else the seconds until it has."""
        now = clock.monotonic()
        with self._lock:
            window = self._window(operation, now)
            seconds = self._delay(window, now)
            if seconds == 0:
                window.sent.append(now)
            return seconds

    def _delay(self, window: _Window, now: float) -> float:
        room_at = window.room_at
        if window.limit is not None and len(window.sent) >= window.limit:
            first_to_leave = window.sent[len(window.sent) - window.limit]
            room_at = max(room_at, first_to_leave + self._seconds + TRANSIT_MARGIN)
        return max(room_at - now, 0.0)

    def learn(self, operation: Operation[Any], status: int, headers: Mapping[str, str], clock: Clock) -> None:
        """Learn from a 429, and take back the refused request, which the platform does not count."""
        if status != 429:
            return
        now, retry_after = clock.monotonic(), read_retry_after(headers, clock.now())
        with self._lock:
            window = self._window(operation, now)
            if window.sent:
                window.sent.pop()
            if retry_after is not None:
                self._learn(window, now + retry_after)

    def _learn(self, window: _Window, room_at: float) -> None:
        window.room_at = room_at
        if self._limit is None and window.sent and abs(window.sent[0] + self._seconds - room_at) <= CLOCK_SKEW:
            window.limit = len(window.sent)

    def _window(self, operation: Operation[Any], now: float) -> _Window:
        window = self._windows.setdefault(self._scope(operation), _Window(self._limit))
        while window.sent and window.sent[0] <= now - self._seconds - TRANSIT_MARGIN:
            window.sent.popleft()
        return window
