"""Botpress Chat: the Chat integration of a bot, through which users talk to it."""

from __future__ import annotations

from typing import Any

import attrs

from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.timestamps import MILLISECONDS
from trilogue_sandbox.kernel.world import World


def create(world: World) -> ResourcePlatform[Any]:
    """Make the platform."""
    from trilogue_sandbox.botpress_chat.server import BotpressChat  # here: all modules of the package import it

    return BotpressChat(attrs.evolve(world, timestamps=MILLISECONDS))
