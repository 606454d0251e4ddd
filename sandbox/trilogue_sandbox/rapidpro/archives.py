"""Archives: files with the messages or the runs of a day or a month, for download without a token."""

from __future__ import annotations

import hashlib
import hmac
import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, timedelta
from urllib.parse import urlencode

from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import archiving, timestamps
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.tenants import now

_FOLDER = "archives"
_PAGE_SIZE = 250
_PERIODS = ("daily", "monthly")
_VALID = timedelta(hours=24) // timedelta(microseconds=1)
_ADDRESS = re.compile(r"([0-9]{1,18})/([0-9]{1,18})/([0-9a-f]{64})/[a-z]+_[DM][0-9]{8}_[0-9a-f]{32}\.jsonl\.gz")


def list_archives(call: Call) -> Response:
    """Answer GET: the one list that is paged by `limit` and `offset`, and counted."""
    select = _within_days(call, call.select("rapidpro_archives").where("item.rollup_id IS NULL"))
    if kind := call.text("type") or call.text("archive_type"):
        select = select.where("item.type = ?", kind)
    if (period := call.text("period")) in _PERIODS:
        select = select.where("item.period = ?", period)
    return _page(call, select)


def serve_archive(world: World, rest: str) -> Response | None:
    """Answer the download of a file whose address was signed less than 24 hours ago."""
    found = _ADDRESS.fullmatch(rest)
    row = world.store.one("SELECT * FROM rapidpro_archives WHERE id = ?", int(found[1])) if found else None
    if found is None or row is None or row["data"] is None:
        return None
    expires = int(found[2])
    if expires < now(world) or not hmac.compare_digest(found[3], _sign(row, expires)):
        return Response(403, {"Content-Type": "text/plain"}, b"The signature is wrong, or it has expired.")
    return Response(200, {"Content-Type": "application/octet-stream"}, row["data"])


def _within_days(call: Call, select: Select) -> Select:
    for name, comparison in (("before", "<="), ("after", ">=")):
        if text := call.text(name):
            moment = timestamps.read(text)
            if moment is None:
                return select.nothing()
            day = from_microseconds(moment).astimezone(UTC).date().isoformat()
            select = select.where(f"item.start_date {comparison} ?", day)
    return select


def _page(call: Call, select: Select) -> Response:
    limit, offset = _number(call, "limit") or _PAGE_SIZE, _number(call, "offset")
    counted = call.store.one(f"SELECT COUNT(*) AS count FROM ({select.sql('')})", *select.values)
    count = counted["count"] if counted else 0
    rows = call.store.all(
        select.sql("ORDER BY item.start_date DESC, item.id DESC LIMIT ? OFFSET ?"), *select.values, limit, offset
    )
    return Response.json(
        {
            "count": count,
            "next": _address(call, limit, offset + limit) if offset + limit < count else None,
            "previous": _address(call, limit, max(0, offset - limit)) if offset > 0 else None,
            "results": _show_archives(call, rows),
        }
    )


def _number(call: Call, name: str) -> int:
    """Return a number of the query; 0 if there is none that makes sense."""
    text = call.text(name)
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0


def _address(call: Call, limit: int, offset: int) -> str:
    kept = [pair for pair in call.request.query if pair[0] not in ("limit", "offset")]
    added = [("limit", str(limit)), *([("offset", str(offset))] if offset else [])]
    return f"{call.request.base_url}{call.request.path}?{urlencode(sorted([*kept, *added], key=lambda pair: pair[0]))}"


def _show_archives(call: Call, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    return [
        {
            "type": row["type"],
            "start_date": row["start_date"],
            "period": row["period"],
            "record_count": row["record_count"],
            "size": row["size"],
            "hash": row["hash"],
            "download_url": _download_url(call, row) if row["data"] is not None else None,
            "archive_type": row["type"],
        }
        for row in rows
    ]


def _download_url(call: Call, row: sqlite3.Row) -> str:
    origin = call.request.base_url.removesuffix("/rapidpro/api/v2")
    expires = call.tenant.now + _VALID
    day = f"{row['period'][0].upper()}{row['start_date'].replace('-', '')}"
    name = f"{row['type']}_{day}_{row['hash']}.jsonl.gz"
    return f"{origin}/rapidpro/{_FOLDER}/{row['id']}/{expires}/{_sign(row, expires)}/{name}"


def _sign(row: sqlite3.Row, expires: int) -> str:
    return hmac.new(row["secret"].encode(), f"{row['id']}:{expires}".encode(), hashlib.sha256).hexdigest()


ENDPOINT = Endpoint("archives", get=list_archives, actions=archiving.ACTIONS)
