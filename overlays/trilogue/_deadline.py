"""The time a call has left."""

from __future__ import annotations

import math

from attrs import frozen

from ._clock import Clock
from ._http.messages import Timeout


@frozen(eq=False)
class Deadline:
    """When a call must have ended, on the monotonic clock; `ends_at` is infinite if it may take any time."""

    clock: Clock
    ends_at: float

    @classmethod
    def after(cls, seconds: float | None, clock: Clock) -> Deadline:
        """Return the deadline of what starts now and may take `seconds`, or any time if that is None."""
        return cls(clock, math.inf if seconds is None else clock.monotonic() + seconds)

    def left(self) -> float:
        """Return the seconds that are left."""
        return self.ends_at - self.clock.monotonic()

    def allows(self, seconds: float) -> bool:
        """Return whether a wait of `seconds` ends in time."""
        return seconds <= self.left()

    def limit(self, timeout: Timeout) -> Timeout:
        """Return the timeout, cut to the time that is left."""
        return timeout if self.ends_at == math.inf else timeout.within(self.left())
