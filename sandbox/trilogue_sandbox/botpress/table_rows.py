"""Rows of tables."""

from __future__ import annotations

from trilogue_sandbox.botpress import computed_cells, row_filters, row_queries, row_writing, table_jobs, table_models
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import whole
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.row_writing import Outcome
from trilogue_sandbox.botpress.table_models import Table
from trilogue_sandbox.kernel.http import Json, JsonObject


def _get(call: Call) -> JsonObject:
    table, row_id = _table(call), call.query.integer("id")
    rows = row_queries.by_numbers(call.world, table, [row_id])
    if not rows:
        raise ApiError("ResourceNotFound", f"the table has no row {row_id}")
    return {"row": rows[0]}


def _find(call: Call) -> JsonObject:
    return row_queries.find(call.world, _table(call), call.body)


def _create(call: Call) -> JsonObject:
    table = _writable(call)
    outcome = row_writing.insert(call.world, table, _rows(call))
    table_models.require_room(call.world, call.workspace_id)
    return {"rows": _shown(call, table, outcome, outcome.inserted), **outcome.remarks}


def _update(call: Call) -> JsonObject:
    table = _writable(call)
    outcome = row_writing.update(call.world, table, _rows(call))
    return {"rows": _shown(call, table, outcome, outcome.updated), **outcome.remarks}


def _upsert(call: Call) -> JsonObject:
    table, key_column = _writable(call), call.body.text("keyColumn", "id")
    if key_column != "id" and key_column not in table.columns:
        raise ApiError("InvalidPayload", f"keyColumn: there is no column {key_column!r}")
    outcome = row_writing.upsert(call.world, table, _rows(call), key_column)
    table_models.require_room(call.world, call.workspace_id)
    inserted, updated = (_shown(call, table, outcome, ids) for ids in (outcome.inserted, outcome.updated))
    return {"inserted": inserted, "updated": updated, **outcome.remarks}


def _delete(call: Call) -> JsonObject:
    table, given = _writable(call), call.body
    if [given.value(name) not in (None, False) for name in ("ids", "filter", "deleteAllRows")].count(True) != 1:
        raise ApiError("InvalidPayload", "give one of ids, filter and deleteAllRows (true)")
    if "filter" in given:
        return _delete_by_filter(call, table)
    if given.flag("deleteAllRows"):
        return {"deletedRows": call.store.run("DELETE FROM botpress_table_rows WHERE table_id = ?", table.id)}
    row_ids = [number for item in given.items("ids") if (number := whole(item)) is not None]
    return {"deletedRows": table_jobs.delete_rows(call.world, table, row_ids)}


def _delete_by_filter(call: Call, table: Table) -> JsonObject:
    condition = call.body.object("filter")
    row_filters.compile_filter(condition)
    job = table_jobs.start(call.world, table, "delete_rows", {"filter": condition})
    return {"deletedRows": 0, "job": table_jobs.show_started(job)}


def _table(call: Call) -> Table:
    return table_models.find(call, call.path.text("table"))


def _writable(call: Call) -> Table:
    table = _table(call)
    table_models.refuse_if_being_copied_to(call.world, table)
    return table


def _rows(call: Call) -> list[JsonObject]:
    return [row.values for row in call.body.objects("rows")]


def _shown(call: Call, table: Table, outcome: Outcome, row_ids: list[int]) -> list[Json]:
    """Return rows that were written; with `waitComputed`, what is to be computed in them is."""
    if call.body.flag("waitComputed"):
        computed_cells.compute(call.world, table, [*outcome.inserted, *outcome.updated])
    return [*row_queries.by_numbers(call.world, table, row_ids)]


RESOURCE = Resource(
    handlers={
        "getTableRow": _get,
        "findTableRows": _find,
        "createTableRows": _create,
        "updateTableRows": _update,
        "upsertTableRows": _upsert,
        "deleteTableRows": _delete,
    },
)
