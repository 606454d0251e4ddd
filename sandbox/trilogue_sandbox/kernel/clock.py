"""The time in the sandbox, which a test can hold still and move."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta

from trilogue_sandbox.kernel.state import State

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""Where a clock that stands still begins unless told otherwise."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _real_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """The time of the sandbox, always UTC and aware.

    With `start` the clock stands still there and moves only when told to. With None it follows the real time, and
    moving it adds to a difference that stays. Where it stands is kept in the store.
    """

    def __init__(
        self, state: State, start: datetime | None = START, real_time: Callable[[], datetime] = _real_time
    ) -> None:
        self._state = state
        self.start = start
        self._real_time = real_time
        self._pinned: datetime | None = None

    @property
    def is_running(self) -> bool:
        """Whether the clock follows the real time."""
        return self.start is None

    def now(self) -> datetime:
        """Return the time; while a timer runs, the moment it was due."""
        if self._pinned is not None:
            return self._pinned
        return self._origin() + timedelta(microseconds=self._state.get("clock"))

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward and return the new time.

        Raises:
            ValueError: `by` is negative; a moment that has passed cannot come back.
            OverflowError: the new time is beyond the year 9999.
        """
        if by < timedelta(0):
            raise ValueError("the clock moves only forward: `by` must not be negative")
        moved = self.now() + by
        self._state.set("clock", self._state.get("clock") + by // _MICROSECOND)
        return moved

    def set(self, moment: datetime) -> datetime:
        """Move the clock forward to a moment, given with its time zone, and return it.

        Raises:
            ValueError: the moment has no time zone, or it has passed.
        """
        if moment.tzinfo is None:
            raise ValueError("the moment needs a time zone, as in 2026-01-01T12:00:00Z")
        return self.advance(moment - self.now())

    def tick(self) -> None:
        """Move a clock that stands still by one millisecond, as each request does; a running one moves by itself."""
        if not self.is_running:
            self.advance(timedelta(milliseconds=1))

    @contextlib.contextmanager
    def at(self, moment: datetime) -> Generator[None, None, None]:
        """Let `now` be `moment` within the block."""
        before, self._pinned = self._pinned, moment
        try:
            yield
        finally:
            self._pinned = before

    def _origin(self) -> datetime:
        return self._real_time() if self.start is None else self.start


def to_microseconds(moment: datetime) -> int:
    """Return microseconds since 1970, which is how moments are best kept in the store."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Return the moment of a number of microseconds since 1970."""
    return _EPOCH + value * _MICROSECOND
