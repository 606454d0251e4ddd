"""Botpress Cloud: the runtime, files, tables, administration and billing."""

from __future__ import annotations

from typing import Any

import attrs

from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.timestamps import MILLISECONDS
from trilogue_sandbox.kernel.world import World


def create(world: World) -> ResourcePlatform[Any]:
    """Make the platform."""
    from trilogue_sandbox.botpress.server import Botpress  # here, since all modules of the package import the package

    return Botpress(attrs.evolve(world, timestamps=MILLISECONDS))
