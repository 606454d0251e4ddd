"""What a list selects: a table and conditions on its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import attrs
import msgspec

from trilogue_sandbox.kernel.store import SqlValue, Store

if TYPE_CHECKING:
    from trilogue_sandbox.kernel.table import Table


AMONG = "IN (SELECT value FROM json_each(?))"
"""The condition that something is one of several values, which are given as a `json_list`."""


@attrs.frozen
class Order:
    """How rows are sorted: by an SQL expression that is never null, and by `tie` where that is equal."""

    expression: str
    is_descending: bool = True
    tie: str = "item.id"

    @property
    def sql(self) -> str:
        """The ORDER BY clause."""
        direction = "DESC" if self.is_descending else "ASC"
        return f"ORDER BY {self.expression} {direction}, {self.tie} {direction}"

    def reversed(self) -> Order:
        """Return the opposite order."""
        return attrs.evolve(self, is_descending=not self.is_descending)


@attrs.frozen
class Select:
    """Rows of one table, called `item` in conditions and columns; immutable, so that each step returns another.

    Columns are those of the table, unless they are named with another one (`member.role`).
    """

    table: str
    columns: str = "item.*"
    conditions: tuple[str, ...] = ()
    values: tuple[SqlValue, ...] = ()
    store: Store | None = attrs.field(default=None, repr=False)

    def where(self, condition: str, *values: SqlValue) -> Select:
        """Return the same selection with one condition more."""
        conditions, all_values = (*self.conditions, condition), (*self.values, *values)
        return Select(self.table, self.columns, conditions, all_values, self.store)

    def through(self, table: Table, alias: str, condition: str) -> Select:
        """Return the rows found through another table, which is read first and whose indexes give the order."""
        joined = f"{table.name} AS {alias} CROSS JOIN {self.table}"
        return Select(joined, self.columns, (*self.conditions, condition), self.values, self.store)

    def nothing(self) -> Select:
        """Return a selection without rows, as a filter gives that nothing can fit."""
        return self.where("FALSE")

    def equal(self, column: str, value: SqlValue) -> Select:
        """Return the rows whose column has this value; all of them for None, a filter that was not given."""
        return self if value is None else self.where(f"{_qualified(column)} = ?", value)

    def among(self, column: str, values: Iterable[int | str] | None) -> Select:
        """Return the rows whose column has one of these values; all of them for None."""
        if values is None:
            return self
        return self.where(f"{_qualified(column)} {AMONG}", json_list(values))

    def between(self, column: str, first: SqlValue, last: SqlValue) -> Select:
        """Return the rows whose column is in a range, both ends included; None leaves an end open."""
        select = self if first is None else self.where(f"item.{column} >= ?", first)
        return select if last is None else select.where(f"item.{column} <= ?", last)

    def sql(self, ending: str = "") -> str:
        """Return the statement, closed with an ORDER BY or LIMIT."""
        return f"SELECT {self.columns} FROM {self.table} AS item WHERE {self._condition} {ending}"

    def all(self, ending: str = "", *values: SqlValue) -> list[sqlite3.Row]:
        """Return the rows; `ending` is an ORDER BY or LIMIT with its values."""
        return self._store.all(self.sql(ending), *self.values, *values)

    def first(self, ending: str = "") -> sqlite3.Row | None:
        """Return the first row, or None if there is none."""
        return self._store.one(self.sql(f"{ending} LIMIT 1"), *self.values)

    def count(self) -> int:
        """Return the number of rows."""
        row = self._store.one(f"SELECT COUNT(*) FROM {self.table} AS item WHERE {self._condition}", *self.values)
        return int(row[0]) if row else 0

    def exists(self) -> bool:
        """Whether there is a row."""
        return self.first() is not None

    def change(self, assignments: str, *values: SqlValue) -> int:
        """Write the same into all rows (`status = ?`) and return how many there are."""
        sql = f"UPDATE {self.table} AS item SET {assignments} WHERE {self._condition}"
        return self._store.run(sql, *values, *self.values)

    def remove(self) -> int:
        """Delete the rows and return how many there were."""
        return self._store.run(f"DELETE FROM {self.table} AS item WHERE {self._condition}", *self.values)

    def page(self, order: Order, size: int, after: Sequence[SqlValue] | None = None) -> tuple[list[sqlite3.Row], bool]:
        """Return up to `size` rows beyond a position, and whether there are more.

        A position holds the values of the order's expression and tie in the last row before the page.
        """
        select = self
        if after is not None:
            comparison = "<" if order.is_descending else ">"
            select = self.where(f"({order.expression}, {order.tie}) {comparison} (?, ?)", *after)
        rows = select.all(f"{order.sql} LIMIT ?", size + 1)
        return rows[:size], len(rows) > size

    @property
    def _condition(self) -> str:
        return " AND ".join(f"({condition})" for condition in self.conditions) or "TRUE"

    @property
    def _store(self) -> Store:
        assert self.store is not None, f"a selection of {self.table} that is bound to no store"
        return self.store


def json_list(values: Iterable[object]) -> str:
    """Return values as `AMONG` takes them."""
    return msgspec.json.encode(list(values)).decode()


def _qualified(column: str) -> str:
    return column if "." in column else f"item.{column}"
