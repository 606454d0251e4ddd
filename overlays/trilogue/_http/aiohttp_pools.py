"""The connections of an event loop over aiohttp, which takes a fraction of the CPU; used where it is installed.

The errors are httpx's, so that whatever `failures` says of a request holds here too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import cast
from weakref import finalize

import aiohttp
import httpx
from h11 import LocalProtocolError
from yarl import URL

from .async_pools import in_room
from .connections import IDLE_LIMIT
from .messages import HttpRequest, Timeout
from .pools import FRESH, MAX_CONNECTIONS
from .routes import Route

SLACK = 0.1
"""Seconds that an exchange may take beyond its deadline, so that a connection that took too long is known as such."""

TURNS_TO_NOTICE = 3
"""Turns of the event loop after which a connection that the server has closed meanwhile is known to be closed."""

NOT_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientConnectorSSLError,
    aiohttp.ServerFingerprintMismatch,
)


class AiohttpPool:
    """The connections to one origin, without a proxy in between."""

    def __init__(self, route: Route) -> None:
        """Open nothing yet."""
        self._room = asyncio.BoundedSemaphore(MAX_CONNECTIONS)
        connectors = {True: _connector(route, IDLE_LIMIT), False: _connector(route, FRESH)}
        self._sessions = {is_retryable: _session(connector) for is_retryable, connector in connectors.items()}
        for connector in connectors.values():
            finalize(self, _close_now, connector)

    @asynccontextmanager
    async def lend(self, request: HttpRequest) -> AsyncGenerator[AiohttpExchange]:
        """Make room for one exchange within the block; raises NeverSent where there is none in time."""
        async with in_room(self._room, request):
            for _ in range(0 if request.is_retryable else TURNS_TO_NOTICE):
                await asyncio.sleep(0)
            exchange = AiohttpExchange(self._sessions[request.is_retryable], request)
            try:
                yield exchange
            finally:
                exchange.end()

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
        middlewares=(_raise_as_httpx,),
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


async def _raise_as_httpx(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Raise httpx's errors here already: aiohttp would answer some of its own with a retry that nobody counts."""
    with _as_httpx():
        return await handler(request)


class AiohttpExchange(httpx.AsyncBaseTransport):
    """One request and its response; the connection is used again only after a complete one."""

    def __init__(self, session: aiohttp.ClientSession, request: HttpRequest) -> None:
        """Send nothing yet."""
        self._session, self._timeout = session, _to_aiohttp(request.timeout, request.time_left)
        self._response: aiohttp.ClientResponse | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and receive the head of its response."""
        body = _Body(request)
        try:
            with _as_httpx():
                self._response = response = await self._session.request(
                    request.method,
                    URL(str(request.url), encoded=True),
                    headers=[(name.decode(), value.decode()) for name, value in request.headers.raw],
                    data=request.content if isinstance(request.stream, httpx.ByteStream) else body,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
        except httpx.TransportError:
            body.check()
            raise
        return httpx.Response(
            response.status, headers=response.raw_headers, stream=_ResponseBody(response), extensions={}
        )

    def rest(self, headers: Mapping[str, str]) -> None:
        """Leave it to aiohttp for how long a connection is kept."""

    def end(self) -> None:
        """Close the connection, unless the response is complete."""
        if self._response is not None:
            self._response.close()


class _Body(AsyncIterable[bytes]):
    """The body of a request, which must be as long as its header says."""

    def __init__(self, request: httpx.Request) -> None:
        self._stream = cast(httpx.AsyncByteStream, request.stream)
        self._length = int(request.headers.get("content-length", "0"))
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


class _ResponseBody(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in self._response.content.iter_any():
                yield part


def _to_aiohttp(timeout: Timeout, time_left: float) -> aiohttp.ClientTimeout:
    total = None if time_left == float("inf") else time_left + SLACK
    connect = min(timeout.connect, time_left)
    return aiohttp.ClientTimeout(total=total, connect=connect, sock_read=min(timeout.read, time_left))


@contextmanager
def _as_httpx() -> Generator[None]:
    """Raise httpx's error in place of aiohttp's."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from error
    except NOT_CONNECTED as error:
        raise httpx.ConnectError(str(error)) from error
    except (aiohttp.SocketTimeoutError, TimeoutError) as error:
        raise httpx.ReadTimeout(str(error)) from error
    except aiohttp.ServerDisconnectedError as error:
        raise httpx.RemoteProtocolError("the server disconnected without a response") from error
    except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as error:
        raise httpx.RemoteProtocolError(type(error).__name__) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.ReadError(str(error) or type(error).__name__) from error
