"""Classes of fields that nobody prints."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Record(Struct, frozen=True, eq=False):
    """A class of fields, which msgspec makes in a tenth of the time that attrs takes; its repr shows none of them."""

    __repr__ = object.__repr__

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show nothing in tools that look past `__repr__`."""
        return []
