"""Small HTTP servers on loopback, for what only a real socket shows; they end with their `with` block."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread

import attrs

TIMEOUT = 30.0
"""Seconds after which a forgotten connection is closed."""

IDLE_LIMIT = 4.0
"""Seconds of idleness, a little less than those after which a client opens a new connection."""


@attrs.frozen
class Received:
    """A request as received."""

    line: str
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection, as the function that responds sees it."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self._file = peer.makefile("rb")

    def read(self) -> Received | None:
        """Read a request; None where the client closed the connection."""
        line = self._file.readline()
        if not line:
            return None
        headers: dict[str, str] = {}
        while (entry := self._file.readline().strip()) != b"":
            name, _, value = entry.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return Received(line.decode("latin-1").strip(), headers, self._body(headers))

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self._file.read(int(headers.get("content-length", "0")))
        body = b""
        while (size := int(self._file.readline(), 16)) > 0:
            body += self._file.read(size)
            self._file.readline()
        self._file.readline()
        return body

    def write(self, content: bytes) -> None:
        self.peer.sendall(content)

    def close(self) -> None:
        self._file.close()
        with suppress(OSError):
            self.peer.shutdown(socket.SHUT_RDWR)
        self.peer.close()


Responder = Callable[[Received, Connection], bytes | None]
"""Returns the bytes to send, or None to close the connection without a response."""


class Server:
    """Responds to each request by a function, and keeps what it received.

    `connections` counts the connections opened, except one that replaces a connection idle for too long, as happens
    where the machine stands still.
    """

    def __init__(self, responder: Responder) -> None:
        self._responder = responder
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = Lock()
        self._threads: list[Thread] = []
        self._open: list[Connection] = []
        self.requests: list[Received] = []
        self.connections = 0
        self._responded_at = math.inf

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def open_connections(self) -> int:
        """How many connections the client has not closed."""
        with self._lock:
            return len(self._open)

    def start(self) -> None:
        self._start_thread(self._accept)

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            left = list(self._open)
        for connection in left:
            with suppress(OSError):
                connection.peer.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(TIMEOUT)
            assert not thread.is_alive()

    def _start_thread(self, work: Callable[[], None]) -> None:
        thread = Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            peer.settimeout(TIMEOUT)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(peer)
            with self._lock:
                self.connections += time.monotonic() - self._responded_at < IDLE_LIMIT
                self._open.append(connection)
            self._start_thread(lambda connection=connection: self._serve(connection))

    def _serve(self, connection: Connection) -> None:
        with suppress(OSError, ValueError):
            while (request := connection.read()) is not None:
                with self._lock:
                    self.requests.append(request)
                reply = self._responder(request, connection)
                if reply is None:
                    break
                connection.write(reply)
                self._responded_at = time.monotonic()
        with self._lock:
            self._open.remove(connection)
        connection.close()


@contextmanager
def serving(responder: Responder) -> Iterator[Server]:
    """Serve on a free port within the block."""
    server = Server(responder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a response, with its length unless that is given."""
    named = {"content-type": "application/json", "content-length": str(len(body))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


def unused_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
