"""The connections to one origin, for asyncio; see `pools`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from .connections import AsyncConnection
from .messages import HttpRequest
from .pools import MAX_CONNECTIONS, Connections, none_free
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
        async with in_room(self._room, request):
            for stale in self._connections.take_stale():
                await stale.aclose()
            connection = self._connections.take(request) or self._connections.lend(AsyncConnection(self._route))
            connection.countdown.start(request.time_left)
            try:
                yield connection
            except BaseException:
                self._connections.give_back(connection, is_usable=False)
                await connection.aclose()
                raise
            self._connections.give_back(connection, is_usable=True)

    async def aclose(self) -> None:
        """Close all connections."""
        for connection in self._connections.take_all():
            await connection.aclose()


@asynccontextmanager
async def in_room(room: asyncio.BoundedSemaphore, request: HttpRequest) -> AsyncGenerator[None]:
    """Hold room for one connection within the block; raises NeverSent where there is none in time."""
    if room.locked():
        await _wait_for(room, min(request.timeout.connect, request.time_left))
    else:
        await room.acquire()
    try:
        yield
    finally:
        room.release()


async def _wait_for(room: asyncio.BoundedSemaphore, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await room.acquire()
    except TimeoutError:
        raise none_free() from None
