"""The send table on real sockets: for each failure and each type of operation, how many copies arrive."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from typing import cast

import pytest
import trilogue
from attrs import frozen
from trilogue import ConnectionFailed, OutcomeUnknown, RateLimited, TimedOut
from trilogue._clock import SystemClock

from .servers import Connection, Received, http, serving, unused_port
from .support import TOKEN, FakeClock, Harness, operation, soon

OPERATIONS = {
    "idempotent": operation(id="set", name="things.set", method="PUT", retry="idempotent"),
    "idempotency-key": operation(id="pay", name="things.pay", retry="idempotency-key", key_header="Idempotency-Key"),
    "non-idempotent": operation(id="make", name="things.make", retry="non-idempotent"),
}

Respond = Callable[[Received, Connection], bytes | None]


@frozen
class Cell:
    """What a server does to each request; the copies that arrive of a retryable call, and of any other."""

    respond: Respond
    retryable: int = 3
    other: int = 1
    error: type[Exception] = trilogue.RequestError


def after(head: bytes, *, reset: bool = False) -> Respond:
    """Send this much of a response, then end the connection."""

    def respond(request: Received, connection: Connection) -> None:
        connection.write(head)
        if reset:
            connection.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return respond


def silent_after(head: bytes) -> Respond:
    """Send this much of a response, then nothing."""

    def respond(request: Received, connection: Connection) -> None:
        connection.write(head)
        connection.read()

    return respond


def always(status: int, **headers: str) -> Respond:
    return lambda request, connection: http(status, b"{}", **headers)


OK = http(200, b'{"uuid": "1"}')

TABLE: dict[str, Cell] = {
    "closed without a response": Cell(after(b""), error=ConnectionFailed),
    "reset without a response": Cell(after(b"", reset=True), error=ConnectionFailed),
    "closed within the status line": Cell(after(b"HTTP/1.1 2"), error=ConnectionFailed),
    "closed within the headers": Cell(after(b"HTTP/1.1 200 OK\r\ncontent-"), error=ConnectionFailed),
    "closed within the body": Cell(after(OK[:-5]), error=ConnectionFailed),
    "reset within the body": Cell(after(OK[:-5], reset=True), error=ConnectionFailed),
    "closed within a chunk": Cell(
        after(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc"), error=ConnectionFailed
    ),
    "a chunk without a length": Cell(
        after(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n"), error=ConnectionFailed
    ),
    "no HTTP": Cell(after(b"SSH-2.0-OpenSSH_9.6\r\n"), error=ConnectionFailed),
    "two lengths": Cell(
        after(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}"), error=ConnectionFailed
    ),
    "silent": Cell(silent_after(b""), error=TimedOut),
    "silent within the headers": Cell(silent_after(b"HTTP/1.1 200 OK\r\n"), error=TimedOut),
    "silent within the body": Cell(silent_after(OK[:-5]), error=TimedOut),
    "500": Cell(always(500)),
    "502": Cell(always(502)),
    "503": Cell(always(503)),
    "504": Cell(always(504)),
    "408": Cell(always(408)),
    "520": Cell(always(520)),
    "501": Cell(always(501), retryable=1),
    "505": Cell(always(505), retryable=1),
    "429 without a time": Cell(always(429), other=3, error=RateLimited),
    "400": Cell(always(400), retryable=1, error=trilogue.BadRequest),
    "404": Cell(always(404), retryable=1, error=trilogue.NotFound),
    "409": Cell(always(409), retryable=1, error=trilogue.Conflict),
    "an early 400 that ends the connection": Cell(
        after(http(400, b"{}", connection="close")), retryable=1, error=trilogue.BadRequest
    ),
}


@pytest.mark.parametrize("retry", OPERATIONS)
@pytest.mark.parametrize("failure", TABLE)
def test_no_copy_arrives_that_could_do_harm(harness: Harness, failure: str, retry: str) -> None:
    cell = TABLE[failure]
    with serving(cell.respond) as server:
        client = harness.client(host=server.url, timeout=trilogue.Timeout(connect=5, read=0.15))
        with pytest.raises(cell.error) as raised:
            harness.result(client._caller.call(OPERATIONS[retry], {}))
        copies = cast(trilogue.RequestError, raised.value).attempts
        assert soon(lambda: len(server.requests) == copies)

    assert copies == (cell.other if retry == "non-idempotent" else cell.retryable)
    keys = {request.headers.get("idempotency-key") for request in server.requests}
    assert len(keys) == 1
    may_have_acted = failure[0] not in "4" or failure == "408"
    assert isinstance(raised.value, OutcomeUnknown) is (
        retry == "non-idempotent" and may_have_acted and "early" not in failure
    )


def test_nothing_arrives_where_nobody_listens(harness: Harness) -> None:
    client = harness.client(host=f"http://127.0.0.1:{unused_port()}")
    for made in OPERATIONS.values():
        with pytest.raises(ConnectionFailed) as raised:
            harness.result(client._caller.call(made, {}))
        assert not isinstance(raised.value, OutcomeUnknown)
        assert (raised.value.attempts, raised.value.is_safe_to_retry) == (0, True)


# Connections that the server closes while they are idle.


@pytest.mark.parametrize("announced", ["timeout=2", "timeout=5, max=100", "none"])
def test_a_create_is_not_sent_on_a_connection_that_the_server_may_be_closing(harness: Harness, announced: str) -> None:
    with serving(lambda request, connection: http(200, b"{}", keep_alive=announced)) as server:
        client = harness.client(host=server.url, clock=SystemClock())
        harness.result(client._caller.call(OPERATIONS["idempotent"], {}))
        time.sleep(1.1)
        harness.result(client._caller.call(OPERATIONS["non-idempotent"], {}))
        assert server.connections == 2


def test_a_server_that_closes_its_idle_connections_makes_no_outcome_unknown(harness: Harness) -> None:
    def respond_once(request: Received, connection: Connection) -> None:
        connection.write(http(200, b"{}"))

    with serving(respond_once) as server:
        client = harness.client(host=server.url, clock=SystemClock())
        for _ in range(20):
            harness.result(client._caller.call(OPERATIONS["non-idempotent"], {}))
            time.sleep(0.01)

    assert len(server.requests) == 20


# Clocks.


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_is_set_changes_no_deadline_and_no_wait(harness: Harness, jump: float) -> None:
    class Jumping(FakeClock):
        """Its wall clock jumps after each reading; its monotonic clock does not."""

        def now(self) -> float:
            self.jumped = getattr(self, "jumped", 0.0) + jump
            return super().now() + self.jumped

    replies = iter([http(429, b"{}", retry_after="3"), http(200, b"{}")])
    with serving(lambda request, connection: next(replies)) as server:
        client = harness.client(host=server.url, clock=(clock := Jumping()), deadline=10)
        harness.result(client._caller.call(OPERATIONS["non-idempotent"], {}))

    assert clock.slept == [3.0]


# The end of a program.


def test_prefetching_does_not_hold_up_the_end_of_the_program() -> None:
    first = b'{"next": "https://textit.com/api/v2/contacts.json?cursor=2", "results": [{"uuid": "1"}]}'

    def hang_on_the_second(request: Received, connection: Connection) -> bytes | None:
        if "cursor" not in request.line:
            return http(200, first.replace(b"https://textit.com", server.url.encode()))
        connection.read()
        return None

    with serving(hang_on_the_second) as server:
        program = (
            "from trilogue import RapidPro\n"
            f"rows = RapidPro({TOKEN!r}, host={server.url!r}, timeout=60).contacts.list().prefetch()\n"
            "print(next(iter(rows)).uuid)\n"
        )
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        ended = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, timeout=25, env=environment, check=True
        )

    assert ended.stdout == b"1\n"
