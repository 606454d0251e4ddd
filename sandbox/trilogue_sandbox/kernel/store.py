"""Where everything the sandbox knows is kept: one SQLite database."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TypeAlias

SqlValue: TypeAlias = "int | float | str | bytes | None"


class Store:
    """A SQLite database, in memory unless `path` names a file.

    Rows, the clock, the position in the stream of ids and the timers all live here, so that a transaction that is
    rolled back or a snapshot that is restored takes every one of them along. Not locked by itself: the engine holds its
    lock around each request. Name tables after the platform (`rapidpro_contacts`): all platforms share the database.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        """Open the database, which is made where there is none.

        Raises:
            OSError: the file cannot be opened, or is no database.
        """
        self._connection = _connect(str(path) if path else ":memory:")
        self._depth = 0

    def run(self, sql: str, *values: SqlValue) -> int:
        """Run one statement and return the number of rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, sql: str, *values: SqlValue) -> int:
        """Run one INSERT and return the rowid of the new row."""
        return self._connection.execute(sql, values).lastrowid or 0

    def run_many(self, sql: str, rows: Iterable[tuple[SqlValue, ...]]) -> None:
        """Run one statement once for each row of values."""
        self._connection.executemany(sql, rows)

    def one(self, sql: str, *values: SqlValue) -> sqlite3.Row | None:
        """Return the first row, or None if there is none."""
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: SqlValue) -> list[sqlite3.Row]:
        """Return all rows; a row answers to column names and to positions."""
        return self._connection.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """Keep everything done inside, or nothing of it if an exception leaves the block. Can be nested."""
        name = f"level_{self._depth}"
        self._connection.execute(f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._connection.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            self._depth -= 1
            self._connection.execute(f"RELEASE {name}")

    def copy(self) -> Store:
        """Copy the whole database, as it is now, into memory; close the copy when it is no longer needed."""
        copy = Store()
        self._connection.backup(copy._connection)
        return copy

    def replace(self, source: Store) -> None:
        """Become what another store is now. Not within a transaction."""
        source._connection.backup(self._connection)

    def close(self) -> None:
        """Close the database; one in memory is gone."""
        self._connection.close()


def _lowercase(value: SqlValue) -> SqlValue:
    return value.lower() if isinstance(value, str) else value


def _connect(path: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            path,
            isolation_level=None,
            check_same_thread=False,
            detect_types=sqlite3.PARSE_DECLTYPES,  # see `kernel.table`
            cached_statements=512,
        )
    except sqlite3.Error as error:
        raise OSError(f"the database {path} cannot be used: {error}") from error
    try:
        connection.row_factory = sqlite3.Row
        connection.create_function("lowercase", 1, _lowercase, deterministic=True)  # LOWER knows ASCII only
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = OFF")  # a sandbox need not survive a power cut
    except sqlite3.Error as error:
        connection.close()
        raise OSError(f"the database {path} cannot be used: {error}") from error
    return connection
