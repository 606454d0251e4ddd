"""Writing rows. Each stands for itself: one that does not fit is told apart, and the others are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from trilogue_sandbox.botpress import computed_cells, documents, json_schemas, timestamps
from trilogue_sandbox.botpress.fields import whole
from trilogue_sandbox.botpress.limits import KILOBYTE
from trilogue_sandbox.botpress.table_columns import SYSTEM_COLUMNS
from trilogue_sandbox.botpress.table_models import Table
from trilogue_sandbox.kernel.http import Json, JsonObject
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
    def remarks(self) -> JsonObject:
        """The fields `warnings` and `errors` of an answer, where there are any."""
        said: JsonObject = {"warnings": [*self.warnings], "errors": [*self.errors]}
        return {name: texts for name, texts in said.items() if texts}


def insert(world: World, table: Table, rows: Iterable[JsonObject]) -> Outcome:
    """Add rows."""
    writer = _Writer(world, table)
    for row in rows:
        writer.write(row, None)
    return writer.finish()


def update(world: World, table: Table, rows: Iterable[JsonObject]) -> Outcome:
    """Change rows that are known by their numbers."""
    writer = _Writer(world, table)
    for row in rows:
        writer.write(row, whole(row["id"]) or 0)
    return writer.finish()


def upsert(world: World, table: Table, rows: Iterable[JsonObject], key_column: str) -> Outcome:
    """Change the rows whose key is in the table, and add the others; a key that is null or missing is a new one's."""
    writer = _Writer(world, table)
    for row in rows:
        wanted_id = row.get("id") if key_column == "id" else None
        writer.write(row, writer.row_with(key_column, row.get(key_column)), wanted_id)
    return writer.finish()


class _Unfit(Exception):
    """A row that cannot be written, and why."""


