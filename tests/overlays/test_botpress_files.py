"""Uploads to Botpress: two steps, the second to a signed address that is shown no token."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import trilogue
from trilogue import ConnectionFailed, InvalidArgument, PermissionDenied, TimedOut, Upload
from trilogue.botpress.errors import UploadFailed

from .botpress import BOT, INTEGRATION, TOKEN, BotpressHarness
from .servers import Connection, Received, http, serving
from .support import RecordingTransport, Reply, json_response, raw_response

ADDRESS = "https://storage.example.org/bucket/file_1?X-Signature=abc"
DENIED = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
CHUNK = 65536


def file_as(status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "file_1",
        "botId": BOT,
        "key": "a.txt",
        "url": "https://storage.example.org/a.txt",
        "size": None,
        "contentType": "text/plain",
        "tags": {},
        "metadata": {},
        "createdAt": "2026-01-01T12:00:00.000Z",
        "updatedAt": "2026-01-01T12:00:00.000Z",
        "accessPolicies": [],
        "index": False,
        "status": status,
        "owner": {"type": "bot", "id": BOT},
        **more,
    }


class Storage:
    """Botpress and its storage: makes a file, takes its content, and tells how it stands.

    `takes` are the storage's responses to the content, one after the other and the last for ever; `statuses` are how
    the file stands each time somebody looks.
    """

    def __init__(self, *statuses: str, takes: tuple[Reply, ...] = (), **more: Any) -> None:
        self.statuses = list(statuses) or ["upload_completed"]
        self.takes = list(takes) or [httpx.Response(200)]
        self.more = more

    def __call__(self, request: httpx.Request) -> Reply:
        if request.url.host == "storage.example.org":
            return self.takes.pop(0) if len(self.takes) > 1 else self.takes[0]
        if request.method == "PUT":
            return json_response(json={"file": file_as("upload_pending", **{"uploadUrl": ADDRESS, **self.more})})
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return json_response(json={"file": file_as(status, **self.more)})


def sent(transport: RecordingTransport) -> list[str]:
    """The requests in short."""
    return [f"{request.method} {request.url.host}{request.url.path}" for request in transport.requests]


ALL_REQUESTS = [
    "PUT api.botpress.cloud/v1/files",
    "PUT storage.example.org/bucket/file_1",
    "GET api.botpress.cloud/v1/files/file_1",
]


# The two steps.


def test_a_file_is_created_and_its_content_sent_to_the_signed_address(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(Storage()), bot_id=BOT)

    file = botpress.result(
        client.files.upload(b"Hello", key="a.txt", tags={"team": "x"}, index=False, metadata={"a": 1})
    )

    assert sent(transport) == ALL_REQUESTS
    assert json.loads(transport.requests[0].content) == {
        "key": "a.txt",
        "size": 5,
        "contentType": "text/plain",
        "tags": {"team": "x"},
        "index": False,
        "metadata": {"a": 1},
    }
    assert str(transport.requests[1].url) == ADDRESS
    assert transport.requests[1].content == b"Hello"
    assert (file.id, file.status) == ("file_1", "upload_completed")


def test_neither_the_token_nor_ids_nor_extra_headers_are_sent_to_the_signed_address(
    botpress: BotpressHarness,
) -> None:
    own = {"x-user-id": "user-7"}
    client = botpress.client(
        transport := RecordingTransport(Storage()), bot_id=BOT, integration_id=INTEGRATION, headers=own
    )

    botpress.result(client.files.upload(b"Hello", key="a.txt"))

    headers = transport.requests[1].headers
    assert {"authorization", "x-bot-id", "x-integration-id", "x-user-id"}.isdisjoint(headers)
    assert TOKEN not in str(headers.raw)
    assert headers["content-type"] == "text/plain"
    assert headers["content-length"] == "5"
    assert "transfer-encoding" not in headers


def test_content_that_is_public_at_once_is_tagged_as_public(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(Storage()), bot_id=BOT)

    botpress.result(
        client.files.upload(
            b"Hello", key="a.txt", access_policies=["public_content"], public_content_immediately_accessible=True
        )
    )

    assert json.loads(transport.requests[0].content)["publicContentImmediatelyAccessible"] is True
    assert transport.requests[1].headers["x-amz-tagging"] == "public=true"


def test_the_content_is_sent_with_the_type_that_botpress_returned(botpress: BotpressHarness) -> None:
    client = botpress.client(
        transport := RecordingTransport(Storage(contentType="text/plain; charset=utf-8")), bot_id=BOT
    )

    botpress.result(client.files.upload(b"Hello", key="a.txt"))

    assert transport.requests[1].headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("name", "options", "key", "content_type"),
    [
        ("guide.md", {}, "guide.md", "text/markdown"),
        ("guide.md", {"key": "docs/guide"}, "docs/guide", "text/markdown"),
        ("tmp123", {"key": "docs/guide.html"}, "docs/guide.html", "text/html"),
        ("guide.md", {"key": "a.pdf"}, "a.pdf", "application/pdf"),
        ("tmp123", {}, "tmp123", "application/octet-stream"),
        ("guide.md", {"content_type": "text/x-own"}, "guide.md", "text/x-own"),
        ("guide.md", {"content_type": None, "tags": None}, "guide.md", "text/markdown"),
    ],
)
def test_key_and_type_default_to_those_of_the_content(
    botpress: BotpressHarness, tmp_path: Path, name: str, options: dict[str, Any], key: str, content_type: str
) -> None:
    (tmp_path / name).write_bytes(b"Hello")
    client = botpress.client(transport := RecordingTransport(Storage()), bot_id=BOT)

    botpress.result(client.files.upload(tmp_path / name, **options))

    body = json.loads(transport.requests[0].content)
    assert (body["key"], body["contentType"], body["size"]) == (key, content_type, 5)


class Stream(io.RawIOBase):
    """A stream that can be read once, of unknown length."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)


