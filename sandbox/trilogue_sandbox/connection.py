"""One HTTP/1.1 connection of a client: its requests in, the responses and their faults out."""

from __future__ import annotations

import asyncio
import http
import re
import socket
import struct
from collections import deque
from functools import lru_cache
from typing import cast
from urllib.parse import parse_qsl

import httptools

from trilogue_sandbox.delivery import HANG_LIMIT, POLL_SECONDS, Feed, Responder, cut, pieces, wire_headers
from trilogue_sandbox.kernel.http import Headers, Request, Response

_BUFFER_SIZE = 1 << 16
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_BREAKS = re.compile(r"[\r\n\0]")
_REASONS = {status.value: status.phrase for status in http.HTTPStatus}


class Connection(asyncio.BufferedProtocol):
    """Parses requests, and writes the responses one after the other, each when its delay is over.

    It has one buffer to receive into; for each piece a new one would cost more than to parse a small request.
    """

    def __init__(self, respond: Responder, connections: set[Connection]) -> None:
        self._respond = respond
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._buffer = memoryview(bytearray(_BUFFER_SIZE))
        self._requests: deque[tuple[Request, bool]] = deque()
        self._delivery: asyncio.TimerHandle | None = None
        self._feed: Feed | None = None

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel what is not delivered yet."""
        self._connections.discard(self)
        if self._delivery:
            self._delivery.cancel()
        if self._feed:
            self._feed.close()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to receive into."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Parse what was received, and respond to the requests that are complete."""
        try:
            self._parser.feed_data(self._buffer[:nbytes])
        except httptools.HttpParserUpgrade:
            pass  # HTTP/1.1 is spoken all the same
        except httptools.HttpParserError as error:
            response = Response.html(f"This is not HTTP: {error}", 400)
            self._transport.write(_head(response, keep_alive=False) + response.body)
            self._transport.close()
        self._respond_to_next()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._target = b""
        self._headers: list[tuple[str, str]] = []
        self._body = bytearray()

    def on_url(self, url: bytes) -> None:
        """Add a part of the request target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header field."""
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Let a client go on that waits before it sends a large body."""
        if any(name.lower() == "expect" and value.lower() == "100-continue" for name, value in self._headers):
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Add a part of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Queue the request, which may follow others on the same connection."""
        url = httptools.parse_url(self._target)
        headers = Headers(self._headers)
        request = Request(
            method=self._parser.get_method().decode("latin-1"),
            path=(url.path or b"/").decode("latin-1"),
            query=parse_qsl((url.query or b"").decode("latin-1"), keep_blank_values=True),
            headers=headers,
            body=bytes(self._body),
            base_url=f"http://{headers.get('host') or self._own_address()}",
        )
        self._requests.append((request, self._parser.should_keep_alive()))

    def _own_address(self) -> str:
        host, port = self._transport.get_extra_info("sockname")[:2]
        return f"{host}:{port}"

    def _respond_to_next(self) -> None:
        while self._requests and self._delivery is None and not self._transport.is_closing():
            request, keep_alive = self._requests.popleft()
            response = self._respond(request)
            delay = HANG_LIMIT if response.delivery.failure == "hang" else response.delivery.delay
            if delay:
                loop = asyncio.get_running_loop()
                self._delivery = loop.call_later(delay, self._deliver_late, request, response, keep_alive)
            else:
                self._deliver(request, response, keep_alive)

    def _deliver_late(self, request: Request, response: Response, keep_alive: bool) -> None:
        self._delivery = None
        self._deliver(request, response, keep_alive)
        self._respond_to_next()

    def _deliver(self, request: Request, response: Response, keep_alive: bool) -> None:
        failure = response.delivery.failure
        if response.delivery.duration and request.method != "HEAD":
            self._transport.write(_head(response, keep_alive))
            parts, pause = pieces(response)
            self._deliver_slowly(deque(parts), pause, keep_alive)
            return
        if response.stream and not failure:
            self._transport.write(_head(response, keep_alive))
            self._feed = Feed(response.stream)
            self._deliver_stream(self._feed, keep_alive)
            return
        if failure == "reset":
            plain: socket.socket = self._transport.get_extra_info("socket")
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        if response.is_received:
            body = b"" if request.method == "HEAD" else cut(response.body) if failure else response.body
            self._transport.write(_head(response, keep_alive) + body)
        if failure or not keep_alive:
            self._transport.close()

    def _deliver_stream(self, feed: Feed, keep_alive: bool) -> None:
        self._delivery = None
        while piece := feed.poll():
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if piece is not None:
            later = asyncio.get_running_loop().call_later
            self._delivery = later(POLL_SECONDS, self._deliver_stream, feed, keep_alive)
        elif feed.is_broken:
            self._transport.abort()
        else:
            self._transport.write(b"0\r\n\r\n")
            self._deliver_slowly(deque(), 0.0, keep_alive)

    def _deliver_slowly(self, parts: deque[bytes], pause: float, keep_alive: bool) -> None:
        self._delivery = None
        if parts:
            later = asyncio.get_running_loop().call_later
            self._delivery = later(pause, self._deliver_piece, parts, pause, keep_alive)
        elif keep_alive:
            self._respond_to_next()
        else:
            self._transport.close()

    def _deliver_piece(self, parts: deque[bytes], pause: float, keep_alive: bool) -> None:
        self._transport.write(parts.popleft())
        self._deliver_slowly(parts, pause, keep_alive)


def _head(response: Response, keep_alive: bool) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, '')}"]
    lines += [_field(name, value) for name, value in wire_headers(response)]
    lines += ["transfer-encoding: chunked"] if response.stream else []
    lines += [] if keep_alive else ["connection: close"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


@lru_cache(1024)  # since most responses have most of their fields in common
def _field(name: str, value: str) -> str:
    return f"{name.lower()}: {_BREAKS.sub(' ', value)}"
