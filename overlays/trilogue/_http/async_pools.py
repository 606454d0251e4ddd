"""The connections to one origin, for asyncio; see `pools`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import asynccontextmanager

from .bodies import Incoming
from .connections import AsyncConnection
from .messages import HttpRequest, HttpResponse
from .pools import MAX_CONNECTIONS, Connections, none_free
from .raw_requests import rendered_raw
from .routes import Route


class AsyncPool:
    """The connections of one event loop."""

    def __init__(self, route: Route) -> None:
        """Open nothing yet."""
        self._route = route
        self._room = asyncio.BoundedSemaphore(MAX_CONNECTIONS)
        self._connections = Connections[AsyncConnection]()

    @asynccontextmanager
    async def lend(self, request: HttpRequest) -> AsyncGenerator[AsyncConnection]:
        """Lend a connection within the block; raises NeverSent where none becomes free in time."""
        await enter(self._room, request)
        try:
            idle, useless = self._connections.take(request)
            connection = idle or self._connections.lend(AsyncConnection(self._route))
            is_usable = False
            try:
                for each in useless:
                    await each.aclose()
                connection.countdown.start(request.time_left)
                yield connection
                is_usable = connection.rest()
            finally:  # also where it is cancelled: what follows on this connection is unknown
                self._connections.give_back(connection, is_usable=is_usable)
                if not is_usable:
                    await connection.aclose()
        finally:
            self._room.release()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its complete response."""
        with rendered_raw(request) as raw:
            async with self.lend(request) as connection:
                return await connection.send(raw, request.destination)

    @asynccontextmanager
    async def open(self, request: HttpRequest) -> AsyncGenerator[Incoming[AsyncIterable[bytes]]]:
        """Send a request and receive the head of its response; see `SyncPool.open`."""
        with rendered_raw(request) as raw:
            async with self.lend(request) as connection, connection.open(raw) as response:
                if response.is_success:
                    connection.countdown.start(math.inf)
                yield response

    async def aclose(self) -> None:
        """Close all connections."""
        for connection in self._connections.take_all():
            await connection.aclose()


async def enter(room: asyncio.BoundedSemaphore, request: HttpRequest) -> None:
    """Take room for one connection; raises NeverSent where there is none in time."""
    if not room.locked():
        await room.acquire()
        return
    try:
        async with asyncio.timeout(min(request.timeout.connect, request.time_left)):
            await room.acquire()
    except TimeoutError:
        raise none_free() from None
