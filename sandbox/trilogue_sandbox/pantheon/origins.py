"""Where this sandbox seems to be, for the URLs in what it answers and posts."""

from __future__ import annotations

from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import settings

_NAME = "origin"
_BEFORE_THE_FIRST_CALL = "http://127.0.0.1"


def remember(world: World, origin: str) -> None:
    """Note the origin that was called last."""
    if current(world) != origin:
        settings.write(world, _NAME, origin)


def current(world: World) -> str:
    """Return the origin that was called last."""
    return settings.read(world, _NAME, _BEFORE_THE_FIRST_CALL)
