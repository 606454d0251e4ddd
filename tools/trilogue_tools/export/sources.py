"""The lists as a dlt source, for the command line and for any pipeline of one's own."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")  # before dlt is loaded: nobody is told of an export

import dlt
import pyarrow as pa
from dlt.extract import DltResource, DltSource
from trilogue import ApiError, NotFound, OnWait

from trilogue_tools.export.archives import TYPES, Archives
from trilogue_tools.export.lists import ExportedList, choose
from trilogue_tools.export.reading import Reading, State, readings_of
from trilogue_tools.export.rows import json_columns, key_columns, schema_of
from trilogue_tools.export.workspaces import Workspace, to_workspaces


def rapidpro(
    lists: Iterable[str] | None = None, *, workspaces: Iterable[str | Workspace] | None = None, **options: Any
) -> DltSource:
    """Return lists of RapidPro as a dlt source; see `source`."""
    return source("rapidpro", lists, workspaces=workspaces, **options)


def botpress(
    lists: Iterable[str] | None = None, *, workspaces: Iterable[str | Workspace] | None = None, **options: Any
) -> DltSource:
    """Return lists of Botpress as a dlt source; see `source`."""
    return source("botpress", lists, workspaces=workspaces, **options)


def pantheon(
    lists: Iterable[str] | None = None, *, workspaces: Iterable[str | Workspace] | None = None, **options: Any
) -> DltSource:
    """Return lists of Pantheon as a dlt source; see `source`."""
    return source("pantheon", lists, workspaces=workspaces, **options)


def source(
    platform: str,
    lists: Iterable[str] | None = None,
    *,
    workspaces: Iterable[str | Workspace] | None = None,
    archives: bool = True,
    most_rows: int | None = None,
    on_wait: OnWait | None = None,
    on_rows: Callable[[str, int], None] | None = None,
) -> DltSource:
    """Return lists of a platform as a dlt source, a resource for each list and workspace.

    The first run reads everything, a later one what changed since: by modification time where the list can be filtered
    by it, with an overlap, and merged by key. What is remembered is in dlt's state, with the rows it belongs to. Rows
    carry their workspace in `workspace`, and `is_deleted` if the platform says so or a list that is read whole no
    longer has them. Lists are read at the same time, those of a workspace within its one rate limit.

    Args:
        platform: `rapidpro`, `botpress` or `pantheon`.
        lists: their names, such as `contacts`; all if not given, without those that this server does not have.
        workspaces: names of profiles, or `Workspace`s; the account of the environment if not given.
        archives: read archives of RapidPro too.
        most_rows: end each list after so many rows, where the next run goes on; no limit if not given.
        on_wait: called with a `Wait` before a pause of more than a second.
        on_rows: called with the name of a list and the number of rows that were read.

    Raises:
        UsageError: there is no such list.
        ToolError: there are no credentials, or two workspaces have the same name.
    """
    chosen, accounts = choose(platform, lists), to_workspaces(workspaces)
    clients = _Clients(platform, on_wait)
    job = _Job(clients, most_rows, on_rows, reads_archives=archives, skips_missing=lists is None)

    @dlt.source(name=platform, max_table_nesting=0)
    def lists_of_platform() -> Iterator[DltResource]:
        for workspace in accounts:
            for item in chosen:
                yield _resource(job, item, workspace, is_only=len(accounts) == 1)

    return lists_of_platform()


def unfinished(state: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the workspaces and lists that did not come to their end, from the state of a source."""
    return {
        (workspace, name.partition(".")[0])
        for workspace, lists in state.items()
        for name, one in lists.items()
        if one.get("position") is not None or one.get("archives_left")
    }


def resource_name(workspace: str, item: str, *, is_only: bool) -> str:
    """Return the name of the resource of a list; `is_only` if there is one workspace."""
    return item if is_only else f"{item} of {workspace}"


class _Clients:
    """A client for each workspace, opened when it is first needed and shared by all its lists."""

    def __init__(self, platform: str, on_wait: OnWait | None) -> None:
        self._platform, self._on_wait = platform, on_wait
        self._stack, self._lock = ExitStack(), threading.Lock()
        self._opened: dict[str, Any] = {}
        weakref.finalize(self, self._stack.close)

    def of(self, workspace: Workspace) -> Any:
        """Return the client of a workspace."""
        with self._lock:
            if workspace.name not in self._opened:
                connection = workspace.connection(self._platform)
                self._opened[workspace.name] = self._stack.enter_context(connection.open(on_wait=self._on_wait))
            return self._opened[workspace.name]


class _Job:
    """What all resources of a source share."""

    def __init__(
        self,
        clients: _Clients,
        most_rows: int | None,
        on_rows: Callable[[str, int], None] | None,
        *,
        reads_archives: bool,
        skips_missing: bool,
    ) -> None:
        self.clients, self.most_rows = clients, most_rows
        self._on_rows, self._reads_archives, self._skips_missing = on_rows, reads_archives, skips_missing

    def rows(self, item: ExportedList, workspace: Workspace) -> Iterator[pa.Table]:
        """Yield the next rows of a list of a workspace, and keep dlt's state."""
        state = dlt.current.source_state().setdefault(workspace.name, {})
        client = self.clients.of(workspace)
        try:
            for table in self._tables(client, item, workspace, state):
                if table.num_rows:
                    if self._on_rows is not None:
                        self._on_rows(item.name, table.num_rows)
                    yield table
        except ApiError as error:
            if not (self._skips_missing and isinstance(error, NotFound)):
                raise

    def _tables(
        self, client: Any, item: ExportedList, workspace: Workspace, state: dict[str, State]
    ) -> Iterator[pa.Table]:
        readings = readings_of(item, client, workspace.name, state)
        if not (self._reads_archives and item.name in TYPES and hasattr(client, "archives")):
            yield from self._live(client, readings)
            return
        own = state[item.name]
        archives = Archives(item, workspace.name, own)
        since = own.get("cursor")
        if all(reading.is_complete for reading in readings):
            yield from archives.tables(client, since, self.most_rows)
        if not archives.is_complete:
            return
        yield from self._live(client, readings)
        if all(reading.is_complete for reading in readings):
            yield from archives.tables(client, since, self.most_rows)

    def _live(self, client: Any, readings: Sequence[Reading]) -> Iterator[pa.Table]:
        """Yield rows of the parts that are incomplete, or of all if none is."""
        incomplete = [reading for reading in readings if not reading.is_complete]
        for reading in incomplete or readings:
            yield from reading.tables(client, self.most_rows)
            if not reading.is_complete:
                return


def _resource(job: _Job, item: ExportedList, workspace: Workspace, *, is_only: bool) -> DltResource:
    schema = schema_of(item)
    columns: dict[str, Any] = {name: {"data_type": "json"} for name in json_columns(schema)}
    if item.version is not None:
        columns.setdefault(item.version, {})["dedup_sort"] = "desc"

    def rows() -> Iterator[pa.Table]:
        yield from job.rows(item, workspace)

    made: DltResource = dlt.resource(
        rows,
        name=resource_name(workspace.name, item.name, is_only=is_only),
        table_name=item.name,
        primary_key=key_columns(item),
        write_disposition="merge",
        columns=columns,
        parallelized=True,
    )
    return made
