"""An export as a plan of parts that do not depend on each other, for engines that spread work over machines."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
from attrs import evolve, frozen
from trilogue_generated.runtime.model import Model

from trilogue_tools.export.ledger import Ledger
from trilogue_tools.export.lists import ExportedList, choose, lists_of
from trilogue_tools.export.rows import schema_of, to_table
from trilogue_tools.export.workspaces import Workspace, to_workspaces

PARTS = 8
"""How many windows of time a list is cut into unless told otherwise."""


@frozen
class Split:
    """Rows of a list of a workspace whose time is from `since` on and before `until`; None for no bound.

    `part` is `deleted` for deleted contacts, or the table whose rows these are.
    It can be pickled and read anywhere: reading it again returns the same rows, unless they changed meanwhile.
    """

    platform: str
    list: str
    workspace: Workspace
    part: str = ""
    since: datetime | None = None
    until: datetime | None = None
    ledger: Ledger | None = None

    @property
    def schema(self) -> pa.Schema:
        """The columns of its rows, which are the same for all splits of a list."""
        return schema_of(self._item)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield its rows as Arrow batches, a page of the platform each.

        Raises:
            ToolError: this process has no credentials for the workspace.
            TrilogueError: the platform failed.
        """
        client = _client(self.workspace, self.platform)
        rows = _Pages(self, client)
        for page in rows:
            table = to_table(self._item, page, self.workspace.name, self.part)
            yield from table.to_batches()

    def table(self) -> pa.Table:
        """Return all its rows."""
        return pa.Table.from_batches(self.batches(), self.schema)

    @property
    def _item(self) -> ExportedList:
        return lists_of(self.platform)[self.list]


class _Pages:
    """The pages of a split, each of them within the budget that all processes share."""

    def __init__(self, split: Split, client: Any) -> None:
        self._split, self._item = split, lists_of(split.platform)[split.list]
        self._client = client if split.ledger is None else client.with_options(max_attempts=1)

    def __iter__(self) -> Iterator[list[Model]]:
        paginator = self._item.calls(self._client, self._arguments())
        iterator = paginator.iterator()
        while not iterator.iteration.is_finished:
            yield [row for row in self._page(iterator) if self._is_within(row)]
            iterator = paginator.resume(iterator.position)  # so that a row that changed meanwhile is yielded again

    def _page(self, iterator: Any) -> list[Model]:
        """Fetch a page; what the client does not retry itself is, as it has to be noted in the ledger."""
        from trilogue import ConnectionFailed, RateLimited, ServerError

        ledger, attempt = self._split.ledger, 0
        while True:
            if ledger is not None:
                ledger.claim(_scope(self._split))
            try:
                rows: list[Model] = iterator.page().items
            except (ConnectionFailed, RateLimited, ServerError):
                attempt += 1
                if ledger is None or attempt >= 3:
                    raise
            else:
                return rows

    def _arguments(self) -> dict[str, Any]:
        arguments, order = self._item.arguments(self._split.part), self._item.order
        if order is not None and order.since:
            arguments |= {order.since: self._split.since} if self._split.since else {}
            arguments |= {order.until: self._split.until} if self._split.until else {}
        return arguments

    def _is_within(self, row: Model) -> bool:
        """Whether a row is no other split's; the platforms' bounds are inclusive."""
        until, order = self._split.until, self._item.order
        if until is None or order is None:
            return True
        value = getattr(row, order.time, None)
        return not isinstance(value, datetime) or value < until


def _scope(split: Split) -> str:
    """Return the name of the count that a list belongs to; the same as that of the client."""
    from trilogue.rapidpro._platform import ENDPOINTS_WITH_OWN_COUNT

    is_own = split.platform == "rapidpro" and split.list in ENDPOINTS_WITH_OWN_COUNT
    return f"{split.platform} {split.workspace.name} {split.list if is_own else 'others'}"


def splits(
    platform: str,
    lists: Iterable[str] | None = None,
    *,
    workspaces: Iterable[str | Workspace] | None = None,
    parts: int = PARTS,
    ledger: str | Path | None = None,
    requests_per_hour: int | None = None,
) -> list[Split]:
    """Return a plan of independent parts: workspace x list x window of time.

    Making it takes a few requests for each list and workspace, to find the oldest row. The last window has no end. A
    row that changes while parts are read may be in two of them; keep the one with the later time.

    Args:
        platform: `rapidpro`, `botpress` or `pantheon`.
        lists: their names; all if not given.
        workspaces: names of profiles, or `Workspace`s without a secret, since splits are pickled.
        parts: how many windows a list is cut into, if it can be filtered by time.
        ledger: a file in which all processes of this machine note their requests; with `requests_per_hour`.
        requests_per_hour: how many requests all of them together send to a list of a workspace at most.

    Raises:
        UsageError: there is no such list.
    """
    shared = Ledger(Path(ledger), requests_per_hour) if ledger is not None and requests_per_hour is not None else None
    found: list[Split] = []
    for workspace in to_workspaces(workspaces):
        for item in choose(platform, lists):
            for part in item.parts(_client(workspace, platform)):
                whole = Split(platform, item.name, workspace, part, ledger=shared)
                found += _cut(whole, item, parts)
    return found


def _cut(whole: Split, item: ExportedList, parts: int) -> list[Split]:
    if item.order is None or not item.order.since or parts < 2:
        return [whole]
    now = datetime.now(UTC)
    oldest = _oldest(whole, item, now)
    width = (now - oldest) / parts
    bounds = [None, *(oldest + width * number for number in range(1, parts)), None]
    return [evolve(whole, since=since, until=until) for since, until in pairwise(bounds)]


def _oldest(whole: Split, item: ExportedList, now: datetime) -> datetime:
    """Return the time of the oldest row, or one not long before it."""
    age = timedelta(days=1)
    while age < timedelta(days=20 * 365):
        if not _has_rows(evolve(whole, until=now - age)):
            break
        age *= 2
    return now - age


def _has_rows(split: Split) -> bool:
    return any(_Pages(split, _client(split.workspace, split.platform)))


_clients: dict[tuple[str, str], Any] = {}
_lock = threading.Lock()


def _client(workspace: Workspace, platform: str) -> Any:
    """Return the client of a workspace in this process, one for all splits, so that they share its rate limit."""
    key = (platform, repr(workspace))
    with _lock:
        if key not in _clients:
            _clients[key] = workspace.connection(platform).open().__enter__()
        return _clients[key]
