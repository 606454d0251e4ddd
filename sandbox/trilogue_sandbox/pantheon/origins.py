"""Where this sandbox seems to be, for the URLs in what it answers and posts."""

from __future__ import annotations

from trilogue_sandbox.pantheon import settings
from trilogue_sandbox.world import World

_NAME = "origin"
_BEFORE_THE_FIRST_CALL = "http://127.0.0.1"


def remember(world: World, origin: str) -> None:
    """Note the origin that was called last."""
    if current(world) != origin:
        settings.write(world, _NAME, origin)


def current(world: World) -> str:
    """Return the origin that was called last."""
    return settings.read(world, _NAME, _BEFORE_THE_FIRST_CALL)
