"""Bounds the time of one exchange: each wait for the network is cut to what is left of it.

A time-out bounds one read alone, so a response that trickles in would take any time.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import httpcore


class Countdown:
    """When the exchange on a connection must have ended."""

    def __init__(self) -> None:
        """Begin without an end."""
        self._ends_at = math.inf

    def start(self, seconds: float) -> None:
        """End so many seconds from now."""
        self._ends_at = time.monotonic() + seconds

    def cut(self, timeout: float | None, error_class: type[httpcore.TimeoutException]) -> float | None:
        """Return the time-out, or what is left if that is less; raise `error_class` where nothing is."""
        if self._ends_at == math.inf:
            return timeout
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise error_class("the deadline of the call is over")
        return left if timeout is None else min(timeout, left)


class Network:
    """The network as one connection sees it: its countdown, and how many layers of TLS are established."""

    def __init__(self, countdown: Countdown) -> None:
        """Keep to this countdown."""
        self.countdown, self.tls_layers = countdown, 0


class SyncNetwork(Network, httpcore.NetworkBackend):
    """Opens sockets for threads."""

    def __init__(self, countdown: Countdown, sockets: httpcore.NetworkBackend) -> None:
        """Open them by way of `sockets`."""
        super().__init__(countdown)
        self._sockets = sockets

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection."""
        timeout = self.countdown.cut(timeout, httpcore.ConnectTimeout)
        return _SyncStream(self._sockets.connect_tcp(host, port, timeout, local_address, socket_options), self)


class _SyncStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, network: Network) -> None:
        self._stream, self._network, self._countdown = stream, network, network.countdown

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._countdown.cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._countdown.cut(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        with ExitStack() as failed:  # nobody else knows of the socket yet
            failed.callback(self.close)
            timeout = self._countdown.cut(timeout, httpcore.ConnectTimeout)
            secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
            failed.pop_all()
        self._network.tls_layers += 1
        return _SyncStream(secured, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class AsyncNetwork(Network, httpcore.AsyncNetworkBackend):
    """`SyncNetwork` for asyncio."""

    def __init__(self, countdown: Countdown) -> None:
        """Keep to this countdown."""
        super().__init__(countdown)
        self._sockets: Any = httpcore.AnyIOBackend()  # untyped where anyio may be missing

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Open a connection."""
        timeout = self.countdown.cut(timeout, httpcore.ConnectTimeout)
        return _AsyncStream(await self._sockets.connect_tcp(host, port, timeout, local_address, socket_options), self)


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream, network: Network) -> None:
        self._stream, self._network, self._countdown = stream, network, network.countdown

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, self._countdown.cut(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, self._countdown.cut(timeout, httpcore.WriteTimeout))

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        async with AsyncExitStack() as failed:  # or cancelled; nobody else knows of the socket yet
            failed.push_async_callback(self.aclose)
            timeout = self._countdown.cut(timeout, httpcore.ConnectTimeout)
            secured = await self._stream.start_tls(ssl_context, server_hostname, timeout)
            failed.pop_all()
        self._network.tls_layers += 1
        return _AsyncStream(secured, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
