"""Event loops, forks, closing and interruptions."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import ssl
from collections.abc import Callable, Iterator
from threading import Event, Thread, get_ident
from typing import Any, cast

import httpx
import pytest
import trilogue
from trilogue import AsyncRapidPro, RapidPro
from trilogue._http.messages import HttpRequest, Timeout
from trilogue._http.senders import SyncHttp
from trilogue._http.server_sent_events import OpenResponse, SyncEvents
from trilogue._http.transports import HttpSettings

from .servers import Connection, Received, http, serving
from .support import TOKEN, FakeClock, Harness, RecordingTransport, page, soon

WORKSPACE = b'{"uuid": "1", "name": "Workspace"}'


def at_once(request: Received, connection: Connection) -> bytes:
    return http(200, WORKSPACE)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_call_leaves_nothing_to_the_garbage_collector() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=WORKSPACE))
    with RapidPro(TOKEN, transport=transport) as client:
        client.workspace.get()
        gc.collect()
        gc.disable()
        try:
            client.workspace.get()
            assert gc.collect() == 0
        finally:
            gc.enable()


# Event loops.


losing_sockets = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""A loop that ends takes its sockets along, and asyncio says so when they are collected."""


@losing_sockets
def test_an_async_client_works_in_the_next_event_loop() -> None:
    with serving(at_once) as server:
        client = AsyncRapidPro(token=TOKEN, host=server.url)
        for _ in range(3):
            assert asyncio.run(workspace_of(client)) == "Workspace"
            assert asyncio.run(create_with(client)) is None
        asyncio.run(client.close())
        gc.collect()

    assert len(server.requests) == 6


@losing_sockets
def test_the_connections_of_closed_loops_are_dropped() -> None:
    with serving(at_once) as server:
        client = AsyncRapidPro(token=TOKEN, host=server.url)
        for _ in range(5):
            asyncio.run(workspace_of(client))
        gc.collect()
        assert soon(lambda: server.open_connections <= 1)
        asyncio.run(client.close())
        gc.collect()


