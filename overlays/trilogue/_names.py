"""What the rows of lists are called, as all copies of a client remember it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from ._locks import FlowLock


@define(repr=False, eq=False)
class Names:
    """The values of a list by names, at a time of the monotonic clock; who holds the lock may fetch them again."""

    at: float = -math.inf
    values: Mapping[str, list[Any]] = field(factory=dict[str, list[Any]])
    lock: FlowLock = field(factory=FlowLock)
