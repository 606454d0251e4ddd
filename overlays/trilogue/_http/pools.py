"""Sends requests through connection pools, one for each origin."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

import httpx

from .failures import translated_errors
from .messages import HttpRequest, HttpResponse
from .rendering import rendered
from .transports import AsyncTransport, HttpSettings, SyncTransport, open_transport, origin, own_transport

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


class SyncHttp:
    """Sends requests, one connection pool for each origin.

    A forked process opens its own, or it would read the responses to the requests of the other.
    """

    def __init__(self, settings: HttpSettings) -> None:
        """Open nothing yet: the first request does."""
        self._settings = settings
        self._transports: dict[tuple[int, str], SyncTransport] = {}
        self._lock = Lock()

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its complete response.

        Raises:
            NeverSent: it did not reach the platform.
            MaybeSent: it may have, but no complete response arrived.
        """
        with translated_errors(), rendered(request) as prepared:
            response = self._transport(prepared.url).handle_request(prepared)
            try:
                if _breaks_the_connection(response):
                    response.extensions["network_stream"].close()
                return HttpResponse(response.status_code, response.headers, response.read())
            finally:
                response.close()

    def _transport(self, url: httpx.URL) -> SyncTransport:
        own = own_transport(self._settings, SyncTransport)
        if own is not None:
            return own
        key = (os.getpid(), origin(url))
        with self._lock:
            if key not in self._transports:
                self._transports[key] = open_transport(httpx.HTTPTransport, self._settings, url)
            return self._transports[key]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            transports, self._transports = list(self._transports.values()), {}
        for transport in transports:
            transport.close()


class AsyncHttp:
    """`SyncHttp` for asyncio; each event loop has its own pools, for a connection ends with its loop."""

    def __init__(self, settings: HttpSettings) -> None:
        """Open nothing yet: the first request does."""
        self._settings = settings
        self._pools: dict[AbstractEventLoop, dict[str, AsyncTransport]] = {}
        self._lock = Lock()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its complete response; raises as `SyncHttp.send` does."""
        with translated_errors(), rendered(request) as prepared:
            response = await self._transport(prepared.url).handle_async_request(prepared)
            try:
                if _breaks_the_connection(response):
                    await response.extensions["network_stream"].aclose()
                return HttpResponse(response.status_code, response.headers, await response.aread())
            finally:
                await response.aclose()

    def _transport(self, url: httpx.URL) -> AsyncTransport:
        own = own_transport(self._settings, AsyncTransport)
        if own is not None:
            return own
        key, pools = origin(url), self._pools_of_this_loop()
        if key not in pools:
            pools[key] = open_transport(httpx.AsyncHTTPTransport, self._settings, url)
        return pools[key]

    def _pools_of_this_loop(self) -> dict[str, AsyncTransport]:
        loop = _running_loop()
        with self._lock:
            if loop not in self._pools:
                self._pools = {**self._pools_in_use(), loop: {}}
            return self._pools[loop]

    def _pools_in_use(self) -> dict[AbstractEventLoop, dict[str, AsyncTransport]]:
        return {loop: pools for loop, pools in self._pools.items() if not loop.is_closed()}

    async def close(self) -> None:
        """Close all connections of this event loop, and drop those of loops that have ended."""
        with self._lock:
            pools = self._pools.pop(_running_loop(), {})
            self._pools = self._pools_in_use()
        for transport in pools.values():
            await transport.aclose()


def _running_loop() -> AbstractEventLoop:
    from asyncio import get_running_loop  # here, because programs without an event loop need not load it

    return get_running_loop()


def _breaks_the_connection(response: httpx.Response) -> bool:
    """Return whether a 204 carries a body, which would be read as the start of the next response on this connection.

    RapidPro's bulk actions do this when no proxy in front of them strips the body.
    """
    has_body = response.headers.get("content-length", "0") != "0" or "transfer-encoding" in response.headers
    return response.status_code == 204 and has_body and "network_stream" in response.extensions
