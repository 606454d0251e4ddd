"""Sends requests through a transport of the caller."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx

from . import bodies
from .bodies import BROKEN, Incoming, Parts
from .destinations import Destination
from .failures import Undecodable
from .headers import Headers
from .messages import HttpRequest, HttpResponse, has_stray_body
from .rendering import rendered


def exchange(transport: httpx.BaseTransport, request: HttpRequest) -> HttpResponse:
    """Send a request, and read its response or write it to its destination."""
    with rendered(request) as prepared:
        response = transport.handle_request(prepared)
        try:
            if _breaks_the_connection(response):
                response.extensions["network_stream"].close()
            parts = _parts(response, request.destination)
            return bodies.read(_incoming(response, parts), request.destination)
        finally:
            response.close()


async def exchange_async(transport: httpx.AsyncBaseTransport, request: HttpRequest) -> HttpResponse:
    """`exchange` for asyncio."""
    with rendered(request) as prepared:
        response = await transport.handle_async_request(prepared)
        try:
            if _breaks_the_connection(response):
                await response.extensions["network_stream"].aclose()
            parts = _async_parts(response, request.destination)
            return await bodies.read_async(_incoming(response, parts), request.destination)
        finally:
            await response.aclose()


@contextmanager
def opened(transport: httpx.BaseTransport, request: HttpRequest) -> Generator[Incoming[Iterator[bytes]]]:
    """Send a request and receive the head of its response; its body is received within the block."""
    with rendered(request) as prepared:
        response = transport.handle_request(prepared)
    try:
        yield _incoming(response, _parts(response))
    finally:
        response.close()


@asynccontextmanager
async def opened_async(
    transport: httpx.AsyncBaseTransport, request: HttpRequest
) -> AsyncGenerator[Incoming[AsyncIterator[bytes]]]:
    """`opened` for asyncio."""
    with rendered(request) as prepared:
        response = await transport.handle_async_request(prepared)
    try:
        yield _incoming(response, _async_parts(response))
    finally:
        await response.aclose()


def _incoming(response: httpx.Response, parts: Parts) -> Incoming[Parts]:
    network = response.extensions.get("network_stream")
    return Incoming(response.status_code, Headers(response.headers.raw), parts, network, is_decoded=True)


def _parts(response: httpx.Response, destination: Destination | None = None) -> Iterator[bytes]:
    with _undecodable():
        yield from response.iter_raw() if _is_raw(response, destination) else response.iter_bytes()


async def _async_parts(response: httpx.Response, destination: Destination | None = None) -> AsyncIterator[bytes]:
    with _undecodable():
        async for part in response.aiter_raw() if _is_raw(response, destination) else response.aiter_bytes():
            yield part


@contextmanager
def _undecodable() -> Generator[None]:
    """Raise `Undecodable` in place of httpx's error."""
    try:
        yield
    except httpx.DecodingError:
        raise Undecodable(BROKEN) from None


def _is_raw(response: httpx.Response, destination: Destination | None) -> bool:
    """Return whether a body is written as it was sent; a transport may have decompressed it."""
    return destination is not None and destination.keeps_encoding and not response.is_stream_consumed


def _breaks_the_connection(response: httpx.Response) -> bool:
    return has_stray_body(response.status_code, response.headers) and "network_stream" in response.extensions
