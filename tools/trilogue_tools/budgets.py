"""How many requests are left before a client waits, as far as it knows."""

from __future__ import annotations

from typing import Any

from trilogue._core import Core
from trilogue._pacing.rate_limit_headers import HeaderPacer
from trilogue._pacing.sliding_window import WindowPacer
from trilogue_generated.runtime.operation import Operation


def requests_left(client: Any, operation: Operation[Any]) -> int | None:
    """Return how many more calls of an operation a client sends without waiting; None if that is not known yet."""
    core: Core = client._core
    pacer = core.pacer
    if isinstance(pacer, WindowPacer):
        window = pacer._window(operation, core.clock.monotonic())  # pyright: ignore[reportPrivateUsage]
        return None if window.limit is None else max(window.limit - len(window.sent), 0)
    if isinstance(pacer, HeaderPacer):
        count = pacer._counts.get(pacer._scope(operation))  # pyright: ignore[reportPrivateUsage]
        return None if count is None else max(count.left, 0)
    return None
