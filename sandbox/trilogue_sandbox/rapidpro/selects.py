"""What a list selects: a table and conditions on its rows."""

from __future__ import annotations

import json
from collections.abc import Iterable

import attrs

from trilogue_sandbox.store import SqlValue


@attrs.frozen
class Select:
    """Rows of one table, called `item` in conditions and columns."""

    table: str
    columns: str = "item.*"
    conditions: tuple[str, ...] = ()
    values: tuple[SqlValue, ...] = ()

    def where(self, condition: str, *values: SqlValue) -> Select:
        """Return the same selection with one condition more."""
        return attrs.evolve(self, conditions=(*self.conditions, condition), values=(*self.values, *values))

    def nothing(self) -> Select:
        """Return a selection without rows, as a filter gives that nothing can fit."""
        return self.where("FALSE")

    def where_in(self, column: str, values: Iterable[int | str]) -> Select:
        """Return the same selection, limited to rows whose column is one of some values."""
        return self.where(f"{column} IN (SELECT value FROM json_each(?))", json.dumps(list(values)))

    def among(self, ids: Iterable[int]) -> Select:
        """Return the same selection, limited to rows with these numbers."""
        return self.where_in("item.id", ids)

    def sql(self, ending: str) -> str:
        """Return the statement, closed with an ORDER BY or LIMIT."""
        conditions = " AND ".join(f"({condition})" for condition in self.conditions) or "TRUE"
        return f"SELECT {self.columns} FROM {self.table} AS item WHERE {conditions} {ending}"
