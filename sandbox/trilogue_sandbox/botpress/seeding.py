"""How seeders count and date what they add."""

from __future__ import annotations

from collections.abc import Iterator

from trilogue_sandbox.kernel.control_arguments import count
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.kernel.world import World


def spaced(world: World, value: Json, name: str) -> Iterator[tuple[int, int]]:
    """Return the number and the timestamp of as many rows as a value says; they are a second apart, the last one now.

    Raises:
        ControlError: the value is not a number of rows.
    """
    number = count(value, name)
    return ((index, world.now - (number - 1 - index) * SECOND) for index in range(number))
