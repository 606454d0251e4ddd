"""Has tests send through httpx2: `-p tests.over_httpx2` wraps each transport that a test gives to a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from typing import Any, cast

import httpx
import httpx2
import pytest
from msgspec.structs import replace
from trilogue._http import senders
from trilogue._http.transports import HttpSettings, own_async_transport, own_transport


@pytest.fixture(autouse=True)
def _transports_of_httpx2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "own_transport", lambda settings: own_transport(_wrapped(settings)))
    monkeypatch.setattr(senders, "own_async_transport", lambda settings: own_async_transport(_wrapped(settings)))


def _wrapped(settings: HttpSettings) -> HttpSettings:
    transport: Any = settings.transport
    if isinstance(transport, httpx.BaseTransport) and isinstance(transport, httpx.AsyncBaseTransport):
        return replace(settings, transport=_BothTransports(transport))
    if isinstance(transport, httpx.BaseTransport):
        return replace(settings, transport=_Transport(transport))
    if isinstance(transport, httpx.AsyncBaseTransport):
        return replace(settings, transport=_AsyncTransport(transport))
    return settings


class _Transport(httpx2.BaseTransport):
    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        with _as_httpx2():
            response = self._transport.handle_request(_to_httpx(request, _RequestBody(request.stream)))
        return _to_httpx2(response, _ResponseBody(response))

    def close(self) -> None:
        self._transport.close()


class _AsyncTransport(httpx2.AsyncBaseTransport):
    def __init__(self, transport: Any) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        with _as_httpx2():
            response = await self._transport.handle_async_request(_to_httpx(request, _AsyncRequestBody(request.stream)))
        return _to_httpx2(response, _AsyncResponseBody(response))

    async def aclose(self) -> None:
        await self._transport.aclose()


class _BothTransports(_Transport, _AsyncTransport):
    """What `httpx.MockTransport` is: a transport for threads and for asyncio."""


class _RequestBody(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream


class _AsyncRequestBody(httpx.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part


class _ResponseBody(httpx2.SyncByteStream):
    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx2():
            yield from cast(httpx.SyncByteStream, self._response.stream)

    def close(self) -> None:
        self._response.close()


class _AsyncResponseBody(httpx2.AsyncByteStream):
    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx2():
            async for part in cast(httpx.AsyncByteStream, self._response.stream):
                yield part

    async def aclose(self) -> None:
        await self._response.aclose()


def _to_httpx(request: httpx2.Request, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> httpx.Request:
    return httpx.Request(
        request.method, str(request.url), headers=request.headers.raw, stream=stream, extensions=request.extensions
    )


def _to_httpx2(response: httpx.Response, stream: httpx2.SyncByteStream | httpx2.AsyncByteStream) -> httpx2.Response:
    return httpx2.Response(
        response.status_code, headers=response.headers.raw, stream=stream, extensions=response.extensions
    )


@contextmanager
def _as_httpx2() -> Generator[None]:
    """Raise httpx2's error of the same name in place of httpx's."""
    try:
        yield
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise getattr(httpx2, type(error).__name__)(str(error)) from error
