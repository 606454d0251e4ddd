"""What a pacer is. One pacer serves all copies of a client."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from os import urandom
from typing import Any, Literal, Protocol, TypeAlias

from trilogue_generated.runtime.operation import Operation

from .._clock import Clock
from .rates import Rate

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


class Pacer(Protocol):
    """Asked before each request how long to wait, and shown each response.

    `blocks`: whether it may wait for other processes, so that an event loop asks it in a thread.
    """

    @property
    def blocks(self) -> bool:
        """See the class."""
        ...

    @property
    def unused(self) -> Rate:
        """What is known of a count before its first request."""
        ...

    def claim(self, operation: Operation[Any], clock: Clock, claimant: Claimant) -> float:
        """Return 0 and count a request that is sent now, or return the seconds to wait before asking again."""
        ...

    def learn(self, operation: Operation[Any], status: int, headers: Mapping[str, str], clock: Clock) -> None:
        """Learn from a response."""
        ...

    def rates(self, clock: Clock) -> Mapping[str, Rate]:
        """Return each count by its name."""
        ...

    def rate_of(self, operation: Operation[Any], clock: Clock) -> Rate:
        """Return the count that an operation belongs to."""
        ...

    def seconds_for(self, operation: Operation[Any], calls: int, clock: Clock) -> float | None:
        """Return how long so many calls would have to wait; None if that is not known."""
        ...


class NoPacer:
    """Never waits."""

    blocks = False
    unused = Rate()

    def claim(self, operation: Operation[Any], clock: Clock, claimant: Claimant) -> float:
        """Return 0."""
        return 0.0

    def learn(self, operation: Operation[Any], status: int, headers: Mapping[str, str], clock: Clock) -> None:
        """Learn nothing."""

    def rates(self, clock: Clock) -> Mapping[str, Rate]:
        """Return none."""
        return {}

    def rate_of(self, operation: Operation[Any], clock: Clock) -> Rate:
        """Return that nothing is known."""
        return Rate()

    def seconds_for(self, operation: Operation[Any], calls: int, clock: Clock) -> float | None:
        """Return 0."""
        return 0.0
