"""What a pacer is. One pacer serves all copies of a client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from trilogue_generated.runtime.operation import Operation

from .._clock import Clock

CLOCK_SKEW = 2.0
"""Seconds by which two readings of when the platform has room again may differ and still mean the same time."""

Scope = Callable[[Operation[Any]], str]
"""Returns the name of the count that an operation belongs to."""


class Pacer(Protocol):
    """Asked before each request how long to wait, and shown each response."""

    def claim(self, operation: Operation[Any], clock: Clock) -> float:
        """Return 0 and count a request that is sent now, or return the seconds to wait before asking again."""
        ...

    def learn(self, operation: Operation[Any], status: int, headers: Mapping[str, str], clock: Clock) -> None:
        """Learn from a response."""
        ...


class NoPacer:
    """Never waits."""

    def claim(self, operation: Operation[Any], clock: Clock) -> float:
        """Return 0."""
        return 0.0

    def learn(self, operation: Operation[Any], status: int, headers: Mapping[str, str], clock: Clock) -> None:
        """Learn nothing."""
