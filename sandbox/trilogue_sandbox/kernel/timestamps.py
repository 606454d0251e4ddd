"""Times to the millisecond, as Botpress and Pantheon write them; in the store they are microseconds since 1970."""

from __future__ import annotations

from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds
from trilogue_sandbox.kernel.world import World


def now(world: World) -> int:
    """Return the time in the sandbox, cut to the millisecond, so that what is kept is what is shown."""
    return to_microseconds(world.clock.now()) // 1000 * 1000


def show(moment: int) -> str:
    """Return a time in UTC with milliseconds, such as `2026-01-01T12:00:00.001Z`."""
    return from_microseconds(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def show_optional(moment: int | None) -> str | None:
    """Return a time as `show` does, or None for None."""
    return None if moment is None else show(moment)
