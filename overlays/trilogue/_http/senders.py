"""Sends requests, through the caller's transport or over the network, with a connection pool for each origin."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, cast
from weakref import WeakSet

from .._forks import ProcessLock
from . import bodies
from .bodies import Incoming
from .failures import ErrorTranslation
from .messages import HttpRequest, HttpResponse
from .transports import HttpSettings, own_async_transport, own_transport
from .urls import origin, parse_url

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    import httpx

    from .aiohttp_pools import AiohttpPool
    from .async_pools import AsyncPool
    from .pools import SyncPool
    from .server_sent_events import AsyncEvents, SyncEvents

    AsyncPools = dict[tuple[str, bool], AsyncPool | AiohttpPool]


class SyncHttp:
    """Sends requests in this thread.

    A forked process opens its own connections, or it would read the responses to the requests of the other.
    """

    def __init__(self, settings: HttpSettings) -> None:
        """Open nothing yet: the first request does."""
        self._settings = settings
        self._pools: dict[tuple[int, str], SyncPool] = {}
        self._lock = ProcessLock()
        self._events: WeakSet[SyncEvents] = WeakSet()

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its complete response.

        Raises:
            NeverSent: it did not reach the platform.
            MaybeSent: it may have, but no complete response arrived.
        """
        own = own_transport(self._settings)
        with ErrorTranslation(request.url, own is None):
            if own is None:
                return self._pool(request.url).send(request)
            from .exchanges import exchange  # here, because it loads httpx, and the network does without

            return exchange(own, request)

    def open(self, request: HttpRequest) -> HttpResponse:
        """Send a request and receive the head of its response; raises as `send` does.

        The body of a successful one is received later, as the `events` of an `OpenResponse`.
        """
        from .server_sent_events import OpenResponse, SyncEvents  # here, because only programs that listen need it

        own = own_transport(self._settings)
        with ExitStack() as resources:
            with ErrorTranslation(request.url, own is None):
                response = resources.enter_context(self._open(own, request))
                if not response.is_success:
                    return bodies.read(response)
            events = SyncEvents(response, resources.pop_all(), is_direct=own is None)
        self._events.add(events)
        return OpenResponse(response.status, response.headers, b"", events=events)

    def _open(
        self, own: httpx.BaseTransport | None, request: HttpRequest
    ) -> AbstractContextManager[Incoming[Iterable[bytes]]]:
        if own is None:
            return self._pool(request.url).open(request)
        from .exchanges import opened  # here, as above

        return opened(own, request)

    def _pool(self, url: str) -> SyncPool:
        key = (os.getpid(), origin(url))
        with self._lock:
            if key not in self._pools:
                self._pools[key] = _open_pool(url, self._settings)
            return self._pools[key]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for events in list(self._events):
            events.interrupt()
        for pool in pools:
            pool.close()


class AsyncHttp:
    """`SyncHttp` for asyncio; each event loop has its own pools, for a connection ends with its loop."""

    def __init__(self, settings: HttpSettings) -> None:
        """Open nothing yet: the first request does."""
        self._settings = settings
        self._pools: dict[AbstractEventLoop, AsyncPools] = {}
        self._lock = ProcessLock()
        self._events: WeakSet[AsyncEvents] = WeakSet()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its complete response; raises as `SyncHttp.send` does."""
        own = own_async_transport(self._settings)
        with ErrorTranslation(request.url, own is None):
            if own is None:
                pool = self._pool(request.url, may_use_aiohttp=request.expects_body)
                return await pool.send(request)
            from .exchanges import exchange_async  # here, as above

            return await exchange_async(own, request)

    async def open(self, request: HttpRequest) -> HttpResponse:
        """Send a request and receive the head of its response; see `SyncHttp.open`."""
        from .server_sent_events import AsyncEvents, OpenResponse  # here, because only programs that listen need it

        own = own_async_transport(self._settings)
        async with AsyncExitStack() as resources:
            with ErrorTranslation(request.url, own is None):
                response = await resources.enter_async_context(self._open(own, request))
                if not response.is_success:
                    return await bodies.read_async(response)
            events = AsyncEvents(response, resources.pop_all(), is_direct=own is None)
        self._events.add(events)
        return OpenResponse(response.status, response.headers, b"", events=events)

    def _open(
        self, own: httpx.AsyncBaseTransport | None, request: HttpRequest
    ) -> AbstractAsyncContextManager[Incoming[AsyncIterable[bytes]]]:
        if own is None:
            return cast("AsyncPool", self._pool(request.url, may_use_aiohttp=False)).open(request)
        from .exchanges import opened_async  # here, as above

        return opened_async(own, request)

    def _pool(self, url: str, *, may_use_aiohttp: bool) -> AsyncPool | AiohttpPool:
        key, pools = (origin(url), may_use_aiohttp), self._pools_of_this_loop()
        if key not in pools:
            pools[key] = _open_async_pool(url, self._settings, may_use_aiohttp)
        return pools[key]

    def _pools_of_this_loop(self) -> AsyncPools:
        loop = _running_loop()
        with self._lock:
            if loop not in self._pools:
                self._pools = {**self._pools_in_use(), loop: {}}
            return self._pools[loop]

    def _pools_in_use(self) -> dict[AbstractEventLoop, AsyncPools]:
        return {loop: pools for loop, pools in self._pools.items() if not loop.is_closed()}

    async def close(self) -> None:
        """Close all connections of this event loop, and drop those of loops that have ended."""
        with self._lock:
            pools = self._pools.pop(_running_loop(), {})
            self._pools = self._pools_in_use()
        for events in list(self._events):
            await events.close()
        for pool in pools.values():
            await pool.aclose()


def _open_pool(url: str, settings: HttpSettings) -> SyncPool:
    from .pools import SyncPool  # here, because httpcore takes a while to load
    from .routes import find_route

    return SyncPool(find_route(parse_url(url), settings.verify))


def _open_async_pool(url: str, settings: HttpSettings, may_use_aiohttp: bool) -> AsyncPool | AiohttpPool:
    """Return a pool over aiohttp where that is installed.

    httpcore has proxies of all kinds, streams of any duration, and takes a 204 that has a body all the same.
    """
    from .async_pools import AsyncPool  # here, because threads need no asyncio
    from .routes import find_route

    route = find_route(parse_url(url), settings.verify)
    if route.proxy is not None or not may_use_aiohttp:
        return AsyncPool(route)
    try:
        from .aiohttp_pools import AiohttpPool
    except ImportError:
        return AsyncPool(route)
    return AiohttpPool(route)


def _running_loop() -> AbstractEventLoop:
    import asyncio  # here, because programs without an event loop need not load it

    return asyncio.get_running_loop()
