"""Files: what can be uploaded, how it looks on the wire, and that it is sent whole each time."""

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
from .support import Wire, World, always, answer, operation

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


def upload(world: World, file: Any) -> Part:
    client, wire = world.scripted(answer(201, json=MADE))
    world.done(client.media.upload(file=file))
    return file_of(wire.last)


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


def test_a_path_is_read_with_its_name_and_type(world: World, path: Path) -> None:
    expected = Part("file", "picture.png", "image/png", CONTENT)

    assert upload(world, path) == expected
    assert upload(world, str(path)) == expected


def test_a_file_is_read_with_its_name(world: World, opened: Any) -> None:
    assert upload(world, opened) == Part("file", "picture.png", "image/png", CONTENT)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO, OnlyRead, Pipe])
def test_bytes_and_files_without_a_name_are_called_upload(world: World, kind: Any) -> None:
    assert upload(world, kind(CONTENT)) == Part("file", "upload", "application/octet-stream", CONTENT)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO, OnlyRead, Pipe])
def test_an_upload_gives_what_bytes_lack(world: World, kind: Any) -> None:
    part = upload(world, Upload(kind(CONTENT), filename="song.ogg", content_type="audio/ogg; codecs=opus"))

    assert part == Part("file", "song.ogg", "audio/ogg; codecs=opus", CONTENT)


def test_the_type_of_an_upload_follows_from_its_name_unless_it_is_given(world: World) -> None:
    assert upload(world, Upload(b"x", filename="a.pdf")).content_type == "application/pdf"
    assert upload(world, Upload(b"x", filename="a.unheard-of")).content_type == "application/octet-stream"


def test_an_empty_file_is_sent(world: World) -> None:
    assert upload(world, b"").content == b""


def test_a_file_is_sent_from_where_it_stands(world: World, opened: Any) -> None:
    opened.seek(100)

    assert upload(world, opened).content == CONTENT[100:]


def test_a_pipe_of_the_system_is_sent_whole(world: World) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"from a pipe")
    os.close(writer)

    with os.fdopen(reader, "rb") as file:
        part = upload(world, file)

    assert (part.content, part.filename) == (b"from a pipe", "upload")


@pytest.mark.parametrize("make", [io.StringIO, partial(TemporaryFile, "w+"), partial(NamedTemporaryFile, "w+")])
def test_a_file_opened_for_text_is_refused(world: World, make: Any) -> None:
    client, wire = world.scripted()

    with make() as file:
        for given in (file, Upload(file, filename="a.txt")):
            with pytest.raises(InvalidArgument, match=r"^RapidPro media\.upload: file: .*'rb'"):
                world.done(client.media.upload(file=given))

    assert wire.requests == []


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
def test_what_is_no_file_is_refused(world: World, wrong: Any) -> None:
    client, wire = world.scripted()

    with pytest.raises(InvalidArgument, match=r"^RapidPro media\.upload: file: "):
        world.done(client.media.upload(file=wrong))

    assert wire.requests == []


def test_a_file_that_is_closed_or_only_written_to_is_refused(world: World, path: Path) -> None:
    client, wire = world.scripted()

    with path.open("ab") as file:
        refuse_file(world, client, file)
    refuse_file(world, client, file)

    assert wire.requests == []


def refuse_file(world: World, client: Any, file: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^RapidPro media\.upload: file: .*'rb'"):
        world.done(client.media.upload(file=file))


def test_a_file_whose_name_no_header_can_hold_is_refused_with_the_cure(world: World, tmp_path: Path) -> None:
    path = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"caf\xe9.png"))
    Path(path).write_bytes(CONTENT)
    client, wire = world.scripted()

    with pytest.raises(InvalidArgument, match=r"^RapidPro media\.upload: file: .*Upload"):
        world.done(client.media.upload(file=path))

    assert wire.requests == []


@pytest.mark.parametrize("change", [b"", CONTENT + b"more"])
def test_a_file_that_changes_while_it_is_sent_is_told_of(world: World, path: Path, change: bytes) -> None:
    class Changing(io.FileIO):
        """Changes its length once that was asked for."""

        def read(self, size: int | None = -1) -> bytes:
            if size and size > 0 and self.tell() == 0:
                path.write_bytes(change)
            return super().read(size)

    with serving(lambda request, connection: http(201, b'{"uuid": "1"}')) as server, Changing(path) as file:
        client = world.client(host=server.url)
        with pytest.raises(InvalidArgument, match="did the file change"):
            world.done(client.media.upload(file=file))

    assert all(len(request.body) < int(request.headers["content-length"]) for request in server.requests)


