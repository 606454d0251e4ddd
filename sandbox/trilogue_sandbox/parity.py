"""What each operation of the sandbox was held against, as `scripts/parity` wrote it from the tests."""

from __future__ import annotations

import importlib.resources
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import TypeAlias

import msgspec

Evidence: TypeAlias = Mapping[str, str]
"""The evidence of each operation: `captured`, `official client`, `documented` or `decided`."""


def evidence(platform: str, flavour: str) -> Evidence:
    """Return the evidence of a flavour of a platform; none for a platform that the ledger does not have."""
    return _ledger().get(platform, {}).get(flavour, {})


def counts(platform: str, flavour: str) -> Mapping[str, int]:
    """Return how many operations have each evidence."""
    return dict(Counter(evidence(platform, flavour).values()).most_common())


@cache
def _ledger() -> Mapping[str, Mapping[str, Evidence]]:
    content = (importlib.resources.files("trilogue_sandbox") / "parity.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, dict[str, dict[str, str]]])
