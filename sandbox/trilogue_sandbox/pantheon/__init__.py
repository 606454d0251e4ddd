"""Pantheon: the API version 1.0."""

from __future__ import annotations

import attrs

from trilogue_sandbox.kernel.platform import Platform
from trilogue_sandbox.kernel.timestamps import MILLISECONDS
from trilogue_sandbox.kernel.world import World


def create(world: World) -> Platform:
    """Create the platform."""
    from trilogue_sandbox.pantheon.platform import Pantheon  # here, since its modules import this package

    return Pantheon(attrs.evolve(world, timestamps=MILLISECONDS))
