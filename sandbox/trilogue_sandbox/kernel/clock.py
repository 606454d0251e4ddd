"""The time in the sandbox, which a test can hold still and move."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta

from trilogue_sandbox.kernel.store import Store

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""Where a clock that stands still begins unless told otherwise."""

LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Where every clock ends, so that what a platform plans for later still has a date; calendars end with 9999."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TICK = timedelta(milliseconds=1)


def real_time() -> datetime:
    """Return the time of this machine, UTC."""
    return datetime.now(UTC)


class Clock:
    """The time of the sandbox, always UTC and aware.

    With `start` the clock stands still there and moves only when told to. With None it follows the real time, and
    moving it adds to a difference that stays. Where it stands is kept in the store.
    """

    def __init__(
        self, store: Store, start: datetime | None = START, real_time: Callable[[], datetime] = real_time
    ) -> None:
        if start is not None and start > LATEST:
            raise ValueError(f"the clock ends at {LATEST.isoformat()}: `start` must not be later")
        self._store = store
        self.start = start
        self._real_time = real_time
        self._pinned: datetime | None = None

    @property
    def is_running(self) -> bool:
        """Whether the clock follows the real time."""
        return self.start is None

    def now(self) -> datetime:
        """Return the time; while a timer runs, the time it was due."""
        if self._pinned is not None:
            return self._pinned
        return self._origin() + timedelta(microseconds=self._store.state.get("clock", 0))

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward and return the new time.

        Raises:
            TypeError: `by` is not a timedelta.
            ValueError: `by` is negative; a time that has passed cannot come back.
            OverflowError: the new time is later than `LATEST`.
        """
        if not isinstance(by, timedelta):
            raise TypeError("`by` must be a timedelta, such as timedelta(seconds=5)")
        if by < timedelta(0):
            raise ValueError("the clock moves only forward: `by` must not be negative")
        if by > LATEST - self.now():
            raise OverflowError(f"the clock ends at {LATEST.isoformat()}")
        return self._move(by)

    def set(self, timestamp: datetime) -> datetime:
        """Move the clock forward to a timestamp and return it.

        Raises:
            ValueError: the timestamp has no time zone, or it has passed.
            OverflowError: it is later than `LATEST`.
        """
        if timestamp.tzinfo is None:
            raise ValueError("the timestamp needs a time zone, as in 2026-01-01T12:00:00Z")
        return self.advance(timestamp - self.now())

    def tick(self) -> None:
        """Move a clock that stands still by one millisecond, as each request does; a running one moves by itself."""
        if not self.is_running:
            self._move(_TICK)

    def _move(self, by: timedelta) -> datetime:
        self._store.state["clock"] = self._store.state.get("clock", 0) + by // _MICROSECOND
        return self.now()

    @contextlib.contextmanager
    def at(self, timestamp: datetime) -> Generator[None, None, None]:
        """Let `now` return `timestamp` within the block."""
        before, self._pinned = self._pinned, timestamp
        try:
            yield
        finally:
            self._pinned = before

    def _origin(self) -> datetime:
        return self._real_time() if self.start is None else self.start


def to_microseconds(timestamp: datetime) -> int:
    """Return microseconds since 1970, which is how timestamps are kept in the store."""
    return (timestamp - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Return the timestamp of a number of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=value)
