"""The requests that are measured, each turn over one connection that stays open."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import socket
import statistics
from collections.abc import Callable, Generator, Iterator, Mapping

import attrs
import httpx

from benchmarks.sandbox.servers import Server

ROUNDS = 9


@attrs.frozen
class Case:
    """One type of request: its repeats in a turn, and the bytes of the next one."""

    name: str
    repeats: int
    next_request: Callable[[Server], bytes]
    statuses: tuple[int, ...] = (200,)


def cases(group: str, contact: str) -> list[Case]:
    """Return what is measured, on a group and a contact that the servers have."""
    numbers = itertools.count(1)
    return [
        Case("one group by UUID", 400, lambda server: get(server, f"/groups.json?uuid={group}")),
        Case("one contact by UUID", 400, lambda server: get(server, f"/contacts.json?uuid={contact}")),
        Case("a page of 250 contacts", 25, lambda server: get(server, "/contacts.json")),
        Case("a new contact", 200, lambda server: _post_contact(server, next(numbers)), (200, 201)),
    ]


def measure(case: Case, servers: Mapping[str, Server], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median CPU seconds each server takes for one request; they take turns in random order."""
    times: dict[str, list[float]] = {name: [] for name in servers}
    for server in servers.values():
        _take_turn(case, server)
    for _ in range(rounds):
        for name in random.sample(list(servers), len(servers)):
            times[name].append(_take_turn(case, servers[name]))
    return {name: statistics.median(values) for name, values in times.items()}


def _take_turn(case: Case, server: Server) -> float:
    with _connect(server) as client:  # for each turn, since servers close connections that wait for their turn
        client.send(case)
        before = server.cpu_seconds()
        for _ in range(case.repeats):
            client.send(case)
        return (server.cpu_seconds() - before) / case.repeats


@attrs.define
class _Client:
    """A client that costs little, so that the server is never idle for long."""

    server: Server
    connection: socket.socket

    def send(self, case: Case) -> None:
        self.connection.sendall(case.next_request(self.server))
        head, _, body = self._receive().partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        assert int(lines[0].split()[1]) in case.statuses, (head, body)
        length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
        missing = length - len(body)
        while missing > 0:
            missing -= len(self.connection.recv(1 << 20))

    def _receive(self) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.connection.recv(1 << 20) or _closed()
        return received


def _closed() -> bytes:
    raise ConnectionError("the server closed the connection")


@contextlib.contextmanager
def _connect(server: Server) -> Generator[_Client]:
    url = httpx.URL(server.url)
    with socket.create_connection((url.host, url.port or 80)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield _Client(server, connection)


def get(server: Server, target: str) -> bytes:
    """Return the bytes of a GET."""
    return b"\r\n".join([*_head(server, "GET", target), b"", b""])


def _post_contact(server: Server, number: int) -> bytes:
    body = json.dumps({"name": f"Ana {number}", "language": "eng", "urns": [f"tel:+2507{number:08d}"]}).encode()
    more = [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    return b"\r\n".join([*_head(server, "POST", target="/contacts.json"), *more, b"", body])


def _head(server: Server, method: str, target: str) -> Iterator[bytes]:
    url = httpx.URL(server.url)
    yield f"{method} {url.path.rstrip('/')}{target} HTTP/1.1".encode()
    yield f"Host: {url.netloc.decode()}".encode()
    yield f"Authorization: Token {server.token}".encode()
    yield b"User-Agent: trilogue-benchmark"
    yield b"Accept: application/json"
