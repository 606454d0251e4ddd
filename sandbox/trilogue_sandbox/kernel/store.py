"""Where everything the sandbox knows is kept: one SQLite database, and named integers beside it."""

from __future__ import annotations

import contextlib
import sqlite3
import weakref
from collections.abc import Callable, Collection, Generator, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from trilogue_sandbox.kernel.call_log import CallLog
from trilogue_sandbox.kernel.writes import Writes

SqlValue: TypeAlias = "int | float | str | bytes | None"

T = TypeVar("T")

_STATE_TABLE = "CREATE TABLE IF NOT EXISTS sandbox_state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT"
_CACHED_STATEMENTS = 1024


class Store:
    """A SQLite database, in memory unless `path` names a file, and what changes with every request.

    Rows, the clock, the position in the stream of ids and the timers all live here, so that a transaction that is
    rolled back or a snapshot that is restored takes every one of them along. `state` has named integers; a database in
    a file receives them with each transaction. `calls` has what rate limits count; it is copied with the rest, but is
    neither rolled back nor kept in a file. Not locked by itself: the engine holds its lock around each request. Name
    tables after the platform (`rapidpro_contacts`): all platforms share the database.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        """Open the database, which is made where there is none.

        Raises:
            OSError: the file cannot be opened, or is no database.
        """
        self._connection = _connect(str(path) if path else ":memory:")
        weakref.finalize(self, self._connection.close)  # a test may leave its sandbox to the garbage collector
        self._is_file = path is not None
        self._depth = 0
        self._after_commit: list[Callable[[], object]] = []
        self._savepoints: list[int] = []  # the depths of the blocks that have one
        self._writes = Writes(self._connection)
        self._remembered: dict[Hashable, tuple[Sequence[int], Any]] = {}
        self.state = self._read_state()
        self.calls = CallLog()
        self._saved_state = self.state.copy()

    def run(self, sql: str, *values: SqlValue) -> int:
        """Run one statement and return the number of rows it changed."""
        return self._execute(sql, values).rowcount

    def insert(self, sql: str, *values: SqlValue) -> int:
        """Run one INSERT and return the rowid of the new row."""
        return self._execute(sql, values).lastrowid or 0

    def run_many(self, sql: str, rows: Iterable[tuple[SqlValue, ...]]) -> None:
        """Run one statement once for each row of values."""
        self._begin()
        try:
            self._connection.executemany(sql, rows)
        finally:
            self._writes.count(sql)

    def one(self, sql: str, *values: SqlValue) -> sqlite3.Row | None:
        """Return the first row, or None if there is none."""
        row: sqlite3.Row | None = self._execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: SqlValue) -> list[sqlite3.Row]:
        """Return all rows; a row answers to column names and to positions."""
        return self._execute(sql, values).fetchall()

    def remember(self, key: Hashable, tables: Collection[str], read: Callable[[], T]) -> T:
        """Return what `read` returned before for the same key, unless one of the tables it reads was written since."""
        counts = self._writes.counts_of(tables)
        before, found = self._remembered.get(key, ((), None))
        if before != counts:
            found = read()
            self._remembered[key] = counts, found
        remembered: T = found
        return remembered

    @contextlib.contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """Keep everything done inside, or nothing of it if an exception leaves the block. Can be nested."""
        state_before, calls_before = self.state.copy(), len(self._after_commit)
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._save_state()
            self._release()
        except BaseException:
            self.state = state_before
            del self._after_commit[calls_before:]
            self._roll_back()
            raise
        if self._depth == 0:
            calls, self._after_commit = self._after_commit, []
            for call in calls:
                call()

    def after_commit(self, call: Callable[[], object]) -> None:
        """Call a function once the transaction has ended, but not if it is rolled back."""
        self._after_commit.append(call)

    def copy(self) -> Store:
        """Copy everything, as it is now, into memory; close the copy when it is no longer needed."""
        copy = Store()
        copy.replace(self)
        return copy

    def replace(self, source: Store) -> None:
        """Become what another store is now. Not within a transaction."""
        source._connection.backup(self._connection)
        self._remembered.clear()
        self.state, self.calls, self._saved_state = source.state.copy(), source.calls.copy(), {}
        self._save_state()

    def close(self) -> None:
        """Close the database; one in memory is gone."""
        self._save_state()
        self._connection.close()

    def _execute(self, sql: str, values: Sequence[SqlValue]) -> sqlite3.Cursor:
        if sql.startswith("SELECT"):
            return self._connection.execute(sql, values)
        self._begin()
        try:
            return self._connection.execute(sql, values)
        finally:
            self._writes.count(sql)

    def _begin(self) -> None:
        """Set a savepoint for the innermost block, unless it has one; a block that only reads costs nothing."""
        if self._depth and self._depth not in self._savepoints[-1:]:
            self._connection.execute("SAVEPOINT block")
            self._savepoints.append(self._depth)

    def _roll_back(self) -> None:
        if self._depth in self._savepoints[-1:]:
            self._connection.execute("ROLLBACK TO block")
            self._remembered.clear()
        self._release()

    def _release(self) -> None:
        """End the innermost block; its savepoint becomes that of the outer block if that has written nothing before."""
        outer = self._depth - 1
        if self._depth in self._savepoints[-1:]:
            self._savepoints.pop()
            if outer and outer not in self._savepoints[-1:]:
                self._savepoints.append(outer)
            else:
                self._connection.execute("RELEASE block")
        self._depth = outer

    def _read_state(self) -> dict[str, int]:
        if not self._is_file:
            return {}
        self._connection.execute(_STATE_TABLE)
        return dict(self._connection.execute("SELECT name, value FROM sandbox_state").fetchall())

    def _save_state(self) -> None:
        if self._is_file and self.state != self._saved_state:
            self._saved_state = self.state.copy()
            self._connection.execute(_STATE_TABLE)
            self.run_many("INSERT OR REPLACE INTO sandbox_state VALUES (?, ?)", [*self.state.items()])


def _lowercase(value: SqlValue) -> SqlValue:
    return value.lower() if isinstance(value, str) else value


def _connect(path: str) -> sqlite3.Connection:
    connection = None
    try:
        connection = sqlite3.connect(
            path,
            isolation_level=None,
            check_same_thread=False,
            detect_types=sqlite3.PARSE_DECLTYPES,  # see `kernel.table`
            cached_statements=_CACHED_STATEMENTS,
        )
        connection.row_factory = sqlite3.Row
        connection.create_function("lowercase", 1, _lowercase, deterministic=True)  # LOWER knows ASCII only
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = OFF")  # a sandbox need not survive a power cut
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise OSError(f"the database {path} cannot be used: {error}") from error
    return connection
