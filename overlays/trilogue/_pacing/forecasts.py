"""How long a rate limit makes a number of requests wait."""

from __future__ import annotations

import math
from collections.abc import Sequence


def seconds_in_window(sent: Sequence[float], limit: int, seconds: float, calls: int, now: float) -> float:
    """Return the seconds until the last of so many requests, each sent as soon as a sliding window has room."""
    times = list(sent)
    for _ in range(calls):
        earliest = times[len(times) - limit] + seconds if len(times) >= limit else now
        times.append(max(now, earliest))
    return times[-1] - now if calls else 0.0


def seconds_in_counts(left: int, total: int, ends_in: float, seconds: float, calls: int) -> float:
    """Return the seconds until the last of so many requests, with `total` in each period."""
    if calls <= left or total <= 0:
        return 0.0
    return ends_in + (math.ceil((calls - left) / total) - 1) * seconds
