"""The stores in which processes share a budget."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from os import PathLike
from typing import Any, TypeVar

from .._clock import Clock
from ..errors import InvalidArgument
from .counts import Store, StoreUnavailable

BUSY_TIMEOUT = 5.0
"""Seconds to wait for other processes, or for the server."""

EXPIRY = 86_400
"""Seconds after which a server forgets a count that nobody changed."""

Result = TypeVar("Result")

SCHEMES = ("valkey", "valkeys", "redis", "rediss", "unix")


def open_store(budget: str | PathLike[str]) -> Store:
    """Return the store at an address or in a file; nothing is opened yet.

    Raises:
        InvalidArgument: it is neither, or the package for servers is missing.
    """
    if isinstance(budget, PathLike):
        return FileStore(os.fspath(budget))
    if not isinstance(budget, str) or not budget or not budget.isprintable():
        raise InvalidArgument("budget: expected an address such as valkey://127.0.0.1:6379/0, or the path of a file")
    scheme, separator, _ = budget.partition("://")
    if not separator:
        return FileStore(budget)
    if scheme not in SCHEMES:
        raise InvalidArgument(f"budget: {scheme}:// is not supported; use {', '.join(SCHEMES)}, or the path of a file")
    return ValkeyStore(budget)


class FileStore:
    """An SQLite file, for the processes of one machine."""

    def __init__(self, path: str) -> None:
        """Create the file with the first change."""
        self._path = path

    def now(self, clock: Clock) -> float:
        """Return the time of this machine."""
        return clock.now()

    def change(self, key: str, change: Callable[[bytes | None], bytes]) -> None:
        """Replace a value in a transaction of its own connection, which no thread or forked process shares."""
        try:
            with closing(self._connect()) as database:
                database.execute("BEGIN IMMEDIATE")
                row = database.execute("SELECT value FROM counts WHERE key = ?", (key,)).fetchone()
                value = change(None if row is None else row[0])
                database.execute("INSERT OR REPLACE INTO counts VALUES (?, ?)", (key, value))
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from None

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin so."""
        try:
            with closing(self._connect()) as database:
                rows = database.execute("SELECT key FROM counts WHERE substr(key, 1, ?) = ?", (len(prefix), prefix))
                return [key for (key,) in rows]
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from None

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT, isolation_level=None)
        database.execute("PRAGMA synchronous = OFF")  # counts need not outlive a power cut
        database.execute("CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, value BLOB)")
        return database


class ValkeyStore:
    """A server of Valkey or Redis, for the processes of any machines."""

    def __init__(self, url: str) -> None:
        """Connect with the first change."""
        try:
            import valkey  # here, because it is an extra
        except ModuleNotFoundError:
            raise InvalidArgument("budget: a server needs another package; pip install 'trilogue[budget]'") from None
        try:
            client_class: Any = valkey.Valkey  # its types are incomplete
            self._client = client_class.from_url(url, socket_timeout=BUSY_TIMEOUT, socket_connect_timeout=BUSY_TIMEOUT)
        except ValueError as error:
            raise InvalidArgument(f"budget: {error}") from None
        self._failures = (valkey.ValkeyError, OSError)

    def now(self, clock: Clock) -> float:
        """Return the time of the server."""
        seconds, microseconds = self._call(self._client.time)
        return float(seconds) + float(microseconds) / 1e6

    def change(self, key: str, change: Callable[[bytes | None], bytes]) -> None:
        """Replace a value if nobody else did meanwhile, and otherwise begin again."""

        def transaction(pipe: Any) -> None:
            value = change(pipe.get(key))
            pipe.multi()
            pipe.set(key, value, ex=EXPIRY)

        self._call(lambda: self._client.transaction(transaction, key))

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin so."""
        return self._call(lambda: [key.decode() for key in self._client.scan_iter(match=f"{_escape(prefix)}*")])

    def _call(self, function: Callable[[], Result]) -> Result:
        try:
            return function()
        except self._failures as error:
            raise StoreUnavailable(type(error).__name__) from None


def _escape(text: str) -> str:
    """Return a pattern that matches a text alone."""
    return re.sub(r"([\\*?\[\]])", r"\\\1", text)
