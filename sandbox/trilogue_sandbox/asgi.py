"""The door for servers: the sandbox as an ASGI application."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, urlsplit

from trilogue_sandbox.control_plane import ControlPlane
from trilogue_sandbox.delivery import HANG_LIMIT, cut, wire_headers
from trilogue_sandbox.kernel.engine import Sandbox
from trilogue_sandbox.kernel.http import Headers, Request, Response

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Connections: TypeAlias = Mapping[tuple[str, int], asyncio.Transport]
"""The open connections of a server, by the address of the client."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_CLOSE_SECONDS = 5.0


class App:
    """An ASGI 3 application.

    A server that lets it see its connections has faults carried out on them (`trilogue_sandbox.serve` does). On any
    other, a fault that breaks the connection raises `ConnectionAbortedError`, and what then happens is the server's.
    """

    def __init__(self, sandbox: Sandbox, connections: Connections | None = None) -> None:
        self._sandbox = sandbox
        self._connections: Connections = {} if connections is None else connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            request = _as_request(scope, await _read(receive))
            response = _refuse_strangers(request) or self._sandbox.respond(request)
            await self._deliver(response, scope, receive, send)

    async def _deliver(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        connection = self._connections.get(scope.get("client") or ("", 0))
        failure = response.delivery.failure
        delay = HANG_LIMIT if failure == "hang" else response.delivery.delay
        if delay and await _is_gone_within(receive, delay):
            return
        if failure is None:
            await _send_whole(response, connection, send)
            return
        if response.is_heard:
            await send(_start(response))
            await send({"type": "http.response.body", "body": cut(response.body), "more_body": True})
        await _break(connection, receive, with_reset=failure == "reset")


async def _send_whole(response: Response, connection: asyncio.Transport | None, send: Send) -> None:
    await send(_start(response))
    body = response.body
    if response.status in (204, 304) and body:
        if connection is not None:
            connection.write(body)  # no server sends a body here; a platform that does is imitated below the server
        body = b""
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _is_gone_within(receive: Receive, seconds: float) -> bool:
    """Wait until the client goes away, but not longer than `seconds`."""
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
    await _is_gone_within(receive, _CLOSE_SECONDS)


def _start(response: Response) -> MutableMapping[str, Any]:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in wire_headers(response)]
    return {"type": "http.response.start", "status": response.status, "headers": headers}


def _as_request(scope: Scope, body: bytes) -> Request:
    headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
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


def _refuse_strangers(request: Request) -> Response | None:
    """Keep pages of other sites, which a browser lets send requests to loopback, away from the control plane."""
    if not request.path.startswith(f"/{ControlPlane.SEGMENT}"):
        return None
    if _is_loopback(request.base_url) and request.headers.get("origin", request.base_url) == request.base_url:
        return None
    return Response.json({"error": "the control plane answers programs of this machine, at its loopback address"}, 403)


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False
