"""Files: what can be uploaded, how it is sent, and that it is sent completely each time."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any

import httpx
import pytest
from attrs import frozen
from trilogue import InvalidArgument, Upload
from trilogue_generated.runtime.operation import BOOLEAN, FILE, STRING, Parameter

from .servers import Connection, Received, http, serving
from .support import Harness, RecordingTransport, always, json_response, operation

CONTENT = bytes(range(256)) * 600 + b"\r\n--+++\r\n"
MADE = {"uuid": "1", "content_type": "image/png", "url": "https://example.org/a.png", "filename": "a.png", "size": 1}


@frozen
class Part:
    """The part of an uploaded file."""

    name: str
    filename: str
    content_type: str
    content: bytes


def parts_of(content_type: str, body: bytes) -> list[Any]:
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=policy.HTTP)
    return list(message.iter_parts())


def file_of(request: httpx.Request) -> Part:
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    (head, _, content) = request.content.partition(b"\r\n\r\n")
    assert head.startswith(b"--" + boundary)
    end = b"\r\n--" + boundary + b"--\r\n"
    assert content.endswith(end)
    found = re.search(r'name="([^"]*)"; filename="([^"]*)"\r\nContent-Type: (.*)', head.decode())
    assert found is not None
    return Part(found[1], found[2], found[3].strip(), content.removesuffix(end))


def upload(harness: Harness, file: Any) -> Part:
    client, transport = harness.scripted(json_response(201, json=MADE))
    harness.result(client.media.upload(file=file))
    return file_of(transport.last)


class Pipe(io.RawIOBase):
    """A stream that can be read once."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._left = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._left.readinto(buffer)


class PathOfBytes:
    """A path that pathlib does not take."""

    def __fspath__(self) -> bytes:
        return b"/picture.png"

    def __repr__(self) -> str:
        return "PathOfBytes()"


class OnlyRead:
    """The least that a file can be."""

    def __init__(self, content: bytes) -> None:
        self._left = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._left.read(size)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def opened(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        yield file


def test_a_path_is_read_with_its_name_and_type(harness: Harness, path: Path) -> None:
    expected = Part("file", "picture.png", "image/png", CONTENT)

    assert upload(harness, path) == expected
    assert upload(harness, str(path)) == expected


def test_a_file_is_read_with_its_name(harness: Harness, opened: Any) -> None:
    assert upload(harness, opened) == Part("file", "picture.png", "image/png", CONTENT)


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, io.BytesIO, OnlyRead, Pipe])
def test_bytes_and_files_without_a_name_are_called_upload(harness: Harness, make: Any) -> None:
    assert upload(harness, make(CONTENT)) == Part("file", "upload", "application/octet-stream", CONTENT)


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, io.BytesIO, OnlyRead, Pipe])
def test_an_upload_gives_bytes_a_name_and_a_type(harness: Harness, make: Any) -> None:
    part = upload(harness, Upload(make(CONTENT), filename="song.ogg", content_type="audio/ogg; codecs=opus"))

    assert part == Part("file", "song.ogg", "audio/ogg; codecs=opus", CONTENT)


def test_the_type_of_an_upload_follows_from_its_name_unless_it_is_given(harness: Harness) -> None:
    assert upload(harness, Upload(b"x", filename="a.pdf")).content_type == "application/pdf"
    assert upload(harness, Upload(b"x", filename="a.unheard-of")).content_type == "application/octet-stream"


def test_an_empty_file_is_sent(harness: Harness) -> None:
    assert upload(harness, b"").content == b""


def test_a_file_is_sent_from_its_current_position(harness: Harness, opened: Any) -> None:
    opened.seek(100)

    assert upload(harness, opened).content == CONTENT[100:]


def test_a_pipe_is_sent_completely(harness: Harness) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"from a pipe")
    os.close(writer)

    with os.fdopen(reader, "rb") as file:
        part = upload(harness, file)

    assert (part.content, part.filename) == (b"from a pipe", "upload")


