"""Bodies that are written to a file as they arrive."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
import trilogue

from .servers import Connection, Received, http, serving
from .support import TOKEN, FakeClock, Harness, RecordingTransport, raw_response

SIZE = 50 * 1024**2
CONTENT = bytes(range(256)) * 1000


def downloaded(harness: Harness, client: Any, to: Any) -> Any:
    return harness.result(client.request("GET", "/files/1", to=to))


def test_a_body_is_written_to_a_path_and_is_not_in_the_response(harness: Harness, tmp_path: Path) -> None:
    client = harness.client(RecordingTransport(lambda request: raw_response(200, CONTENT, "image/png")))

    response = downloaded(harness, client, tmp_path / "a.png")

    assert (tmp_path / "a.png").read_bytes() == CONTENT
    assert (response.status, response.content, response.headers["content-type"]) == (200, b"", "image/png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    (tmp_path / "other").touch()
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_body_is_written_to_an_open_file_from_where_it_stands(harness: Harness) -> None:
    client = harness.client(RecordingTransport(lambda request: raw_response(200, CONTENT)))
    file = io.BytesIO(b"before")
    file.seek(0, io.SEEK_END)

    downloaded(harness, client, file)

    assert file.getvalue() == b"before" + CONTENT


def test_a_download_that_breaks_off_is_retried_from_the_start(harness: Harness, tmp_path: Path) -> None:
    def break_off_once(request: Received, connection: Connection) -> bytes | None:
        response = http(200, CONTENT)
        if len(server.requests) > 1:
            return response
        connection.write(response[:-1000])
        return None

    with serving(break_off_once) as server:
        downloaded(harness, harness.client(host=server.url), tmp_path / "a")

    assert (tmp_path / "a").read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_what_is_not_complete_leaves_no_file(harness: Harness, tmp_path: Path) -> None:
    with serving(lambda request, connection: connection.write(http(200, CONTENT)[:-1000])) as server:
        client = harness.client(host=server.url)
        with pytest.raises(trilogue.ConnectionFailed):
            downloaded(harness, client, tmp_path / "a")

    assert list(tmp_path.iterdir()) == []


def test_an_error_response_is_raised_and_not_written(harness: Harness, tmp_path: Path) -> None:
    client = harness.client(RecordingTransport(lambda request: raw_response(404, b'{"detail": "Not found."}')))

    with pytest.raises(trilogue.NotFound, match="Not found"):
        downloaded(harness, client, tmp_path / "a")

    assert list(tmp_path.iterdir()) == []


def test_a_compressed_body_is_written_as_it_was_before(harness: Harness, tmp_path: Path) -> None:
    reply = httpx.Response(200, headers={"content-encoding": "deflate"}, content=zlib.compress(CONTENT))
    client = harness.client(RecordingTransport(lambda request: reply))

    downloaded(harness, client, tmp_path / "a")

    assert (tmp_path / "a").read_bytes() == CONTENT


@pytest.mark.parametrize("to", [5, b"bytes", io.StringIO(), "/no/such/folder/a"])
def test_what_cannot_be_written_to_is_an_invalid_argument(harness: Harness, to: Any) -> None:
    client, transport = harness.scripted()

    with pytest.raises(trilogue.InvalidArgument, match="to: "):
        downloaded(harness, client, to)

    assert transport.requests == []


PROGRAM = """
import asyncio, re, sys
from pathlib import Path
from trilogue import {name}

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

{run}
"""
SYNC = """
client = RapidPro(sys.argv[1], host=sys.argv[2])
client.request("GET", "/small")
before = peak()
client.request("GET", "/large", to=sys.argv[3])
print(peak() - before)
"""
ASYNC = """
async def run():
    client = AsyncRapidPro(sys.argv[1], host=sys.argv[2])
    await client.request("GET", "/small")
    before = peak()
    await client.request("GET", "/large", to=sys.argv[3])
    print(peak() - before)
    await client.close()

asyncio.run(run())
"""


@pytest.mark.parametrize(("name", "run"), [("RapidPro", SYNC), ("AsyncRapidPro", ASYNC)])
def test_a_large_body_takes_less_than_ten_megabytes_of_memory(name: str, run: str, tmp_path: Path) -> None:
    def respond(request: Received, connection: Connection) -> bytes | None:
        if "/small" in request.line:
            return http(200, b"{}")
        connection.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % SIZE)
        for _ in range(SIZE // 65536):
            connection.write(bytes(65536))
        return None

    with serving(respond) as server:
        command = [sys.executable, "-c", PROGRAM.format(name=name, run=run), TOKEN, server.url, tmp_path / "a"]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100)

    assert (tmp_path / "a").stat().st_size == SIZE
    assert float(done.stdout) < 10


def test_a_download_may_take_longer_than_other_calls(harness: Harness, tmp_path: Path) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        clock.time += 200
        return raw_response(200, CONTENT)

    clock = FakeClock()
    client = harness.client(RecordingTransport(respond), clock=clock)

    assert downloaded(harness, client, tmp_path / "a").status == 200
