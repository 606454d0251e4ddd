"""The connections of an event loop over aiohttp, which takes a fraction of the CPU; used where it is installed.

The errors are httpcore's, so that whatever `failures` says of a request holds here too.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import suppress
from typing import cast
from weakref import finalize

import aiohttp
import httpcore
from h11 import LocalProtocolError
from yarl import URL

from . import bodies
from .async_pools import enter
from .bodies import Incoming
from .connections import IDLE_LIMIT
from .destinations import Destination
from .headers import Headers
from .messages import HttpRequest, HttpResponse, Timeout
from .pools import FRESH, MAX_CONNECTIONS
from .raw_requests import rendered_raw
from .routes import Route
from .urls import parse_url

SLACK = 0.1
"""Seconds that an exchange may take beyond its deadline, so that a connection that took too long is known as such."""

LONGEST_HEADER = 100 * 1024
"""Bytes, as with httpcore; a response with a longer header is not read, and its outcome unknown."""

TURNS_TO_NOTICE = 3
"""Turns of the event loop after which a connection that the server has closed meanwhile is known to be closed."""

NOT_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientConnectorSSLError,
    aiohttp.ServerFingerprintMismatch,
)

FAILURES = (aiohttp.ClientError, OSError)
"""What aiohttp raises where an exchange fails; a TimeoutError is an OSError."""


class AiohttpPool:
    """The connections to one origin, without a proxy in between."""

    def __init__(self, route: Route) -> None:
        """Open nothing yet."""
        self._room = asyncio.BoundedSemaphore(MAX_CONNECTIONS)
        connectors = {True: _connector(route, IDLE_LIMIT), False: _connector(route, FRESH)}
        self._sessions = {is_retryable: _session(connector) for is_retryable, connector in connectors.items()}
        for connector in connectors.values():
            finalize(self, _close_now, connector)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its complete response; raises NeverSent where no connection is free in time."""
        await enter(self._room, request)
        try:
            for _ in range(0 if request.is_retryable else TURNS_TO_NOTICE):
                await asyncio.sleep(0)
            if request.body is None or isinstance(request.body, bytes):
                return await self._exchange(request, request.headers, request.body or None)
            with rendered_raw(request) as raw:
                return await self._exchange_file(request, raw)
        finally:
            self._room.release()

    async def _exchange_file(self, request: HttpRequest, raw: httpcore.Request) -> HttpResponse:
        headers = Headers(raw.headers)
        body = _Body(cast(AsyncIterable[bytes], raw.stream), int(headers.get("content-length", "0")))
        try:
            return await self._exchange(request, headers, body)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            body.check()
            raise

    async def _exchange(
        self, request: HttpRequest, headers: Mapping[str, str], body: bytes | _Body | None
    ) -> HttpResponse:
        """Send a request; its connection is used again only after a complete response."""
        try:
            response = await self._sessions[request.is_retryable].request(
                request.method,
                URL(str(parse_url(request.url)), encoded=True),
                headers=headers,
                data=body,
                timeout=to_aiohttp(request.timeout, request.time_left),
                allow_redirects=False,
            )
        except FAILURES as failure:
            raise _as_httpcore(failure) from failure
        try:
            return await _read(response, request.destination)
        finally:
            response.close()

    async def aclose(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()


def _connector(route: Route, idle_limit: float) -> aiohttp.BaseConnector:
    return aiohttp.TCPConnector(ssl=route.certificates or True, limit=0, keepalive_timeout=idle_limit)


def _session(connector: aiohttp.BaseConnector) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        max_line_size=LONGEST_HEADER,
        max_field_size=LONGEST_HEADER,
        middlewares=(_raise_errors,),
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
    )
    session.trace_configs.clear()  # instrumentation adds its own, and notes addresses
    return session


def _close_now(connector: aiohttp.BaseConnector) -> None:
    """Close the connections of a client that nobody closed, as far as that needs no event loop."""
    if not connector.closed:
        closing = connector.close().__await__()
        with suppress(StopIteration, RuntimeError):
            next(closing)


async def _raise_errors(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Raise httpcore's errors here already: aiohttp would answer some of its own with a retry that nobody counts."""
    try:
        return await handler(request)
    except FAILURES as failure:
        raise _as_httpcore(failure) from failure


async def _read(response: aiohttp.ClientResponse, destination: Destination | None) -> HttpResponse:
    """Read the body of a response, or write it to its destination."""
    headers = Headers(response.raw_headers)
    if destination is not None or "content-encoding" in headers:
        return await bodies.read_async(Incoming(response.status, headers, _parts(response)), destination)
    try:
        content = await response.read()
    except FAILURES as failure:
        raise _as_httpcore(failure) from failure
    return HttpResponse(response.status, headers, content)


class _Body(AsyncIterable[bytes]):
    """The body of a request, which must be as long as its header says."""

    def __init__(self, stream: AsyncIterable[bytes], length: int) -> None:
        self._stream, self._length = stream, length
        self._is_wrong = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._length
        async for part in self._stream:
            left -= len(part)
            self._is_wrong = left < 0
            self.check()
            yield part
        self._is_wrong = left != 0
        self.check()

    def check(self) -> None:
        """Raise LocalProtocolError where it turned out to have another length, as h11 does."""
        if self._is_wrong:
            raise LocalProtocolError("the body is not as long as announced")


async def _parts(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for part in response.content.iter_any():
            yield part
    except FAILURES as failure:
        raise _as_httpcore(failure) from failure


def to_aiohttp(timeout: Timeout, time_left: float) -> aiohttp.ClientTimeout:
    """Return time-outs as aiohttp has them; rounded, as they usually are, that of everything could end a connect."""
    total = None if time_left == math.inf else time_left + SLACK
    connect, read = min(timeout.connect, time_left), min(timeout.read, time_left)
    return aiohttp.ClientTimeout(total=total, connect=connect, sock_read=read, ceil_threshold=math.inf)


def _as_httpcore(failure: Exception) -> Exception:
    """Return httpcore's error in place of aiohttp's."""
    if isinstance(failure, aiohttp.ConnectionTimeoutError):
        return httpcore.ConnectTimeout(str(failure))
    if isinstance(failure, NOT_CONNECTED):
        return httpcore.ConnectError(str(failure))
    if isinstance(failure, TimeoutError):
        return httpcore.ReadTimeout(str(failure))
    if isinstance(failure, aiohttp.ServerDisconnectedError):
        return httpcore.RemoteProtocolError("the server disconnected without a response")
    if isinstance(failure, (aiohttp.ClientPayloadError, aiohttp.ClientResponseError)):
        return httpcore.RemoteProtocolError(type(failure).__name__)
    message = str(failure)
    return httpcore.ReadError(type(failure).__name__ if "://" in message else message)  # some quote the address
