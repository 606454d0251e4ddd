"""JSON pointers."""

from __future__ import annotations

from typing import Any


def at_pointer(value: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to; None if that is nothing."""
    for part in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value.get(part.replace("~1", "/").replace("~0", "~"))
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
