"""How much of a rate limit is used, as callers see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field


class Rate(Struct, frozen=True):
    """A count of requests, as far as this client knows; what is None is not known yet.

    `budget`: how many requests there may be. `used`: how many there were. `left`: how many more can be sent without a
    wait. `resets_at`: when the count restarts, UTC; in a sliding window, when its oldest request leaves it.
    """

    budget: int | None = None
    used: int | None = None
    left: int | None = None
    resets_at: datetime | None = None


class Rates(Rate, frozen=True):
    """The count with the least left, and all `counts` of a client by name: endpoints, or groups of them."""

    counts: Mapping[str, Rate] = field(default_factory=dict[str, Rate])


def tightest(counts: Mapping[str, Rate], unused: Rate) -> Rates:
    """Return the count with the least left, with all of them; `unused` is what to show where there is none."""
    known = [rate for rate in counts.values() if rate.left is not None]
    least = min(known, key=lambda rate: rate.left or 0, default=max(counts.values(), key=_used, default=unused))
    return Rates(least.budget, least.used, least.left, least.resets_at, counts)


def _used(rate: Rate) -> int:
    return rate.used or 0
