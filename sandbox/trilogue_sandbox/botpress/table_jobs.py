"""Jobs on tables, which take a while: they go on step by step, a few milliseconds each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from trilogue_sandbox.botpress import row_queries, row_writing, table_columns, table_transfers, usages
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.content_tables import TABLE_JOBS, TABLE_ROWS, TABLES
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World

JobType: TypeAlias = Literal["export", "import", "clear_column", "clear_vectors", "delete_rows", "duplicate_table"]

_STEP_TIME = timedelta(milliseconds=5)
_NEXT = {"pending": ("in_progress", 40), "in_progress": ("finalizing", 90)}


def start(world: World, table: Row, job_type: JobType, input_file_id: str | None = None, **details: Any) -> Row:
    """Start a job; what it needs to know is in `details`."""
    owner = {"bot_id": table["bot_id"], "table_id": table["id"]}
    job = world.records.add(TABLE_JOBS, {**owner, "type": job_type, "input_file_id": input_file_id, "details": details})
    _schedule(world, job)
    return job


def _schedule(world: World, job: Row) -> None:
    world.timers.after(_STEP_TIME, "table_job_step", {"job": job["id"]})


def _step(world: World, given: Fields) -> object:
    """Let a job go on, unless its table was deleted."""
    job = world.records.find(TABLE_JOBS, id=given.string("job"))
    table = world.records.find(TABLES, id=job["table_id"]) if job else None
    if job is None or table is None:
        return {}
    if job["status"] in _NEXT:
        status, progress = _NEXT[job["status"]]
        world.records.change(TABLE_JOBS, job, status=status, progress=progress)
        _schedule(world, job)
    else:
        _finish(world, table, job)
    return {}


def _finish(world: World, table: Row, job: Row) -> None:
    try:
        with world.store.transaction():  # a job that fails leaves nothing behind
            _WORK[job["type"]](world, table, job)
    except (table_transfers.Unreadable, ApiError):
        world.records.change(TABLE_JOBS, job, status="failed")
    else:
        world.records.change(TABLE_JOBS, job, status="completed", progress=100)


def _export(world: World, table: Row, job: Row) -> None:
    is_json, is_compressed = job["details"]["format"] == "json", job["details"]["compress"]
    file_id = table_transfers.write(world, table, job["id"], is_json=is_json, is_compressed=is_compressed)
    world.records.change(TABLE_JOBS, job, output_file_id=file_id)


def _import(world: World, table: Row, job: Row) -> None:
    row_writing.insert(world, table, table_transfers.read(world, table, job["input_file_id"]))
    _require_room(world, table)


def _delete_rows(world: World, table: Row, job: Row) -> None:
    numbers = row_queries.numbers_of(world, table, job["details"]["filter"])
    world.records.select(TABLE_ROWS, table_id=table["id"]).among("id", numbers).remove()


def _clear_column(world: World, table: Row, job: Row) -> None:
    """Remove a column that was removed from the rows too, unless it has come back."""
    name = job["details"]["column"]
    if name in table_columns.columns_of(table["schema"]):
        return
    for row in world.records.select(TABLE_ROWS, table_id=table["id"]).all():
        cells, computed = ({key: row[kept][key] for key in row[kept] if key != name} for kept in ("cells", "computed"))
        row_writing.change(world, row, cells=cells, computed=computed)


def _clear_vectors(world: World, table: Row, job: Row) -> None:
    """Forget what was kept for searching a column, which here is nothing: rows are searched as they are."""


def _duplicate(world: World, table: Row, job: Row) -> None:
    copy = world.records.find(TABLES, id=job["details"]["copy"])
    if copy is not None:
        copy_rows(world, table, copy)
        _require_room(world, table)


def _require_room(world: World, table: Row) -> None:
    workspace_id = world.records.get(BOTS, table["bot_id"])["workspace_id"]
    usages.require_room(world, workspace_id, "table_row_count", adding=0)


def copy_rows(world: World, table: Row, copy: Row) -> None:
    """Copy all rows of a table, with their numbers and times."""
    columns = ", ".join(TABLE_ROWS.columns)
    copied = f"SELECT ?, {columns.partition(', ')[2]} FROM {TABLE_ROWS.name} WHERE table_id = ?"
    world.store.run(f"INSERT INTO {TABLE_ROWS.name} ({columns}) {copied}", copy["id"], table["id"])
    world.records.select(TABLES, id=copy["id"]).change("last_row_id = ?", table["last_row_id"])


_WORK: dict[str, Callable[[World, Row, Row], None]] = {
    "export": _export,
    "import": _import,
    "delete_rows": _delete_rows,
    "clear_column": _clear_column,
    "clear_vectors": _clear_vectors,
    "duplicate_table": _duplicate,
}

RESOURCE = Resource(tables=(TABLE_JOBS,), jobs={"table_job_step": _step})
