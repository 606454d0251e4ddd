"""Pantheon: the API version 1.0."""

from __future__ import annotations

from typing import Any

import attrs

from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.timestamps import MILLISECONDS
from trilogue_sandbox.kernel.world import World


def create(world: World) -> ResourcePlatform[Any]:
    """Create the platform."""
    from trilogue_sandbox.pantheon.platform import Pantheon  # here, since its modules import this package

    return Pantheon(attrs.evolve(world, timestamps=MILLISECONDS))
