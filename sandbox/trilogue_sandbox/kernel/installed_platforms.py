"""Where the platforms come from. Each is imported when it is first used."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from functools import cache, partial
from typing import Any, cast

import attrs
from trilogue_generated.platforms import PLATFORMS

from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class Source:
    """How a platform is made and its description read; `flavours` are the servers it can be, if there are several."""

    create: Callable[[World], ResourcePlatform[Any]]
    describe: Callable[[str], Description]
    flavours: tuple[str, ...] = ()

    def choose(self, flavour: str | None) -> str:
        """Return the flavour to be: the one that is asked for if it is one of this platform, or else the first."""
        return flavour if flavour in self.flavours else next(iter(self.flavours), "")


def installed() -> dict[str, Source]:
    """Return the platforms of this installation."""
    modules = {name: f"trilogue_sandbox.{name}" for name in PLATFORMS}
    return {
        name: Source(partial(_create, module), partial(_describe, name), tuple(PLATFORMS[name].flavours))
        for name, module in modules.items()
        if importlib.util.find_spec(module)
    }


@cache
def _describe(name: str, flavour: str) -> Description:
    """Read a description once for all sandboxes of the process; it does not change."""
    return Description.load(name, flavour)


def _create(module: str, world: World) -> ResourcePlatform[Any]:
    create = cast("Callable[[World], ResourcePlatform[Any]]", importlib.import_module(module).create)
    return create(world)
