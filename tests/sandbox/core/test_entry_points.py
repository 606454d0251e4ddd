"""The same sandbox through each of its doors: what a client sees is the same."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Protocol

import attrs
import httpx
import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.faults import FAULT_TYPES, Fault, FaultType
from trilogue_sandbox.kernel.http import Headers, Request, Response

from .notebook import TOKEN, Notebook, notebook_sandbox

PATIENCE = 10.0
"""Seconds the clients of this module wait for an answer that comes."""

IMPATIENCE = 0.3
"""Seconds they wait for one that does not."""


@attrs.frozen
class Seen:
    """What a client saw of one request."""

    error: type[httpx.HTTPError] | None = None
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Door(Protocol):
    """A way to send a request to a sandbox."""

    def __call__(self, sandbox: Sandbox, request: httpx.Request, patience: float = PATIENCE) -> Seen: ...


def through_transport(sandbox: Sandbox, request: httpx.Request, patience: float = PATIENCE) -> Seen:
    with httpx.Client(transport=sandbox.transport(), timeout=patience) as client:
        return look(lambda: client.send(client.build_request(request.method, request.url, headers=request.headers)))


def through_async_transport(sandbox: Sandbox, request: httpx.Request, patience: float = PATIENCE) -> Seen:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=sandbox.async_transport(), timeout=patience) as client:
            return await client.send(client.build_request(request.method, request.url, headers=request.headers))

    return look(lambda: asyncio.run(send()))


def through_socket(sandbox: Sandbox, request: httpx.Request, patience: float = PATIENCE) -> Seen:
    with sandbox.serve() as origin, httpx.Client(base_url=origin, timeout=patience) as client:
        headers = [(name, value) for name, value in request.headers.items() if name != "host"]
        return look(lambda: client.request(request.method, request.url.raw_path.decode(), headers=headers))


def look(send: Callable[[], httpx.Response]) -> Seen:
    try:
        response = send()
    except httpx.HTTPError as error:
        return Seen(type(error))
    return Seen(None, response.status_code, tuple(response.headers.multi_items()), response.content)


DOORS: tuple[Door, ...] = (through_transport, through_async_transport, through_socket)

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
}


def get_notes() -> httpx.Request:
    return httpx.Request("GET", "http://127.0.0.1/notebook/v1/notes", headers=TOKEN)


@pytest.mark.parametrize("kind", FAULT_TYPES)
@pytest.mark.parametrize("door", DOORS)
def test_a_fault_looks_the_same_through_each_door(sandbox: Sandbox, door: Door, kind: FaultType) -> None:
    sandbox.faults.add(Fault(kind, retry_after=7))

    seen = door(sandbox, get_notes(), IMPATIENCE if kind in ("latency", "hang") else PATIENCE)

    assert (seen.error or seen.status) == WHAT_IS_SEEN[kind]
    assert dict(seen.headers).get("retry-after") == ("7" if kind in ("status", "rate_limit") else None)
    assert [entry.fault for entry in sandbox.journal.entries] == [kind]


@pytest.mark.parametrize("kind", ["html", "malformed_json", "status", "rate_limit", "expired_token"])
def test_the_answer_of_a_fault_is_the_same_to_the_byte_through_each_door(kind: FaultType) -> None:
    seen: list[Seen] = []
    for door in DOORS:
        with notebook_sandbox() as sandbox:
            sandbox.faults.add(Fault(kind))
            seen.append(door(sandbox, get_notes()))

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
        answer = sandbox.respond(Request("GET", "/notebook/elsewhere"))

    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)


THE_PLATFORM_ACTS: tuple[FaultType, ...] = ("latency", "commit_then_drop", "truncate", "malformed_json")


@pytest.mark.parametrize("kind", FAULT_TYPES)
def test_a_fault_lets_the_platform_act_or_not_as_it_says(
    sandbox: Sandbox, client: httpx.Client, kind: FaultType
) -> None:
    sandbox.faults.add(Fault(kind, times=1, seconds=0))
    look(lambda: client.post("/notes", json={"text": "new"}, timeout=0.01))

    texts = [note["text"] for note in client.get("/notes").json()["notes"]]
    assert ("new" in texts) is (kind in THE_PLATFORM_ACTS)


@pytest.mark.parametrize("door", DOORS)
def test_an_empty_answer_cannot_be_cut_in_half_and_is_lost_whole(sandbox: Sandbox, door: Door) -> None:
    uuid = httpx.Client(transport=sandbox.transport(), headers=TOKEN).get(get_notes().url).json()["notes"][0]["uuid"]
    sandbox.faults.add(Fault("truncate"))

    seen = door(sandbox, httpx.Request("DELETE", f"http://127.0.0.1/notebook/v1/notes/{uuid}", headers=TOKEN))

    assert seen.error is httpx.RemoteProtocolError


def test_an_answer_that_is_cut_begins_well_and_breaks_while_it_is_read(sandbox: Sandbox) -> None:
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


@pytest.mark.parametrize("door", DOORS)
def test_base_urls_are_those_the_client_called(door: Door) -> None:
    seen: list[Request] = []

    class Curious(Notebook):
        def respond(self, request: Request) -> Response:
            seen.append(request)
            return Response.json({"here": request.base_url})

    with notebook_sandbox(Curious) as sandbox:
        door(sandbox, httpx.Request("GET", "http://127.0.0.1/notebook/v1/a%2Fb?x=1&x=%20&y"))

    (request,) = seen
    assert request.path == "/a%2Fb"
    assert request.query == (("x", "1"), ("x", " "), ("y", ""))
    assert httpx.URL(request.base_url).host == "127.0.0.1"
    assert request.base_url.endswith("/notebook/v1")


class Odd(Notebook):
    """A notebook that answers with whatever the test wants, outside of its description."""

    answer = Response.empty()

    def respond(self, request: Request) -> Response:
        return self.answer


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("method", "answer", "length", "body"),
    [
        ("GET", Response.json({"a": 1}), "7", b'{"a":1}'),
        ("GET", Response(200, {"Content-Length": "99"}, b"ab"), "2", b"ab"),
        ("GET", Response.empty(200), "0", b""),
        ("DELETE", Response.empty(204), None, b""),
        ("HEAD", Response.json({"a": 1}), "7", b""),
    ],
)
def test_lengths_and_bodies_follow_http(
    door: Door, method: str, answer: Response, length: str | None, body: bytes
) -> None:
    with notebook_sandbox(Odd) as sandbox:
        Odd.answer = answer
        seen = door(sandbox, httpx.Request(method, "http://127.0.0.1/notebook/odd"))

    assert (seen.status, dict(seen.headers).get("content-length"), seen.body) == (answer.status, length, body)


def test_a_204_with_a_body_is_really_sent_ahead_of_the_next_answer() -> None:
    with notebook_sandbox(Odd) as sandbox, sandbox.serve() as origin:
        Odd.answer = Response(204, body=b'""')
        address = (httpx.URL(origin).host, httpx.URL(origin).port or 0)
        with socket.create_connection(address, timeout=PATIENCE) as connection:
            received = b""
            for count in (1, 2):
                connection.sendall(b"POST /notebook/odd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                while received.count(b'""') < count:
                    received += connection.recv(65536)

    assert received == b'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n""' * 2


def test_headers_that_repeat_stay_apart() -> None:
    with notebook_sandbox(Odd) as sandbox:
        Odd.answer = Response(200, Headers([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]))
        found = [
            [
                value
                for name, value in door(sandbox, httpx.Request("GET", "http://127.0.0.1/notebook/odd")).headers
                if name.lower() == "set-cookie"
            ]
            for door in DOORS
        ]

    assert found == [["a=1", "b=2"]] * 3
