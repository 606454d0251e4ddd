"""Tables: their names and columns."""

from __future__ import annotations

from typing import Any

import attrs

from trilogue_sandbox.botpress import row_writing, table_columns, table_jobs, tags, usages
from trilogue_sandbox.botpress.column_changes import (
    check_key_column,
    clear_removed,
    key_column_of,
    make_stale,
    with_new_dependency,
)
from trilogue_sandbox.botpress.content_tables import TABLE_JOBS, TABLE_ROWS, TABLES
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.file_access import visible
from trilogue_sandbox.botpress.table_locks import refuse_if_frozen, refuse_if_locked
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import MILLISECOND
from trilogue_sandbox.kernel.views import View

_TABLE = View[Actor]("Table", TABLES)
_JOB = View[Actor]("TableJob", TABLE_JOBS)
_STARTED_JOB = View[Actor]("StartedJob", TABLE_JOBS)

_INDEXING_TIME = 20 * MILLISECOND
_ROWS_COPIED_AT_ONCE = 1000


def find(exchange: Exchange) -> Row:
    """Return the table that the path names by name or id; raise ResourceNotFound if there is none."""
    row, name = _optional(exchange), exchange.path.string("table")
    if row is None:
        raise ApiError("ResourceNotFound", f"no table has the name or id {name!r}")
    return row


def _optional(exchange: Exchange) -> Row | None:
    name, rows = exchange.path.string("table"), exchange.actor.rows(TABLES)
    return rows.equal("name", name).first() or rows.equal("id", name).first()


def show_started(exchange: Exchange, job: Row) -> JsonObject:
    """Return a job as the responses show it that only say that it was started."""
    return {"job": _STARTED_JOB.show_one(exchange.actor, job)}


def require_room(exchange: Exchange) -> None:
    """Make sure that the rows a workspace has now are not more than it may have.

    Raises:
        ApiError: they are (QuotaExceeded); then what was written is undone.
    """
    usages.require_room(exchange.world, exchange.workspace_id, "table_row_count", adding=0)


def create(actor: Actor, name: str, given: Fields) -> Row:
    """Create a table from the fields of a request."""
    table = {
        "bot_id": actor.bot_id,
        "name": name,
        "factor": given.integer("factor", 1),
        "frozen": given.boolean("frozen"),
        "key_column": given.optional_string("keyColumn"),
        "schema": table_columns.changed(actor.world.description, table_columns.EMPTY, given.object("schema")),
        "tags": given.object("tags"),
        "is_compute_enabled": given.boolean("isComputeEnabled", True),
    }
    row = actor.records.add(TABLES, table)
    check_key_column(actor.world, row)
    return row


def _list(exchange: Exchange) -> JsonObject:
    select = tags.matching(exchange.actor.rows(TABLES), exchange.query.object("tags"))
    rows = select.all("ORDER BY item.created_at DESC, item.rowid DESC")
    return {"tables": [*_TABLE.show(exchange.actor, rows)]}


def _create(exchange: Exchange) -> JsonObject:
    name = exchange.body.string("name")
    _refuse_taken(exchange, name)
    return {"table": _TABLE.show_one(exchange.actor, create(exchange.actor, name, exchange.body))}


def _get(exchange: Exchange) -> JsonObject:
    table = find(exchange)
    return {"table": _TABLE.show_one(exchange.actor, table), **_counts(exchange, table)}


def _get_or_create(exchange: Exchange) -> JsonObject:
    found = _optional(exchange)
    table = found or create(exchange.actor, exchange.path.string("table"), exchange.body)
    shown = _TABLE.show_one(exchange.actor, table)
    return {"table": shown, "created": found is None, **_counts(exchange, table)}


def _update(exchange: Exchange) -> JsonObject:
    table, given = find(exchange), exchange.body
    refuse_if_locked(exchange.world, table)
    if any(name in given for name in ("name", "schema", "frozen")):
        refuse_if_frozen(table)
    name, factor = given.string("name", table["name"]), given.integer("factor", table["factor"])
    if name != table["name"]:
        _refuse_taken(exchange, name)
    if factor < table["factor"]:
        raise ApiError("InvalidPayload", f"factor: can only grow; it is {table['factor']}")
    schema = table["schema"]
    if "schema" in given:
        schema = table_columns.changed(exchange.world.description, schema, given.object("schema"))
    changes = {
        "name": name,
        "factor": factor,
        "frozen": given.boolean("frozen", table["frozen"]),
        "key_column": key_column_of(table, given, schema),
        "schema": schema,
        "is_compute_enabled": given.boolean("isComputeEnabled", table["is_compute_enabled"]),
        "tags": given.object("tags") if "tags" in given else table["tags"],
    }
    changed = exchange.records.touch(TABLES, table, **changes)
    check_key_column(exchange.world, changed)
    clear_removed(exchange, table, changed)
    return {"table": _TABLE.show_one(exchange.actor, changed), "staleColumns": make_stale(exchange, table, changed)}


def _delete(exchange: Exchange) -> JsonObject:
    table = find(exchange)
    refuse_if_locked(exchange.world, table)
    exchange.records.remove(TABLES, table)
    return {}


