"""Transports of httpx2 in the shape of httpx's; loaded only where a caller gives one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from typing import cast

import httpx
import httpx2


class SyncAdapter(httpx.BaseTransport):
    """Sends requests of httpx through a transport of httpx2."""

    def __init__(self, transport: httpx2.BaseTransport) -> None:
        """Leave the transport the caller's, to close it too."""
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and receive the head of its response."""
        stream = _SyncBodyToSend(cast(httpx.SyncByteStream, request.stream))
        with _as_httpx():
            response = self._transport.handle_request(_to_httpx2(request, stream))
        return _to_httpx(response, _SyncBody(response))


class AsyncAdapter(httpx.AsyncBaseTransport):
    """`SyncAdapter` for asyncio."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        """Leave the transport the caller's, to close it too."""
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and receive the head of its response."""
        stream = _AsyncBodyToSend(cast(httpx.AsyncByteStream, request.stream))
        with _as_httpx():
            response = await self._transport.handle_async_request(_to_httpx2(request, stream))
        return _to_httpx(response, _AsyncBody(response))


class _SyncBodyToSend(httpx2.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream


class _AsyncBodyToSend(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part


class _SyncBody(httpx.SyncByteStream):
    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from cast(httpx2.SyncByteStream, self._response.stream)

    def close(self) -> None:
        self._response.close()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in cast(httpx2.AsyncByteStream, self._response.stream):
                yield part

    async def aclose(self) -> None:
        await self._response.aclose()


def _to_httpx2(request: httpx.Request, stream: httpx2.SyncByteStream | httpx2.AsyncByteStream) -> httpx2.Request:
    return httpx2.Request(
        request.method, str(request.url), headers=request.headers.raw, stream=stream, extensions=request.extensions
    )


def _to_httpx(response: httpx2.Response, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> httpx.Response:
    return httpx.Response(
        response.status_code, headers=response.headers.raw, stream=stream, extensions=response.extensions
    )


@contextmanager
def _as_httpx() -> Generator[None]:
    """Raise httpx's error of the same name in place of httpx2's."""
    try:
        yield
    except httpx2.RequestError as error:
        error_class = cast(type[httpx.RequestError], getattr(httpx, type(error).__name__, httpx.TransportError))
        raise error_class(str(error)) from error
