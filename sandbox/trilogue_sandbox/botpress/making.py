"""Ids and moments for seed data, of which a test may want ten thousand rows at once."""

from __future__ import annotations

from collections.abc import Iterator

from trilogue_sandbox.botpress import timestamps
from trilogue_sandbox.kernel.world import World

_SECOND = 1_000_000
_DIGITS = 6


def rows(world: World, prefix: str, number: int) -> Iterator[tuple[int, str, int]]:
    """Return the number, the id and the moment of each row; they are a second apart and the last one is from now."""
    stem, now = world.ids.ulid()[:-_DIGITS], timestamps.now(world)
    for index in range(number):
        yield index, f"{prefix}_{stem}{index:0{_DIGITS}d}", now - (number - 1 - index) * _SECOND
