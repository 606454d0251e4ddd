"""Reads a list from where the last export ended, so far as it is to go, and remembers how far that was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
from trilogue_generated.runtime.model import Model

from trilogue_tools.export.lists import ExportedList, Order
from trilogue_tools.export.rows import marks_of_deletion, to_table

MOST_KEYS = 20_000
"""A list that is read whole tells which rows are gone if it has no more rows than this."""

State = dict[str, Any]
"""What is remembered of a list, as JSON values.

`cursor`: the time of the newest row of the last complete reading. `position`: where an incomplete one goes on, and
`newest`: its newest row so far. `keys`: the rows of the last complete reading of a list that is read whole, and `seen`:
those of an incomplete one.
"""


class Reading:
    """One pass over a list, of which several steps may be in different processes.

    `state` is changed as rows are yielded; it belongs to the rows before, so keep both or neither.
    """

    def __init__(self, item: ExportedList, part: str, workspace: str, state: State) -> None:
        self._item, self._part, self._workspace, self._state = item, part, workspace, state

    @property
    def is_complete(self) -> bool:
        """Whether the pass is at its end."""
        return self._state.get("position") is None

    def tables(self, client: Any, most_rows: int | None) -> Iterator[pa.Table]:
        """Yield the next rows, page by page, until there are `most_rows` or no more."""
        since, count = self._since(), 0
        for page, iterator in self._pages(client, since):
            rows, is_over = _newer(page, self._item.order, since)
            self._note(rows)
            yield to_table(self._item, rows, self._workspace, self._part)
            count += len(rows)
            if is_over or iterator.iteration.is_finished:
                break
            self._state["position"] = iterator.position
            if most_rows is not None and count >= most_rows:
                return
        yield from self._finish()

    def _since(self) -> datetime | None:
        cursor = self._state.get("cursor")
        order = self._item.order
        return None if cursor is None or order is None else datetime.fromisoformat(cursor) - order.overlap

    def _pages(self, client: Any, since: datetime | None) -> Iterator[tuple[Sequence[Model], Any]]:
        """Yield pages from the position on; one that the platform takes no longer is given up for the beginning."""
        from trilogue import BadRequest, DecodeError, InvalidArgument, NotFound

        paginator = self._paginator(client, since)
        iterator = paginator.iterator()
        if (position := self._state.get("position")) is not None:
            try:
                resumed = paginator.resume(position)
                first = resumed.page().items
            except (BadRequest, NotFound, DecodeError, InvalidArgument):
                self._state["position"] = None
            else:
                iterator = resumed
                yield first, iterator
        while not iterator.iteration.is_finished:
            yield iterator.page().items, iterator
            iterator = paginator.resume(iterator.position)  # so that a row that changed meanwhile is yielded again

    def _paginator(self, client: Any, since: datetime | None) -> Any:
        order, arguments = self._item.order, self._item.arguments(self._part)
        if order is not None and order.since and since is not None:
            arguments[order.since] = since
        return self._item.calls(client, arguments)

    def _note(self, rows: Sequence[Model]) -> None:
        if self._item.order is None:
            seen = self._state.setdefault("seen", [])
            seen += [getattr(row, self._item.key) for row in rows] if len(seen) <= MOST_KEYS else []
            return
        times = [_time_of(row, self._item.order) for row in rows]
        newest = max((time for time in times if time is not None), default=None)
        before = self._state.get("newest") or self._state.get("cursor")
        if newest is not None and (before is None or newest > datetime.fromisoformat(before)):
            self._state["newest"] = newest.isoformat()

    def _finish(self) -> Iterator[pa.Table]:
        state = self._state
        state["position"] = None
        if self._item.order is not None:
            state["cursor"] = state.pop("newest", None) or state.get("cursor")
            return
        seen, before = state.pop("seen", []), state.get("keys") or []
        is_complete = len(seen) <= MOST_KEYS
        gone = sorted(set(before) - set(seen), key=str) if is_complete else []
        state["keys"] = seen if is_complete else None
        if gone:
            yield marks_of_deletion(self._item, gone, self._workspace, self._part)


def _newer(rows: Sequence[Model], order: Order | None, since: datetime | None) -> tuple[Sequence[Model], bool]:
    """Return the rows after a time, and whether no more follow; of a list that cannot leave them out itself."""
    if order is None or order.since or since is None:
        return rows, False
    newer = [row for row in rows if (time := _time_of(row, order)) is None or time >= since]
    return newer, len(newer) < len(rows)


def _time_of(row: Model, order: Order) -> datetime | None:
    value = getattr(row, order.time, None)
    return value if isinstance(value, datetime) else None


def readings_of(item: ExportedList, client: Any, workspace: str, state: dict[str, State]) -> list[Reading]:
    """Return the passes that a list takes, one for each part, with their part of the state of its workspace."""
    return [
        Reading(item, part, workspace, state.setdefault(f"{item.name}.{part}".rstrip("."), {}))
        for part in item.parts(client)
    ]
