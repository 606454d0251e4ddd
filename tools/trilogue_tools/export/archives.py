"""RapidPro archives: files with the messages or runs of a past day or month, streamed and never whole in memory.

A server deletes rows some time after it archived them. So archives are listed twice: before the live rows, which take
the place of archived ones, and after them, for a row that was archived and deleted in between.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

import httpx
import pyarrow as pa

from trilogue_tools.errors import ToolError
from trilogue_tools.export.lists import ExportedList
from trilogue_tools.export.rows import to_table

TYPES: Mapping[str, str] = {"messages": "message", "runs": "run"}
"""The lists whose rows are archived, and what their archives are called."""

ATTEMPTS = 3
ROWS_PER_TABLE = 5_000
_TIMEOUT = httpx.Timeout(60.0)


class Archives:
    """The archives of one list of a workspace. `state` is changed as rows are yielded, as that of a `Reading` is."""

    def __init__(
        self, item: ExportedList, workspace: str, state: dict[str, Any], transport: httpx.BaseTransport | None = None
    ) -> None:
        self._item, self._workspace, self._state, self._transport = item, workspace, state, transport

    @property
    def is_complete(self) -> bool:
        """Whether the pass is at its end."""
        return not self._state.get("archives_left")

    def tables(self, client: Any, since: str | None, most_rows: int | None) -> Iterator[pa.Table]:
        """Yield the rows of archives that were not read before; of those that end after `since`, if it is given.

        Rows that were live at `since` were read then, and are not read again from an archive. Ends after the archive
        that makes it `most_rows`.
        """
        read: list[str] = self._state.setdefault("archives", [])
        count = 0
        for archive in self._new(client, since, frozenset(read)):
            if most_rows is not None and count >= most_rows:
                self._state["archives_left"] = True
                return
            if archive.download_url:
                yield from self._rows_of(client, archive)
            read.append(_name(archive))
            count += archive.record_count or 0
        self._state["archives_left"] = False

    def _new(self, client: Any, since: str | None, read: frozenset[str]) -> list[Any]:
        """Return archives oldest first, all listed at once since days vanish from the list when months come."""
        listed = client.archives.list(archive_type=TYPES[self._item.name], limit=100_000)
        new = [archive for archive in listed if _name(archive) not in read]
        after = None if since is None else datetime.fromisoformat(since)
        return [archive for archive in reversed(new) if after is None or _end(archive) > after]

    def _rows_of(self, client: Any, archive: Any) -> Iterator[pa.Table]:
        """Yield the rows of a file; one that breaks off is read again from its beginning."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                yield from self._stream(archive)
                return
            except (httpx.HTTPError, zlib.error) as error:
                if attempt == ATTEMPTS:
                    raise ToolError(f"the archive {_name(archive)} cannot be read: {error}") from error
                archive = _fresh(client, self._item, archive)

    def _stream(self, archive: Any) -> Iterator[pa.Table]:
        with self._download(archive.download_url) as response:
            response.raise_for_status()
            digest = hashlib.md5(usedforsecurity=False)
            rows = (json.loads(line) for line in _lines(response, digest))
            while batch := list(islice(rows, ROWS_PER_TABLE)):
                operation: Any = self._item.method.operation
                yield to_table(self._item, operation.rows(batch), self._workspace)
        if archive.hash and digest.hexdigest() != archive.hash:
            raise zlib.error("its content is not what the server says it is")

    @contextmanager
    def _download(self, url: str) -> Generator[httpx.Response]:
        """Open a file, without the token: its address is signed."""
        with (
            httpx.Client(transport=self._transport, timeout=_TIMEOUT, follow_redirects=True) as http,
            http.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response,
        ):
            yield response


def _lines(response: httpx.Response, digest: Any) -> Iterator[bytes]:
    """Yield the lines of a gzip file as they arrive."""
    unzip, rest = zlib.decompressobj(wbits=31), b""
    for chunk in response.iter_raw():
        digest.update(chunk)
        *lines, rest = (rest + unzip.decompress(chunk)).split(b"\n")
        yield from (line for line in lines if line.strip())
    rest += unzip.flush()
    if not unzip.eof:
        raise zlib.error("it breaks off")
    if rest.strip():
        yield rest


def _fresh(client: Any, item: ExportedList, archive: Any) -> Any:
    """Return the archive with an address that was signed just now."""
    listed = client.archives.list(archive_type=TYPES[item.name], limit=100_000)
    return next((found for found in listed if _name(found) == _name(archive)), archive)


def _name(archive: Any) -> str:
    return f"{archive.period} {archive.start_date}"


def _end(archive: Any) -> datetime:
    start = archive.start_date if isinstance(archive.start_date, date) else date.fromisoformat(archive.start_date)
    days = 1 if archive.period == "daily" else 31
    end = start + timedelta(days=days)
    return datetime.combine(end if archive.period == "daily" else end.replace(day=1), time(), UTC)
