"""Times as the API writes and reads them; in the store they are microseconds since 1970, cut to the millisecond."""

from __future__ import annotations

from datetime import datetime

from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds
from trilogue_sandbox.kernel.timestamps import now, show, show_optional
from trilogue_sandbox.kernel.world import World

__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "now", "plant", "read", "show", "show_optional"]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def read(text: str) -> int:
    """Read a time that fits RFC 3339, to the microsecond.

    Raises:
        ValueError: it is a leap second, or before the year 1.
    """
    return to_microseconds(datetime.fromisoformat(text.upper()))


def plant(world: World, moment: int, action: str, **payload: str | int) -> None:
    """Have an action done at a moment."""
    world.timers.at(from_microseconds(moment), action, {**payload})
