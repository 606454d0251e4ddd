"""Tables: their names and columns."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import (
    computed_cells,
    documents,
    file_access,
    row_queries,
    row_writing,
    rows,
    table_columns,
    table_jobs,
    table_models,
    tags,
    timestamps,
)
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.table_models import TABLE, Table
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.world import World

_INDEXING_TIME = 20_000
"""How long rows are being indexed for searching, in microseconds."""

_ROWS_COPIED_AT_ONCE = 1000


def _list(call: Call) -> JsonObject:
    select = tags.carrying(call.of_bot(TABLE), call.query.object("tags"))
    found = call.store.all(select.sql("ORDER BY item.created_at DESC, item.rowid DESC"), *select.values)
    return {"tables": [table_models.show(row) for row in found]}


def _create(call: Call) -> JsonObject:
    name = call.body.text("name")
    _refuse_taken(call, name)
    return {"table": _show(call, make(call.actor, name, call.body))}


def _get(call: Call) -> JsonObject:
    table = table_models.find(call, call.path.text("table"))
    return {"table": _show(call, table), **_counts(call, table)}


def _get_or_create(call: Call) -> JsonObject:
    name = call.path.text("table")
    found = table_models.optional(call, name)
    table = found or make(call.actor, name, call.body)
    return {"table": _show(call, table), "created": found is None, **_counts(call, table)}


def _update(call: Call) -> JsonObject:
    table, given = table_models.find(call, call.path.text("table")), call.body
    table_models.refuse_if_locked(call.world, table)
    if any(name in given for name in ("name", "schema", "frozen")):
        table_models.refuse_if_frozen(table)
    name, factor = given.text("name", table.name), given.integer("factor", table.factor)
    if name != table.name:
        _refuse_taken(call, name)
    if factor < table.factor:
        raise ApiError("InvalidPayload", f"factor: can only grow; it is {table.factor}")
    schema = table_columns.changed(table.schema, given.object("schema")) if "schema" in given else table.schema
    changes: dict[str, SqlValue] = {
        "name": name,
        "factor": factor,
        "is_frozen": given.flag("frozen", table.is_frozen),
        "key_column": _key_column(table, given, schema),
        "columns": documents.encode(schema),
        "is_compute_enabled": given.flag("isComputeEnabled", table.is_compute_enabled),
        "updated_at": call.now,
    }
    if "tags" in given:
        changes["tags"] = documents.encode(given.object("tags"))
    rows.change(call.store, TABLE, table.id, changes)
    changed = _load(call, table.id)
    _check_key_column(call.world, changed)
    _clear(call, table, changed)
    return {"table": _show(call, changed), "staleColumns": _make_stale(call, table, changed)}


def _delete(call: Call) -> JsonObject:
    table = table_models.find(call, call.path.text("table"))
    table_models.refuse_if_locked(call.world, table)
    call.store.run("DELETE FROM botpress_tables WHERE id = ?", table.id)
    return {}


def _duplicate(call: Call) -> JsonObject:
    source = Table.of(call.find(call.of_bot(TABLE), "table", call.path.text("sourceTableId")))
    table_models.refuse_if_locked(call.world, source)
    name = call.body.optional_text("tableName") or _free_name(call, source.name)
    _refuse_taken(call, name)
    described: JsonObject = {
        "factor": call.body.integer("factor", source.factor),
        "keyColumn": source.key_column,
        "schema": source.schema,
        "tags": _show(call, source)["tags"],
        "isComputeEnabled": source.is_compute_enabled,
    }
    copy = make(call.actor, name, Fields(described))
    job: JsonObject = {}
    if not call.body.flag("schemaOnly"):
        job = _copy_rows(call, source, copy)
    return {"table": _show(call, copy), "rows": table_models.count_rows(call.world, copy), **job}


def _copy_rows(call: Call, source: Table, copy: Table) -> JsonObject:
    if table_models.count_rows(call.world, source) <= _ROWS_COPIED_AT_ONCE:
        table_jobs.copy_rows(call.world, source, copy)
        table_models.require_room(call.world, call.workspace_id)
        return {}
    job = table_jobs.start(call.world, source, "duplicate_table", {"copy": copy.id})
    return {"job": table_jobs.show_started(job)}


def _rename_column(call: Call) -> JsonObject:
    table = table_models.find(call, call.path.text("table"))
    table_models.refuse_if_frozen(table)
    table_models.refuse_if_locked(call.world, table)
    name, new_name = call.body.text("name"), call.body.text("newName")
    if name not in table.columns:
        raise ApiError("ReferenceNotFound", f"name: the table has no column {name!r}")
    if new_name in (*table.columns, *table_columns.SYSTEM_COLUMNS):
        raise ApiError("AlreadyExists", f"newName: the table has a column {new_name!r}")
    _write_new_name(call, table, name, new_name)
    return {"table": _show(call, table)}


def _export(call: Call) -> JsonObject:
    table = table_models.find(call, call.path.text("table"))
    details: JsonObject = {"format": call.query.text("format", "csv"), "compress": call.query.flag("compress", True)}
    return {"job": table_jobs.show(table_jobs.start(call.world, table, "export", details))}


def _import(call: Call) -> JsonObject:
    table = table_models.find(call, call.path.text("table"))
    table_models.refuse_if_locked(call.world, table)
    file = call.refer(file_access.visible(call), "file", call.body.text("fileId"))
    return {"job": table_jobs.show(table_jobs.start(call.world, table, "import", {}, file["id"]))}


def _jobs(call: Call) -> JsonObject:
    table = table_models.find(call, call.path.text("table"))
    return {"jobs": [table_jobs.show(row) for row in table_jobs.of_table(call.world, table)]}


def make(actor: Actor, name: str, given: Fields) -> Table:
    """Make a table of the fields of a request.

    Raises:
        ApiError: the columns are not described as they have to be.
    """
    schema = table_columns.changed(table_columns.EMPTY, given.object("schema"))
    table_id, now = actor.world.ids.prefixed("table"), actor.now
    actor.store.run(
        "INSERT INTO botpress_tables VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
        *(table_id, actor.bot_id, name, given.integer("factor", 1), given.flag("frozen")),
        *(given.optional_text("keyColumn"), documents.encode(schema), documents.encode(given.object("tags"))),
        *(given.flag("isComputeEnabled", True), now, now),
    )
    table = table_models.load(actor.world, table_id)
    assert table is not None
    _check_key_column(actor.world, table)
    return table


def _refuse_taken(call: Call, name: str) -> None:
    if call.optional(call.of_bot(TABLE), name, "name"):
        raise ApiError("AlreadyExists", f"a table is called {name!r}; choose another name")


def _check_key_column(world: World, table: Table) -> None:
    """Make sure the key column is there and tells the rows apart.

    Raises:
        ApiError: it is not there (InvalidPayload), or has a value twice (AlreadyExists).
    """
    if table.key_column is None:
        return
    if table.key_column not in table.columns:
        raise ApiError("InvalidPayload", f"keyColumn: there is no column {table.key_column!r}")
    values = [value for value, _ in row_writing.values_of(world, table, table.key_column)]
    if len(values) != len({*values}):
        raise ApiError("AlreadyExists", f"keyColumn: several rows have the same {table.key_column}")


def _key_column(table: Table, given: Fields, schema: JsonObject) -> str | None:
    """Return the key column after a change; one whose column was taken away is none."""
    if "keyColumn" in given:
        return given.optional_text("keyColumn")
    return table.key_column if table.key_column in _names(schema) else None


def _names(schema: JsonObject) -> set[str]:
    return {*table_columns.columns_of(schema)}


def _clear(call: Call, before: Table, after: Table) -> None:
    """Begin the jobs that take columns out of the rows that are gone, or are no longer searched."""
    for name in before.columns:
        if name not in after.columns:
            table_jobs.start(call.world, after, "clear_column", {"column": name})
        elif name in before.searchable and name not in after.searchable:
            table_jobs.start(call.world, after, "clear_vectors", {"column": name})


def _make_stale(call: Call, before: Table, after: Table) -> list[Json]:
    """Have computed anew what a change of columns touches; return the names of the columns."""
    changed = {name for name, column in after.columns.items() if before.columns.get(name) != column}
    stale = computed_cells.touched(after, changed | (_names(before.schema) - _names(after.schema)))
    row_ids = [row["id"] for row in row_queries.all_kept(call.world, after)]
    computed_cells.make_stale(call.world, after, row_ids, stale)
    return [*stale]


def _write_new_name(call: Call, table: Table, name: str, new_name: str) -> None:
    columns = {
        new_name if key == name else key: _renamed(column, name, new_name) for key, column in table.columns.items()
    }
    required = [new_name if key == name else key for key in Fields(table.schema).texts("required")]
    key_column = new_name if table.key_column == name else table.key_column
    call.store.run(
        "UPDATE botpress_tables SET columns = ?, key_column = ?, updated_at = ? WHERE id = ?",
        *(documents.encode(table_columns.schema_of(columns, required)), key_column, call.now, table.id),
    )
    for row in row_queries.all_kept(call.world, table):
        cells, computed = (_with_new_name(documents.decode_object(row[kept]), name, new_name) for kept in _BY_COLUMN)
        listed = Fields({"stale": documents.decode(row["stale"])}).texts("stale")
        stale: list[Json] = [new_name if item == name else item for item in listed]
        call.store.run(
            "UPDATE botpress_table_rows SET cells = ?, computed = ?, stale = ? WHERE table_id = ? AND id = ?",
            *(documents.encode(cells), documents.encode(computed), documents.encode(stale), table.id, row["id"]),
        )


_BY_COLUMN = ("cells", "computed")
"""What is kept of a row as a map by column."""


def _with_new_name(kept: JsonObject, name: str, new_name: str) -> JsonObject:
    return {new_name if key == name else key: value for key, value in kept.items()}


def _renamed(column: JsonObject, name: str, new_name: str) -> JsonObject:
    """Return a column that depends on another one under its new name."""
    options = table_columns.options(column)
    if "computed" not in options:
        return column
    computation = options.below("computed")
    named: list[Json] = [new_name if item == name else item for item in computation.texts("dependencies")]
    computed: JsonObject = {**computation.values, "dependencies": named}
    return {**column, "x-zui": {**options.values, "computed": computed}}


def _free_name(call: Call, name: str) -> str:
    taken = {row["name"] for row in call.store.all("SELECT name FROM botpress_tables WHERE bot_id = ?", call.bot_id)}
    copies = (f"{name}Copy{number or ''}" for number in range(len(taken) + 1))
    return next(copy for copy in copies if copy not in taken)


def _load(call: Call, table_id: str) -> Table:
    return Table.of(_row(call, table_id))


def _row(call: Call, table_id: str) -> sqlite3.Row:
    return call.find(call.of_bot(TABLE), "table", table_id)


def _show(call: Call, table: Table) -> JsonObject:
    return table_models.show(_row(call, table.id))


def _counts(call: Call, table: Table) -> JsonObject:
    row = call.store.one(
        "SELECT COUNT(*) AS rows, COUNT(*) FILTER (WHERE stale <> '[]') AS stale,"
        " COUNT(*) FILTER (WHERE updated_at > ?) AS fresh FROM botpress_table_rows WHERE table_id = ?",
        *(timestamps.now(call.world) - _INDEXING_TIME, table.id),
    )
    assert row is not None
    return {"rows": row["rows"], "stale": row["stale"], "indexing": row["fresh"] if table.searchable else 0}


RESOURCE = Resource(
    schema=table_models.SCHEMA,
    handlers={
        "listTables": _list,
        "createTable": _create,
        "getTable": _get,
        "getOrCreateTable": _get_or_create,
        "updateTable": _update,
        "deleteTable": _delete,
        "duplicateTable": _duplicate,
        "renameTableColumn": _rename_column,
        "exportTable": _export,
        "importTable": _import,
        "getTableJobs": _jobs,
    },
)
