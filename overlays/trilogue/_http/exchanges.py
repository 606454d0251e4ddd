"""Sends requests through a transport of the caller."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx

from . import bodies
from .bodies import Incoming, Parts
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
            return bodies.read(_incoming(response), request.destination)
        finally:
            response.close()


async def exchange_async(transport: httpx.AsyncBaseTransport, request: HttpRequest) -> HttpResponse:
    """`exchange` for asyncio."""
    with rendered(request) as prepared:
        response = await transport.handle_async_request(prepared)
        try:
            if _breaks_the_connection(response):
                await response.extensions["network_stream"].aclose()
            return await bodies.read_async(_incoming_async(response), request.destination)
        finally:
            await response.aclose()


@contextmanager
def opened(transport: httpx.BaseTransport, request: HttpRequest) -> Generator[Incoming[Iterator[bytes]]]:
    """Send a request and receive the head of its response; its body is received within the block."""
    with rendered(request) as prepared:
        response = transport.handle_request(prepared)
    try:
        yield _incoming(response)
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
        yield _incoming_async(response)
    finally:
        await response.aclose()


def _incoming(response: httpx.Response) -> Incoming[Iterator[bytes]]:
    return _with_parts(response, response.iter_bytes() if response.is_stream_consumed else response.iter_raw())


def _incoming_async(response: httpx.Response) -> Incoming[AsyncIterator[bytes]]:
    return _with_parts(response, response.aiter_bytes() if response.is_stream_consumed else response.aiter_raw())


def _with_parts(response: httpx.Response, parts: Parts) -> Incoming[Parts]:
    """Return a response with parts as they were sent, unless the transport has read and decompressed them already."""
    network, is_decoded = response.extensions.get("network_stream"), response.is_stream_consumed
    return Incoming(response.status_code, Headers(response.headers.raw), parts, network, is_decoded)


def _breaks_the_connection(response: httpx.Response) -> bool:
    return has_stray_body(response.status_code, response.headers) and "network_stream" in response.extensions
