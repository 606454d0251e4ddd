"""What the tests pass to a client to replace time and the network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any

import httpx
from trilogue import AsyncRapidPro, RapidPro
from trilogue._calls import PreparedCall, prepare
from trilogue._client import SyncClient
from trilogue._flow import drive
from trilogue._http.messages import HttpRequest, HttpResponse
from trilogue._pagination.paginator import Paginator
from trilogue._responses import Response
from trilogue._sending import send
from trilogue_generated.runtime.operation import ListOperation, Operation, Paging, Parameter

TOKEN = "t" * 40
START = 1_790_000_000.0
BOOT = START - 1000.0
"""Where the monotonic clock started."""

Reply = httpx.Response | Exception
Handler = Callable[[httpx.Request], Reply]


class FakeClock:
    """A clock that stands still until someone sleeps, with one random number."""

    def __init__(self, now: float = START, chance: float = 0.5) -> None:
        self.time = now
        self.chance = chance
        self.slept: list[float] = []
        self._alarms: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time - BOOT

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    async def sleep_async(self, seconds: float) -> None:
        """Sleep as one of many: time advances to the next alarm once no task has anything else to do."""
        self.slept.append(seconds)
        alarm = self.time + seconds
        self._alarms.append(alarm)
        while self.time < alarm:
            for _ in range(TURNS_OF_A_CALL):
                await asyncio.sleep(0)
            if alarm == min(self._alarms):
                self.time = max(self.time, alarm)
        self._alarms.remove(alarm)

    def random(self) -> float:
        return self.chance


TURNS_OF_A_CALL = 10
"""Turns of the event loop in which a call that need not wait comes to its end."""


class RecordingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that passes each request to a function, and keeps those that arrived."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._respond(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        await asyncio.sleep(0)
        return self._respond(request)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        reply = self.handler(request)
        if not isinstance(reply, NEVER_ARRIVES):
            self.requests.append(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]


class NoNetwork:
    """What sends a client's requests, without httpx, for tests that make thousands of them."""

    def __init__(self, respond: Callable[[], HttpResponse]) -> None:
        self._respond = respond

    def send(self, request: HttpRequest) -> HttpResponse:
        """Stand in for `SyncHttp`."""
        return self._respond()


class DirectClient:
    """A client's calls without httpx in between, for tests that make thousands of them."""

    def __init__(self, client: SyncClient, respond: Callable[[], HttpResponse]) -> None:
        self.core = client._core
        self._http: Any = NoNetwork(respond)

    def send(self, call: PreparedCall[Any]) -> Response[Any]:
        """Stand in for the client of a paginator."""
        return drive(send(call, self.core), self._http, self.core.clock)

    def call(self, operation: Operation[Any]) -> Any:
        """Call an operation without arguments, or fetch the first page of a list."""
        if isinstance(operation, ListOperation):
            return Paginator(self, self.core, operation, {}).page().items
        return self.send(prepare(self.core, operation, {})).parse()


def soon(holds: Callable[[], bool], timeout: float = 30.0) -> bool:
    """Whether something holds before so many seconds are over."""
    end = time.monotonic() + timeout
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return holds()


NEVER_ARRIVES = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def json_response(status: int = 200, json: Any = None, **headers: str) -> httpx.Response:
    """A response; an underscore in the name of a header stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if json is None:
        return httpx.Response(status, headers=named)
    return httpx.Response(status, headers=named, json=json)


def raw_response(status: int, content: bytes, content_type: str = "application/json") -> httpx.Response:
    return httpx.Response(status, headers={"content-type": content_type}, content=content)


def script(*replies: Reply) -> Handler:
    """Give these replies in turn; a further request fails the test."""
    left = iter(replies)

    def reply(request: httpx.Request) -> Reply:
        try:
            return next(left)
        except StopIteration:
            raise AssertionError(f"request {len(replies) + 1} was not expected: {request.method}") from None

    return reply


def always(make: Callable[[], Reply]) -> Handler:
    return lambda _: make()


def page(rows: Iterable[Any], next: str | None = None) -> httpx.Response:
    return json_response(json={"next": next, "previous": None, "results": list(rows)})


class Sync:
    """Runs a test's steps with the sync client."""

    name = "sync"
    client_class = RapidPro

    def result(self, value: Any) -> Any:
        return value

    def rows(self, iterable: Iterable[Any]) -> list[Any]:
        return list(iterable)

    def next(self, iterator: Iterator[Any], default: Any = None) -> Any:
        return next(iterator, default)

    def repeat(self, call: Callable[[], Any], times: int) -> None:
        for _ in range(times):
            call()

    def concurrently(self, calls: Iterable[Callable[[], Any]]) -> list[Any]:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(32) as pool:
            return [future.result() for future in [pool.submit(call) for call in calls]]

    def end(self) -> None:
        """Nothing to end."""


