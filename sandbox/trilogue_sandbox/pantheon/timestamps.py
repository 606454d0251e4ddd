"""Times as the API writes and reads them; in the store they are microseconds since 1970, cut to the millisecond."""

from __future__ import annotations

from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.timestamps import DAY, HOUR, MINUTE, SECOND, format_milliseconds, read_timestamp
from trilogue_sandbox.kernel.world import World

__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "now", "plant", "read", "show", "show_optional"]

read = read_timestamp
show = format_milliseconds


def now(world: World) -> int:
    """Return the time in the sandbox, cut to the millisecond."""
    return world.now


def show_optional(timestamp: int | None) -> str | None:
    """Return a time as `show` does, or None for None."""
    return None if timestamp is None else show(timestamp)


def plant(world: World, timestamp: int, action: str, **payload: str | int) -> None:
    """Have an action done at a time."""
    world.timers.at(from_microseconds(timestamp), action, {**payload})
