"""How many requests are left before a client waits, as far as it knows."""

from __future__ import annotations

from typing import Any

from trilogue._core import Core
from trilogue_generated.runtime.operation import Operation


def requests_left(client: Any, operation: Operation[Any]) -> int | None:
    """Return how many more calls of an operation a client sends without waiting; None if that is not known yet."""
    core: Core = client._core
    return core.pacer.rate_of(operation, core.clock).left
