"""One deadline covers everything a call does, measured on real sockets."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any

import pytest
import trilogue
from trilogue import AsyncPantheon, Pantheon
from trilogue._clock import SystemClock
from trilogue._http.aiohttp_pools import to_aiohttp
from trilogue._http.messages import Timeout
from trilogue._locks import FlowLock

from .pantheon import PantheonHarness
from .servers import Connection, Received, http, serving
from .support import Harness

TOKENS = b'{"access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": 14400}'

SLACK = 2.5
"""Seconds that a busy machine may add."""


def be_silent(request: Received, connection: Connection) -> None:
    connection.read()


def trickle_body(request: Received, connection: Connection) -> bytes | None:
    connection.write(http(200, b"", content_length="10000"))
    return trickle(connection, b" ")


def trickle_head(request: Received, connection: Connection) -> bytes | None:
    connection.write(b"HTTP/1.1 200 OK\r\nx: ")
    return trickle(connection, b"y")


def trickle(connection: Connection, byte: bytes) -> None:
    for _ in range(100):
        connection.write(byte)
        time.sleep(0.1)


@contextmanager
def seconds_taken(at_most: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < at_most


@pytest.mark.parametrize("respond", [be_silent, trickle_body, trickle_head])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_call_ends_with_its_deadline_however_slowly_the_response_arrives(
    harness: Harness, respond: Callable[[Received, Connection], bytes | None], method: str
) -> None:
    with serving(respond) as server:
        client = harness.client(host=server.url, deadline=0.5, clock=SystemClock())
        with seconds_taken(at_most=0.5 + SLACK), pytest.raises(trilogue.TimedOut) as raised:
            harness.result(client.request(method, "/x.json"))

    assert isinstance(raised.value, trilogue.OutcomeUnknown) is (method == "POST")


def test_aiohttp_ends_the_wait_for_a_connection_before_that_for_everything() -> None:
    timeout = to_aiohttp(Timeout(), 8.0)

    assert timeout.connect is not None
    assert timeout.total is not None
    assert timeout.connect < timeout.total < timeout.ceil_threshold  # from which on it rounds up to a second


def test_a_silent_token_endpoint_takes_no_longer_than_the_deadline_of_each_caller(pantheon: PantheonHarness) -> None:
    with serving(be_silent) as server:
        client = pantheon.client(host=server.url, clock=SystemClock())

        def call(deadline: float) -> Any:
            return outcome_of(client.with_options(deadline=deadline), pantheon.mode.name)

        outcomes = pantheon.concurrently([lambda d=d: call(d) for d in (0.6, 0.61, 0.62, 0.63, 0.64)])

    assert {type(error) for error, _ in outcomes} <= {trilogue.TimedOut, trilogue.ConnectionFailed}
    assert all(seconds < 0.6 + SLACK for _, seconds in outcomes)


def outcome_of(client: Any, mode: str) -> Any:
    """What a call raises, and after how many seconds."""
    begun = time.monotonic()

    async def later() -> Any:
        try:
            return await client.request("POST", "/x")
        except trilogue.RequestError as error:
            return error, time.monotonic() - begun

    if mode == "async":
        return later()
    try:
        return client.request("POST", "/x")
    except trilogue.RequestError as error:
        return error, time.monotonic() - begun


# Locks.


def test_a_process_forked_during_a_token_fetch_fetches_its_own() -> None:
    is_fetching, may_issue = Event(), Event()

    def issue(request: Received, connection: Connection) -> bytes:
        if "getAccessToken" not in request.line:
            return http(200, b"{}")
        if not is_fetching.is_set():
            is_fetching.set()
            may_issue.wait(10)
        return http(200, TOKENS)

    with serving(issue) as server:
        client = Pantheon("app", "secret", host=server.url, deadline=8)
        fetcher = Thread(target=lambda: client.request("GET", "/x"))
        fetcher.start()
        assert is_fetching.wait(5)
        child = os.fork()
        if child == 0:
            os._exit(0 if client.request("GET", "/x").status == 200 else 1)
        _, status = os.waitpid(child, 0)
        may_issue.set()
        fetcher.join(5)
        client.close()

    assert os.waitstatus_to_exitcode(status) == 0


def test_eight_event_loops_fetch_one_token() -> None:
    fetches: list[str] = []

    def issue(request: Received, connection: Connection) -> bytes:
        if "getAccessToken" in request.line:
            fetches.append(request.line)
            time.sleep(0.3)
            return http(200, TOKENS)
        return http(200, b"{}")

    async def call() -> int:
        response = await client.request("GET", "/x")
        await client.close()
        return response.status

    with serving(issue) as server:
        client = AsyncPantheon("app", "secret", host=server.url)
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda _: asyncio.run(call()), range(8)))

    assert statuses == [200] * 8
    assert len(fetches) == 1


def test_the_lock_is_held_by_one_at_a_time_among_threads_and_loops_some_of_which_give_up() -> None:
    lock, guard = FlowLock(), Lock()
    inside: list[int] = []
    most: list[int] = []
    http_: Any = None

    def work() -> None:
        with guard:
            inside.append(1)
            most.append(len(inside))
        time.sleep(0.0005)
        with guard:
            inside.pop()

    def in_thread(index: int) -> None:
        for turn in range(30):
            release = lock.acquire(0.002 if (turn + index) % 3 == 0 else 30).run(http_, SystemClock())
            if release is not None:
                work()
                release()

    async def in_loop(index: int) -> None:
        async def once(turn: int) -> None:
            release = await lock.acquire(0.002 if (turn + index) % 3 == 0 else 30).run_async(http_, SystemClock())
            if release is not None:
                work()
                release()

        tasks = [asyncio.ensure_future(once(turn)) for turn in range(30)]
        await asyncio.sleep(0.01)
        for task in tasks[::5]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(in_thread, index) for index in range(4)]
        futures += [pool.submit(lambda index=index: asyncio.run(in_loop(index))) for index in range(4)]
        for future in futures:
            future.result(60)

    assert max(most) == 1
    assert not lock.is_held
