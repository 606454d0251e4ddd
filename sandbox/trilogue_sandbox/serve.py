"""The sandbox on a port of this machine: in a thread for a test, in the foreground for a person."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Generator
from pathlib import Path
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trilogue_sandbox.asgi import App
from trilogue_sandbox.kernel.engine import Sandbox

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_START_SECONDS = 10.0


@contextlib.contextmanager
def serving(sandbox: Sandbox, host: str = LOOPBACK[0], port: int = 0) -> Generator[str, None, None]:
    """Serve a sandbox from a thread within the block; the value is its address, `http://127.0.0.1:49152`.

    Port 0 takes any free port. The sandbox itself stays open afterwards.

    Raises:
        ValueError: the host is not a loopback address.
        OSError: the port cannot be had.
    """
    with _listen(host, port) as listener:
        server = _Server(sandbox)
        thread = threading.Thread(target=server.run, args=([listener],), name="trilogue-sandbox", daemon=True)
        thread.start()
        try:
            if not server.is_ready.wait(_START_SECONDS):
                raise OSError("the server of the sandbox did not start")
            yield _address(listener)
        finally:
            server.should_exit = True
            thread.join()


def run(
    host: str = LOOPBACK[0],
    port: int = 8000,
    *,
    seed: int = 0,
    database: str | Path | None = None,
) -> None:
    """Serve a sandbox that follows the real time until ctrl-C or SIGTERM, after printing how to reach it.

    Raises:
        ValueError: the host is not a loopback address.
        OSError: the port cannot be had, or the database cannot be used.
    """
    with Sandbox(seed=seed, database=database, start=None) as sandbox:
        stay(sandbox, host, port)


def stay(sandbox: Sandbox, host: str = LOOPBACK[0], port: int = 8000) -> None:
    """Do the same for a sandbox that is there already."""
    with (
        _interrupted_by_signals(),
        contextlib.suppress(KeyboardInterrupt),
        serving(sandbox, host, port) as address,
    ):
        print(greeting(sandbox, address), flush=True)
        threading.Event().wait()


def greeting(sandbox: Sandbox, address: str) -> str:
    """Return the addresses and the credentials of every platform, for a person to read."""
    lines = [f"The sandbox is at {address} (a browser shows what is there; ctrl-C ends it).", ""]
    for name in sandbox.names:
        lines.append(f"{name:<10} {sandbox.url(name, address)}")
        for account in sandbox.accounts(name):
            credentials = "  ".join(f"{key}={value}" for key, value in account.credentials.items())
            lines.append(f"{'':<10}   {account.name}: {credentials}")
    return "\n".join(lines)


class _Server(uvicorn.Server):
    """A server that knows its connections and says when it is ready."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._connections: dict[tuple[str, int], asyncio.Transport] = {}
        self.is_ready = threading.Event()
        config = uvicorn.Config(
            App(sandbox, self._connections),
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
        raise OSError(error.errno, f"port {port} of {host} cannot be had; try another, or 0 for a free one") from error
    # Connections inherit this. Without it the body of an answer waits 40 ms for the client to acknowledge its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def _interrupted_by_signals() -> Generator[None, None, None]:
    """Let ctrl-C and SIGTERM end the block, also in a process that a shell started deaf to ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