@pytest.mark.parametrize("make", [io.StringIO, partial(TemporaryFile, "w+"), partial(NamedTemporaryFile, "w+")])
def test_a_file_opened_as_text_is_an_invalid_argument(harness: Harness, make: Any) -> None:
    client, transport = harness.scripted()

    with make() as file:
        for given in (file, Upload(file, filename="a.txt")):
            with pytest.raises(InvalidArgument, match=r"^RapidPro media\.upload: file: .*'rb'"):
                harness.result(client.media.upload(file=given))

    assert transport.requests == []


NO_FILES: list[Any] = [
    None,
    5,
    ["a.png"],
    Upload("text", filename="a"),  # that is the mistake
    Upload(None, filename="a"),  # as above
    Upload(b"x", filename=5),  # as above
    Upload(b"x", filename="a", content_type=5),  # as above
    Upload(b"x", filename="\ud800"),
    PathOfBytes(),
]


@pytest.mark.parametrize("wrong", NO_FILES, ids=ascii)
def test_a_value_that_is_not_a_file_is_an_invalid_argument(harness: Harness, wrong: Any) -> None:
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match=r"^RapidPro media\.upload: file: "):
        harness.result(client.media.upload(file=wrong))

    assert transport.requests == []


def test_a_file_that_is_closed_or_write_only_is_an_invalid_argument(harness: Harness, path: Path) -> None:
    client, transport = harness.scripted()

    with path.open("ab") as file:
        refuse_file(harness, client, file)
    refuse_file(harness, client, file)

    assert transport.requests == []


def refuse_file(harness: Harness, client: Any, file: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^RapidPro media\.upload: file: .*'rb'"):
        harness.result(client.media.upload(file=file))


def test_a_file_whose_name_cannot_be_sent_is_an_invalid_argument_with_the_remedy(
    harness: Harness, tmp_path: Path
) -> None:
    path = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"caf\xe9.png"))
    Path(path).write_bytes(CONTENT)
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match=r"^RapidPro media\.upload: file: .*Upload"):
        harness.result(client.media.upload(file=path))

    assert transport.requests == []


@pytest.mark.parametrize("change", [b"", CONTENT + b"more"])
def test_a_file_that_changes_while_it_is_sent_is_an_error(harness: Harness, path: Path, change: bytes) -> None:
    class Changing(io.FileIO):
        """Changes its length once that was asked for."""

        def read(self, size: int | None = -1) -> bytes:
            if size and size > 0 and self.tell() == 0:
                path.write_bytes(change)
            return super().read(size)

    with serving(lambda request, connection: http(201, b'{"uuid": "1"}')) as server, Changing(path) as file:
        client = harness.client(host=server.url)
        with pytest.raises(InvalidArgument, match="did the file change"):
            harness.result(client.media.upload(file=file))

    assert all(len(request.body) < int(request.headers["content-length"]) for request in server.requests)


def test_a_path_without_a_file_is_an_invalid_argument(harness: Harness, tmp_path: Path) -> None:
    client, transport = harness.scripted()

    for wrong in (tmp_path / "missing.png", tmp_path):
        with pytest.raises(InvalidArgument, match="file: no file at"):
            harness.result(client.media.upload(file=wrong))

    assert transport.requests == []


@pytest.mark.parametrize("source", ["path", "opened", "bytes", "pipe", "moved"])
def test_after_a_429_the_complete_file_is_retried(harness: Harness, path: Path, opened: Any, source: str) -> None:
    expected = CONTENT
    file: Any = {"path": path, "opened": opened, "bytes": CONTENT, "pipe": Pipe(CONTENT), "moved": opened}[source]
    if source == "moved":
        opened.seek(7)
        expected = CONTENT[7:]
    client, transport = harness.scripted(
        json_response(429, retry_after="2"), json_response(429, retry_after="2"), json_response(201, json=MADE)
    )

    harness.result(client.media.upload(file=file))

    assert [file_of(request).content for request in transport.requests] == [expected] * 3


