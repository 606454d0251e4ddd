"""The clients of RapidPro and TextIt, API v2."""

from __future__ import annotations

from trilogue_generated.rapidpro import inputs, models

from .clients import AsyncRapidPro, RapidPro

__all__ = ["AsyncRapidPro", "RapidPro", "inputs", "models"]
