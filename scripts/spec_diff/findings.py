"""What is found, and how bad it is."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from attrs import frozen


class Level(IntEnum):
    """How much a change concerns a caller."""

    COMPATIBLE = 0
    """Nobody has to do anything."""
    RISKY = 1
    """A client of the old description may meet what it does not expect."""
    BREAKING = 2
    """A caller who relied on the old description fails, or gets something else."""

    def __str__(self) -> str:
        return self.name.lower()


@frozen(order=True)
class Finding:
    """One change: where it is, what it means, and what a caller in Python knows it by."""

    level: Level
    rule: str
    pointer: str
    message: str
    python: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the finding for JSON."""
        return {
            "level": str(self.level),
            "rule": self.rule,
            "pointer": self.pointer,
            "message": self.message,
            **({"python": self.python} if self.python else {}),
        }


Findings = Iterator[Finding]


def dashed(keyword: str) -> str:
    """Return a keyword as it stands in the name of a rule."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in keyword)
