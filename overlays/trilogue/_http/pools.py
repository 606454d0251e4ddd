"""The connections to one origin.

A connection is lent to one request and comes back only after a complete response; whatever else ends the request
(an error, a cancelled task, Ctrl-C) closes the connection. So none can be lost, whatever state it was left in.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from threading import TIMEOUT_MAX, BoundedSemaphore, Lock
from typing import Generic, TypeVar

from .bodies import Incoming
from .connections import IDLE_LIMIT, AsyncConnection, SyncConnection
from .failures import NeverSent
from .messages import HttpRequest, HttpResponse
from .raw_requests import rendered_raw
from .routes import Route

MAX_CONNECTIONS = 100
"""Connections to one origin at a time; further requests wait for one."""

FRESH = 1.0
"""Seconds: only a connection used more recently is lent to a request that must not be sent twice.

If the server closes the connection just then, it is unknown whether it took the request.
"""

Connection = TypeVar("Connection", bound=SyncConnection | AsyncConnection)


class Connections(Generic[Connection]):
    """The idle connections, the latest used last, and those that are lent; threads may share it."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = Lock()
        self._idle: list[Connection] = []
        self._lent: set[Connection] = set()

    def take(self, request: HttpRequest) -> tuple[Connection | None, list[Connection]]:
        """Return an idle connection that this request may use, which is lent then, and those to be closed."""
        longest = IDLE_LIMIT if request.is_retryable else FRESH
        with self._lock:
            useless = [connection for connection in self._idle if connection.is_stale]
            if useless:
                self._idle = [connection for connection in self._idle if connection not in useless]
            while self._idle and self._idle[-1].idle_for() <= longest:
                connection = self._idle.pop()
                if not connection.is_broken:
                    self._lent.add(connection)
                    return connection, useless
                useless.append(connection)
            return None, useless

    def lend(self, connection: Connection) -> Connection:
        """Lend a new connection."""
        with self._lock:
            self._lent.add(connection)
        return connection

    def give_back(self, connection: Connection, *, is_usable: bool) -> None:
        """Note that a connection is lent no more, and whether it may be used again."""
        with self._lock:
            self._lent.discard(connection)
            if is_usable:
                self._idle.append(connection)

    def take_all(self) -> list[Connection]:
        """Return all connections."""
        with self._lock:
            every, self._idle = [*self._idle, *self._lent], []
        return every


class SyncPool:
    """The connections of threads."""

    def __init__(self, route: Route) -> None:
        """Open nothing yet."""
        self._route = route
        self._room = BoundedSemaphore(MAX_CONNECTIONS)
        self._connections = Connections[SyncConnection]()

    @contextmanager
    def lend(self, request: HttpRequest) -> Generator[SyncConnection]:
        """Lend a connection within the block; raises NeverSent where none becomes free in time."""
        if not self._room.acquire(timeout=min(request.timeout.connect, request.time_left, TIMEOUT_MAX)):
            raise none_free()
        try:
            idle, useless = self._connections.take(request)
            connection = idle or self._connections.lend(SyncConnection(self._route))
            is_usable = False
            try:
                for each in useless:
                    each.close()
                connection.countdown.start(request.time_left)
                yield connection
                is_usable = connection.rest()
            finally:
                self._connections.give_back(connection, is_usable=is_usable)
                if not is_usable:
                    connection.close()
        finally:
            self._room.release()

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its complete response."""
        with rendered_raw(request) as raw, self.lend(request) as connection:
            return connection.send(raw, request.destination)

    @contextmanager
    def open(self, request: HttpRequest) -> Generator[Incoming[Iterable[bytes]]]:
        """Send a request and receive the head of its response; its body may take any time within the block."""
        with rendered_raw(request) as raw, self.lend(request) as connection, connection.open(raw) as response:
            if response.is_success:
                connection.countdown.start(math.inf)
            yield response

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections.take_all():
            connection.close()


def none_free() -> NeverSent:
    """Return the failure of a request for which no connection became free in time."""
    return NeverSent(f"none of {MAX_CONNECTIONS} connections became free in time")
