"""The same sandbox through each of its entry points: what a client sees is the same."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from typing import Protocol

import attrs
import httpx
import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.faults import DELIVERY_FAULTS, FAULT_TYPES, Fault, FaultType
from trilogue_sandbox.kernel.http import Headers, Request, Response

from .notebook import TOKEN, Notebook, notebook_sandbox

TIMEOUT = 10.0
"""Seconds the clients of this module wait for an response that comes."""

SHORT_TIMEOUT = 0.3
"""Seconds they wait for one that does not."""


@attrs.frozen
class Seen:
    """What a client saw of one request."""

    error: type[httpx.HTTPError] | None = None
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class EntryPoint(Protocol):
    """A way to send a request to a sandbox."""

    def __call__(self, sandbox: Sandbox, request: httpx.Request, timeout: float = TIMEOUT) -> Seen: ...


def through_transport(sandbox: Sandbox, request: httpx.Request, timeout: float = TIMEOUT) -> Seen:
    with httpx.Client(transport=sandbox.transport(), timeout=timeout) as client:
        return look(lambda: client.send(client.build_request(request.method, request.url, headers=request.headers)))


def through_async_transport(sandbox: Sandbox, request: httpx.Request, timeout: float = TIMEOUT) -> Seen:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=sandbox.async_transport(), timeout=timeout) as client:
            return await client.send(client.build_request(request.method, request.url, headers=request.headers))

    return look(lambda: asyncio.run(send()))


def through_socket(sandbox: Sandbox, request: httpx.Request, timeout: float = TIMEOUT) -> Seen:
    with sandbox.serve() as origin, httpx.Client(base_url=origin, timeout=timeout) as client:
        headers = [(name, value) for name, value in request.headers.items() if name != "host"]
        return look(lambda: client.request(request.method, request.url.raw_path.decode(), headers=headers))


def look(send: Callable[[], httpx.Response]) -> Seen:
    try:
        response = send()
    except httpx.HTTPError as error:
        return Seen(type(error))
    return Seen(None, response.status_code, tuple(response.headers.multi_items()), response.content)


ENTRY_POINTS: tuple[EntryPoint, ...] = (through_transport, through_async_transport, through_socket)

WHAT_IS_SEEN: dict[FaultType, type[httpx.HTTPError] | int] = {
    "latency": httpx.ReadTimeout,
    "status": 503,
    "rate_limit": 429,
    "expired_token": 401,
    "html": 503,
    "reset": httpx.ReadError,
    "hang": httpx.ReadTimeout,
    "commit_then_drop": httpx.RemoteProtocolError,
    "truncate": httpx.RemoteProtocolError,
    "malformed_json": 200,
    "slow_drip": 200,
    "bandwidth": 200,
}
RESPONSE_FAULTS = tuple(fault_type for fault_type in FAULT_TYPES if fault_type not in DELIVERY_FAULTS)


def get_notes() -> httpx.Request:
    return httpx.Request("GET", "http://127.0.0.1/notebook/v1/notes", headers=TOKEN)


@pytest.mark.parametrize("fault_type", RESPONSE_FAULTS)
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_a_fault_looks_the_same_through_each_entry_point(
    sandbox: Sandbox, entry_point: EntryPoint, fault_type: FaultType
) -> None:
    sandbox.faults.add(Fault(fault_type, retry_after=7, seconds=1, bytes_per_second=1000))

    seen = entry_point(sandbox, get_notes(), SHORT_TIMEOUT if fault_type in ("latency", "hang") else TIMEOUT)

    assert (seen.error or seen.status) == WHAT_IS_SEEN[fault_type]
    assert dict(seen.headers).get("retry-after") == ("7" if fault_type in ("status", "rate_limit") else None)
    assert [entry.fault for entry in sandbox.journal.entries] == [fault_type]


@pytest.mark.parametrize("fault_type", ["html", "malformed_json", "status", "rate_limit", "expired_token"])
def test_the_response_of_a_fault_is_the_same_to_the_byte_through_each_entry_point(fault_type: FaultType) -> None:
    seen: list[Seen] = []
    for entry_point in ENTRY_POINTS:
        with notebook_sandbox() as sandbox:
            sandbox.faults.add(Fault(fault_type))
            seen.append(entry_point(sandbox, get_notes()))

    assert seen[0].body == seen[1].body == seen[2].body != b""
    assert [sorted((name.lower(), value) for name, value in one.headers) for one in seen[1:]] == [
        sorted((name.lower(), value) for name, value in seen[0].headers)
    ] * 2


def test_malformed_json_is_not_json_even_where_half_of_it_would_be() -> None:
    class Terse(Notebook):
        def respond(self, request: Request) -> Response:
            return Response.json(12)

    with notebook_sandbox(Terse) as sandbox:
        sandbox.faults.add(Fault("malformed_json"))
        response = sandbox.respond(Request("GET", "/notebook/elsewhere"))

    with pytest.raises(json.JSONDecodeError):
        json.loads(response.body)


THE_PLATFORM_ACTS: tuple[FaultType, ...] = (
    *("latency", "commit_then_drop", "truncate", "malformed_json", "slow_drip", "bandwidth"),
)


@pytest.mark.parametrize("fault_type", RESPONSE_FAULTS)
def test_a_fault_lets_the_platform_act_or_not_as_it_says(
    sandbox: Sandbox, client: httpx.Client, fault_type: FaultType
) -> None:
    sandbox.faults.add(Fault(fault_type, times=1, seconds=0))
    look(lambda: client.post("/notes", json={"text": "new"}, timeout=0.01))

    texts = [note["text"] for note in client.get("/notes").json()["notes"]]
    assert ("new" in texts) is (fault_type in THE_PLATFORM_ACTS)


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_an_empty_response_cannot_be_cut_in_half_and_is_lost_whole(sandbox: Sandbox, entry_point: EntryPoint) -> None:
    uuid = httpx.Client(transport=sandbox.transport(), headers=TOKEN).get(get_notes().url).json()["notes"][0]["uuid"]
    sandbox.faults.add(Fault("truncate"))

    seen = entry_point(sandbox, httpx.Request("DELETE", f"http://127.0.0.1/notebook/v1/notes/{uuid}", headers=TOKEN))

    assert seen.error is httpx.RemoteProtocolError


def test_a_response_that_is_cut_begins_well_and_breaks_while_it_is_read(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("truncate"))
    messages: list[str] = []
    with sandbox.serve() as origin:
        for client in (
            httpx.Client(transport=sandbox.transport(), base_url="http://127.0.0.1"),
            httpx.Client(base_url=origin),
        ):
            with client, client.stream("GET", "/notebook/v1/notes", headers=TOKEN) as response:
                assert response.status_code == 200
                with pytest.raises(httpx.RemoteProtocolError, match="received 65 bytes, expected 130") as caught:
                    response.read()
                messages.append(str(caught.value))

    assert messages[0] == messages[1]


def test_latency_below_the_patience_of_the_client_only_delays(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("latency", seconds=2))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def get() -> int:
        async with httpx.AsyncClient(transport=sandbox.async_transport(sleep), timeout=None) as client:
            return (await client.get(get_notes().url, headers=TOKEN)).status_code

    with httpx.Client(transport=sandbox.transport(slept.append), timeout=5) as client:
        assert client.get(get_notes().url, headers=TOKEN).status_code == 200
    assert asyncio.run(get()) == 200

    assert slept == [2, 2]


@pytest.mark.parametrize(
    ("fault", "seconds"), [(Fault("slow_drip", seconds=0.5), 0.5), (Fault("bandwidth", bytes_per_second=200), 0.65)]
)
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_a_slow_body_takes_its_time_but_no_piece_of_it_is_late(
    sandbox: Sandbox, entry_point: EntryPoint, fault: Fault, seconds: float
) -> None:
    whole = entry_point(sandbox, get_notes())
    sandbox.faults.add(fault)
    began = time.perf_counter()
    seen = entry_point(sandbox, get_notes(), SHORT_TIMEOUT)

    assert (seen.status, len(seen.body)) == (200, len(whole.body))
    assert time.perf_counter() - began >= seconds


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_a_body_with_too_few_bytes_for_its_time_is_late(sandbox: Sandbox, entry_point: EntryPoint) -> None:
    sandbox.faults.add(Fault("slow_drip", seconds=600))

    assert entry_point(sandbox, get_notes(), SHORT_TIMEOUT).error is httpx.ReadTimeout


def test_latency_on_a_socket_holds_up_nobody_else(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("latency", operation_id="notes_latest", seconds=30))

    async def get_both(origin: str) -> tuple[int, bool]:
        async with httpx.AsyncClient(base_url=origin, headers=TOKEN, timeout=60) as client:
            slow = asyncio.create_task(client.get("/notebook/v1/notes/latest"))
            while not sandbox.journal.entries:
                await asyncio.sleep(0.01)
            quick = await client.get("/notebook/v1/notes")
            slow_is_done = slow.done()
            slow.cancel()
            return quick.status_code, slow_is_done

    with sandbox.serve() as origin:
        assert asyncio.run(get_both(origin)) == (200, False)


def test_a_hanging_connection_is_closed_by_the_sandbox_in_the_end(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("hang"))
    slept: list[float] = []
    with httpx.Client(transport=sandbox.transport(slept.append), timeout=None) as client:
        seen = look(lambda: client.get(get_notes().url))

    assert seen.error is httpx.RemoteProtocolError
    assert slept == [60]


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_base_urls_are_those_the_client_called(entry_point: EntryPoint) -> None:
    seen: list[Request] = []

    class Curious(Notebook):
        def respond(self, request: Request) -> Response:
            seen.append(request)
            return Response.json({"here": request.base_url})

    with notebook_sandbox(Curious) as sandbox:
        entry_point(sandbox, httpx.Request("GET", "http://127.0.0.1/notebook/v1/a%2Fb?x=1&x=%20&y"))

    (request,) = seen
    assert request.path == "/a%2Fb"
    assert request.query == (("x", "1"), ("x", " "), ("y", ""))
    assert httpx.URL(request.base_url).host == "127.0.0.1"
    assert request.base_url.endswith("/notebook/v1")


class Odd(Notebook):
    """A notebook that responds with whatever the test wants, outside of its description."""

    response = Response.empty()

    def respond(self, request: Request) -> Response:
        return self.response


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
@pytest.mark.parametrize(
    ("method", "response", "length", "body"),
    [
        ("GET", Response.json({"a": 1}), "7", b'{"a":1}'),
        ("GET", Response(200, {"Content-Length": "99"}, b"ab"), "2", b"ab"),
        ("GET", Response.empty(200), "0", b""),
        ("DELETE", Response.empty(204), None, b""),
        ("HEAD", Response.json({"a": 1}), "7", b""),
    ],
)
def test_lengths_and_bodies_follow_http(
    entry_point: EntryPoint, method: str, response: Response, length: str | None, body: bytes
) -> None:
    with notebook_sandbox(Odd) as sandbox:
        Odd.response = response
        seen = entry_point(sandbox, httpx.Request(method, "http://127.0.0.1/notebook/odd"))

    assert (seen.status, dict(seen.headers).get("content-length"), seen.body) == (response.status, length, body)


def test_a_204_with_a_body_is_really_sent_ahead_of_the_next_response() -> None:
    with notebook_sandbox(Odd) as sandbox, sandbox.serve() as origin:
        Odd.response = Response(204, body=b'""')
        address = (httpx.URL(origin).host, httpx.URL(origin).port or 0)
        with socket.create_connection(address, timeout=TIMEOUT) as connection:
            received = b""
            for count in (1, 2):
                connection.sendall(b"POST /notebook/odd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                while received.count(b'""') < count:
                    received += connection.recv(65536)

    date = b"date: Thu, 01 Jan 2026 12:00:00 GMT\r\n"
    assert received == (b"HTTP/1.1 204 No Content\r\n" + date + b'content-length: 2\r\n\r\n""') * 2


def test_headers_that_repeat_stay_apart() -> None:
    with notebook_sandbox(Odd) as sandbox:
        Odd.response = Response(200, Headers([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]))
        found = [
            [
                value
                for name, value in entry_point(sandbox, httpx.Request("GET", "http://127.0.0.1/notebook/odd")).headers
                if name.lower() == "set-cookie"
            ]
            for entry_point in ENTRY_POINTS
        ]

    assert found == [["a=1", "b=2"]] * 3
