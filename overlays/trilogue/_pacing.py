"""Slows down before the platform has to say so.

A pacer is asked before each request how long to wait, and shown each answer. One pacer serves all copies of a client.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Protocol

from attrs import define, field
from trilogue_generated.runtime.operation import Operation

from ._waiting import retry_after

Scope = Callable[[Operation[Any]], str]


class Pacer(Protocol):
    """What the sender asks before a request and tells after it."""

    def claim(self, operation: Operation[Any], now: float) -> float:
        """Return 0 and count a request that is sent now, or return the seconds to wait before asking again."""
        ...

    def answered(self, operation: Operation[Any], status: int, headers: Mapping[str, str], now: float) -> None:
        """Learn from an answer."""
        ...


class NoPacer:
    """Never waits."""

    def claim(self, operation: Operation[Any], now: float) -> float:
        """Return 0."""
        return 0.0

    def answered(self, operation: Operation[Any], status: int, headers: Mapping[str, str], now: float) -> None:
        """Learn nothing."""


AGREEMENT = 2.0
"""Seconds by which two clocks may differ in telling when a window has room again."""

LATENESS = 1.0
"""Seconds that may pass between sending a request and the platform's counting it."""

LONGEST_NUMBER = 10
"""Digits of a header from which on it counts no requests."""


@define(eq=False)
class _Window:
    limit: int | None
    sent: deque[float] = field(factory=deque[float])
    room_at: float = 0.0


class WindowPacer:
    """Keeps to a number of requests in a sliding window, for each scope on its own.

    The limit is the one given, or else learned: when the platform refuses a request until just the moment at which the
    oldest request of this process leaves the window, then as many as are in it is the limit. Either way nothing is sent
    before the moment the platform named. Callers that wait at the same time each claim anew when their wait is over,
    so that no more go on than there is room for.
    """

    def __init__(self, scope: Scope, seconds: float, limit: int | None = None) -> None:
        """`scope` names the count an operation belongs to; `seconds` is the length of the window."""
        self._scope, self._seconds, self._limit = scope, seconds, limit
        self._windows: dict[str, _Window] = {}
        self._lock = Lock()

    def claim(self, operation: Operation[Any], now: float) -> float:
        """Return 0 and count a request where the window has room, else the seconds until it has."""
        with self._lock:
            window = self._window(operation, now)
            seconds = self._delay(window, now)
            if seconds == 0:
                window.sent.append(now)
            return seconds

    def _delay(self, window: _Window, now: float) -> float:
        room_at = window.room_at
        if window.limit is not None and len(window.sent) >= window.limit:
            room_at = max(room_at, window.sent[len(window.sent) - window.limit] + self._seconds + LATENESS)
        return max(room_at - now, 0.0)

    def answered(self, operation: Operation[Any], status: int, headers: Mapping[str, str], now: float) -> None:
        """Learn from a refusal, and take the refused request back, which the platform does not count."""
        if status != 429:
            return
        with self._lock:
            window = self._window(operation, now)
            if window.sent:
                window.sent.pop()
            self._learn(window, retry_after(headers, now), now)

    def _learn(self, window: _Window, asked: float | None, now: float) -> None:
        if asked is None:
            return
        window.room_at = now + asked
        if self._limit is None and window.sent and abs(window.sent[0] + self._seconds - window.room_at) <= AGREEMENT:
            window.limit = len(window.sent)

    def _window(self, operation: Operation[Any], now: float) -> _Window:
        window = self._windows.setdefault(self._scope(operation), _Window(self._limit))
        while window.sent and window.sent[0] <= now - self._seconds - LATENESS:
            window.sent.popleft()
        return window


@define(eq=False)
class _Count:
    """What is left until the platform counts anew at `ends_at`; `total` is what that begins with, where it is known."""

    left: int
    ends_at: float
    total: int | None
    under_way: int = 0


class HeaderPacer:
    """Counts down with the platform, for each scope on its own: what an answer says is left, less what was sent since.

    Where nothing is left, callers wait until the platform counts anew; then no more of them go on than it allows.
    """

    def __init__(
        self,
        scope: Scope,
        remaining: str,
        reset: Callable[[Mapping[str, str], float], float],
        total: str = "",
        seconds: float = 0.0,
    ) -> None:
        """`remaining` is the header that counts down; `reset` tells the seconds until the count begins anew.

        `total` is the header that says what it begins with, and `seconds` how long it lasts; without them, what a new
        count allows is known by its first answer.
        """
        self._scope, self._remaining, self._reset = scope, remaining, reset
        self._total, self._seconds = total, seconds
        self._counts: dict[str, _Count] = {}
        self._lock = Lock()

    def claim(self, operation: Operation[Any], now: float) -> float:
        """Return 0 and count a request where there is room, else the seconds until the platform counts anew."""
        with self._lock:
            count = self._current(self._scope(operation), now)
            if count is None:
                return 0.0
            if count.left <= 0:
                return count.ends_at - now
            count.left, count.under_way = count.left - 1, count.under_way + 1
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

    def answered(self, operation: Operation[Any], status: int, headers: Mapping[str, str], now: float) -> None:
        """Learn what is left; a 401 is not counted, so its numbers are those of nobody."""
        if status == 401:
            return
        asked = retry_after(headers, now) if status == 429 else None
        left = 0 if asked is not None else _number(headers, self._remaining)
        if left is None:
            return
        ends_at = now + (self._reset(headers, now) if asked is None else asked)
        with self._lock:
            self._learn(self._scope(operation), left, ends_at, _number(headers, self._total))

    def _learn(self, scope: str, left: int, ends_at: float, total: int | None) -> None:
        """Take over what an answer says, unless it is of an earlier count, or knows less than one that overtook it."""
        before = self._counts.get(scope)
        if before is None:
            self._counts[scope] = _Count(left, ends_at, total)
            return
        before.under_way = max(before.under_way - 1, 0)
        agreement = max(AGREEMENT, self._seconds / 2)  # a slow answer tells a late end, by as long as it was under way
        if ends_at < before.ends_at - agreement:
            return
        is_same = ends_at <= before.ends_at + agreement
        before.left = min(left, before.left) if is_same and before.under_way else left
        before.ends_at, before.total = ends_at, total if total is not None else before.total


def _number(headers: Mapping[str, str], name: str) -> int | None:
    """Return the number in a header, None where there is none."""
    value = headers.get(name, "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < LONGEST_NUMBER else None
