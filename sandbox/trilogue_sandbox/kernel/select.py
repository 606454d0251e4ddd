"""What a list selects: a table and conditions on its rows."""

from __future__ import annotations

import json
from collections.abc import Iterable

import attrs

from trilogue_sandbox.kernel.store import SqlValue


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

    def equal(self, column: str, value: SqlValue) -> Select:
        """Return the rows whose column has this value; all of them for None, a filter that was not given."""
        return self if value is None else self.where(f"item.{column} = ?", value)

    def among(self, column: str, values: Iterable[int | str] | None) -> Select:
        """Return the rows whose column has one of these values; all of them for None."""
        if values is None:
            return self
        return self.where(f"item.{column} IN (SELECT value FROM json_each(?))", json.dumps(list(values)))

    def between(self, column: str, first: SqlValue, last: SqlValue) -> Select:
        """Return the rows whose column is in a range, both ends included; None leaves an end open."""
        select = self if first is None else self.where(f"item.{column} >= ?", first)
        return select if last is None else select.where(f"item.{column} <= ?", last)

    def sql(self, ending: str = "") -> str:
        """Return the statement, closed with an ORDER BY or LIMIT."""
        conditions = " AND ".join(f"({condition})" for condition in self.conditions) or "TRUE"
        return f"SELECT {self.columns} FROM {self.table} AS item WHERE {conditions} {ending}"
