"""What else changes when the columns of a table do: its key, its jobs, and what is computed from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trilogue_sandbox.botpress import computed_cells, row_writing, table_columns, table_jobs
from trilogue_sandbox.botpress.content_tables import TABLE_ROWS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World


def with_new_dependency(column: JsonObject, renamed: Callable[[Any], Any]) -> JsonObject:
    """Return a column that may depend on another one under its new name."""
    options = table_columns.options(column)
    if "computed" not in options:
        return column
    computation = options.nested("computed")
    dependencies: list[Json] = [renamed(name) for name in computation.strings("dependencies")]
    computed: JsonObject = {**computation.values, "dependencies": dependencies}
    return {**column, "x-zui": {**options.values, "computed": computed}}


def check_key_column(world: World, table: Row) -> None:
    """Make sure the key column exists and is unique to each row.

    Raises:
        ApiError: it does not exist (InvalidPayload), or has a value twice (AlreadyExists).
    """
    key_column = table["key_column"]
    if key_column is None:
        return
    if key_column not in table_columns.columns_of(table["schema"]):
        raise ApiError("InvalidPayload", f"keyColumn: there is no column {key_column!r}")
    values = [value for value, _ in row_writing.values_of(world, table, key_column)]
    if len(values) != len({*values}):
        raise ApiError("AlreadyExists", f"keyColumn: several rows have the same {key_column}")


def key_column_of(table: Row, given: Fields, schema: JsonObject) -> str | None:
    """Return the key column after a change; one whose column was removed is none."""
    if "keyColumn" in given:
        return given.optional_string("keyColumn")
    return table["key_column"] if table["key_column"] in table_columns.columns_of(schema) else None


def clear_removed(exchange: Exchange, before: Row, after: Row) -> None:
    """Start the jobs that remove columns from the rows that were removed, or are no longer searched."""
    columns, searchable = table_columns.columns_of(after["schema"]), table_columns.searchable(after)
    for name in table_columns.columns_of(before["schema"]):
        if name not in columns:
            table_jobs.start(exchange.world, after, "clear_column", column=name)
        elif name in table_columns.searchable(before) and name not in searchable:
            table_jobs.start(exchange.world, after, "clear_vectors", column=name)


def make_stale(exchange: Exchange, before: Row, after: Row) -> list[Json]:
    """Have computed again what a change of columns touches; return the names of the columns."""
    old, new = table_columns.columns_of(before["schema"]), table_columns.columns_of(after["schema"])
    changed = {name for name, column in new.items() if old.get(name) != column}
    stale = computed_cells.touched(after, changed | (old.keys() - new.keys()))
    row_ids = [row["id"] for row in exchange.records.select(TABLE_ROWS, "item.id", table_id=after["id"]).all()]
    computed_cells.make_stale(exchange.world, after, row_ids, stale)
    return [*stale]
