"""Work on tables that takes a while: it begins at once and goes on step by step, a few milliseconds each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Literal, TypeAlias

from trilogue_sandbox.botpress import (
    arguments,
    documents,
    row_queries,
    row_writing,
    table_models,
    table_transfers,
    timestamps,
)
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.table_models import Table
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World

JobType: TypeAlias = Literal["export", "import", "clear_column", "clear_vectors", "delete_rows", "duplicate_table"]

_SCHEMA = """
CREATE TABLE botpress_table_jobs (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL, table_id TEXT NOT NULL REFERENCES botpress_tables ON DELETE CASCADE,
    type TEXT NOT NULL, status TEXT NOT NULL, progress INTEGER NOT NULL DEFAULT 0, input_file_id TEXT,
    output_file_id TEXT, details TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
"""

_STEP_TIME = timedelta(milliseconds=5)
_NEXT = {"pending": ("in_progress", 40), "in_progress": ("finalizing", 90)}


def start(
    world: World, table: Table, job_type: JobType, details: JsonObject, input_file_id: str | None = None
) -> sqlite3.Row:
    """Begin a job; what it needs to know is in `details`."""
    job_id, now = world.ids.prefixed("job"), timestamps.now(world)
    world.store.run(
        "INSERT INTO botpress_table_jobs VALUES (?, ?, ?, ?, 'pending', 0, ?, NULL, ?, ?, ?)",
        *(job_id, table.bot_id, table.id, job_type, input_file_id, documents.encode(details), now, now),
    )
    _plan(world, job_id)
    row = _load(world, job_id)
    assert row is not None
    return row


def of_table(world: World, table: Table) -> list[sqlite3.Row]:
    """Return the jobs of a table, the newest first."""
    return world.store.all(
        "SELECT * FROM botpress_table_jobs WHERE table_id = ? ORDER BY created_at DESC, rowid DESC", table.id
    )


def show(row: sqlite3.Row) -> JsonObject:
    """Return a job as the API shows it."""
    return {
        "id": row["id"],
        "botId": row["bot_id"],
        "tableId": row["table_id"],
        "type": row["type"],
        "status": row["status"],
        "progress": row["progress"],
        "inputFileId": row["input_file_id"],
        "outputFileId": row["output_file_id"],
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
    }


def show_started(row: sqlite3.Row) -> JsonObject:
    """Return a job as the answers show it that only say that it was begun."""
    return {"id": row["id"], "status": row["status"]}


def _plan(world: World, job_id: str) -> None:
    world.timers.after(_STEP_TIME, "table_job_step", {"job": job_id})


def _load(world: World, job_id: str) -> sqlite3.Row | None:
    return world.store.one("SELECT * FROM botpress_table_jobs WHERE id = ?", job_id)


def _step(world: World, timer: JsonObject) -> object:
    """Let a job go on, unless its table was deleted."""
    row = _load(world, arguments.text(timer, "job"))
    table = table_models.load(world, row["table_id"]) if row else None
    if row is None or table is None:
        return {}
    if row["status"] in _NEXT:
        _settle(world, row["id"], *_NEXT[row["status"]])
        _plan(world, row["id"])
    else:
        _finish(world, table, row)
    return {}


def _finish(world: World, table: Table, row: sqlite3.Row) -> None:
    try:
        with world.store.transaction():  # a job that fails leaves nothing behind
            _WORK[row["type"]](world, table, row)
    except (table_transfers.Unreadable, ApiError):
        _settle(world, row["id"], "failed", row["progress"])
    else:
        _settle(world, row["id"], "completed", 100)


def _settle(world: World, job_id: str, status: str, progress: int) -> None:
    world.store.run(
        "UPDATE botpress_table_jobs SET status = ?, progress = ?, updated_at = ? WHERE id = ?",
        *(status, progress, timestamps.now(world), job_id),
    )


def _details(row: sqlite3.Row) -> Fields:
    return Fields(documents.decode_object(row["details"]))


def _export(world: World, table: Table, row: sqlite3.Row) -> None:
    details = _details(row)
    file_id = table_transfers.write(
        world, table, row["id"], is_json=details.text("format") == "json", is_compressed=details.flag("compress")
    )
    world.store.run("UPDATE botpress_table_jobs SET output_file_id = ? WHERE id = ?", file_id, row["id"])


def _import(world: World, table: Table, row: sqlite3.Row) -> None:
    row_writing.insert(world, table, table_transfers.read(world, table, row["input_file_id"]))
    _require_room(world, table)


def _delete_rows(world: World, table: Table, row: sqlite3.Row) -> None:
    delete_rows(world, table, row_queries.numbers_of(world, table, _details(row).object("filter")))


def _clear_column(world: World, table: Table, row: sqlite3.Row) -> None:
    """Take a column that was taken away out of the rows, unless it has come back."""
    name = _details(row).text("column")
    if name in table.columns:
        return
    for kept in row_queries.all_kept(world, table):
        cells, computed = documents.decode_object(kept["cells"]), documents.decode_object(kept["computed"])
        cells.pop(name, None)
        computed.pop(name, None)
        world.store.run(
            "UPDATE botpress_table_rows SET cells = ?, computed = ? WHERE table_id = ? AND id = ?",
            *(documents.encode(cells), documents.encode(computed), table.id, kept["id"]),
        )


def _clear_vectors(world: World, table: Table, row: sqlite3.Row) -> None:
    """Forget what was kept for searching a column, which here is nothing: rows are searched as they are."""


def _duplicate(world: World, table: Table, row: sqlite3.Row) -> None:
    copy = table_models.load(world, _details(row).text("copy"))
    if copy is not None:
        copy_rows(world, table, copy)
        _require_room(world, table)


def _require_room(world: World, table: Table) -> None:
    bot = world.store.one("SELECT workspace_id FROM botpress_bots WHERE id = ?", table.bot_id)
    assert bot is not None
    table_models.require_room(world, bot["workspace_id"])


def copy_rows(world: World, table: Table, copy: Table) -> None:
    """Copy all rows of a table, with their numbers and times."""
    world.store.run(
        "INSERT INTO botpress_table_rows SELECT ?, id, cells, computed, stale, created_at, updated_at"
        " FROM botpress_table_rows WHERE table_id = ?",
        *(copy.id, table.id),
    )
    world.store.run(
        "UPDATE botpress_tables SET last_row_id = (SELECT last_row_id FROM botpress_tables WHERE id = ?) WHERE id = ?",
        *(table.id, copy.id),
    )


def delete_rows(world: World, table: Table, row_ids: list[int]) -> int:
    """Delete the rows with these numbers; return how many there were."""
    listed: list[Json] = [*row_ids]
    return world.store.run(
        "DELETE FROM botpress_table_rows WHERE table_id = ? AND id IN (SELECT value FROM json_each(?))",
        *(table.id, documents.encode(listed)),
    )


_WORK: dict[str, Callable[[World, Table, sqlite3.Row], None]] = {
    "export": _export,
    "import": _import,
    "delete_rows": _delete_rows,
    "clear_column": _clear_column,
    "clear_vectors": _clear_vectors,
    "duplicate_table": _duplicate,
}

RESOURCE = Resource(schema=_SCHEMA, actions={"table_job_step": _step})
