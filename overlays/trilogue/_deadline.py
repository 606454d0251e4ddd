"""The time a call has left."""

from __future__ import annotations

import math

from ._clock import Clock
from ._http.messages import Timeout


class Deadline:
    """When something that starts now must have ended."""

    def __init__(self, seconds: float | None, clock: Clock) -> None:
        """`seconds` is how long it may take; None for any time."""
        self._clock = clock
        self._ends_at = math.inf if seconds is None else clock.monotonic() + seconds

    def within(self, seconds: float | None) -> Deadline:
        """Return the deadline of a part of it that may take so long."""
        part = Deadline(seconds, self._clock)
        return part if part._ends_at < self._ends_at else self

    def left(self) -> float:
        """Return the seconds that are left."""
        return self._ends_at - self._clock.monotonic()

    def allows(self, seconds: float) -> bool:
        """Return whether a wait of `seconds` ends in time."""
        return seconds <= self.left()

    def limit(self, timeout: Timeout) -> Timeout:
        """Return the timeout, cut to the time that is left."""
        return timeout if self._ends_at == math.inf else timeout.within(self.left())