def in_the_middle(content: bytes) -> io.BytesIO:
    file = io.BytesIO(b"before" + content)
    file.seek(len(b"before"))
    return file


@pytest.mark.parametrize("content", [b"", b"x" * (3 * CHUNK + 1)], ids=["empty", "long"])
@pytest.mark.parametrize(
    "wrap",
    [
        bytes,
        bytearray,
        memoryview,
        io.BytesIO,
        in_the_middle,
        Stream,
        lambda content: Upload(content, "a.txt"),
        lambda content: Upload(io.BytesIO(content), "a.txt"),
    ],
    ids=["bytes", "bytearray", "memoryview", "file", "file in the middle", "stream", "Upload", "Upload of a file"],
)
def test_content_of_any_type_arrives_completely(
    botpress: BotpressHarness, wrap: Callable[[bytes], Any], content: bytes
) -> None:
    client = botpress.client(transport := RecordingTransport(Storage()), bot_id=BOT)

    botpress.result(client.files.upload(wrap(content), key="a.txt"))

    assert json.loads(transport.requests[0].content)["size"] == len(content)
    assert transport.requests[1].content == content
    assert transport.requests[1].headers["content-length"] == str(len(content))


def test_an_upload_has_its_own_name_and_type(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(Storage()), bot_id=BOT)

    botpress.result(client.files.upload(Upload(b"Hello", "map.bin", "image/png")))

    body = json.loads(transport.requests[0].content)
    assert (body["key"], body["contentType"]) == ("map.bin", "image/png")


