"""How much a run does, and how many requests that takes at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import frozen

from trilogue_tools.contract.meaning import bounds, filters
from trilogue_tools.contract.write_checks import creates
from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.reading import most_requests

Depth = Literal["quick", "normal", "deep"]


@frozen
class Effort:
    """What a depth means: pages of a list, values of a filter, objects read one by one, cases made up."""

    pages: int
    filter_values: int
    objects: int
    cases: int
    is_anonymous: bool = True


EFFORTS: Mapping[Depth, Effort] = {
    "quick": Effort(pages=2, filter_values=0, objects=1, cases=0, is_anonymous=False),
    "normal": Effort(pages=4, filter_values=1, objects=2, cases=3),
    "deep": Effort(pages=40, filter_values=3, objects=3, cases=10),
}

RATE_BUDGETS: Mapping[str, int] = {"rapidpro": 2000}
"""The most requests of a run where a platform counts them by the hour; a RapidPro workspace has 2,500."""

_SMALL_PAGES, _BORDERS, _BACK, _BUDGET = 4, 2, 3, 3
_LIFECYCLE = 40
"""How many requests one object takes, from its creation to its end."""

_UNLINKED = 4
"""How many requests an operation takes that no link leads to."""


def requests_for(endpoints: Iterable[Endpoint], effort: Effort, *, writes: bool) -> int:
    """Return how many requests the checks of these operations take at most, those to gather ids included."""
    chosen = list(endpoints)
    reads = [each for each in chosen if each.reads]
    gathering = most_requests({each.id: each for each in reads})
    checks = sum(_requests(each, effort) for each in reads)
    return gathering + _BUDGET + checks + (_writes(chosen) if writes else 0)


def _writes(endpoints: Iterable[Endpoint]) -> int:
    """Return how many requests operations take that write, those that no link leads to included."""
    return sum(2 * _LIFECYCLE if creates(each) else 0 if each.reads else _UNLINKED for each in endpoints)


def _requests(endpoint: Endpoint, effort: Effort) -> int:
    once = effort.cases + (1 + len(endpoint.other_schemes) if effort.is_anonymous else 0)
    if endpoint.page is None:
        return once + effort.objects
    small = min(_SMALL_PAGES, effort.pages) if endpoint.page.limit else 0
    ranges = len([*bounds(endpoint)]) * effort.pages
    chosen = len([*filters(endpoint)]) * max(2, effort.filter_values * effort.pages) if effort.filter_values else 0
    return once + effort.pages + small + 1 + ranges + _BORDERS + _BACK + chosen
