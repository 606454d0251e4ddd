"""The latest requests and their responses."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import attrs

from trilogue_sandbox.kernel.http import Request, Response


@attrs.frozen
class Entry:
    """One request of a platform and its response.

    `status` is None where no response reached the client. `at` is the sandbox's time, `seconds` the time the response
    took, without the latency of a fault. `path` is the whole path without the query. The messages themselves are kept,
    but not in the repr.
    """

    number: int
    at: datetime
    platform: str
    operation_id: str
    method: str
    path: str
    status: int | None
    fault: str | None
    seconds: float
    request: Request = attrs.field(repr=False)
    response: Response = attrs.field(repr=False)

    @property
    def size(self) -> int:
        """The bytes of both bodies."""
        return len(self.request.body) + len(self.response.body)


Listener: TypeAlias = Callable[[Entry], object]


class Journal:
    """The latest requests, oldest first: at most `limit` of them, and not more bytes of bodies than `byte_limit`."""

    def __init__(self, limit: int = 1000, byte_limit: int = 64_000_000) -> None:
        self._limit = limit
        self._byte_limit = byte_limit
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._count = 0
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The requests that are kept."""
        with self._lock:
            return tuple(self._entries)

    def next_number(self) -> int:
        """Number the next request; the first is 1."""
        self._count += 1
        return self._count

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have each request reported from now on; return what ends that. The sandbox waits for the listener."""
        self._listeners = (*self._listeners, listener)
        return lambda: self._unsubscribe(listener)

    @property
    def is_followed(self) -> bool:
        """Whether requests are reported to anybody."""
        return bool(self._listeners)

    def _unsubscribe(self, listener: Listener) -> None:
        self._listeners = tuple(other for other in self._listeners if other is not listener)

    def add(self, entry: Entry) -> None:
        """Keep a request, and report it."""
        self._keep(entry)
        for listener in self._listeners:
            listener(entry)

    def _keep(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)
            self._bytes += entry.size
            while len(self._entries) > self._limit or self._bytes > self._byte_limit:
                self._bytes -= self._entries.popleft().size

    def clear(self) -> None:
        """Forget all requests, and count from 1 again."""
        with self._lock:
            self._entries.clear()
            self._bytes = self._count = 0
