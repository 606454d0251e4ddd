"""Where the platform takes what its description has no place for."""

from __future__ import annotations

from collections.abc import Sequence

from trilogue_sandbox.kernel.platform import Leniency

LENIENCIES: Sequence[Leniency] = (
    Leniency("*", "body", "unknown", "the platform's own client sends an empty object with each DELETE"),
)
