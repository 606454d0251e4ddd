"""The clients of RapidPro and TextIt, API v2, and its models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trilogue_generated.rapidpro import inputs, literals, models

from .._platform_names import find

if TYPE_CHECKING:
    from trilogue_generated.rapidpro.inputs import *  # noqa: F403
    from trilogue_generated.rapidpro.literals import *  # noqa: F403
    from trilogue_generated.rapidpro.models import *  # noqa: F403

    from .clients import AsyncRapidPro, RapidPro

__all__ = ["AsyncRapidPro", "RapidPro", "inputs", "literals", "models"]
__all__ += models.__all__
__all__ += literals.__all__
__all__ += inputs.__all__

if not TYPE_CHECKING:
    from trilogue_generated.rapidpro.annotations import *  # noqa: F403  models say that they are of this module

    def __getattr__(name: str) -> object:
        return find(__name__, name, models, literals, inputs)

    def __dir__() -> list[str]:
        return sorted(__all__)
