"""What a list selects: a table and conditions on its rows."""

from __future__ import annotations

import attrs

from trilogue_sandbox.store import SqlValue


@attrs.frozen
class Select:
    """Rows of one table, called `item` in conditions."""

    table: str
    conditions: tuple[str, ...] = ()
    values: tuple[SqlValue, ...] = ()

    def where(self, condition: str, *values: SqlValue) -> Select:
        """Return the same selection with one condition more."""
        return attrs.evolve(self, conditions=(*self.conditions, condition), values=(*self.values, *values))

    def equal(self, column: str, value: SqlValue) -> Select:
        """Return the rows whose column has this value; all of them for None, a filter that was not given."""
        return self if value is None else self.where(f"item.{column} = ?", value)

    def sql(self, ending: str) -> str:
        """Return the statement, closed with an ORDER BY and LIMIT."""
        conditions = " AND ".join(f"({condition})" for condition in self.conditions)
        return f"SELECT item.* FROM {self.table} AS item WHERE {conditions} {ending}"
