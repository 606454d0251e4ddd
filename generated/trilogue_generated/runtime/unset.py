# Copied by scripts/generate from generator-config/runtime; do not edit it here.
"""The value of an argument nobody gave, where `None` means null."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class Unset(Enum):
    """An enum of one member, so that the member stays itself through pickle, copy and type checkers."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        """Read as false, so that `if value:` means given."""
        return False

    def __repr__(self) -> str:
        """Show the name people import."""
        return "UNSET"


UNSET: Final = Unset.UNSET
