"""The clients of Pantheon."""

from __future__ import annotations

from trilogue_generated.pantheon import inputs, literals, models

from .._tokens import Token, TokenCache
from .clients import AsyncPantheon, Pantheon

__all__ = ["AsyncPantheon", "Pantheon", "Token", "TokenCache", "inputs", "literals", "models"]
