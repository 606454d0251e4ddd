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
from trilogue_sandbox.kernel.flavours import Flavour
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class Source:
    """How a platform is made, and how its description is read; `flavours` are the servers it can be, if several."""

    create: Callable[[World], ResourcePlatform[Any]]
    describe: Callable[[Flavour | None], Description]
    flavours: tuple[str, ...] = ()

    def choose(self, name: str | None) -> Flavour | None:
        """Return the flavour of a name if it is one of this platform, or else the first, with all operations."""
        if name in self.flavours:
            return Flavour(str(name))
        return Flavour(self.flavours[0], is_whole=False) if self.flavours else None


def installed() -> dict[str, Source]:
    """Return the platforms of this installation."""
    modules = {name: f"trilogue_sandbox.{name}" for name in PLATFORMS}
    return {
        name: Source(partial(_create, module), partial(_describe, name), tuple(PLATFORMS[name].flavours))
        for name, module in modules.items()
        if importlib.util.find_spec(module)
    }


@cache
def _describe(name: str, flavour: Flavour | None) -> Description:
    """Read a description once for all sandboxes of the process; it does not change."""
    return Description.load(name, flavour)


def _create(module: str, world: World) -> ResourcePlatform[Any]:
    create = cast("Callable[[World], ResourcePlatform[Any]]", importlib.import_module(module).create)
    return create(world)
