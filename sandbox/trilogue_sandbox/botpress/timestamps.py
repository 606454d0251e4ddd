"""Times as the API writes and reads them; in the store they are microseconds since 1970."""

from __future__ import annotations

from trilogue_sandbox.kernel.timestamps import MILLISECOND, format_milliseconds, read_timestamp
from trilogue_sandbox.kernel.world import World

show = format_milliseconds


def now(world: World) -> int:
    """Return the time in the sandbox, cut to the millisecond."""
    return world.now


def show_optional(timestamp: int | None) -> str | None:
    """Return a time as `show` does, or None for None."""
    return None if timestamp is None else show(timestamp)


def read(text: str) -> int:
    """Read a time in ISO 8601, to the millisecond, in UTC where it names no zone.

    Raises:
        ValueError: it cannot be read.
    """
    return read_timestamp(text) // MILLISECOND * MILLISECOND
