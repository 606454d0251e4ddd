"""RapidPro archives: files with the messages or runs of a past day or month, streamed and never whole in memory.

A server deletes rows some time after it archived them. So archives are listed twice: before the live rows, which take
the place of archived ones, and after them, for a row that was archived and deleted in between.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

import pyarrow as pa
from trilogue.errors import ApiError

from trilogue_tools.errors import ToolError
from trilogue_tools.export.lists import ExportedList
from trilogue_tools.export.rows import to_table

TYPES: Mapping[str, str] = {"messages": "message", "runs": "run"}
"""The lists whose rows are archived, and what their archives are called."""

ROWS_PER_TABLE = 5_000


class Archives:
    """The archives of one list of a workspace. `state` is changed as rows are yielded, as that of a `Reading` is."""

    def __init__(self, item: ExportedList, workspace: str, state: dict[str, Any]) -> None:
        self._item, self._workspace, self._state = item, workspace, state

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
        operation: Any = self._item.method.operation
        with TemporaryFile() as file:
            self._download(client, archive, file)
            rows = (json.loads(line) for line in _lines(file, _name(archive)))
            while batch := list(islice(rows, ROWS_PER_TABLE)):
                yield to_table(self._item, operation.rows(batch), self._workspace)

    def _download(self, client: Any, archive: Any, file: IO[bytes]) -> None:
        """Write an archive to a file; once its address has expired, from one that is signed again."""
        try:
            client.archives.download(archive, to=file)
        except ApiError:
            file.seek(0)
            client.archives.download(_fresh(client, self._item, archive), to=file)


def _lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    file.seek(0)
    try:
        yield from (line for line in gzip.GzipFile(fileobj=file) if line.strip())
    except (OSError, EOFError, zlib.error) as error:
        raise ToolError(f"the archive {name} cannot be read: {error}") from error


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
