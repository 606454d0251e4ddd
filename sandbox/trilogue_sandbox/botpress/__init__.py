"""Botpress Cloud: the runtime, files, tables, administration and billing."""

from __future__ import annotations

import attrs

from trilogue_sandbox.kernel.platform import Platform
from trilogue_sandbox.kernel.timestamps import MILLISECONDS
from trilogue_sandbox.kernel.world import World


def create(world: World) -> Platform:
    """Make the platform."""
    from trilogue_sandbox.botpress.server import Botpress  # here, since all modules of the package import the package

    return Botpress(attrs.evolve(world, timestamps=MILLISECONDS))
