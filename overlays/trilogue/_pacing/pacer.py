"""What a pacer is. One pacer serves all copies of a client."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from os import urandom
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct
from trilogue_generated.runtime.operation import Operation

from .._clock import Clock
from .counts import Counts
from .rates import Rate

Count = TypeVar("Count", bound=Struct)

CLOCK_SKEW = 2.0
"""Seconds by which two readings of when the platform has room again may differ and still mean the same time."""

Scope = Callable[[Operation[Any]], str]
"""Returns the name of the count that an operation belongs to."""

Priority: TypeAlias = Literal["high", "normal", "low"]

RANKS: Mapping[Priority, int] = {"high": 0, "normal": 1, "low": 2}
"""The order in which calls that wait for the rate limit are sent."""


class Claimant:
    """A call that asks for room. Lower ranks go first; one that cannot wait `patience` seconds does not queue."""

    def __init__(self, rank: int = RANKS["normal"], patience: Callable[[], float] = lambda: math.inf) -> None:
        """Ask for nothing yet."""
        self.rank, self.patience = rank, patience

    @cached_property
    def id(self) -> str:
        """What it is known by while it waits, in a store that others share too."""
        return urandom(8).hex()


class Pacer:
    """Asked before each request how long to wait, and shown each response; this one never waits.

    `blocks`: whether it may wait for other processes, so that an event loop asks it in a thread. `unused`: what is
    known of a count before its first request.
    """

    blocks: bool = False
    unused: Rate = Rate()

    def claim(self, operation: Operation[Any], clock: Clock, claimant: Claimant) -> float:
        """Return 0 and count a request that is sent now, or return the seconds to wait before asking again."""
        return 0.0

    def learn(self, operation: Operation[Any], status: int, headers: Mapping[str, str], clock: Clock) -> None:
        """Learn from a response."""

    def rates(self, clock: Clock) -> Mapping[str, Rate]:
        """Return each count by its name."""
        return {}

    def rate_of(self, operation: Operation[Any], clock: Clock) -> Rate:
        """Return the count that an operation belongs to."""
        return self.unused

    def seconds_for(self, operation: Operation[Any], calls: int, clock: Clock) -> float | None:
        """Return how long so many calls would have to wait; None if that is not known."""
        return 0.0


class CountingPacer(Pacer, ABC, Generic[Count]):
    """Keeps a count for each scope."""

    def __init__(self, scope: Scope, counts: Counts[Count]) -> None:
        """`scope` names the count of an operation."""
        self._scope, self._counts, self.blocks = scope, counts, counts.blocks

    def rates(self, clock: Clock) -> Mapping[str, Rate]:
        """Return each count by its name."""
        return {name: self._rate(name, clock) for name in self._counts.names()}

    def rate_of(self, operation: Operation[Any], clock: Clock) -> Rate:
        """Return the count that an operation belongs to."""
        return self._rate(self._scope(operation), clock)

    def _rate(self, name: str, clock: Clock) -> Rate:
        return self._counts.change(name, clock, lambda count, now: self._show(count, now, clock.now() - now))

    @abstractmethod
    def _show(self, count: Count, now: float, to_wall_clock: float, /) -> Rate:
        """Return a count as callers see it; `to_wall_clock` is what a time differs by from that of the wall clock."""
