"""Writing rows. Each stands for itself: one that does not fit is an error of its own, and the others are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import msgspec

from trilogue_sandbox.botpress import computed_cells, json_schemas, table_columns
from trilogue_sandbox.botpress.content_tables import TABLE_ROWS, TABLES
from trilogue_sandbox.botpress.limits import KILOBYTE
from trilogue_sandbox.botpress.table_columns import SYSTEM_COLUMNS
from trilogue_sandbox.kernel.fields import as_integer
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World

_ROW_KILOBYTES = 4
_LARGEST_ID = 2_147_483_647


@attrs.define
class Outcome:
    """The numbers of the rows that were added and changed, and what there is to say about the others."""

    inserted: list[int] = attrs.field(factory=list[int])
    updated: list[int] = attrs.field(factory=list[int])
    warnings: list[str] = attrs.field(factory=list[str])
    errors: list[str] = attrs.field(factory=list[str])

    @property
    def messages(self) -> JsonObject:
        """The fields `warnings` and `errors` of a response, where there are any."""
        messages: JsonObject = {"warnings": [*self.warnings], "errors": [*self.errors]}
        return {name: listed for name, listed in messages.items() if listed}


def insert(world: World, table: Row, rows: Iterable[JsonObject]) -> Outcome:
    """Add rows."""
    writer = _Writer(world, table)
    for row in rows:
        writer.write(row, None)
    return writer.finish()


def update(world: World, table: Row, rows: Iterable[JsonObject]) -> Outcome:
    """Change rows that are known by their numbers."""
    writer = _Writer(world, table)
    for row in rows:
        writer.write(row, as_integer(row["id"]) or 0)
    return writer.finish()


def upsert(world: World, table: Row, rows: Iterable[JsonObject], key_column: str) -> Outcome:
    """Change the rows whose key is in the table, and add the others, among them those without a key."""
    writer = _Writer(world, table)
    for row in rows:
        wanted_id = row.get("id") if key_column == "id" else None
        writer.write(row, writer.row_with(key_column, row.get(key_column)), wanted_id)
    return writer.finish()


def change(world: World, row: Row, **values: Any) -> None:
    """Write columns of a row."""
    encoded = [TABLE_ROWS.columns[name].encode(value) for name, value in values.items()]
    select = world.records.select(TABLE_ROWS, table_id=row["table_id"], id=row["id"])
    select.change(", ".join(f"{name} = ?" for name in values), *encoded)


def values_of(world: World, table: Row, column: str) -> Iterator[tuple[bytes, int]]:
    """Return the values that are not null in a column, as JSON, and the rows that have them, the last row first."""
    for row in world.records.select(TABLE_ROWS, table_id=table["id"]).all("ORDER BY item.id DESC"):
        value = row["cells"].get(column)
        if value is not None:
            yield msgspec.json.encode(value), row["id"]


class _InvalidRow(Exception):
    """A row that cannot be written, and why."""


class _Writer:
    """One request that writes rows."""

    def __init__(self, world: World, table: Row) -> None:
        self._world = world
        self._table = table
        self._columns = table_columns.columns_of(table["schema"])
        self._computed = computed_cells.names(table)
        self._last_id: int = table["last_row_id"]
        self._keys: dict[str, dict[bytes, int]] = {}
        self._stale: dict[tuple[str, ...], list[int]] = {}
        self._outcome = Outcome()
        self._position = 0

    def row_with(self, column: str, value: Json) -> int | None:
        """Return the number of the row that has this value in a column, or None."""
        if value is None:
            return None
        if column == "id":
            number = as_integer(value)
            return number if number is not None and self._find(number) is not None else None
        return self._numbers(column).get(msgspec.json.encode(value))

    def write(self, given: JsonObject, row_id: int | None, wanted_id: Json = None) -> None:
        """Write one row: change the one with this number, or add one, with the wanted number if there is any."""
        self._position += 1
        try:
            if row_id is None:
                self._insert(given, wanted_id)
            else:
                self._update(given, row_id)
        except _InvalidRow as error:
            self._outcome.errors.append(f"row {self._position}: {error}")

    def finish(self) -> Outcome:
        """Have computed what is out of date now, and return what was done."""
        for columns, row_ids in self._stale.items():
            computed_cells.make_stale(self._world, self._table, row_ids, [*columns])
        self._world.records.touch(TABLES, self._table, last_row_id=self._last_id)
        return self._outcome

    def _insert(self, given: JsonObject, wanted_id: Json) -> None:
        cells = self._read(given)
        self._check(cells, None)
        row_id = self._new_number(wanted_id)
        self._world.records.add(TABLE_ROWS, {"table_id": self._table["id"], "id": row_id, "cells": cells})
        self._outcome.inserted.append(row_id)
        self._note(row_id, {}, cells, self._computed)

    def _update(self, given: JsonObject, row_id: int) -> None:
        row = self._find(row_id)
        if row is None:
            raise _InvalidRow(f"there is no row {given['id']}")
        changes = self._read(given)
        cells = {**row["cells"], **changes}
        self._check(cells, row_id)
        change(self._world, row, cells=cells, updated_at=self._world.now)
        self._outcome.updated.append(row_id)
        self._note(row_id, row["cells"], cells, computed_cells.touched(self._table, {*changes}))

    def _read(self, given: JsonObject) -> JsonObject:
        """Return the cells of a row as it came; columns that do not exist are skipped, with a warning."""
        cells: JsonObject = {}
        for name, value in given.items():
            if name in SYSTEM_COLUMNS:
                continue
            if name not in self._columns or name in self._computed:
                reason = "there is no column" if name not in self._columns else "only the table itself sets the column"
                self._outcome.warnings.append(f"row {self._position}: {reason} {name!r}; it was skipped")
                continue
            self._check_cell(name, value)
            cells[name] = value
        return cells

    def _check_cell(self, name: str, value: Json) -> None:
        column = self._columns[name]
        if value is None:
            if column["nullable"] is False:
                raise _InvalidRow(f"{name} must not be null")
            return
        if json_schemas.first_violation({"type": column["type"]}, value, name):
            raise _InvalidRow(f"{name} must be {_with_article(str(column['type']))}")
        if violation := json_schemas.first_violation(column, value, name):
            raise _InvalidRow(violation)

    def _check(self, cells: JsonObject, row_id: int | None) -> None:
        """Make sure that a row has what is required, and neither too much nor the key of another."""
        for name in self._table["schema"]["required"]:
            if cells.get(name) is None and name not in self._computed:
                raise _InvalidRow(f"{name} must be given")
        largest = _ROW_KILOBYTES * self._table["factor"]
        if len(msgspec.json.encode(cells)) > largest * KILOBYTE:
            raise _InvalidRow(f"it has more than the {largest} KB of the table; a larger `factor` allows more")
        column = self._table["key_column"]
        value = cells.get(column) if column else None
        if value is not None and self.row_with(column, value) not in (None, row_id):
            raise _InvalidRow(f"another row has the {column} {value!r}, which is the key")

    def _new_number(self, wanted: Json) -> int:
        number = self._last_id + 1 if wanted is None else as_integer(wanted) or 0
        if not 0 < number <= _LARGEST_ID:
            raise _InvalidRow(f"id must be between 1 and {_LARGEST_ID}")
        self._last_id = max(self._last_id, number)
        return number

    def _find(self, row_id: int) -> Row | None:
        return self._world.records.find(TABLE_ROWS, table_id=self._table["id"], id=row_id)

    def _numbers(self, column: str) -> dict[bytes, int]:
        """Return which row has which value in a column; the first one where several have it."""
        if column not in self._keys:
            self._keys[column] = dict(values_of(self._world, self._table, column))
        return self._keys[column]

    def _note(self, row_id: int, before: JsonObject, after: JsonObject, stale: list[str]) -> None:
        """Remember what a row has now, and which of its cells are out of date."""
        for column, numbers in self._keys.items():
            old = msgspec.json.encode(before.get(column))
            if numbers.get(old) == row_id:
                del numbers[old]
            if after.get(column) is not None:
                numbers.setdefault(msgspec.json.encode(after[column]), row_id)
        if stale:
            self._stale.setdefault(tuple(stale), []).append(row_id)


def _with_article(type_name: str) -> str:
    return f"an {type_name}" if type_name[0] in "ao" else f"a {type_name}"
