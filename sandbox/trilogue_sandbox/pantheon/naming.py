"""Ids and secrets."""

from __future__ import annotations

from trilogue_sandbox.kernel.world import World

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_COUNTER_DIGITS = 6


def new_id(world: World, prefix: str) -> str:
    """Return an id that was never given before: a prefix, the time, a counter and chance.

    Of two ids of the same millisecond the later one sorts later, so that a list in order of creation can be walked
    while things are created.
    """
    row = world.store.one("UPDATE pantheon_counter SET value = value + 1 RETURNING value")
    assert row is not None
    ulid = world.ids.ulid()
    return f"{prefix}_{ulid[:10]}{_count(row['value'])}{ulid[10 + _COUNTER_DIGITS :]}"


def new_token(world: World, prefix: str) -> str:
    """Return a token that cannot be guessed."""
    return f"{prefix}_{world.random.getrandbits(192):048x}"


def _count(number: int) -> str:
    return "".join(_DIGITS[number >> shift & 31] for shift in range(5 * _COUNTER_DIGITS - 5, -1, -5))
