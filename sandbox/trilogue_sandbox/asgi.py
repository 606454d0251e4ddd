"""The entry point for servers: an ASGI application."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote

from trilogue_sandbox.delivery import HANG_LIMIT, Responder, cut, wire_headers
from trilogue_sandbox.kernel.http import Headers, Request, Response

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Connections: TypeAlias = Mapping[tuple[str, int], asyncio.Transport]
"""The open connections of a server, by the address of the client."""

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_CLOSE_SECONDS = 5.0


class App:
    """An ASGI 3 application.

    On a server that lets it see its connections, as `trilogue_sandbox.server` does, faults break them. On any other, a
    fault that breaks the connection raises `ConnectionAbortedError`, and what then happens is up to the server.
    """

    def __init__(self, respond: Responder, connections: Connections | None = None) -> None:
        self._respond = respond
        self._connections: Connections = {} if connections is None else connections

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        if scope["type"] == "lifespan":
            await _complete_lifespan(receive, send)
        elif scope["type"] == "http":
            response = self._respond(_as_request(scope, await _read_body(receive)))
            await self._deliver(response, scope, receive, send)

    async def _deliver(self, response: Response, scope: Message, receive: Receive, send: Send) -> None:
        failure = response.delivery.failure
        delay = HANG_LIMIT if failure == "hang" else response.delivery.delay
        if delay and await _disconnects_within(receive, delay):
            return
        if response.is_received:
            await send(_start(response))
            body = response.body if failure is None else cut(response.body)
            await send({"type": "http.response.body", "body": body, "more_body": failure is not None})
        if failure is not None:
            await _break(self._connections.get(scope["client"]), receive, with_reset=failure == "reset")


async def _complete_lifespan(receive: Receive, send: Send) -> None:
    message: Message = {"type": ""}
    while message["type"] != "lifespan.shutdown":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


async def _read_body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
    return body


async def _disconnects_within(receive: Receive, seconds: float) -> bool:
    """Wait until the client disconnects, at most `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


async def _break(connection: asyncio.Transport | None, receive: Receive, *, with_reset: bool) -> None:
    if connection is None:
        raise ConnectionAbortedError("a fault of the sandbox broke this connection")
    if with_reset:
        plain: socket.socket = connection.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    connection.close()
    await _disconnects_within(receive, _CLOSE_SECONDS)


def _start(response: Response) -> Message:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in wire_headers(response)]
    return {"type": "http.response.start", "status": response.status, "headers": headers}


def _as_request(scope: Message, body: bytes) -> Request:
    headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]])
    server, port = scope.get("server") or ("127.0.0.1", None)
    host = headers.get("host") or (f"{server}:{port}" if port else server)
    return Request(
        method=scope["method"],
        path=(scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1"),
        query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        headers=headers,
        body=body,
        base_url=f"{scope['scheme']}://{host}",
    )