class _Writer:
    """One call that writes rows."""

    def __init__(self, world: World, table: Table) -> None:
        self._world = world
        self._table = table
        self._columns = table.columns
        self._computed = computed_cells.names(table)
        self._keys: dict[str, dict[str, int]] = {}
        self._stale: dict[tuple[str, ...], list[int]] = {}
        self._now = timestamps.now(world)
        self._outcome = Outcome()
        self._position = 0

    def row_with(self, column: str, value: Json) -> int | None:
        """Return the number of the row that has this value in a column, or None."""
        if value is None:
            return None
        if column == "id":
            number = whole(value)
            return number if number is not None and self._cells_of(number) is not None else None
        return self._numbers(column).get(documents.encode(value))

    def write(self, given: JsonObject, row_id: int | None, wanted_id: Json = None) -> None:
        """Write one row: change the one with this number, or add one, with the wanted number if there is any."""
        self._position += 1
        try:
            if row_id is None:
                self._insert(given, wanted_id)
            else:
                self._update(given, row_id)
        except _Unfit as unfit:
            self._outcome.errors.append(f"row {self._position}: {unfit}")

    def finish(self) -> Outcome:
        """Have computed what is out of date now, and return what was done."""
        for columns, row_ids in self._stale.items():
            computed_cells.make_stale(self._world, self._table, row_ids, [*columns])
        self._world.store.run("UPDATE botpress_tables SET updated_at = ? WHERE id = ?", self._now, self._table.id)
        return self._outcome

    def _insert(self, given: JsonObject, wanted_id: Json) -> None:
        cells = self._read(given)
        self._check_required(cells)
        self._check_size(cells)
        self._check_key(cells, None)
        row_id = self._new_number(wanted_id)
        self._world.store.run(
            "INSERT INTO botpress_table_rows (table_id, id, cells, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
            *(self._table.id, row_id, documents.encode(cells), self._now, self._now),
        )
        self._outcome.inserted.append(row_id)
        self._note(row_id, {}, cells, self._computed)

    def _update(self, given: JsonObject, row_id: int) -> None:
        before = self._cells_of(row_id)
        if before is None:
            raise _Unfit(f"there is no row {given['id']}")
        changes = self._read(given)
        cells = {**before, **changes}
        self._check_required(cells)
        self._check_size(cells)
        self._check_key(cells, row_id)
        self._world.store.run(
            "UPDATE botpress_table_rows SET cells = ?, updated_at = ? WHERE table_id = ? AND id = ?",
            *(documents.encode(cells), self._now, self._table.id, row_id),
        )
        self._outcome.updated.append(row_id)
        self._note(row_id, before, cells, computed_cells.touched(self._table, {*changes}))

    def _read(self, given: JsonObject) -> JsonObject:
        """Return the cells of a row as it came; columns that there are not are left out, with a warning."""
        cells: JsonObject = {}
        for name, value in given.items():
            if name in SYSTEM_COLUMNS:
                continue
            if name not in self._columns or name in self._computed:
                reason = "there is no column" if name not in self._columns else "nobody but the table writes the column"
                self._outcome.warnings.append(f"row {self._position}: {reason} {name!r}; it was left out")
                continue
            self._check_cell(name, value)
            cells[name] = value
        return cells

    def _check_cell(self, name: str, value: Json) -> None:
        column = self._columns[name]
        if value is None:
            if column["nullable"] is False:
                raise _Unfit(f"{name} must not be null")
            return
        if json_schemas.first_problem({"type": column["type"]}, value, name):
            raise _Unfit(f"{name} must be {_with_article(str(column['type']))}")
        if problem := json_schemas.first_problem(column, value, name):
            raise _Unfit(problem)

    def _check_required(self, cells: JsonObject) -> None:
        required = self._table.schema["required"]
        for name in required if isinstance(required, list) else []:
            if cells.get(str(name)) is None and name not in self._computed:
                raise _Unfit(f"{name} must be given")

    def _check_size(self, cells: JsonObject) -> None:
        largest = _ROW_KILOBYTES * self._table.factor
        if len(documents.encode(cells).encode()) > largest * KILOBYTE:
            raise _Unfit(f"it has more than the {largest} KB of the table; a larger `factor` allows more")

    def _check_key(self, cells: JsonObject, row_id: int | None) -> None:
        column = self._table.key_column
        value = cells.get(column) if column else None
        if column and value is not None and self.row_with(column, value) not in (None, row_id):
            raise _Unfit(f"another row has the {column} {value!r}, which is the key")

    def _new_number(self, wanted: Json) -> int:
        row = self._world.store.one("SELECT last_row_id FROM botpress_tables WHERE id = ?", self._table.id)
        assert row is not None
        last: int = row["last_row_id"]
        number = last + 1 if wanted is None else whole(wanted) or 0
        if not 0 < number <= _LARGEST_ID:
            raise _Unfit(f"id must be between 1 and {_LARGEST_ID}")
        self._world.store.run(
            "UPDATE botpress_tables SET last_row_id = ? WHERE id = ?", max(last, number), self._table.id
        )
        return number

    def _cells_of(self, row_id: int) -> JsonObject | None:
        row = self._world.store.one(
            "SELECT cells FROM botpress_table_rows WHERE table_id = ? AND id = ?", self._table.id, row_id
        )
        return documents.decode_object(row["cells"]) if row else None

    def _numbers(self, column: str) -> dict[str, int]:
        """Return which row has which value in a column; the first one where several have it."""
        if column not in self._keys:
            self._keys[column] = dict(values_of(self._world, self._table, column))
        return self._keys[column]

    def _note(self, row_id: int, before: JsonObject, after: JsonObject, stale: list[str]) -> None:
        """Keep in mind what a row has now, and which of its cells are out of date."""
        for column, numbers in self._keys.items():
            if numbers.get(documents.encode(before.get(column))) == row_id:
                del numbers[documents.encode(before.get(column))]
            if after.get(column) is not None:
                numbers.setdefault(documents.encode(after[column]), row_id)
        if stale:
            self._stale.setdefault(tuple(stale), []).append(row_id)


def values_of(world: World, table: Table, column: str) -> Iterator[tuple[str, int]]:
    """Return the values that are not null in a column, encoded, and the rows that have them, the last row first."""
    sql = "SELECT id, cells FROM botpress_table_rows WHERE table_id = ? ORDER BY id DESC"
    for row in world.store.all(sql, table.id):
        value = documents.decode_object(row["cells"]).get(column)
        if value is not None:
            yield documents.encode(value), row["id"]


def _with_article(type_name: str) -> str:
    return f"an {type_name}" if type_name[0] in "ao" else f"a {type_name}"
