"""The clients of a bot's Chat integration on Botpress, and its models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trilogue_generated.botpress_chat import inputs, literals, models

from .._platform_names import find
from . import errors

if TYPE_CHECKING:
    from trilogue_generated.botpress_chat.inputs import *  # noqa: F403  the names that people import
    from trilogue_generated.botpress_chat.literals import *  # noqa: F403  the names that people import
    from trilogue_generated.botpress_chat.models import *  # noqa: F403  the names that people import

    from .clients import AsyncBotpressChat, BotpressChat

__all__ = ["AsyncBotpressChat", "BotpressChat", "errors", "inputs", "literals", "models"]
__all__ += models.__all__
__all__ += literals.__all__
__all__ += inputs.__all__

if not TYPE_CHECKING:
    from trilogue_generated.botpress_chat.annotations import *  # noqa: F403  models say that they are of this module

    def __getattr__(name: str) -> object:
        return find(__name__, name, models, literals, inputs)

    def __dir__() -> list[str]:
        return sorted(__all__)
