"""Responses without an end, at each entry point."""

from __future__ import annotations

import socket

import httpx
import pytest
from trilogue_sandbox.delivery import POLL_SECONDS, Feed
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.streams import Stream, Streams
from trilogue_sandbox.server import serving
from trilogue_sandbox.transports import AsyncSandboxTransport, SandboxTransport

PING = b"data: ping\n\n"


@pytest.fixture
def streams() -> Streams:
    return Streams()


def drain(stream: Stream) -> list[bytes]:
    pieces: list[bytes] = []
    while piece := stream.take():
        pieces.append(piece)
    return pieces


def test_each_who_listens_to_a_channel_gets_what_is_published(streams: Streams) -> None:
    one, two = streams.open("a", "b", keep_alive=PING), streams.open("b", keep_alive=PING)

    streams.publish("a", b"1")
    streams.publish("b", b"2")

    assert (drain(one), drain(two)) == ([b"1", b"2"], [b"2"])


def test_an_ended_stream_gives_what_it_has_and_takes_nothing_more(streams: Streams) -> None:
    stream = streams.open("a", keep_alive=PING)
    streams.publish("a", b"1")

    assert streams.close("a") == 1
    streams.publish("a", b"2")

    assert (stream.take(), stream.take(), streams.close()) == (b"1", None, 0)


def test_silence_is_broken_by_a_sign_of_life(streams: Streams) -> None:
    feed = Feed(streams.open("a", keep_alive=PING))

    polled = [feed.poll() for _ in range(round(60 / POLL_SECONDS) + 1)]

    assert [piece for piece in polled if piece] == [PING, PING]


def test_what_is_rolled_back_tells_nobody() -> None:
    told: list[str] = []
    store = Store()

    def fail() -> None:
        with store.transaction():
            store.after_commit(lambda: told.append("inner"))
            raise ValueError("inner")

    with store.transaction():
        store.after_commit(lambda: told.append("outer"))
        with pytest.raises(ValueError, match="inner"):
            fail()
        assert told == []

    assert told == ["outer"]
    store.close()


def respond_with(stream: Stream) -> Response:
    return Response(200, {"Content-Type": "text/event-stream"}, stream=stream)


def test_a_client_without_a_socket_reads_until_the_end(streams: Streams) -> None:
    stream = streams.open("a", keep_alive=PING)
    transport = SandboxTransport(lambda request: respond_with(stream), sleep=lambda seconds: streams.close())
    streams.publish("a", b"1")

    with httpx.Client(transport=transport) as client:
        assert client.get("http://127.0.0.1/").content == b"1"


@pytest.mark.parametrize("breaks", [False, True])
def test_a_broken_stream_is_an_error(streams: Streams, breaks: bool) -> None:
    stream = streams.open("a", keep_alive=PING)
    streams.close(breaks=breaks)

    with httpx.Client(transport=SandboxTransport(lambda request: respond_with(stream))) as client:
        if breaks:
            with pytest.raises(httpx.ReadError):
                client.get("http://127.0.0.1/")
        else:
            assert client.get("http://127.0.0.1/").content == b""


def test_silence_beyond_the_timeout_of_the_client_is_an_error(streams: Streams) -> None:
    stream = streams.open("a", keep_alive=PING)
    transport = SandboxTransport(lambda request: respond_with(stream), sleep=lambda seconds: None)

    with httpx.Client(transport=transport, timeout=5) as client, pytest.raises(httpx.ReadTimeout):
        client.get("http://127.0.0.1/")
    assert stream.is_closed


@pytest.mark.anyio
async def test_an_async_client_reads_until_the_end(streams: Streams) -> None:
    async def sleep(seconds: float) -> None:
        streams.close()

    stream = streams.open("a", keep_alive=PING)
    streams.publish("a", b"1")

    async with httpx.AsyncClient(
        transport=AsyncSandboxTransport(lambda request: respond_with(stream), sleep)
    ) as client:
        assert (await client.get("http://127.0.0.1/")).content == b"1"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_connection_goes_on_after_a_stream(streams: Streams) -> None:
    def respond(request: Request) -> Response:
        if request.path == "/plain":
            return Response.html("plain")
        stream = streams.open("a", keep_alive=PING)
        streams.publish("a", b"1")
        stream.close()
        return respond_with(stream)

    with serving(respond) as address, httpx.Client(base_url=address) as client:
        assert [client.get(path).text for path in ("/stream", "/plain", "/stream")] == ["1", "plain", "1"]


def test_who_hangs_up_listens_no_more(streams: Streams) -> None:
    opened: list[Stream] = []

    def respond(request: Request) -> Response:
        opened.append(streams.open("a", keep_alive=PING))
        return respond_with(opened[0])

    with serving(respond) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: sandbox\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        while not opened[0].is_closed:
            pass