class Watched(io.BytesIO):
    """A file that notes how much is read of it at a time."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reads: list[int] = []

    def read(self, size: int | None = -1) -> bytes:
        self.reads.append(-1 if size is None else size)
        return super().read(size)


def test_a_large_file_is_read_while_it_is_sent(botpress: BotpressHarness) -> None:
    content = bytes(range(256)) * 4096 * 8
    watched = Watched(content)

    def reply(request: Received, connection: Connection) -> bytes:
        if request.line.startswith("PUT /v1/files "):
            made = file_as("upload_pending", uploadUrl=f"{server.url}/bucket")
            return http(200, json.dumps({"file": made}).encode())
        if request.line.startswith("PUT /bucket "):
            return http(200)
        return http(200, json.dumps({"file": file_as("upload_completed")}).encode())

    with serving(reply) as server:
        client = botpress.client(host=server.url, bot_id=BOT)
        botpress.result(client.files.upload(watched, key="a.txt"))

    assert server.requests[1].body == content
    assert server.requests[1].headers["content-length"] == str(len(content))
    assert {size for size in watched.reads if size != 0} == {CHUNK}


# Invalid arguments, before anything is sent.


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"Hello", {}, "key: missing; bytes and open files have no name"),
        (io.BytesIO(b"Hello"), {}, "key: missing"),
        (io.StringIO("Hello"), {"key": "a.txt"}, "content: cannot be read as bytes; open the file with mode 'rb'"),
        ("no/such/file.txt", {}, "content: no file at no/such/file.txt"),
        (5, {"key": "a.txt"}, "content: expected a path, bytes, a file or an Upload, not int"),
        (b"Hello", {"key": "a.txt", "wait": -1}, "wait: expected a number of seconds"),
        (b"Hello", {"key": "a.txt", "wait": "5"}, "wait: expected a number of seconds"),
        (b"Hello", {"key": "a.txt", "wait": float("nan")}, "wait: expected a number of seconds"),
        (b"Hello", {"key": "a.txt", "wait": True}, "wait: expected a number of seconds"),
        (b"Hello", {"key": "a.txt", "tags": {"a": 1}}, r"tags\.a: expected a string"),
        (b"Hello", {"key": "a.txt", "access_policies": ["all"]}, r"access_policies\[0\]: expected one of"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_sent(
    botpress: BotpressHarness, content: Any, options: dict[str, Any], message: str
) -> None:
    client = botpress.client(transport := RecordingTransport(Storage()), bot_id=BOT)

    with pytest.raises(InvalidArgument, match=rf"^Botpress files\.upload: {message}"):
        botpress.result(client.files.upload(content, **options))

    assert transport.requests == []


def test_an_unknown_argument_is_a_type_error(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(Storage()), bot_id=BOT)

    with pytest.raises(TypeError, match=r"Files\.upload has no argument 'tag'; did you mean tags"):
        botpress.result(client.files.upload(b"Hello", key="a.txt", tag={"team": "x"}))

    assert transport.requests == []


def test_a_missing_bot_is_named_and_nothing_is_sent(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(Storage()))

    with pytest.raises(InvalidArgument, match=r"^Botpress files\.upload: this client has no bot_id"):
        botpress.result(client.files.upload(b"Hello", key="a.txt"))

    assert transport.requests == []


def test_a_client_for_another_bot_uploads_for_that_bot(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(Storage()), bot_id=BOT)

    botpress.result(client.for_bot("bot-2").files.upload(b"Hello", key="a.txt"))

    assert [request.headers.get("x-bot-id") for request in transport.requests] == ["bot-2", None, "bot-2"]


@pytest.mark.parametrize("address", ["http://storage.example.org/a", "ftp://storage.example.org/a", "", None, 5])
def test_content_is_not_sent_to_an_address_without_https(botpress: BotpressHarness, address: Any) -> None:
    client = botpress.client(transport := RecordingTransport(Storage(uploadUrl=address)), bot_id=BOT)

    with pytest.raises(UploadFailed, match="no https address") as caught:
        botpress.result(client.files.upload(b"Hello", key="a.txt"))

    assert sent(transport) == ALL_REQUESTS[:1]
    assert caught.value.file.id == "file_1"


# What goes wrong on the way.


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.WriteTimeout("slow"),
        httpx.Response(500),
        httpx.Response(503, headers={"retry-after": "2"}),
        httpx.Response(429, headers={"retry-after": "2"}),
    ],
    ids=lambda failure: str(getattr(failure, "status_code", type(failure).__name__)),
)
@pytest.mark.parametrize("wrap", [bytes, in_the_middle], ids=["bytes", "file in the middle"])
def test_content_that_did_not_arrive_is_sent_again_from_its_start(
    botpress: BotpressHarness, failure: Reply, wrap: Callable[[bytes], Any]
) -> None:
    storage = Storage(takes=(failure, httpx.Response(200)))
    client = botpress.client(transport := RecordingTransport(storage), bot_id=BOT)

    botpress.result(client.files.upload(wrap(b"Hello" * CHUNK), key="a.txt"))

    assert [request.content for request in transport.requests if request.url.path == "/bucket/file_1"][
        -1
    ] == b"Hello" * CHUNK
    assert sent(transport)[0] == ALL_REQUESTS[0]
    assert sent(transport)[-1] == ALL_REQUESTS[-1]
    assert sent(transport).count(ALL_REQUESTS[0]) == 1


def test_content_that_the_storage_refuses_is_a_failed_upload_and_not_an_api_error(botpress: BotpressHarness) -> None:
    storage = Storage(takes=(raw_response(403, DENIED, "application/xml"),))
    client = botpress.client(transport := RecordingTransport(storage), bot_id=BOT)

    with pytest.raises(
        UploadFailed, match=r"^Botpress files\.upload: file_1: its content was refused with status 403"
    ) as caught:
        botpress.result(client.files.upload(b"Hello", key="a.txt"))

    assert sent(transport) == ALL_REQUESTS[:2]
    assert not isinstance(caught.value, trilogue.ApiError)
    assert (caught.value.platform, caught.value.operation) == ("Botpress", "files.upload")
    assert caught.value.file.status == "upload_pending"
    assert isinstance(caught.value.__cause__, PermissionDenied)
    assert ADDRESS not in str(caught.value) + repr(caught.value)


def test_an_unreachable_storage_is_a_failed_connection(botpress: BotpressHarness) -> None:
    client = botpress.client(
        transport := RecordingTransport(Storage(takes=(httpx.ConnectError("refused"),))), bot_id=BOT
    )

    with pytest.raises(ConnectionFailed, match=r"^Botpress files\.upload: ") as caught:
        botpress.result(client.files.upload(b"Hello", key="a.txt"))

    assert caught.value.attempts == 0
    assert "in 3 tries" in str(caught.value)
    assert sent(transport) == ALL_REQUESTS[:1]


def test_a_file_that_the_api_refuses_is_an_api_error(botpress: BotpressHarness) -> None:
    refused = {"id": "err_1", "code": 403, "type": "QuotaExceeded", "message": "no room"}
    client, transport = botpress.scripted(json_response(403, json=refused), bot_id=BOT)

    with pytest.raises(trilogue.LimitReached, match=r"^Botpress files\.upload: 403 no room"):
        botpress.result(client.files.upload(b"Hello", key="a.txt"))

    assert len(transport.requests) == 1


def test_a_deadline_bounds_each_step(botpress: BotpressHarness) -> None:
    storage = Storage(takes=(httpx.Response(503, headers={"retry-after": "30"}),))
    hurried = botpress.client(transport := RecordingTransport(storage), bot_id=BOT, deadline=10)

    with pytest.raises(UploadFailed, match="503"):
        botpress.result(hurried.files.upload(b"Hello", key="a.txt"))

    assert (sent(transport), botpress.clock.slept) == (ALL_REQUESTS[:2], [])


# Waiting.


def test_upload_does_not_wait_by_default(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(Storage("upload_pending")), bot_id=BOT)

    assert botpress.result(client.files.upload(b"Hello", key="a.txt")).status == "upload_pending"
    assert (sent(transport), botpress.clock.slept) == (ALL_REQUESTS, [])


def test_waiting_looks_until_the_content_has_arrived_and_reports_each_pause(botpress: BotpressHarness) -> None:
    storage, waits = Storage("upload_pending", "upload_pending", "upload_completed"), list[trilogue.Wait]()
    client = botpress.client(transport := RecordingTransport(storage), bot_id=BOT, on_wait=waits.append)

    assert botpress.result(client.files.upload(b"Hello", key="a.txt", wait=60)).status == "upload_completed"
    assert sent(transport) == [*ALL_REQUESTS[:2], *[ALL_REQUESTS[2]] * 3]
    assert botpress.clock.slept == [0.75, 1.5]
    assert [(wait.reason, wait.operation, wait.total) for wait in waits] == [("pending", "files.upload", 2.25)]


def test_a_file_to_be_indexed_is_ready_when_it_can_be_searched(botpress: BotpressHarness) -> None:
    storage = Storage("upload_pending", "upload_completed", "indexing_pending", "indexing_completed", index=True)
    client = botpress.client(RecordingTransport(storage), bot_id=BOT)

    file = botpress.result(client.files.upload(b"Hello", key="a.txt", index=True, wait=60))

    assert file.status == "indexing_completed"
    assert len(botpress.clock.slept) == 3


@pytest.mark.parametrize("status", ["upload_failed", "indexing_failed"])
@pytest.mark.parametrize("wait", [0, 60])
def test_a_file_that_cannot_be_stored_or_indexed_is_a_failed_upload(
    botpress: BotpressHarness, status: str, wait: float
) -> None:
    client = botpress.client(RecordingTransport(Storage(status, failedStatusReason="no text in it")), bot_id=BOT)

    with pytest.raises(UploadFailed, match=rf"^Botpress files\.upload: file_1: {status}: no text in it$") as caught:
        botpress.result(client.files.upload(b"Hello", key="a.txt", wait=wait))

    assert caught.value.file.status == status


def test_waiting_times_out_and_the_file_stays(botpress: BotpressHarness) -> None:
    client = botpress.client(RecordingTransport(Storage("indexing_pending", index=True)), bot_id=BOT)

    with pytest.raises(TimedOut, match=r"^Botpress files\.upload: file_1 is still indexing_pending after 2\.5 s"):
        botpress.result(client.files.upload(b"Hello", key="a.txt", index=True, wait=2.5))

    assert botpress.clock.slept == [0.75, 0.875, 0.4375]


def test_an_unknown_status_may_change_and_is_named_when_the_time_is_over(botpress: BotpressHarness) -> None:
    client = botpress.client(RecordingTransport(Storage("translated")), bot_id=BOT)

    assert botpress.result(client.files.upload(b"Hello", key="a.txt")).status == "translated"
    with pytest.raises(TimedOut, match="is still translated after 60 s"):
        botpress.result(client.files.upload(b"Hello", key="a.txt", wait=60))
