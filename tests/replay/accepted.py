"""The differences that are meant, each with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

import attrs

from .comparing import Difference


@attrs.define
class Acceptance:
    """One accepted difference: shell patterns for the platform, the operation id, the location and the two values."""

    reason: str
    at: str
    platform: str = "*"
    operation: str = "*"
    recorded: str = "*"
    replayed: str = "*"
    used: int = 0

    def covers(self, platform: str, operation: str, difference: Difference) -> bool:
        """Whether a difference is this one; an accepted status covers what comes with it."""
        pairs = (
            (platform, self.platform),
            (operation, self.operation),
            (difference.at, self.at),
            (difference.recorded, self.recorded),
            (difference.replayed, self.replayed),
        )
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)


def load(path: Path) -> list[Acceptance]:
    """Read the list."""
    with path.open("rb") as file:
        entries = tomllib.load(file).get("accepted", [])
    return [Acceptance(**entry) for entry in entries]


def is_accepted(
    acceptances: Iterable[Acceptance], platform: str, operation: str, differences: Iterable[Difference]
) -> bool:
    """Whether each of the differences is accepted."""
    return all(_find(acceptances, platform, operation, difference) for difference in differences)


def _find(acceptances: Iterable[Acceptance], platform: str, operation: str, difference: Difference) -> bool:
    for acceptance in acceptances:
        if acceptance.covers(platform, operation, difference):
            acceptance.used += 1
            return True
    return False
