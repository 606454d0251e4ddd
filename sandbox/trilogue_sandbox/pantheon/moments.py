"""Times as the API writes and reads them; in the store they are microseconds since 1970, cut to the millisecond."""

from __future__ import annotations

from datetime import datetime

from trilogue_sandbox.clock import from_microseconds, to_microseconds
from trilogue_sandbox.world import World

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def now(world: World) -> int:
    """Return the time in the sandbox."""
    return to_microseconds(world.clock.now()) // 1000 * 1000


def show(moment: int) -> str:
    """Return a time in UTC with milliseconds, such as `2026-01-01T12:00:00.001Z`."""
    return from_microseconds(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def show_optional(moment: int | None) -> str | None:
    """Return a time as `show` does, or None for None."""
    return None if moment is None else show(moment)


def read(text: str) -> int:
    """Read a time that fits RFC 3339, to the microsecond.

    Raises:
        ValueError: it is a leap second, or before the year 1.
    """
    return to_microseconds(datetime.fromisoformat(text.upper()))


def plant(world: World, moment: int, action: str, **payload: str | int) -> None:
    """Have an action done at a moment."""
    world.timers.at(from_microseconds(moment), action, {**payload})