def _duplicate(exchange: Exchange) -> JsonObject:
    source = exchange.actor.find(TABLES, exchange.path.string("sourceTableId"))
    refuse_if_locked(exchange.world, source)
    name = exchange.body.optional_string("tableName") or _free_name(exchange, source["name"])
    _refuse_taken(exchange, name)
    described: JsonObject = {
        "factor": exchange.body.integer("factor", source["factor"]),
        "keyColumn": source["key_column"],
        "schema": source["schema"],
        "tags": source["tags"],
        "isComputeEnabled": source["is_compute_enabled"],
    }
    copy = create(exchange.actor, name, Fields(described))
    job = {} if exchange.body.boolean("schemaOnly") else _copy_rows(exchange, source, copy)
    rows = exchange.records.select(TABLE_ROWS, table_id=copy["id"]).count()
    return {"table": _TABLE.show_one(exchange.actor, copy), "rows": rows, **job}


def _copy_rows(exchange: Exchange, source: Row, copy: Row) -> JsonObject:
    if exchange.records.select(TABLE_ROWS, table_id=source["id"]).count() <= _ROWS_COPIED_AT_ONCE:
        table_jobs.copy_rows(exchange.world, source, copy)
        require_room(exchange)
        return {}
    return show_started(exchange, table_jobs.start(exchange.world, source, "duplicate_table", copy=copy["id"]))


def _rename_column(exchange: Exchange) -> JsonObject:
    table = find(exchange)
    refuse_if_frozen(table)
    refuse_if_locked(exchange.world, table)
    name, new_name = exchange.body.string("name"), exchange.body.string("newName")
    columns = table_columns.columns_of(table["schema"])
    if name not in columns:
        raise ApiError("ReferenceNotFound", f"name: the table has no column {name!r}")
    if new_name in (*columns, *table_columns.SYSTEM_COLUMNS):
        raise ApiError("AlreadyExists", f"newName: the table has a column {new_name!r}")

    def renamed(key: Any) -> Any:
        return new_name if key == name else key

    changed = {renamed(key): with_new_dependency(column, renamed) for key, column in columns.items()}
    required = [renamed(key) for key in Fields(table["schema"]).strings("required")]
    schema, key_column = table_columns.schema_of(changed, required), renamed(table["key_column"])
    shown = exchange.records.touch(TABLES, table, schema=schema, key_column=key_column)
    for row in exchange.records.select(TABLE_ROWS, table_id=table["id"]).all():
        cells, computed = ({renamed(key): value for key, value in row[kept].items()} for kept in ("cells", "computed"))
        stale = [renamed(key) for key in row["stale"]]
        row_writing.change(exchange.world, row, cells=cells, computed=computed, stale=stale)
    return {"table": _TABLE.show_one(exchange.actor, shown)}


def _export(exchange: Exchange) -> JsonObject:
    query = exchange.query
    form, is_compressed = query.string("format", "csv"), query.boolean("compress", True)
    job = table_jobs.start(exchange.world, find(exchange), "export", format=form, compress=is_compressed)
    return _show_job(exchange, job)


def _import(exchange: Exchange) -> JsonObject:
    table, file_id = find(exchange), exchange.body.string("fileId")
    refuse_if_locked(exchange.world, table)
    if not visible(exchange.actor).equal("id", file_id).exists():
        raise ApiError("ReferenceNotFound", f"no file has the id {file_id!r}")
    return _show_job(exchange, table_jobs.start(exchange.world, table, "import", input_file_id=file_id))


def _list_jobs(exchange: Exchange) -> JsonObject:
    jobs = exchange.records.select(TABLE_JOBS, table_id=find(exchange)["id"])
    return {"jobs": [*_JOB.show(exchange.actor, jobs.all("ORDER BY item.created_at DESC, item.rowid DESC"))]}


def _show_job(exchange: Exchange, job: Row) -> JsonObject:
    return {"job": _JOB.show_one(exchange.actor, job)}


def _refuse_taken(exchange: Exchange, name: str) -> None:
    if exchange.actor.rows(TABLES).equal("name", name).exists():
        raise ApiError("AlreadyExists", f"a table is called {name!r}; choose another name")


def _free_name(exchange: Exchange, name: str) -> str:
    taken = {row["name"] for row in exchange.actor.rows(TABLES, "item.name").all()}
    copies = (f"{name}Copy{number or ''}" for number in range(len(taken) + 1))
    return next(copy for copy in copies if copy not in taken)


def _counts(exchange: Exchange, table: Row) -> JsonObject:
    rows = exchange.records.select(TABLE_ROWS, table_id=table["id"])
    stale, fresh = "item.stale <> '[]'", f"item.updated_at > {exchange.now - _INDEXING_TIME}"
    counts = f"COUNT(*) AS rows, COUNT(*) FILTER (WHERE {stale}) AS stale, COUNT(*) FILTER (WHERE {fresh}) AS fresh"
    row = attrs.evolve(rows, columns=counts).first()
    assert row is not None
    indexing = row["fresh"] if table_columns.searchable(table) else 0
    return {"rows": row["rows"], "stale": row["stale"], "indexing": indexing}


RESOURCE = Resource(
    tables=(TABLES, TABLE_ROWS),
    operations={
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
        "getTableJobs": _list_jobs,
    },
)
