"""What a list selects: a table and conditions on its rows."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import documents
from trilogue_sandbox.messages import Json
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

    def equal(self, column: str, value: SqlValue) -> Select:
        """Return the rows whose column has this value; all of them for None, a filter that was not given."""
        return self if value is None else self.where(f"item.{column} = ?", value)

    def among(self, column: str, values: list[str] | None) -> Select:
        """Return the rows whose column has one of these values; all of them for None."""
        if values is None:
            return self
        listed: list[Json] = [*values]
        return self.where(f"item.{column} IN (SELECT value FROM json_each(?))", documents.encode(listed))

    def between(self, column: str, first: SqlValue, last: SqlValue) -> Select:
        """Return the rows whose column is in a range, both ends included; None leaves an end open."""
        select = self if first is None else self.where(f"item.{column} >= ?", first)
        return select if last is None else select.where(f"item.{column} <= ?", last)

    def sql(self, ending: str = "") -> str:
        """Return the statement, closed with an ORDER BY or LIMIT."""
        conditions = " AND ".join(f"({condition})" for condition in self.conditions) or "TRUE"
        return f"SELECT {self.columns} FROM {self.table} AS item WHERE {conditions} {ending}"