def test_a_server_receives_the_file_as_it_is(harness: Harness, path: Path, opened: Any) -> None:
    with serving(lambda request, connection: http(201, b'{"uuid": "1"}')) as server:
        client = harness.client(host=server.url)
        for file in (path, opened, Pipe(CONTENT), CONTENT):
            harness.result(client.media.upload(file=file))

    for request in server.requests:
        (part,) = parts_of(request.headers["content-type"], request.body)
        assert part.get_payload(decode=True) == CONTENT
        assert request.headers["content-length"] == str(len(request.body))


def test_a_response_that_arrives_before_the_file_is_sent_is_read_or_an_error(harness: Harness) -> None:
    """A server that refuses a large file need not read it first."""

    def refuse(request: Received, connection: Connection) -> bytes:
        return http(413, b'{"detail": "Too large."}')

    with serving(refuse) as server:
        client = harness.client(host=server.url)
        with pytest.raises(Exception, match="Too large"):
            harness.result(client.media.upload(file=b"x" * 5_000_000))


@pytest.mark.parametrize(
    ("filename", "written"),
    [
        ('say "hi".png', "say %22hi%22.png"),
        ("Zo\u00eb \U0001f44b.png", "Zo\u00eb \U0001f44b.png"),
        ("a\r\nContent-Type: text/html\r\n\r\nb.png", "a%0D%0AContent-Type: text/html%0D%0A%0D%0Ab.png"),
        ("a;b=c.png", "a;b=c.png"),
    ],
)
def test_a_filename_cannot_break_out_of_its_header(harness: Harness, filename: str, written: str) -> None:
    part = upload(harness, Upload(b"content", filename=filename))

    assert (part.filename, part.content) == (written, b"content")


@pytest.mark.parametrize("content_type", ["image/png\r\nX-Other: y", "image/\u00ebpng", ""])
def test_a_content_type_cannot_break_out_of_its_header(harness: Harness, content_type: str) -> None:
    client, transport = harness.scripted(json_response(201, json=MADE))

    if content_type:
        with pytest.raises(InvalidArgument, match="file: "):
            harness.result(client.media.upload(file=Upload(b"x", filename="a.png", content_type=content_type)))
        assert transport.requests == []
    else:
        harness.result(client.media.upload(file=Upload(b"x", filename="a.png", content_type=content_type)))
        assert file_of(transport.last).content_type == "image/png"


def test_the_boundary_is_another_each_time_and_not_in_the_content(harness: Harness) -> None:
    client = harness.client(transport := RecordingTransport(always(lambda: json_response(201, json=MADE))))

    for _ in range(5):
        harness.result(client.media.upload(file=CONTENT))
    boundaries = {request.headers["content-type"].partition("boundary=")[2] for request in transport.requests}

    assert len(boundaries) == 5
    assert all(len(boundary) >= 16 and boundary.encode() not in CONTENT for boundary in boundaries)


def test_fields_are_sent_beside_the_file(harness: Harness) -> None:
    made = operation(
        content_type="multipart/form-data",
        parameters=(
            Parameter("file", "file", "multipart", FILE, True),
            Parameter("title", "title", "multipart", STRING),
            Parameter("public", "public", "multipart", BOOLEAN),
        ),
    )
    client, transport = harness.scripted(json_response(json={}))

    harness.result(client._caller.call(made, {"file": b"content", "title": "Zo\u00eb", "public": True}))
    parts = parts_of(transport.last.headers["content-type"], transport.last.content)

    assert {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts} == {
        "title": "Zo\u00eb".encode(),
        "public": b"true",
        "file": b"content",
    }


def test_a_file_that_was_given_stays_open(harness: Harness, opened: Any) -> None:
    upload(harness, opened)

    assert not opened.closed
