"""Recognises numbers among the arguments that callers give; True, False and NaN are none."""

from __future__ import annotations

from typing import TypeGuard


def is_integer(value: object, least: int) -> TypeGuard[int]:
    """Return whether a value is an integer of at least `least`."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_number(value: object, least: float, most: float) -> TypeGuard[float]:
    """Return whether a value is a number from `least` to `most`."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most
