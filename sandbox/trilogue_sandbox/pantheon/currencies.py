"""The currencies of ISO 4217, without the codes for testing and for no currency."""

from __future__ import annotations

import importlib.resources
from functools import cache


@cache
def currencies() -> frozenset[str]:
    """Return the codes."""
    listed = importlib.resources.files("trilogue_sandbox.pantheon").joinpath("iso4217.txt")
    return frozenset(listed.read_text(encoding="ascii").split())
