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


@define
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


class HeaderPacer:
    """Stops when an answer says that nothing is left, until the moment it names, for each scope on its own."""

    def __init__(self, scope: Scope, remaining: str, reset: Callable[[Mapping[str, str], float], float]) -> None:
        """`remaining` is the header that counts down; `reset` tells the seconds until the count begins anew."""
        self._scope, self._remaining, self._reset = scope, remaining, reset
        self._room_at: dict[str, float] = {}

    def claim(self, operation: Operation[Any], now: float) -> float:
        """Return the seconds until there is room; the platform counts."""
        return max(self._room_at.get(self._scope(operation), 0.0) - now, 0.0)

    def answered(self, operation: Operation[Any], status: int, headers: Mapping[str, str], now: float) -> None:
        """Note the moment from which there is room again."""
        asked = retry_after(headers, now) if status == 429 else None
        if asked is not None:
            self._room_at[self._scope(operation)] = now + asked
        elif headers.get(self._remaining, "").strip() == "0":
            self._room_at[self._scope(operation)] = now + self._reset(headers, now)