def test_a_path_that_leads_nowhere_is_refused(world: World, tmp_path: Path) -> None:
    client, wire = world.scripted()

    for wrong in (tmp_path / "missing.png", tmp_path):
        with pytest.raises(InvalidArgument, match="file: no file at"):
            world.done(client.media.upload(file=wrong))

    assert wire.requests == []


@pytest.mark.parametrize("kind", ["path", "opened", "bytes", "pipe", "moved"])
def test_after_a_429_the_whole_file_is_sent_again(world: World, path: Path, opened: Any, kind: str) -> None:
    expected = CONTENT
    file: Any = {"path": path, "opened": opened, "bytes": CONTENT, "pipe": Pipe(CONTENT), "moved": opened}[kind]
    if kind == "moved":
        opened.seek(7)
        expected = CONTENT[7:]
    client, wire = world.scripted(answer(429, retry_after="2"), answer(429, retry_after="2"), answer(201, json=MADE))

    world.done(client.media.upload(file=file))

    assert [file_of(request).content for request in wire.requests] == [expected] * 3


def test_a_server_receives_the_file_as_it_is(world: World, path: Path, opened: Any) -> None:
    with serving(lambda request, connection: http(201, b'{"uuid": "1"}')) as server:
        client = world.client(host=server.url)
        for file in (path, opened, Pipe(CONTENT), CONTENT):
            world.done(client.media.upload(file=file))

    for request in server.requests:
        (part,) = parts_of(request.headers["content-type"], request.body)
        assert part.get_payload(decode=True) == CONTENT
        assert request.headers["content-length"] == str(len(request.body))


def test_an_answer_that_comes_before_the_file_is_through_is_read_or_told_of(world: World) -> None:
    """A server that refuses a large file need not read it first."""

    def refuse(request: Received, connection: Connection) -> bytes:
        return http(413, b'{"detail": "Too large."}')

    with serving(refuse) as server:
        client = world.client(host=server.url)
        with pytest.raises(Exception, match="Too large"):
            world.done(client.media.upload(file=b"x" * 5_000_000))


@pytest.mark.parametrize(
    ("filename", "written"),
    [
        ('say "hi".png', "say %22hi%22.png"),
        ("Zo\u00eb \U0001f44b.png", "Zo\u00eb \U0001f44b.png"),
        ("a\r\nContent-Type: text/html\r\n\r\nb.png", "a%0D%0AContent-Type: text/html%0D%0A%0D%0Ab.png"),
        ("a;b=c.png", "a;b=c.png"),
    ],
)
def test_a_filename_cannot_break_out_of_its_header(world: World, filename: str, written: str) -> None:
    part = upload(world, Upload(b"content", filename=filename))

    assert (part.filename, part.content) == (written, b"content")


@pytest.mark.parametrize("content_type", ["image/png\r\nX-Other: y", "image/\u00ebpng", ""])
def test_a_content_type_cannot_break_out_of_its_header(world: World, content_type: str) -> None:
    client, wire = world.scripted(answer(201, json=MADE))

    if content_type:
        with pytest.raises(InvalidArgument, match="file: "):
            world.done(client.media.upload(file=Upload(b"x", filename="a.png", content_type=content_type)))
        assert wire.requests == []
    else:
        world.done(client.media.upload(file=Upload(b"x", filename="a.png", content_type=content_type)))
        assert file_of(wire.last).content_type == "image/png"


def test_the_boundary_is_another_each_time_and_not_in_the_content(world: World) -> None:
    client = world.client(wire := Wire(always(lambda: answer(201, json=MADE))))

    for _ in range(5):
        world.done(client.media.upload(file=CONTENT))
    boundaries = {request.headers["content-type"].partition("boundary=")[2] for request in wire.requests}

    assert len(boundaries) == 5
    assert all(len(boundary) >= 16 and boundary.encode() not in CONTENT for boundary in boundaries)


def test_fields_travel_beside_the_file(world: World) -> None:
    made = operation(
        content_type="multipart/form-data",
        parameters=(
            Parameter("file", "file", "multipart", FILE, True),
            Parameter("title", "title", "multipart", STRING),
            Parameter("public", "public", "multipart", BOOLEAN),
        ),
    )
    client, wire = world.scripted(answer(json={}))

    world.done(client.call(made, {"file": b"content", "title": "Zo\u00eb", "public": True}))
    parts = parts_of(wire.last.headers["content-type"], wire.last.content)

    assert {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts} == {
        "title": "Zo\u00eb".encode(),
        "public": b"true",
        "file": b"content",
    }


def test_a_file_that_was_given_stays_open(world: World, opened: Any) -> None:
    upload(world, opened)

    assert not opened.closed
