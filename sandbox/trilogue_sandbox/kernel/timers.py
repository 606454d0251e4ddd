"""Things that happen later: a message that is delivered, a payment that expires."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import msgspec

from trilogue_sandbox.kernel.clock import Clock, from_microseconds, to_microseconds
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.store import Store

_NEXT = "next_timer"
_NEVER = 2**63 - 1


@attrs.frozen
class Timer:
    """An action of a platform and when it is due."""

    id: int
    platform: str
    due_at: datetime
    action: str
    payload: JsonObject = attrs.field(repr=False)


class TimerQueue:
    """All platforms' timers, kept in the store.

    The state of the store knows a time before which none is due, so that most requests need not look.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        store.run(
            "CREATE TABLE IF NOT EXISTS sandbox_timers"
            " (id INTEGER PRIMARY KEY, platform TEXT NOT NULL, due_at INTEGER NOT NULL,"
            " action TEXT NOT NULL, payload BLOB NOT NULL) STRICT"
        )
        store.run("CREATE INDEX IF NOT EXISTS sandbox_timers_due ON sandbox_timers (due_at, id)")

    def add(self, platform: str, due_at: datetime, action: str, payload: JsonObject) -> int:
        """Set a timer and return its id."""
        due = to_microseconds(due_at)
        self._store.state[_NEXT] = min(due, self._store.state.get(_NEXT, 0))
        return self._store.insert(
            "INSERT INTO sandbox_timers (platform, due_at, action, payload) VALUES (?, ?, ?, ?)",
            *(platform, due, action, msgspec.json.encode(payload)),
        )

    def cancel(self, platform: str, timer_id: int) -> bool:
        """Cancel a timer; False if it has run or was never there."""
        return self._store.run("DELETE FROM sandbox_timers WHERE id = ? AND platform = ?", timer_id, platform) > 0

    def clear(self, platform: str) -> None:
        """Cancel all timers of a platform."""
        self._store.run("DELETE FROM sandbox_timers WHERE platform = ?", platform)

    def take_due(self, now: datetime) -> Timer | None:
        """Remove and return the timer that was due first, or None if none is due yet."""
        if to_microseconds(now) < self._store.state.get(_NEXT, 0):
            return None
        row = self._store.one("SELECT * FROM sandbox_timers ORDER BY due_at, id LIMIT 1")
        self._store.state[_NEXT] = row["due_at"] if row else _NEVER
        if row is None or row["due_at"] > to_microseconds(now):
            return None
        self._store.run("DELETE FROM sandbox_timers WHERE id = ?", row["id"])
        payload: JsonObject = msgspec.json.decode(row["payload"])
        return Timer(row["id"], row["platform"], from_microseconds(row["due_at"]), row["action"], payload)


class Timers:
    """One platform's timers. When one is due, the engine calls `platform.control(action, payload)`.

    Due timers run before each request and whenever the clock is moved, in the order they were due, each in a
    transaction of its own and with the clock showing the time it was due.
    """

    def __init__(self, queue: TimerQueue, platform: str, clock: Clock) -> None:
        self._queue = queue
        self._platform = platform
        self._clock = clock

    def after(self, delay: timedelta, action: str, payload: JsonObject) -> int:
        """Set a timer that is due after a delay; return its id."""
        return self.at(self._clock.now() + delay, action, payload)

    def at(self, due_at: datetime, action: str, payload: JsonObject) -> int:
        """Set a timer that is due at a timestamp; return its id."""
        return self._queue.add(self._platform, due_at, action, payload)

    def cancel(self, timer_id: int) -> bool:
        """Cancel a timer; False if it has already run."""
        return self._queue.cancel(self._platform, timer_id)
