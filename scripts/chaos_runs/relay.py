"""A hostile network: passes requests on to a server, and lets a share of them meet a fault."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>"
PORTAL = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>"
BUSY = b"HTTP/1.1 429 Too Many\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\n{}"

TIMEOUT = 10.0
"""Seconds of silence after which a connection is given up."""


def lose_request(client: socket.socket, server: socket.socket, request: bytes) -> None:
    """Close the connection before the server has the request."""


def lose_response(client: socket.socket, server: socket.socket, request: bytes) -> None:
    """Let the server carry the request out, and close the connection."""
    server.sendall(request)
    server.recv(65536)


def cut_response(client: socket.socket, server: socket.socket, request: bytes) -> None:
    """Pass on a part of the response."""
    server.sendall(request)
    response = server.recv(65536)
    client.sendall(response[: len(response) // 2])


def stall(client: socket.socket, server: socket.socket, request: bytes) -> None:
    """Let the server carry the request out, and keep silent."""
    server.sendall(request)
    server.recv(65536)
    client.recv(1)


def replace_response(client: socket.socket, server: socket.socket, request: bytes) -> None:
    """Let the server carry the request out, and respond 502."""
    server.sendall(request)
    server.recv(65536)
    client.sendall(GATEWAY)


def respond_instead(response: bytes) -> Callable[[socket.socket, socket.socket, bytes], None]:
    """Return a fault that responds in place of the server, which has nothing of the request."""

    def respond(client: socket.socket, server: socket.socket, request: bytes) -> None:
        client.sendall(response)

    return respond


FAULTS = (
    lose_request,
    lose_response,
    cut_response,
    stall,
    replace_response,
    respond_instead(GATEWAY),
    respond_instead(PORTAL),
    respond_instead(BUSY),
)


class Relay:
    """Listens on a port of its own; `share` of the requests meet a fault, drawn from `seed`."""

    def __init__(self, target: int, seed: int, share: float = 0.2) -> None:
        """Pass on to this port of this machine."""
        self.target, self._share, self._draws = target, share, random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.faults = 0
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Listen no longer."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with suppress(OSError), client, self._connect() as server:
            client.settimeout(TIMEOUT)
            while request := read_message(client):
                if self._draws.random() < self._share:
                    self.faults += 1
                    self._draws.choice(FAULTS)(client, server, request)
                    return
                server.sendall(request)
                client.sendall(read_message(server))

    def _connect(self) -> socket.socket:
        """Connect to the server, once it is there again after a kill."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            with suppress(OSError):
                return socket.create_connection(("127.0.0.1", self.target), TIMEOUT)
            time.sleep(0.05)
        raise ConnectionRefusedError


def read_message(peer: socket.socket) -> bytes:
    """Read a request or a response with its body; empty where the other side has closed the connection."""
    message = b""
    while b"\r\n\r\n" not in message:
        part = peer.recv(65536)
        if not part:
            return b""
        message += part
    head, _, body = message.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        part = peer.recv(65536)
        if not part:
            return b""
        body += part
    return head + b"\r\n\r\n" + body
