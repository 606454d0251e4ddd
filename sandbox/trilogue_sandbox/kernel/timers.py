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


class Timers:
    """The timers of one platform, kept in the store. When one is due, the engine calls `control(action, payload)`.

    Due timers run before each request and whenever the clock is moved, in the order they were due, each in a
    transaction of its own and with the clock showing the time it was due.
    """

    def __init__(self, store: Store, clock: Clock, platform: str = "") -> None:
        self._store = store
        self._clock = clock
        self._platform = platform
        self.create_table()

    def create_table(self) -> None:
        """Create the table unless it is there."""
        self._store.run(
            "CREATE TABLE IF NOT EXISTS sandbox_timers"
            " (id INTEGER PRIMARY KEY, platform TEXT NOT NULL, due_at INTEGER NOT NULL,"
            " action TEXT NOT NULL, payload BLOB NOT NULL) STRICT"
        )
        self._store.run("CREATE INDEX IF NOT EXISTS sandbox_timers_due ON sandbox_timers (due_at, id)")

    def after(self, delay: timedelta, action: str, payload: JsonObject) -> int:
        """Set a timer that is due after a delay from now; return its id."""
        return self.at(self._clock.now() + delay, action, payload)

    def at(self, due_at: datetime, action: str, payload: JsonObject) -> int:
        """Set a timer that is due at a timestamp; return its id."""
        due = to_microseconds(due_at)
        self._store.state[_NEXT] = min(due, self._store.state.get(_NEXT, 0))
        return self._store.insert(
            "INSERT INTO sandbox_timers (platform, due_at, action, payload) VALUES (?, ?, ?, ?)",
            *(self._platform, due, action, msgspec.json.encode(payload)),
        )

    def cancel(self, timer_id: int) -> bool:
        """Cancel a timer; False if it has already run."""
        sql = "DELETE FROM sandbox_timers WHERE id = ? AND platform = ?"
        return self._store.run(sql, timer_id, self._platform) > 0

    def clear(self) -> None:
        """Cancel all timers of the platform."""
        self._store.run("DELETE FROM sandbox_timers WHERE platform = ?", self._platform)

    def take_due(self) -> Timer | None:
        """Remove and return the timer of any platform that was due first, or None if none is due yet.

        The state of the store knows a time before which none is due, so that most requests need not look.
        """
        now = to_microseconds(self._clock.now())
        if now < self._store.state.get(_NEXT, 0):
            return None
        row = self._store.one("SELECT * FROM sandbox_timers ORDER BY due_at, id LIMIT 1")
        self._store.state[_NEXT] = row["due_at"] if row else _NEVER
        if row is None or row["due_at"] > now:
            return None
        self._store.run("DELETE FROM sandbox_timers WHERE id = ?", row["id"])
        payload: JsonObject = msgspec.json.decode(row["payload"])
        return Timer(row["id"], row["platform"], from_microseconds(row["due_at"]), row["action"], payload)
