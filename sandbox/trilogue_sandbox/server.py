"""The entry point for sockets: an HTTP/1.1 server on this machine, run in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Generator

from trilogue_sandbox.connection import Connection
from trilogue_sandbox.delivery import Responder

LOOPBACK = "127.0.0.1"

_START_SECONDS = 10.0


@contextlib.contextmanager
def serving(respond: Responder, host: str = LOOPBACK, port: int = 0) -> Generator[str, None, None]:
    """Serve within the block; the value is the address, such as `http://127.0.0.1:49152`.

    Port 0 takes any free port. A host that is no loopback address lets other machines in.

    Raises:
        OSError: the host or the port is not available.
    """
    with _listen(host, port) as listener:
        server = _Server(respond, listener)
        thread = threading.Thread(target=server.run, name="trilogue-sandbox", daemon=True)
        thread.start()
        try:
            if not server.is_ready.wait(_START_SECONDS):
                raise OSError("the server of the sandbox did not start")
            yield _address(listener)
        finally:
            server.stop()
            thread.join()


class _Server:
    """Accepts connections until it is stopped, and then aborts those that are open."""

    def __init__(self, respond: Responder, listener: socket.socket) -> None:
        self.is_ready = threading.Event()
        self._respond = respond
        self._listener = listener
        self._connections: set[Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._stopped = self._loop.create_future()

    def run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set_result, None)

    async def _serve(self) -> None:
        server = await self._loop.create_server(self._connection, sock=self._listener)
        self.is_ready.set()
        await self._stopped
        while accepting := asyncio.all_tasks() - {asyncio.current_task()}:  # asyncio leaks those of a closed server
            await asyncio.wait(accepting)
        server.close()
        for connection in list(self._connections):
            connection.abort()
        while self._connections:
            await asyncio.sleep(0)

    def _connection(self) -> Connection:
        return Connection(self._respond, self._connections)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        is_name = isinstance(error, socket.gaierror)
        message = f"this machine has no address {host}" if is_name else _taken(host, port)
        raise OSError(error.errno, message) from error


def _taken(host: str, port: int) -> str:
    return f"port {port} of {host} is not available; try another, or 0 for a free one"


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
