"""One connection to an origin, direct or through a proxy, over httpcore.

httpx is left out: instrumentations of others hook into it and note every address, query included, and an address may
hold a phone number; and it takes as long to load as all the rest.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

import httpcore

from . import bodies
from .bodies import Incoming, Parts
from .countdown import AsyncNetwork, Countdown, Network, SyncNetwork
from .destinations import Destination
from .headers import Headers
from .messages import HttpResponse, has_stray_body
from .routes import Route

IDLE_LIMIT = 4.0
"""Seconds after which an idle connection is not used again; many servers close theirs after five."""

KEEP_ALIVE = r"timeout=(\d{1,9})"
"""In the header of the same name: for how many seconds the server keeps an idle connection."""

CLOSED = "the connection was closed meanwhile"

FAILURES = (httpcore.ReadTimeout, httpcore.WriteTimeout, httpcore.NetworkError, httpcore.RemoteProtocolError)
"""What leaves it open whether a request was sent, unless it is raised before one can be."""


class _Connection:
    """What sync and async connections share: their route, their countdown, and since when they are idle."""

    _socket: Any
    _network: Network

    def __init__(self, route: Route) -> None:
        self.route, self.countdown = route, Countdown()
        self._idle_since, self._idle_limit = time.monotonic(), IDLE_LIMIT
        self._is_spent = False

    def idle_for(self) -> float:
        """Return the seconds since its last response."""
        return time.monotonic() - self._idle_since

    @property
    def is_stale(self) -> bool:
        """Whether the server may be about to close it."""
        return self.idle_for() > self._idle_limit

    @property
    def is_broken(self) -> bool:
        """Whether the server has closed it, or sent what nobody asked for, since it is idle."""
        return bool(self._socket.has_expired())

    @property
    def _can_send(self) -> bool:
        """Whether there is a way to the server: until then only a proxy has been talked to."""
        return self._network.tls_layers >= self.route.tls_layers

    def rest(self) -> bool:
        """Begin to be idle; return whether it can be used again."""
        self._idle_since = time.monotonic()
        return not self._is_spent and self._socket.is_available()

    def _incoming(self, response: Any, parts: Parts) -> Incoming[Parts]:
        """Return a response, and note what its head says of the connection: whether more than it follows.

        Where the server says how long it keeps an idle connection, it is used a second less.
        """
        headers = Headers(response.headers)
        self._is_spent = has_stray_body(response.status, headers)
        announced = re.search(KEEP_ALIVE, headers["keep-alive"]) if "keep-alive" in headers else None
        if announced is not None:
            self._idle_limit = min(IDLE_LIMIT, float(announced[1]) - 1.0)
        return Incoming(response.status, headers, parts, response.extensions.get("network_stream"))


class SyncConnection(_Connection):
    """A connection for threads; opened by its first request."""

    def __init__(self, route: Route, sockets: httpcore.NetworkBackend | None = None) -> None:
        """Open nothing yet; `sockets` replace those of this machine."""
        super().__init__(route)
        self._network = network = SyncNetwork(self.countdown, sockets or httpcore.SyncBackend())
        pool = httpcore.ConnectionPool(route.certificates, route.proxy, network_backend=network)
        self._socket = pool.create_connection(route.origin)

    def send(self, request: httpcore.Request, destination: Destination | None) -> HttpResponse:
        """Send a request and read its complete response, or write it to its destination."""
        response = self._send(request)
        try:
            incoming = self._incoming(response, cast(Iterable[bytes], response.stream))
            if destination is None and "content-encoding" not in incoming.headers:
                return HttpResponse(response.status, incoming.headers, b"".join(incoming.parts))
            return bodies.read(incoming, destination)
        finally:
            response.close()

    @contextmanager
    def open(self, request: httpcore.Request) -> Generator[Incoming[Iterable[bytes]]]:
        """Send a request and receive the head of its response; its body is received within the block."""
        response = self._send(request)
        try:
            yield self._incoming(response, cast(Iterable[bytes], response.stream))
        finally:
            response.close()

    def _send(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return cast(httpcore.Response, self._socket.handle_request(request))
        except httpcore.ConnectionNotAvailable as failure:
            raise httpcore.ConnectError(CLOSED) from failure
        except FAILURES as failure:
            if self._can_send:
                raise
            raise httpcore.ConnectError(str(failure) or type(failure).__name__) from failure

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class AsyncConnection(_Connection):
    """`SyncConnection` for asyncio."""

    def __init__(self, route: Route) -> None:
        """Open nothing yet."""
        super().__init__(route)
        self._network = network = AsyncNetwork(self.countdown)
        pool = httpcore.AsyncConnectionPool(route.certificates, route.proxy, network_backend=network)
        self._socket = pool.create_connection(route.origin)

    async def send(self, request: httpcore.Request, destination: Destination | None) -> HttpResponse:
        """Send a request and read its complete response; see `SyncConnection.send`."""
        response = await self._send(request)
        try:
            incoming = self._incoming(response, cast(AsyncIterable[bytes], response.stream))
            if destination is None and "content-encoding" not in incoming.headers:
                content = b"".join([part async for part in incoming.parts])
                return HttpResponse(response.status, incoming.headers, content)
            return await bodies.read_async(incoming, destination)
        finally:
            await response.aclose()

    @asynccontextmanager
    async def open(self, request: httpcore.Request) -> AsyncGenerator[Incoming[AsyncIterable[bytes]]]:
        """Send a request and receive the head of its response; see `SyncConnection.open`."""
        response = await self._send(request)
        try:
            yield self._incoming(response, cast(AsyncIterable[bytes], response.stream))
        finally:
            await response.aclose()

    async def _send(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return cast(httpcore.Response, await self._socket.handle_async_request(request))
        except httpcore.ConnectionNotAvailable as failure:
            raise httpcore.ConnectError(CLOSED) from failure
        except FAILURES as failure:
            if self._can_send:
                raise
            raise httpcore.ConnectError(str(failure) or type(failure).__name__) from failure

    async def aclose(self) -> None:
        """Close the socket."""
        await self._socket.aclose()
