"""How often each table was written, so that what was read of it can be remembered."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

_WRITES = (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_DROP_TABLE)


class Writes:
    """Counts the statements that write a table, be it by a trigger; SQLite tells when it compiles a statement."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._counts = Counter[str]()
        self._tables: dict[str, frozenset[str]] = {}
        self._compiled: set[str] = set()
        connection.set_authorizer(self._note)

    def counts_of(self, tables: Iterable[str]) -> list[int]:
        """Return the counts of some tables."""
        return [self._counts[table] for table in tables]

    def count(self, sql: str) -> None:
        """Count a statement that was run, whether it failed or not."""
        if self._compiled:  # by this statement, for the first time or since the schema changed
            self._tables[sql] = self._tables.get(sql, frozenset()) | self._compiled
            self._compiled = set()
        self._counts.update(self._tables.get(sql, ()))

    def _note(self, action: int, table: str | None, *_: str | None) -> int:
        if action in _WRITES and table:
            self._compiled.add(table)
        return sqlite3.SQLITE_OK
