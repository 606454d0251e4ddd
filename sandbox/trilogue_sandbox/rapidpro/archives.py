"""Archives: files with the messages or the runs of a day or a month, for download without a token."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import BLOB, CREATED, INTEGER, KEY, TEXT, Row
from trilogue_sandbox.kernel.timestamps import DAY
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.cursors import read_timestamp
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource
from trilogue_sandbox.rapidpro.messages import MESSAGE
from trilogue_sandbox.rapidpro.runs import RUN
from trilogue_sandbox.rapidpro.table_types import WORKSPACE, plain_table, ref
from trilogue_sandbox.rapidpro.tables import MESSAGES, RUNS
from trilogue_sandbox.rapidpro.views import ApiView

ARCHIVES = plain_table(
    "archives",
    id=KEY,
    workspace_id=WORKSPACE,
    type=TEXT,
    period=TEXT,
    start_date=TEXT,
    record_count=INTEGER,
    size=INTEGER,
    hash=TEXT.nullable(),
    data=BLOB.nullable(),
    secret=TEXT.filled(lambda world: world.ids.token()),
    rollup_id=ref("archives").nullable(),
    created_on=CREATED,
    indexes=["workspace_id, start_date, id"],
)

_TYPES = ("message", "run")
_PERIODS = ("daily", "monthly")
_PAGE_SIZE = 250
_ADDRESS = re.compile(r"([0-9]{1,18})/([0-9]{1,18})/([0-9a-f]{64})/[a-z]+_[DM][0-9]{8}_[0-9a-f]{32}\.jsonl\.gz")

# -- the list ----------------------------------------------------------------------------------------------------------


def list_archives(exchange: Exchange) -> JsonObject:
    """Handle GET: the one list that is paged by `limit` and `offset`, and counted."""
    select = _within_days(exchange, exchange.context.select(ARCHIVES).where("item.rollup_id IS NULL"))
    select = select.equal("type", exchange.string("type") or exchange.string("archive_type") or None)
    if (period := exchange.string("period")) in _PERIODS:
        select = select.where("item.period = ?", period)
    return _page(exchange, select)


def _within_days(exchange: Exchange, select: Select) -> Select:
    for name, comparison in (("before", "<="), ("after", ">=")):
        if value := exchange.string(name):
            time = read_timestamp(value)
            if time is None:
                return select.nothing()
            select = select.where(f"item.start_date {comparison} ?", from_microseconds(time).date().isoformat())
    return select


def _page(exchange: Exchange, select: Select) -> JsonObject:
    limit, offset, count = _number(exchange, "limit") or _PAGE_SIZE, _number(exchange, "offset"), select.count()
    rows = select.all("ORDER BY item.start_date DESC, item.id LIMIT ? OFFSET ?", limit, offset)
    shown = ARCHIVE.show(exchange.context, rows)
    for document, row in zip(shown, rows, strict=True):
        document.update(_address_of(exchange, row) if row["data"] is not None else exchange.server.empty_archive)
    return {
        "count": count,
        "next": _address(exchange, limit, offset + limit) if offset + limit < count else None,
        "previous": _address(exchange, limit, max(0, offset - limit)) if offset > 0 else None,
        "results": [*shown],
    }


def _address_of(exchange: Exchange, row: Row) -> JsonObject:
    return {"download_url": _download_url(exchange, row)}


def _number(exchange: Exchange, name: str) -> int:
    """Return a number of the query; 0 if there is none that makes sense."""
    value = exchange.string(name)
    return int(value) if re.fullmatch("[0-9]{1,18}", value) else 0


def _address(exchange: Exchange, limit: int, offset: int) -> str:
    request = exchange.request
    kept = [pair for pair in request.query if pair[0] not in ("limit", "offset")]
    added = [("limit", str(limit)), *([("offset", str(offset))] if offset else [])]
    return f"{request.base_url}{request.path}?{urlencode(sorted([*kept, *added], key=lambda pair: pair[0]))}"


ARCHIVE = ApiView("Archive", ARCHIVES, columns={"download_url": "hash", "archive_type": "type"})

# -- downloads ---------------------------------------------------------------------------------------------------------


def download(world: World, request: Request, rest: str) -> Response | None:
    """Return a file whose address was signed less than 24 hours ago."""
    found = _ADDRESS.fullmatch(rest)
    row = world.records.find(ARCHIVES, id=int(found[1])) if found else None
    if found is None or row is None or row["data"] is None:
        return None
    expires = int(found[2])
    if expires < world.now or not hmac.compare_digest(found[3], _sign(row, expires)):
        return Response(403, {"Content-Type": "text/plain"}, b"The signature is wrong, or it has expired.")
    return Response(200, {"Content-Type": "application/octet-stream"}, row["data"])


def _download_url(exchange: Exchange, row: Row) -> str:
    origin = exchange.request.base_url.removesuffix("/rapidpro/api/v2")
    expires = exchange.now + DAY
    day = f"{row['period'][0].upper()}{row['start_date'].replace('-', '')}"
    name = f"{row['type']}_{day}_{row['hash']}.jsonl.gz"
    return f"{origin}/rapidpro/archives/{row['id']}/{expires}/{_sign(row, expires)}/{name}"


def _sign(row: Row, expires: int) -> str:
    return hmac.new(row["secret"].encode(), f"{row['id']}:{expires}".encode(), hashlib.sha256).hexdigest()


# -- how archives come to be -------------------------------------------------------------------------------------------


def create_archive(world: World, arguments: Fields) -> object:
    """Archive the messages or the runs of a past day or month, which stay where they are as well.

    A month swallows the archives of its days, which are then no longer listed.
    """
    context = WorkspaceContext.of(world, arguments)
    archive_type = arguments.choice("type", _TYPES, "message")
    period = arguments.choice("period", _PERIODS, "daily")
    first, end = _span(context, period, arguments.string("start_date"))
    if context.find(ARCHIVES, type=archive_type, period=period, start_date=first.isoformat()):
        raise ControlError("there is an archive of this time already", "start_date")
    records = _READERS[archive_type](context, _midnight(first), _midnight(end))
    archive = add_archive(context, archive_type, period, first, records)
    if period == "monthly":
        days = context.select(ARCHIVES, type=archive_type, period="daily")
        span = "item.start_date >= ? AND item.start_date < ?"
        days.where(span, first.isoformat(), end.isoformat()).change("rollup_id = ?", archive["id"])
    return {name: archive[name] for name in ("type", "period", "start_date", "record_count")}


def add_archive(
    context: WorkspaceContext, archive_type: str, period: str, first: date, records: Sequence[JsonObject]
) -> Row:
    """Keep records in a file, a line for each; there is no file for a time in which nothing happened."""
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    data = gzip.compress(lines.encode(), mtime=0) if records else None
    return context.add(
        ARCHIVES,
        type=archive_type,
        period=period,
        start_date=first.isoformat(),
        record_count=len(records),
        size=len(data or b""),
        hash=None if data is None else hashlib.md5(data, usedforsecurity=False).hexdigest(),
        data=data,
    )


def _span(context: WorkspaceContext, period: str, text: str) -> tuple[date, date]:
    """Return the first day and the day after the last one."""
    try:
        first = date.fromisoformat(text)
    except ValueError as error:
        raise ControlError("`start_date` is a day such as 2026-01-31", "start_date") from error
    if period == "monthly" and first.day != 1:
        raise ControlError("`start_date` of a month is its first day", "start_date")
    end = first + timedelta(days=1) if period == "daily" else (first + timedelta(days=31)).replace(day=1)
    if _midnight(end) > context.now:
        raise ControlError("`start_date`: only what is over can be archived", "start_date")
    return first, end


def _midnight(day: date) -> int:
    return to_microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _read_messages(context: WorkspaceContext, first: int, end: int) -> list[JsonObject]:
    messages = context.select(MESSAGES).where("item.folder IS NOT NULL")
    within = messages.where("item.created_on >= ? AND item.created_on < ?", first, end)
    return MESSAGE.show(context, within.all("ORDER BY item.created_on, item.id"))


def _read_runs(context: WorkspaceContext, first: int, end: int) -> list[JsonObject]:
    runs = context.select(RUNS).where("item.exited_on IS NOT NULL")
    within = runs.where("item.modified_on >= ? AND item.modified_on < ?", first, end)
    return RUN.show(context, within.all("ORDER BY item.modified_on, item.id"))


_READERS: dict[str, Callable[[WorkspaceContext, int, int], list[JsonObject]]] = {
    "message": _read_messages,
    "run": _read_runs,
}

RESOURCE = Resource(
    tables=[ARCHIVES],
    operations={"archives_list": list_archives},
    actions={"create_archive": create_archive},
    downloads={"archives": download},
)
