"""Counts down with the platform's rate-limit headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define
from trilogue_generated.runtime.operation import Operation

from .._clock import Clock
from .._forks import ProcessLock
from .._retry_after import read_retry_after
from .pacer import CLOCK_SKEW, Scope

MAX_DIGITS = 9
"""Digits of a header's number; a longer one does not count requests."""


@define(repr=False, eq=False)
class _Count:
    """Requests left until the count restarts at `ends_at` (monotonic); `total` is what it restarts with, if known."""

    left: int
    ends_at: float
    total: int | None
    in_flight: int = 0


class HeaderPacer:
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
    ) -> None:
        """`remaining` names the header that counts down; `reset` returns the seconds until the count restarts.

        It is called with the headers and the wall-clock time. `total` names the header that says what the count
        restarts with, and `seconds` is how long it lasts; without them, the first response of a new count says so.
        """
        self._scope, self._remaining, self._reset = scope, remaining, reset
        self._total, self._seconds = total, seconds
        self._counts: dict[str, _Count] = {}
        self._lock = ProcessLock()

    def claim(self, operation: Operation[Any], clock: Clock) -> float:
        """Return 0 and count a request where there is room, else the seconds until the count restarts."""
        now = clock.monotonic()
        with self._lock:
            count = self._current(self._scope(operation), now)
            if count is None:
                return 0.0
            if count.left <= 0:
                return count.ends_at - now
            count.left, count.in_flight = count.left - 1, count.in_flight + 1
            return 0.0

    def _current(self, scope: str, now: float) -> _Count | None:
        count = self._counts.get(scope)
        if count is None or now < count.ends_at:
            return count
        if count.total is None:
            del self._counts[scope]
            return None
        passed = (now - count.ends_at) // self._seconds + 1
        self._counts[scope] = _Count(count.total, count.ends_at + passed * self._seconds, count.total)
        return self._counts[scope]

    def learn(self, operation: Operation[Any], status: int, headers: Mapping[str, str], clock: Clock) -> None:
        """Learn what is left; a 401 is not counted, so its numbers belong to nobody."""
        if status == 401:
            return
        retry_after = read_retry_after(headers, clock.now()) if status == 429 else None
        left = 0 if retry_after is not None else _read_number(headers, self._remaining)
        if left is None:
            return
        seconds = self._reset(headers, clock.now()) if retry_after is None else retry_after
        with self._lock:
            scope, total = self._scope(operation), _read_number(headers, self._total)
            self._learn(scope, left, clock.monotonic() + seconds, total)

    def _learn(self, scope: str, left: int, ends_at: float, total: int | None) -> None:
        """Store what a response says, unless it is of an earlier count, or knows less than one that overtook it."""
        before = self._counts.get(scope)
        if before is None:
            self._counts[scope] = _Count(left, ends_at, total)
            return
        before.in_flight = max(before.in_flight - 1, 0)
        tolerance = max(CLOCK_SKEW, self._seconds / 2)  # a slow response names a late end, by as long as it took
        if ends_at < before.ends_at - tolerance:
            return
        is_same = ends_at <= before.ends_at + tolerance
        before.left = min(left, before.left) if is_same and before.in_flight else left
        before.ends_at, before.total = ends_at, total if total is not None else before.total


def _read_number(headers: Mapping[str, str], name: str) -> int | None:
    """Return the number in a header, None where there is none."""
    value = headers.get(name, "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= MAX_DIGITS else None
