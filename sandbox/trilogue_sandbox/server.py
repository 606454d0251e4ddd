"""The sandbox on a port of this machine, served from a thread."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Generator

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trilogue_sandbox.asgi import App
from trilogue_sandbox.delivery import Responder

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_START_SECONDS = 10.0


@contextlib.contextmanager
def serving(respond: Responder, host: str = LOOPBACK[0], port: int = 0) -> Generator[str, None, None]:
    """Serve from a thread within the block; the value is the address, `http://127.0.0.1:49152`.

    Port 0 takes any free port.

    Raises:
        ValueError: the host is not a loopback address.
        OSError: the port is not available.
    """
    with _listen(host, port) as listener:
        server = _Server(respond)
        thread = threading.Thread(target=server.run, args=([listener],), name="trilogue-sandbox", daemon=True)
        thread.start()
        try:
            if not server.is_ready.wait(_START_SECONDS):
                raise OSError("the server of the sandbox did not start")
            yield _address(listener)
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """A server that knows its connections and signals when it is ready."""

    def __init__(self, respond: Responder) -> None:
        self._connections: dict[tuple[str, int], asyncio.Transport] = {}
        self.is_ready = threading.Event()
        config = uvicorn.Config(
            App(respond, self._connections),
            http=_watched(self._connections),
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self._connections.values()):
            connection.abort()
        await super().shutdown(sockets)


def _watched(connections: dict[tuple[str, int], asyncio.Transport]) -> type[HttpToolsProtocol]:
    class Watched(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in HttpToolsProtocol
            super().connection_made(transport)
            if self.client is not None:
                connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                connections.pop(self.client, None)
            super().connection_lost(exc)

    return Watched


def _listen(host: str, port: int) -> socket.socket:
    if host not in LOOPBACK:
        raise ValueError(f"`host` must be one of {', '.join(LOOPBACK)}: the sandbox serves this machine only")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise OSError(
            error.errno, f"port {port} of {host} is not available; try another, or 0 for a free one"
        ) from error
    # Connections inherit this. Without it the body of a response waits 40 ms for the client to acknowledge its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
