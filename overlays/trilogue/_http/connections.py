"""One connection to an origin, direct or through a proxy, as an httpx transport.

httpx's own transport is left out: instrumentations of others hook into it and note every address, query included,
and an address may hold a phone number.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import httpcore
import httpx

from .countdown import AsyncNetwork, Countdown, SyncNetwork
from .routes import Route

IDLE_LIMIT = 4.0
"""Seconds after which an idle connection is not used again; many servers close theirs after five."""

KEEP_ALIVE = r"timeout=(\d{1,9})"
"""In the header of the same name: for how many seconds the server keeps an idle connection."""


class _Connection:
    """What sync and async connections share: their route, their countdown, and since when they are idle."""

    def __init__(self, route: Route) -> None:
        self.route, self.countdown = route, Countdown()
        self._idle_since, self._idle_limit = time.monotonic(), IDLE_LIMIT

    def idle_for(self) -> float:
        """Return the seconds since its last response."""
        return time.monotonic() - self._idle_since

    @property
    def is_stale(self) -> bool:
        """Whether the server may be about to close it."""
        return self.idle_for() > self._idle_limit

    def rest(self, headers: Mapping[str, str]) -> None:
        """Begin to be idle; where the server says how long it keeps a connection, use it a second less."""
        self._idle_since = time.monotonic()
        announced = re.search(KEEP_ALIVE, headers["keep-alive"]) if "keep-alive" in headers else None
        if announced is not None:
            self._idle_limit = min(IDLE_LIMIT, float(announced[1]) - 1.0)


class SyncConnection(_Connection, httpx.BaseTransport):
    """A connection for threads; opened by its first request, and opened again where the server has closed it."""

    def __init__(self, route: Route) -> None:
        """Open nothing yet."""
        super().__init__(route)
        self._socket = httpcore.ConnectionPool(
            route.certificates, route.proxy, max_connections=1, network_backend=SyncNetwork(self.countdown)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and receive the head of its response."""
        with _as_httpx():
            response: Any = self._socket.handle_request(_to_httpcore(request))
        return httpx.Response(
            response.status, headers=response.headers, stream=_SyncBody(response), extensions=response.extensions
        )

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class AsyncConnection(_Connection, httpx.AsyncBaseTransport):
    """`SyncConnection` for asyncio."""

    def __init__(self, route: Route) -> None:
        """Open nothing yet."""
        super().__init__(route)
        self._socket = httpcore.AsyncConnectionPool(
            route.certificates, route.proxy, max_connections=1, network_backend=AsyncNetwork(self.countdown)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and receive the head of its response."""
        with _as_httpx():
            response: Any = await self._socket.handle_async_request(_to_httpcore(request))
        return httpx.Response(
            response.status, headers=response.headers, stream=_AsyncBody(response), extensions=response.extensions
        )

    async def aclose(self) -> None:
        """Close the socket."""
        await self._socket.aclose()


class _SyncBody(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in self._response.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._response.aclose()


def _to_httpcore(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


@contextmanager
def _as_httpx() -> Generator[None]:
    """Raise httpx's error of the same name in place of httpcore's."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        error_class = cast(type[httpx.TransportError], getattr(httpx, type(error).__name__))
        raise error_class(str(error)) from error