def test_two_event_loops_at_the_same_time_have_connections_of_their_own() -> None:
    with serving(at_once) as server:
        client = AsyncRapidPro(token=TOKEN, host=server.url)
        names: list[str | None] = []
        threads = [Thread(target=lambda: names.append(asyncio.run(often(client)))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert names == ["Workspace", "Workspace"]


async def workspace_of(client: AsyncRapidPro) -> str | None:
    return (await client.workspace.get()).name


async def create_with(client: AsyncRapidPro) -> Any:
    await client.contacts.create(name="Ana")


async def often(client: AsyncRapidPro) -> str | None:
    names = [await workspace_of(client) for _ in range(20)]
    await client.close()
    return names[-1]


def test_an_iteration_with_prefetch_continues_in_the_next_event_loop() -> None:
    count = 5
    sent: list[int] = []

    def list_(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("cursor", "0"))
        sent.append(number)
        link = f"https://textit.com/api/v2/contacts.json?cursor={number + 1}" if number + 1 < count else None
        return page([{"uuid": str(number)}], link)

    client = AsyncRapidPro(token=TOKEN, clock=FakeClock(), transport=RecordingTransport(list_))
    contacts = client.contacts.list().prefetch().iterator()

    async def next_row() -> str | None:
        return (await anext(contacts)).uuid

    assert [asyncio.run(next_row()) for _ in range(count)] == ["0", "1", "2", "3", "4"]


# Processes.


def test_a_forked_process_shares_no_connection_with_its_parent() -> None:
    with serving(lambda request, connection: http(200, request.line.encode())) as server:
        client = RapidPro(token=TOKEN, host=server.url)
        ask(client, "parent")
        child = os.fork()
        if child == 0:
            os._exit(0 if ask(client, "child") else 1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert ask(client, "parent")
        client.close()

    assert server.connections == 2


def test_a_forked_process_that_closes_the_client_leaves_its_parents_stream_open() -> None:
    closed = Event()

    def send_events(request: Received, connection: Connection) -> None:
        connection.write(b"HTTP/1.1 200 OK\r\n\r\ndata: before\n\n")
        closed.wait(30)
        connection.write(b"data: after\n\n")

    with serving(send_events) as server:
        client = SyncHttp(HttpSettings())
        response = client.open(HttpRequest("GET", server.url, {}, Timeout()))
        assert isinstance(response, OpenResponse)
        assert isinstance(response.events, SyncEvents)
        assert response.events.receive() == "before"
        child = os.fork()
        if child == 0:
            client.close()
            os._exit(0)
        os.waitpid(child, 0)
        closed.set()
        assert response.events.receive() == "after"
        client.close()
        response.events.close()


def ask(client: RapidPro, who: str) -> bool:
    """Whether a response is the one to this very request."""
    return f"who={who}".encode() in client.request("GET", "/x", query={"who": who}).content


# Closing.


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_closing_a_client_ends_a_call_in_flight_or_leaves_its_outcome_unknown(harness: Harness, method: str) -> None:
    has_arrived, is_closed = Event(), Event()

    def hang(request: Received, connection: Connection) -> bytes:
        has_arrived.set()
        is_closed.wait(5)
        return http(200, WORKSPACE)

    def close() -> Any:
        return close_when(client, has_arrived, is_closed)

    with serving(hang) as server:
        client = harness.client(host=server.url, max_attempts=1, timeout=30)
        outcomes = harness.concurrently([lambda: outcome_of(client, method), close])

    assert outcomes[0] is (trilogue.ConnectionFailed if method == "GET" else trilogue.OutcomeUnknownAfterConnectionLoss)
    assert len(server.requests) == 1


def outcome_of(client: Any, method: str) -> Any:
    def outcome(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except trilogue.TrilogueError as error:
            return type(error)

    async def outcome_later() -> Any:
        try:
            return await client.request(method, "/x.json")
        except trilogue.TrilogueError as error:
            return type(error)

    return outcome_later() if isinstance(client, AsyncRapidPro) else outcome(lambda: client.request(method, "/x.json"))


def close_when(client: Any, has_arrived: Event, is_closed: Event) -> Any:
    async def close() -> None:
        assert await asyncio.to_thread(has_arrived.wait, 5)
        await client.close()
        is_closed.set()

    if isinstance(client, AsyncRapidPro):
        return close()
    assert has_arrived.wait(5)
    client.close()
    return is_closed.set()


def test_closing_waits_for_a_pool_that_is_being_opened() -> None:
    opening, may_open = Event(), Event()

    class SlowCertificates:
        def __bool__(self) -> bool:
            opening.set()
            assert may_open.wait(5)
            return False

    pools = SyncHttp(HttpSettings(verify=cast("ssl.SSLContext", SlowCertificates())))
    opener = Thread(target=lambda: pools._pool("https://127.0.0.1:9"))
    closer = Thread(target=pools.close)
    opener.start()
    assert opening.wait(5)
    closer.start()
    closer.join(0.1)
    assert closer.is_alive()
    may_open.set()
    opener.join(5)
    closer.join(5)

    assert pools._pools == {}


# Interruptions.


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let ctrl-C raise KeyboardInterrupt, which a process in the background is started without."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_call_interrupted_by_the_keyboard_returns_its_connection() -> None:
    caller = get_ident()

    def interrupt_posts(request: Received, connection: Connection) -> bytes | None:
        if request.line.startswith("GET"):
            return http(200, WORKSPACE)
        signal.pthread_kill(caller, signal.SIGINT)
        connection.read()
        return None

    with serving(interrupt_posts) as server:
        client = RapidPro(token=TOKEN, host=server.url)
        with pytest.raises(KeyboardInterrupt):
            client.contacts.create(name="Ana")
        assert soon(lambda: server.open_connections == 0)
        assert client.workspace.get().name == "Workspace"
        client.close()

    assert [request.line.split()[0] for request in server.requests] == ["POST", "GET"]


@pytest.mark.anyio
async def test_a_cancelled_task_returns_its_connection_and_retries_nothing() -> None:
    loop = asyncio.get_running_loop()

    def cancel(request: Received, connection: Connection) -> None:
        loop.call_soon_threadsafe(lambda: call.cancel())
        connection.read()

    with serving(cancel) as server:
        async with AsyncRapidPro(token=TOKEN, host=server.url) as client:
            for _ in range(3):
                call = asyncio.ensure_future(create_with(client))
                with pytest.raises(asyncio.CancelledError):
                    await call
            assert await asyncio.to_thread(soon, lambda: server.open_connections == 0)

    assert len(server.requests) == 3


def test_a_cancelled_iteration_continues_with_the_same_page() -> None:
    async def iterate() -> list[str | None]:
        transport = RecordingTransport(lambda request: page([{"uuid": "1"}, {"uuid": "2"}]))
        rows = AsyncRapidPro(token=TOKEN, clock=FakeClock(), transport=transport).contacts.list().iterator()
        task = asyncio.ensure_future(anext(rows))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return [row.uuid async for row in rows]

    assert asyncio.run(iterate()) == ["1", "2"]


def test_a_transport_error_without_a_message_is_named_by_its_class(harness: Harness) -> None:
    def break_off(_: httpx.Request) -> Exception:
        return httpx.ReadError("")

    client = harness.client(RecordingTransport(break_off), max_attempts=1)

    with pytest.raises(trilogue.ConnectionFailed, match="the connection broke: ReadError"):
        harness.result(client.request("GET", "/x.json"))
