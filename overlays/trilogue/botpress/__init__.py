"""The clients of Botpress Cloud."""

from __future__ import annotations

from trilogue_generated.botpress import inputs, models

from . import errors
from .clients import AsyncBotpress, Botpress

__all__ = ["AsyncBotpress", "Botpress", "errors", "inputs", "models"]
