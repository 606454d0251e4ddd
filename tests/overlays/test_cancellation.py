"""Cancelled calls: nothing they held is lost, however often and whenever they are cancelled."""

from __future__ import annotations

import asyncio
import gc
import random
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from importlib.metadata import version

import pytest
import trilogue
from trilogue import AsyncPantheon, AsyncRapidPro

from .servers import Connection, Received, http, serving
from .support import TOKEN, soon

if tuple(map(int, version("anyio").split(".")[:2])) < (4, 16):
    # It leaves a connection that is cancelled as it opens to the garbage collector.
    pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

MANY = pytest.mark.parametrize("times", [1_000, pytest.param(100_000, marks=pytest.mark.nightly)])
"""Calls to cancel."""

AT_ONCE = 200
"""More than there are connections, so that some wait for one."""

TOKENS = b'{"access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": 14400}'


@pytest.fixture(params=["httpcore", "aiohttp"], autouse=True)
def http_library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "httpcore":
        monkeypatch.setitem(sys.modules, "trilogue._http.aiohttp_pools", None)
    yield
    gc.collect()  # what leaks fails here, not in a later test


def respond_in_a_while(request: Received, connection: Connection) -> bytes:
    time.sleep(random.random() * 0.004)
    return http(200, TOKENS if "getAccessToken" in request.line else b"{}")


async def cancel_at_random(call: Callable[[], Awaitable[object]], times: int) -> None:
    draws = random.Random(13)

    async def cancelled() -> None:
        try:
            async with asyncio.timeout(draws.random() * 0.02):
                await call()
        except TimeoutError:
            pass

    for _ in range(0, times, AT_ONCE):
        await asyncio.gather(*(cancelled() for _ in range(AT_ONCE)))


@MANY
def test_a_client_of_rapidpro_works_after_thousands_of_cancelled_calls(times: int) -> None:
    async def run() -> None:
        async with AsyncRapidPro(TOKEN, host=server.url) as client:
            await cancel_at_random(lambda: client.request("GET", "/x.json"), times)
            await asyncio.gather(*(client.request("GET", "/x.json") for _ in range(AT_ONCE)))

    with serving(respond_in_a_while) as server:
        asyncio.run(run())
        assert soon(lambda: server.open_connections == 0)


@MANY
def test_a_client_of_pantheon_works_after_thousands_of_cancelled_calls(times: int) -> None:
    async def run() -> None:
        async with AsyncPantheon("app", "secret", host=server.url) as client:
            await cancel_at_random(lambda: client.request("GET", "/x"), times)
            await asyncio.gather(*(client.request("GET", "/x") for _ in range(AT_ONCE)))

    with serving(respond_in_a_while) as server:
        asyncio.run(run())
        assert soon(lambda: server.open_connections == 0)


def test_a_task_cancelled_twice_returns_its_connection() -> None:
    async def run() -> None:
        async with AsyncRapidPro(TOKEN, host=server.url) as client:
            for _ in range(150):
                call = asyncio.ensure_future(client.request("GET", "/silent.json"))
                await asyncio.sleep(0.002)
                call.cancel()
                await asyncio.sleep(0)
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)
            assert (await client.request("GET", "/x.json")).status == 200

    def be_silent(request: Received, connection: Connection) -> bytes | None:
        if "silent" in request.line:
            connection.read()
            return None
        return http(200, b"{}")

    with serving(be_silent) as server:
        asyncio.run(run())


def test_a_connection_that_is_cancelled_while_tls_begins_is_closed() -> None:
    async def run(url: str) -> None:
        async with AsyncRapidPro(TOKEN, host=url) as client:
            call = asyncio.ensure_future(client.request("GET", "/x.json"))
            peer, _ = await asyncio.to_thread(listener.accept)
            await asyncio.to_thread(peer.recv, 65536)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            peer.settimeout(30)
            with peer:
                assert await asyncio.to_thread(peer.recv, 65536) == b""

    with socket.create_server(("127.0.0.1", 0)) as listener:
        asyncio.run(run(f"https://127.0.0.1:{listener.getsockname()[1]}"))


def test_a_cancelled_caller_of_a_token_fetch_lets_the_others_go_on() -> None:
    async def run() -> list[object]:
        async with AsyncPantheon("app", "secret", host=server.url) as client:
            first = asyncio.ensure_future(client.request("GET", "/x"))
            await asyncio.sleep(0.05)
            others = [asyncio.ensure_future(client.request("GET", "/x")) for _ in range(9)]
            await asyncio.sleep(0.05)
            first.cancel()
            others[3].cancel()
            return await asyncio.gather(first, *others, return_exceptions=True)

    def issue_slowly(request: Received, connection: Connection) -> bytes:
        if "getAccessToken" in request.line:
            time.sleep(0.2)
            return http(200, TOKENS)
        return http(200, b"{}")

    with serving(issue_slowly) as server:
        outcomes = asyncio.run(run())

    assert sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes) == 2
    assert sum(getattr(outcome, "status", 0) == 200 for outcome in outcomes) == 8


def test_more_calls_than_connections_wait_for_one_and_say_so_when_none_comes() -> None:
    async def run() -> list[object]:
        timeout = trilogue.Timeout(connect=0.5, read=1.5)
        async with AsyncRapidPro(TOKEN, host=server.url, timeout=timeout, max_attempts=1) as client:
            calls = [client.request("GET", "/x.json") for _ in range(120)]
            return await asyncio.gather(*calls, return_exceptions=True)

    with serving(lambda request, connection: connection.read() and None) as server:
        outcomes = asyncio.run(run())

    waited = [outcome for outcome in outcomes if "became free" in str(outcome)]
    assert all(isinstance(outcome, trilogue.ConnectionFailed) for outcome in outcomes)
    assert 1 <= len(waited) <= 20