class Async:
    """Runs a test's steps with the async client, all in one event loop."""

    name = "async"
    client_class = AsyncRapidPro

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def result(self, value: Any) -> Any:
        return self._runner.run(_wait_for(value)) if isinstance(value, Awaitable) else value

    def rows(self, iterable: AsyncIterable[Any]) -> list[Any]:
        return self._runner.run(_collect(iterable))

    def next(self, iterator: AsyncIterator[Any], default: Any = None) -> Any:
        return self._runner.run(_next(iterator, default))

    def repeat(self, call: Callable[[], Any], times: int) -> None:
        self._runner.run(_repeat(call, times))

    def concurrently(self, calls: Iterable[Callable[[], Any]]) -> list[Any]:
        return self._runner.run(_gather(calls))

    def end(self) -> None:
        self._runner.close()


async def _wait_for(value: Awaitable[Any]) -> Any:
    return await value


async def _collect(iterable: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in iterable]


async def _next(iterator: AsyncIterator[Any], default: Any) -> Any:
    return await anext(iterator, default)


async def _repeat(call: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        await call()


async def _gather(calls: Iterable[Callable[[], Any]]) -> list[Any]:
    return list(await asyncio.gather(*(call() for call in calls)))


class Harness:
    """Sync or async clients with their own clock; closes those it creates."""

    def __init__(self, mode: Sync | Async) -> None:
        self.mode = mode
        self.clock = FakeClock()
        self._clients: list[Any] = []

    def client(self, transport: Any = None, **options: Any) -> Any:
        """A client that sends through `transport`, or to the network if that is None."""
        settings = {"token": TOKEN, "clock": self.clock, **options}
        if transport is not None:
            settings["transport"] = transport
        client = self.mode.client_class(**settings)
        self._clients.append(client)
        return client

    def scripted(self, *replies: Reply, **options: Any) -> tuple[Any, RecordingTransport]:
        """A client and its transport, which gives these replies in turn."""
        transport = RecordingTransport(script(*replies))
        return self.client(transport, **options), transport

    def result(self, value: Any) -> Any:
        """The result of a call: at once, or once it was awaited."""
        return self.mode.result(value)

    def rows(self, iterable: Any) -> list[Any]:
        return self.mode.rows(iterable)

    def next(self, iterator: Any, default: Any = None) -> Any:
        return self.mode.next(iterator, default)

    def repeat(self, call: Callable[[], Any], times: int) -> None:
        """Make a call so many times, one after the other."""
        self.mode.repeat(call, times)

    def concurrently(self, calls: Iterable[Callable[[], Any]]) -> list[Any]:
        """Make calls at once, in threads or in tasks."""
        return self.mode.concurrently(calls)

    def end(self) -> None:
        for client in self._clients:
            self.result(client.close())
        self.mode.end()


def operation(**changes: Any) -> Operation[Any]:
    """A small operation that returns JSON as it is."""
    fields: dict[str, Any] = {
        "id": "things_make",
        "name": "things.make",
        "method": "POST",
        "path": "/things.json",
        "decode": lambda body: body,
        "content_type": "application/json",
    }
    return Operation(**{**fields, **changes})


def listing(paging: Paging, *parameters: Parameter, **changes: Any) -> ListOperation[Any, Any]:
    """A small operation that lists rows as they are."""
    fields: dict[str, Any] = {
        "id": "things_list",
        "name": "things.list",
        "method": "GET",
        "path": "/things.json",
        "decode": lambda body: body,
        "rows": list,
        "paging": paging,
        "parameters": parameters,
        "retry": "idempotent",
    }
    return ListOperation(**{**fields, **changes})
