"""JSON pointers."""

from __future__ import annotations

from typing import Any


def at_pointer(value: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to; None if that is nothing."""
    for part in pointer.split("/")[1:]:
        key = int(part) if isinstance(value, list) and part.isdecimal() else part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value
