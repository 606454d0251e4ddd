"""Lets the more urgent of the calls that wait for room go first."""

from __future__ import annotations

from .pacer import Claimant

GRACE = 1.0
"""Seconds that room is kept for a call after the end of its wait."""

SHORTEST_WAIT = 0.05
"""Seconds; a call that lets others go first asks again after so many."""

RESOLUTION = 0.001
"""Seconds that a wait takes at least; a shorter one may be lost in the rounding of a clock, and so never end."""

Waiting = dict[str, tuple[int, float]]
"""The calls that were told to wait, by their ids: their ranks, and when their waits end."""


def delay(waiting: Waiting, claimant: Claimant, room: float, seconds: float, now: float) -> float:
    """Return 0 where there is room beside what more urgent calls wait for, else the seconds to wait.

    `seconds` is how long it takes until there is more room.
    """
    if waiting:
        waiting.pop(claimant.id, None)
        for late in [name for name, (_, until) in waiting.items() if until + GRACE < now]:
            del waiting[late]
    ahead = [until for rank, until in waiting.values() if rank < claimant.rank]
    if room > len(ahead):
        return 0.0
    wait = max(seconds, RESOLUTION) if room <= 0 else max(min(ahead) - now, SHORTEST_WAIT)
    if wait <= claimant.patience():
        waiting[claimant.id] = claimant.rank, now + wait
    return wait
