"""One rate limit for several processes of a machine: each takes its requests from the same file."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from attrs import frozen

HOUR = 3600.0
MARGIN = 1.0
"""Seconds that a request may take to reach the server, which counts it only then."""


@frozen
class Ledger:
    """A file that notes when requests were sent, and so when the next one may be.

    `limit` requests are sent in any `seconds`, by all processes together, those that were killed included. It can be
    pickled.
    """

    path: Path
    limit: int
    seconds: float = HOUR

    def claim(self, scope: str) -> None:
        """Note a request of a scope, such as a workspace and an endpoint; wait before it if there is no room."""
        while (wait := self._try(scope)) > 0:
            time.sleep(min(wait, 60.0))

    def _try(self, scope: str) -> float:
        """Note a request and return 0, or return the seconds until there is room."""
        with closing(sqlite3.connect(self.path, timeout=60, isolation_level=None)) as database:
            database.execute("CREATE TABLE IF NOT EXISTS requests (scope TEXT, sent REAL)")
            database.execute("BEGIN IMMEDIATE")
            now = time.time()
            window = now - self.seconds - MARGIN
            database.execute("DELETE FROM requests WHERE scope = ? AND sent <= ?", (scope, window))
            sent = database.execute("SELECT sent FROM requests WHERE scope = ? ORDER BY sent", (scope,)).fetchall()
            if len(sent) >= self.limit:
                database.execute("COMMIT")
                return float(sent[len(sent) - self.limit][0]) - window
            database.execute("INSERT INTO requests VALUES (?, ?)", (scope, now))
            database.execute("COMMIT")
            return 0.0
