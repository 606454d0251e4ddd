"""Sends a request through a transport of the caller and reads its complete response."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from . import bodies
from .destinations import Destination
from .messages import HttpResponse


def exchange(transport: httpx.BaseTransport, request: httpx.Request, destination: Destination | None) -> HttpResponse:
    """Send a request, and read its response or write it to its destination."""
    response = transport.handle_request(request)
    try:
        if _breaks_the_connection(response):
            response.extensions["network_stream"].close()
        return bodies.read(response, destination)
    finally:
        response.close()


async def exchange_async(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, destination: Destination | None
) -> HttpResponse:
    """`exchange` for asyncio."""
    response = await transport.handle_async_request(request)
    try:
        if _breaks_the_connection(response):
            await response.extensions["network_stream"].aclose()
        return await bodies.read_async(response, destination)
    finally:
        await response.aclose()


def has_stray_body(status: int, headers: Mapping[str, str]) -> bool:
    """Return whether a 204 carries a body, which would be read as the start of the next response on its connection.

    RapidPro's bulk actions do this when no proxy in front of them strips the body.
    """
    return status == 204 and (headers.get("content-length", "0") != "0" or "transfer-encoding" in headers)


def _breaks_the_connection(response: httpx.Response) -> bool:
    return has_stray_body(response.status_code, response.headers) and "network_stream" in response.extensions
