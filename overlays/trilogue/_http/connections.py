"""One connection to an origin, direct or through a proxy.

httpx's own transport is left out: instrumentations of others hook into it and note every address, query included,
and an address may hold a phone number.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, cast

import httpcore
import httpx

from . import bodies
from .countdown import AsyncNetwork, Countdown, SyncNetwork
from .destinations import Destination
from .exchanges import has_stray_body
from .headers import Headers
from .messages import HttpResponse
from .raw_requests import to_httpcore
from .routes import Route

IDLE_LIMIT = 4.0
"""Seconds after which an idle connection is not used again; many servers close theirs after five."""

KEEP_ALIVE = r"timeout=(\d{1,9})"
"""In the header of the same name: for how many seconds the server keeps an idle connection."""

FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)


class _Connection:
    """What sync and async connections share: their route, their countdown, and since when they are idle."""

    _socket: Any

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

    def rest(self) -> bool:
        """Begin to be idle; return whether it can be used again."""
        self._idle_since = time.monotonic()
        return not self._is_spent and self._socket.is_available()

    def _note(self, status: int, headers: Mapping[str, str]) -> None:
        """Note what the head of a response says of the connection: whether more than the response follows.

        Where the server says how long it keeps an idle connection, it is used a second less.
        """
        self._is_spent = has_stray_body(status, headers)
        announced = re.search(KEEP_ALIVE, headers["keep-alive"]) if "keep-alive" in headers else None
        if announced is not None:
            self._idle_limit = min(IDLE_LIMIT, float(announced[1]) - 1.0)


class SyncConnection(_Connection, httpx.BaseTransport):
    """A connection for threads; opened by its first request."""

    def __init__(self, route: Route) -> None:
        """Open nothing yet."""
        super().__init__(route)
        pool = httpcore.ConnectionPool(route.certificates, route.proxy, network_backend=SyncNetwork(self.countdown))
        self._socket = pool.create_connection(route.origin)

    def send(self, request: httpcore.Request, destination: Destination | None) -> HttpResponse:
        """Send a request and read its complete response; one that needs no decoding needs nothing of httpx."""
        response = self._send(request)
        try:
            headers = Headers(response.headers)
            self._note(response.status, headers)
            if destination is None and "content-encoding" not in headers:
                return HttpResponse(response.status, headers, b"".join(_SyncBody(response)))
            return bodies.read(_to_httpx(response, _SyncBody(response)), destination)
        finally:
            response.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and receive the head of its response."""
        response = self._send(to_httpcore(request))
        received = _to_httpx(response, _SyncBody(response))
        self._note(received.status_code, received.headers)
        return received

    def _send(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return cast(httpcore.Response, self._socket.handle_request(request))
        except FAILURES as failure:
            raise _as_httpx(failure) from failure

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class AsyncConnection(_Connection, httpx.AsyncBaseTransport):
    """`SyncConnection` for asyncio."""

    def __init__(self, route: Route) -> None:
        """Open nothing yet."""
        super().__init__(route)
        network = AsyncNetwork(self.countdown)
        pool = httpcore.AsyncConnectionPool(route.certificates, route.proxy, network_backend=network)
        self._socket = pool.create_connection(route.origin)

    async def send(self, request: httpcore.Request, destination: Destination | None) -> HttpResponse:
        """Send a request and read its complete response; see `SyncConnection.send`."""
        response = await self._send(request)
        try:
            headers = Headers(response.headers)
            self._note(response.status, headers)
            if destination is None and "content-encoding" not in headers:
                content = b"".join([part async for part in _AsyncBody(response)])
                return HttpResponse(response.status, headers, content)
            return await bodies.read_async(_to_httpx(response, _AsyncBody(response)), destination)
        finally:
            await response.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and receive the head of its response."""
        response = await self._send(to_httpcore(request))
        received = _to_httpx(response, _AsyncBody(response))
        self._note(received.status_code, received.headers)
        return received

    async def _send(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return cast(httpcore.Response, await self._socket.handle_async_request(request))
        except FAILURES as failure:
            raise _as_httpx(failure) from failure

    async def aclose(self) -> None:
        """Close the socket."""
        await self._socket.aclose()


class _SyncBody(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from cast(Iterator[bytes], self._response.stream)
        except FAILURES as failure:
            raise _as_httpx(failure) from failure

    def close(self) -> None:
        self._response.close()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in cast(AsyncIterator[bytes], self._response.stream):
                yield part
        except FAILURES as failure:
            raise _as_httpx(failure) from failure

    async def aclose(self) -> None:
        await self._response.aclose()


def _to_httpx(response: Any, stream: _SyncBody | _AsyncBody) -> httpx.Response:
    return httpx.Response(response.status, headers=response.headers, stream=stream, extensions=response.extensions)


def _as_httpx(failure: Exception) -> httpx.TransportError:
    """Return httpx's error of the same name in place of httpcore's."""
    if isinstance(failure, httpcore.ConnectionNotAvailable):
        return httpx.ConnectError("the connection was closed meanwhile")
    error_class = cast(type[httpx.TransportError], getattr(httpx, type(failure).__name__))
    return error_class(str(failure))
