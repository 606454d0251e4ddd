"""How much is allowed. Each limit has a name and can be set by the control action `set_limit`."""

from __future__ import annotations

import math

import attrs

from trilogue_sandbox.botpress import timestamps
from trilogue_sandbox.kernel.world import World

MEGABYTE = 1024 * 1024
KILOBYTE = 1024

REQUESTS = "requests_per_second"

DEFAULTS: dict[str, int] = {
    REQUESTS: 100,
    "runtime_body_bytes": MEGABYTE,
    "files_body_bytes": MEGABYTE,
    "tables_body_bytes": 40 * MEGABYTE,
    "admin_body_bytes": 50 * MEGABYTE,
    "billing_body_bytes": 50 * MEGABYTE,
}
"""The limits of the platform; that of billing is not published and taken to be that of administration.

On a clock that stands still each request takes a millisecond, so a limit of 100 requests a second would be met by any
program. There the limit is 1000, which is never met, until it is set.
"""

_REQUESTS_ON_A_STANDING_CLOCK = 1000
_SECOND = 1_000_000


@attrs.frozen
class Allowance:
    """What the rate limit still allows a caller."""

    limit: int
    remaining: int
    reset_seconds: int
    is_exceeded: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


def limit(world: World, name: str) -> int:
    """Return a limit as it was set, or else its default."""
    row = world.store.one("SELECT value FROM botpress_limits WHERE name = ?", name)
    if row is not None:
        return int(row["value"])
    if name == REQUESTS and not world.clock.is_running:
        return _REQUESTS_ON_A_STANDING_CLOCK
    return DEFAULTS[name]


def set_limit(world: World, name: str, value: int) -> None:
    """Set a limit; `name` is one of DEFAULTS."""
    world.store.run("INSERT OR REPLACE INTO botpress_limits VALUES (?, ?)", name, value)


def count_request(world: World, caller: str) -> Allowance:
    """Count a request of a caller within the last second; one that is beyond the limit is not counted."""
    now, allowed = timestamps.now(world), limit(world, REQUESTS)
    world.store.run("DELETE FROM botpress_requests WHERE caller = ? AND at <= ?", caller, now - _SECOND)
    row = world.store.one("SELECT COUNT(*) AS made, MIN(at) AS first FROM botpress_requests WHERE caller = ?", caller)
    assert row is not None
    first = now if row["first"] is None else row["first"]
    reset_seconds = max(1, math.ceil((first + _SECOND - now) / _SECOND))
    if row["made"] >= allowed:
        return Allowance(allowed, 0, reset_seconds, is_exceeded=True)
    world.store.run("INSERT INTO botpress_requests VALUES (?, ?)", caller, now)
    return Allowance(allowed, allowed - row["made"] - 1, reset_seconds)
