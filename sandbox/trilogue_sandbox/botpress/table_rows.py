"""Rows of tables."""

from __future__ import annotations

from trilogue_sandbox.botpress import (
    computed_cells,
    row_filters,
    row_queries,
    row_writing,
    table_columns,
    table_jobs,
    table_locks,
    tables,
)
from trilogue_sandbox.botpress.content_tables import TABLE_ROWS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.botpress.row_writing import Outcome
from trilogue_sandbox.kernel.fields import as_integer
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row


def _get(exchange: Exchange) -> JsonObject:
    table, row_id = tables.find(exchange), exchange.query.integer("id")
    rows = row_queries.by_numbers(exchange.world, table, [row_id])
    if not rows:
        raise ApiError("ResourceNotFound", f"the table has no row {row_id}")
    return {"row": rows[0]}


def _find(exchange: Exchange) -> JsonObject:
    return row_queries.find(exchange.world, tables.find(exchange), exchange.body)


def _create(exchange: Exchange) -> JsonObject:
    table = _writable(exchange)
    outcome = row_writing.insert(exchange.world, table, _rows(exchange))
    tables.require_room(exchange)
    return {"rows": _show(exchange, table, outcome, outcome.inserted), **outcome.messages}


def _update(exchange: Exchange) -> JsonObject:
    table = _writable(exchange)
    outcome = row_writing.update(exchange.world, table, _rows(exchange))
    return {"rows": _show(exchange, table, outcome, outcome.updated), **outcome.messages}


def _upsert(exchange: Exchange) -> JsonObject:
    table, key_column = _writable(exchange), exchange.body.string("keyColumn", "id")
    if key_column != "id" and key_column not in table_columns.columns_of(table["schema"]):
        raise ApiError("InvalidPayload", f"keyColumn: there is no column {key_column!r}")
    outcome = row_writing.upsert(exchange.world, table, _rows(exchange), key_column)
    tables.require_room(exchange)
    inserted, updated = (_show(exchange, table, outcome, ids) for ids in (outcome.inserted, outcome.updated))
    return {"inserted": inserted, "updated": updated, **outcome.messages}


def _delete(exchange: Exchange) -> JsonObject:
    table, given = _writable(exchange), exchange.body
    if [given.value(name) not in (None, False) for name in ("ids", "filter", "deleteAllRows")].count(True) != 1:
        raise ApiError("InvalidPayload", "give one of ids, filter and deleteAllRows (true)")
    if "filter" in given:
        condition = given.object("filter")
        row_filters.compile_filter(condition)
        job = table_jobs.start(exchange.world, table, "delete_rows", filter=condition)
        return {"deletedRows": 0, **tables.show_started(exchange, job)}
    rows = exchange.records.select(TABLE_ROWS, table_id=table["id"])
    if not given.boolean("deleteAllRows"):
        rows = rows.among("id", [number for item in given.items("ids") if (number := as_integer(item)) is not None])
    return {"deletedRows": rows.remove()}


def _writable(exchange: Exchange) -> Row:
    table = tables.find(exchange)
    table_locks.require_no_copy_running(exchange.world, table)
    return table


def _rows(exchange: Exchange) -> list[JsonObject]:
    return [row.values for row in exchange.body.objects("rows")]


def _show(exchange: Exchange, table: Row, outcome: Outcome, row_ids: list[int]) -> list[Json]:
    """Return rows that were written; with `waitComputed`, what is to be computed in them is."""
    if exchange.body.boolean("waitComputed"):
        computed_cells.compute(exchange.world, table, [*outcome.inserted, *outcome.updated])
    return [*row_queries.by_numbers(exchange.world, table, row_ids)]


RESOURCE = Resource(
    operations={
        "getTableRow": _get,
        "findTableRows": _find,
        "createTableRows": _create,
        "updateTableRows": _update,
        "upsertTableRows": _upsert,
        "deleteTableRows": _delete,
    }
)
