"""The entry point for httpx: transports without a socket, with which a client sees what it would see with one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import anyio
import attrs
import httpx

from trilogue_sandbox.delivery import HANG_LIMIT, POLL_SECONDS, Feed, Responder, cut, pieces, wire_headers
from trilogue_sandbox.kernel.http import Headers, Request, Response


class SandboxTransport(httpx.BaseTransport):
    """A transport for `httpx.Client`. Latency is slept with `sleep` (seconds), up to the client's read timeout."""

    def __init__(self, respond: Responder, sleep: Callable[[float], object] = time.sleep) -> None:
        self._respond = respond
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request.

        Raises:
            httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError: a fault was injected.
        """
        request.read()
        response = self._respond(_as_request(request))
        arrival = _Arrival.of(response, request, self._sleep)
        self._sleep(arrival.wait)
        return arrival.result()


class AsyncSandboxTransport(httpx.AsyncBaseTransport):
    """A transport for `httpx.AsyncClient`. Latency is slept with `sleep` (seconds), up to the client's read timeout."""

    def __init__(self, respond: Responder, sleep: Callable[[float], Awaitable[object]] | None = None) -> None:
        self._respond = respond
        self._sleep = sleep or anyio.sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request.

        Raises:
            httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError: a fault was injected.
        """
        await request.aread()
        response = self._respond(_as_request(request))
        arrival = _Arrival.of(response, request, self._sleep)
        await self._sleep(arrival.wait)
        return arrival.result()


@attrs.frozen
class _Arrival:
    """What a client receives, and after how many seconds."""

    wait: float
    outcome: httpx.Response | httpx.TransportError

    @classmethod
    def of(cls, response: Response, request: httpx.Request, sleep: Callable[[float], Any]) -> _Arrival:
        timeout = _read_timeout(request)
        delay = HANG_LIMIT if response.delivery.failure == "hang" else response.delivery.delay
        if timeout is not None and delay > timeout:
            return cls(timeout, httpx.ReadTimeout("timed out", request=request))
        return cls(delay, _outcome(response, request, sleep))

    def result(self) -> httpx.Response:
        if isinstance(self.outcome, httpx.TransportError):
            raise self.outcome
        return self.outcome


def _read_timeout(request: httpx.Request) -> float | None:
    timeout: float | None = request.extensions.get("timeout", {}).get("read")
    return timeout


def _outcome(
    response: Response, request: httpx.Request, sleep: Callable[[float], Any]
) -> httpx.Response | httpx.TransportError:
    failure = response.delivery.failure
    if response.stream and not failure:
        listening = _Listening(Feed(response.stream), request, sleep)
        return httpx.Response(response.status, headers=wire_headers(response), stream=listening, request=request)
    if failure == "reset":
        return httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
    if not response.is_received:
        return httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    headers = wire_headers(response)
    if failure == "truncate":
        return httpx.Response(response.status, headers=headers, stream=_CutStream(response.body), request=request)
    body = b"" if request.method == "HEAD" else response.body
    if response.delivery.duration and body:
        slow = _SlowStream(response, request, sleep)
        return httpx.Response(response.status, headers=headers, stream=slow, request=request)
    return httpx.Response(response.status, headers=headers, stream=httpx.ByteStream(body), request=request)


class _SlowStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that arrives in pieces; the wait for each counts against the read timeout of the client."""

    def __init__(self, response: Response, request: httpx.Request, sleep: Callable[[float], Any]) -> None:
        self._pieces, self._pause = pieces(response)
        self._sleep = sleep
        timeout = _read_timeout(request)
        self._error = None
        if timeout is not None and self._pause > timeout:
            self._pause, self._error = timeout, httpx.ReadTimeout("timed out", request=request)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._sleep(self._pause)
            yield self._arrived(piece)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            await self._sleep(self._pause)
            yield self._arrived(piece)

    def _arrived(self, piece: bytes) -> bytes:
        if self._error:
            raise self._error
        return piece


class _Listening(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body without an end; silence that is longer than the read timeout of the client is an error."""

    def __init__(self, feed: Feed, request: httpx.Request, sleep: Callable[[float], Any]) -> None:
        self._feed, self._request, self._sleep = feed, request, sleep
        self._timeout, self._silence = _read_timeout(request), 0.0

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self._poll()) is not None:
            if piece:
                yield piece
            else:
                self._sleep(POLL_SECONDS)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := self._poll()) is not None:
            if piece:
                yield piece
            else:
                await self._sleep(POLL_SECONDS)

    def close(self) -> None:
        self._feed.close()

    async def aclose(self) -> None:
        self._feed.close()

    def _poll(self) -> bytes | None:
        piece = self._feed.poll()
        self._silence = 0.0 if piece else self._silence + POLL_SECONDS
        if piece is None and self._feed.is_broken:
            raise httpx.ReadError("[Errno 104] Connection reset by peer", request=self._request)
        if self._timeout is not None and self._silence > self._timeout:
            raise httpx.ReadTimeout("timed out", request=self._request)
        return piece


class _CutStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body whose connection closes in the middle."""

    def __init__(self, body: bytes) -> None:
        self._part = cut(body)
        self._error = httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {len(self._part)} bytes, expected {len(body)})"
        )

    def __iter__(self) -> Iterator[bytes]:
        yield self._part
        raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._part
        raise self._error


def _as_request(request: httpx.Request) -> Request:
    raw_path, _, query = request.url.raw_path.partition(b"?")
    return Request(
        method=request.method,
        path=raw_path.decode("ascii"),
        query=parse_qsl(query.decode("latin-1"), keep_blank_values=True),
        headers=Headers(request.headers.multi_items()),
        body=request.content,
        base_url=f"{request.url.scheme}://{request.url.netloc.decode('ascii')}",
    )
