"""When a table may not change: a job is running on it, or it is frozen."""

from __future__ import annotations

from trilogue_sandbox.botpress.content_tables import TABLE_JOBS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World


def require_no_copy_running(world: World, table: Row) -> None:
    """Make sure that a table is no copy that is still being filled, so that its rows may change.

    Raises:
        ApiError: it is (ResourceLockedConflict).
    """
    _refuse_if_busy(world, table, "item.type = 'duplicate_table' AND item.details ->> 'copy' = ?")


def refuse_if_locked(world: World, table: Row) -> None:
    """Raise ResourceLockedConflict if a job is filling a table, or a copy of it."""
    _refuse_if_busy(world, table, "item.table_id = ? AND item.type IN ('import', 'duplicate_table')")
    require_no_copy_running(world, table)


def _refuse_if_busy(world: World, table: Row, condition: str) -> None:
    running = world.records.select(TABLE_JOBS).where("item.status NOT IN ('completed', 'failed')")
    job = running.where(condition, table["id"]).first()
    if job:
        message = f"a job ({job['type']}) is running on the table; try again when it has ended"
        raise ApiError("ResourceLockedConflict", message)


def refuse_if_frozen(table: Row) -> None:
    """Raise Forbidden if the name and the columns of a table no longer change."""
    if table["frozen"]:
        message = "the table is frozen: its name and columns do not change; duplicate it to change them"
        raise ApiError("Forbidden", message)
