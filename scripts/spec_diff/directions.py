"""Direction decides: what a caller sends may be narrowed by nobody, what a caller receives widened by nobody."""

from __future__ import annotations

from attrs import frozen

from .findings import Level


@frozen
class Direction:
    """Which way values travel, and what a change of the values allowed means there."""

    name: str
    narrowed: Level
    widened: Level
    hidden: str
    """The keyword of properties that do not travel this way."""

    @property
    def changed(self) -> Level:
        """The level of a change that neither only narrows nor only widens."""
        return Level.BREAKING


REQUEST = Direction("request", Level.BREAKING, Level.COMPATIBLE, "readOnly")
RESPONSE = Direction("response", Level.COMPATIBLE, Level.BREAKING, "writeOnly")
