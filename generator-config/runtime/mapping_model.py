"""The base of models whose objects have keys of the user's own, such as the columns of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .model import Model


class MappingModel(Model, Mapping[str, Any]):
    """A model that is a mapping of its object: `row["qty"]`, `dict(row)`; fields have their names on the wire."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        """Return the value of a key."""
        return self._members()[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys."""
        return iter(self._members())

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._members())

    def _members(self) -> dict[str, Any]:
        return self._with_notes({member.wire: getattr(self, member.name) for member in self.FIELDS})
