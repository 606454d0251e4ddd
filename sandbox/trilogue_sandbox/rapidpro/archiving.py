"""How archives come to be: old messages and runs, written line by line into a compressed file."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import attrs

from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments
from trilogue_sandbox.rapidpro.message_view import show_messages
from trilogue_sandbox.rapidpro.runs import show_runs
from trilogue_sandbox.rapidpro.tenants import Tenant

_TYPES = ("message", "run")
_PERIODS = ("daily", "monthly")


@attrs.frozen
class File:
    """The file of an archive; there is none for a time in which nothing happened."""

    record_count: int
    data: bytes | None = attrs.field(repr=False)

    @classmethod
    def of(cls, records: Sequence[JsonObject]) -> File:
        """Write records into a file, a line for each."""
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        return cls(len(records), gzip.compress(lines.encode(), mtime=0) if records else None)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.data or b"")

    @property
    def hash(self) -> str | None:
        """The MD5 of the file, in hexadecimal."""
        return None if self.data is None else hashlib.md5(self.data, usedforsecurity=False).hexdigest()


def create_archive(world: World, given: JsonObject) -> object:
    """Archive the messages or the runs of a past day or month, which stay where they are as well.

    A month swallows the archives of its days, which are then no longer listed.
    """
    tenant = arguments.tenant(world, given)
    kind = arguments.choice(given, "type", _TYPES, "message")
    period = arguments.choice(given, "period", _PERIODS, "daily")
    first, end = _span(tenant, period, arguments.text(given, "start_date"))
    if _exists(tenant, kind, period, first):
        raise ControlError("there is an archive of this time already", "start_date")
    file = File.of(_READERS[kind](tenant, _moment(first), _moment(end)))
    archive_id = add_archive(tenant, kind, period, first, file)
    if period == "monthly":
        _roll_up(tenant, kind, first, end, archive_id)
    return {"type": kind, "period": period, "start_date": first.isoformat(), "record_count": file.record_count}


def add_archive(tenant: Tenant, kind: str, period: str, first: date, file: File) -> int:
    """Keep an archive and return its number."""
    return tenant.store.insert(
        "INSERT INTO rapidpro_archives (workspace_id, type, period, start_date, record_count, size, hash, data, secret,"
        " created_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(tenant.workspace.id, kind, period, first.isoformat(), file.record_count, file.size, file.hash, file.data),
        *(tenant.world.ids.token(), tenant.now),
    )


def _span(tenant: Tenant, period: str, text: str) -> tuple[date, date]:
    """Return the first day and the day after the last one."""
    try:
        first = date.fromisoformat(text)
    except ValueError as error:
        raise ControlError("`start_date` is a day such as 2026-01-31", "start_date") from error
    if period == "monthly" and first.day != 1:
        raise ControlError("`start_date` of a month is its first day", "start_date")
    end = first + timedelta(days=1) if period == "daily" else (first + timedelta(days=31)).replace(day=1)
    if _moment(end) > tenant.now:
        raise ControlError("`start_date`: only what is over can be archived", "start_date")
    return first, end


def _moment(day: date) -> int:
    return to_microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _exists(tenant: Tenant, kind: str, period: str, first: date) -> bool:
    row = tenant.store.one(
        "SELECT id FROM rapidpro_archives WHERE workspace_id = ? AND type = ? AND period = ? AND start_date = ?",
        *(tenant.workspace.id, kind, period, first.isoformat()),
    )
    return row is not None


def _read_messages(tenant: Tenant, first: int, end: int) -> list[JsonObject]:
    rows = tenant.store.all(
        "SELECT * FROM rapidpro_messages WHERE workspace_id = ? AND folder IS NOT NULL"
        " AND created_on >= ? AND created_on < ? ORDER BY created_on, id",
        *(tenant.workspace.id, first, end),
    )
    return show_messages(tenant, rows)


def _read_runs(tenant: Tenant, first: int, end: int) -> list[JsonObject]:
    rows = tenant.store.all(
        "SELECT * FROM rapidpro_runs WHERE workspace_id = ? AND exited_on IS NOT NULL"
        " AND modified_on >= ? AND modified_on < ? ORDER BY modified_on, id",
        *(tenant.workspace.id, first, end),
    )
    return show_runs(tenant, rows)


def _roll_up(tenant: Tenant, kind: str, first: date, end: date, archive_id: int) -> None:
    tenant.store.run(
        "UPDATE rapidpro_archives SET rollup_id = ? WHERE workspace_id = ? AND type = ? AND period = 'daily'"
        " AND start_date >= ? AND start_date < ?",
        *(archive_id, tenant.workspace.id, kind, first.isoformat(), end.isoformat()),
    )


_READERS: dict[str, Callable[[Tenant, int, int], list[JsonObject]]] = {"message": _read_messages, "run": _read_runs}

ACTIONS = {"create_archive": create_archive}
