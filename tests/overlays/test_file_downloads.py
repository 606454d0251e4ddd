"""Downloads from the address that a result names, on scripted responses: what is sent there, checked and retried."""

from __future__ import annotations

import gzip
import hashlib
import io
from pathlib import Path
from typing import Any

import httpx
import pytest
import trilogue
from trilogue.rapidpro import Archive

from .botpress import BOT, INTEGRATION, TOKEN, BotpressHarness
from .servers import Connection, Received, http, serving
from .support import Harness, RecordingTransport, json_response, raw_response

ADDRESS = "https://storage.example.org/bucket/file_1?X-Signature=abc"
CONTENT = b"Close the valve.\n" * 1000
EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request has expired: abc</Message></Error>"


def file_of(url: Any = ADDRESS, size: int | None = len(CONTENT)) -> dict[str, Any]:
    return {"id": "file_1", "key": "a.txt", "url": url, "size": size, "status": "upload_completed"}


def archive_of(content: bytes, **changes: Any) -> Archive:
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    fields = {"download_url": ADDRESS, "size": len(content), "hash": digest, "archive_type": "run", **changes}
    return Archive.from_dict(fields)


class Storage:
    """Botpress, which has one file, and a storage that gives these responses in turn, the last for ever."""

    def __init__(self, *replies: httpx.Response, **file: Any) -> None:
        self.replies, self.file = list(replies), file_of(**file)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.botpress.cloud":
            return json_response(json={"file": self.file})
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def test_neither_the_token_nor_ids_nor_extra_headers_are_sent_to_another_host(botpress: BotpressHarness) -> None:
    options: dict[str, Any] = {"integration_id": INTEGRATION, "headers": {"x-user-id": "user-7"}}
    transport = RecordingTransport(Storage(raw_response(200, CONTENT)))
    client = botpress.client(transport, bot_id=BOT, **options)
    target = io.BytesIO()

    file = botpress.result(client.files.download("file_1", to=target))

    headers = transport.last.headers
    assert (str(transport.last.url), target.getvalue(), file.id) == (ADDRESS, CONTENT, "file_1")
    assert {"authorization", "x-bot-id", "x-integration-id", "x-user-id", "cookie"}.isdisjoint(headers)
    assert TOKEN not in str(headers.raw)
    assert headers["accept-encoding"] == "identity"


def test_a_redirect_is_followed_without_credentials(botpress: BotpressHarness) -> None:
    moved = httpx.Response(302, headers={"location": "/elsewhere"})
    transport = RecordingTransport(Storage(moved, raw_response(200, CONTENT)))
    target = io.BytesIO()

    botpress.result(botpress.client(transport, bot_id=BOT).files.download("file_1", to=target))

    assert target.getvalue() == CONTENT
    assert str(transport.last.url) == "https://storage.example.org/elsewhere"
    assert "authorization" not in transport.last.headers


def test_redirects_without_an_end_are_followed_five_times(botpress: BotpressHarness) -> None:
    transport = RecordingTransport(Storage(httpx.Response(302, headers={"location": "/round"})))

    with pytest.raises(trilogue.ApiError, match="302 redirect"):
        botpress.result(botpress.client(transport, bot_id=BOT).files.download("file_1", to=io.BytesIO()))

    assert len(transport.requests) == 1 + 6


@pytest.mark.parametrize(
    "url", ["http://storage.example.org/a", "file:///etc/passwd", "ftp://a.example.org/b", "https://["]
)
@pytest.mark.parametrize("is_redirect", [False, True], ids=["address", "redirect"])
def test_an_address_that_is_not_https_is_refused(botpress: BotpressHarness, url: str, is_redirect: bool) -> None:
    storage = Storage(httpx.Response(302, headers={"location": url}), url=ADDRESS if is_redirect else url)
    client = botpress.client(transport := RecordingTransport(storage), bot_id=BOT)

    with pytest.raises(trilogue.InvalidArgument, match=r"^Botpress files\.download: .* not https"):
        botpress.result(client.files.download("file_1", to=io.BytesIO()))

    assert all(request.url.scheme == "https" for request in transport.requests)


def test_content_of_another_size_is_fetched_again(botpress: BotpressHarness, tmp_path: Path) -> None:
    transport = RecordingTransport(Storage(raw_response(200, CONTENT[:-1]), raw_response(200, CONTENT)))

    botpress.result(botpress.client(transport, bot_id=BOT).files.download("file_1", to=tmp_path / "a"))

    assert (tmp_path / "a").read_bytes() == CONTENT
    assert len(transport.requests) == 3


def test_content_that_stays_incomplete_is_an_error_and_leaves_no_file(
    botpress: BotpressHarness, tmp_path: Path
) -> None:
    client = botpress.client(RecordingTransport(Storage(raw_response(200, b"short"))), bot_id=BOT)

    with pytest.raises(trilogue.ConnectionFailed, match=r"files\.download: 5 bytes arrived.* there are 17000"):
        botpress.result(client.files.download("file_1", to=tmp_path / "a"))

    assert list(tmp_path.iterdir()) == []


def test_a_file_whose_size_is_unknown_is_downloaded_all_the_same(botpress: BotpressHarness) -> None:
    client = botpress.client(RecordingTransport(Storage(raw_response(200, b"short"), size=None)), bot_id=BOT)
    target = io.BytesIO()

    botpress.result(client.files.download("file_1", to=target))

    assert target.getvalue() == b"short"


def test_an_address_that_has_expired_is_an_error_that_does_not_show_it(botpress: BotpressHarness) -> None:
    client = botpress.client(RecordingTransport(Storage(raw_response(403, EXPIRED, "application/xml"))), bot_id=BOT)

    with pytest.raises(trilogue.PermissionDenied) as raised:
        botpress.result(client.files.download("file_1", to=io.BytesIO()))

    assert str(raised.value) == "Botpress files.download: 403 AccessDenied: the address may have expired"
    assert raised.value.type == "AccessDenied"


def test_nothing_is_looked_up_where_the_file_cannot_be_written(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(Storage(raw_response(200, CONTENT))), bot_id=BOT)

    with pytest.raises(trilogue.InvalidArgument, match="to: there is no folder"):
        botpress.result(client.files.download("file_1", to="/no/such/folder/a"))

    assert transport.requests == []


def test_an_archive_of_another_digest_is_fetched_again(harness: Harness) -> None:
    other = bytes(len(CONTENT))
    client, transport = harness.scripted(raw_response(200, other), raw_response(200, CONTENT))
    target = io.BytesIO()

    harness.result(client.archives.download(archive_of(CONTENT), to=target))

    assert target.getvalue() == CONTENT
    assert len(transport.requests) == 2


@pytest.mark.parametrize("url", [None, ""])
def test_an_archive_without_a_file_has_nothing_to_download(harness: Harness, url: str | None) -> None:
    client, _ = harness.scripted()

    with pytest.raises(trilogue.InvalidArgument, match="no content"):
        harness.result(client.archives.download(archive_of(b"", download_url=url), to=io.BytesIO()))


def test_what_is_no_archive_is_an_invalid_argument(harness: Harness) -> None:
    client, _ = harness.scripted()

    with pytest.raises(trilogue.InvalidArgument, match="expected what the list returned, not str"):
        harness.result(client.archives.download("2026-01-01", to=io.BytesIO()))


def test_an_archive_that_is_served_as_compressed_is_written_as_it_is_stored(harness: Harness) -> None:
    stored = gzip.compress(CONTENT)
    target = io.BytesIO()

    with serving(lambda request, connection: http(200, stored, content_encoding="gzip")) as server:
        client = harness.client(host=server.url)
        harness.result(client.archives.download(archive_of(stored, download_url=f"{server.url}/a"), to=target))

    assert target.getvalue() == stored


# A download that breaks off is continued, but never with bytes of another version.

VERSION = '"v1"'
HALF = len(CONTENT) // 2


class BreakingStorage:
    """A storage whose first responses end after half of what they announce; then it sends what it is asked for.

    `changes`: its content is another one from the second request on. `headers` replace those of the first response.
    """

    def __init__(self, *, breaks: int = 1, changes: bool = False, ranges: bool = True, **headers: str) -> None:
        self.asked: list[tuple[str | None, str | None]] = []
        self._breaks, self._changes, self._ranges = breaks, changes, ranges
        self._headers = {"etag": VERSION, "accept_ranges": "bytes"} | headers

    def __call__(self, request: Received, connection: Connection) -> bytes | None:
        wanted, condition = request.headers.get("range"), request.headers.get("if-range")
        self.asked.append((wanted, condition))
        is_other = self._changes and len(self.asked) > 1
        content, version = (CONTENT.upper(), '"v2"') if is_other else (CONTENT, VERSION)
        headers = self._headers | ({"etag": version} if is_other else {})
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if wanted and self._ranges and condition == version:
            headers["content_range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            reply = http(206, content[start:], **headers)
        else:
            reply = http(200, content, **headers)
        if len(self.asked) > self._breaks:
            return reply
        connection.write(reply[: -(len(content) - start) // 2])
        return None

    def download(self, harness: Harness, tmp_path: Path, **archive: Any) -> bytes:
        with serving(self) as server:
            client = harness.client(host=server.url)
            harness.result(
                client.archives.download(archive_of(CONTENT, download_url=server.url, **archive), to=tmp_path / "a")
            )
        return (tmp_path / "a").read_bytes()


def test_a_download_that_breaks_off_goes_on_where_it_was(harness: Harness, tmp_path: Path) -> None:
    storage = BreakingStorage(breaks=2)

    assert storage.download(harness, tmp_path) == CONTENT
    assert storage.asked == [(None, None), (f"bytes={HALF}-", VERSION), (f"bytes={HALF + HALF // 2}-", VERSION)]
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_another_version_replaces_what_has_arrived_of_the_first(harness: Harness, tmp_path: Path) -> None:
    storage = BreakingStorage(changes=True)

    assert storage.download(harness, tmp_path, hash="", size=len(CONTENT)) == CONTENT.upper()
    assert storage.asked == [(None, None), (f"bytes={HALF}-", VERSION)]


@pytest.mark.parametrize(
    "headers",
    [{"etag": 'W/"v1"'}, {"etag": ""}, {"accept_ranges": "none"}],
    ids=["a weak version", "no version", "no parts"],
)
def test_a_download_begins_anew_where_the_server_does_not_say_which_version_it_sends(
    harness: Harness, tmp_path: Path, headers: dict[str, Any]
) -> None:
    storage = BreakingStorage(**headers)

    assert storage.download(harness, tmp_path) == CONTENT
    assert storage.asked == [(None, None)] * 2


def test_a_server_that_sends_everything_instead_of_the_rest_is_taken_at_its_word(
    harness: Harness, tmp_path: Path
) -> None:
    assert BreakingStorage(ranges=False).download(harness, tmp_path) == CONTENT


@pytest.mark.parametrize(
    "headers",
    [{"content_range": "bytes 0-9/17000"}, {"content_range": f"bytes {HALF}-16999/17000", "etag": '"v2"'}, {}],
    ids=["another part", "of another version", "of an unknown place"],
)
def test_a_part_that_does_not_fit_is_dropped_and_everything_fetched(
    harness: Harness, tmp_path: Path, headers: dict[str, Any]
) -> None:
    whole = BreakingStorage()

    def misfit(request: Received, connection: Connection) -> bytes | None:
        if "range" in request.headers:
            return http(206, CONTENT[HALF:], **headers)
        return whole(request, connection)

    with serving(misfit) as server:
        client = harness.client(host=server.url)
        harness.result(client.archives.download(archive_of(CONTENT, download_url=server.url), to=tmp_path / "a"))

    assert (tmp_path / "a").read_bytes() == CONTENT
    assert whole.asked == [(None, None)] * 2


def test_content_of_another_digest_is_fetched_whole(harness: Harness, tmp_path: Path) -> None:
    storage = BreakingStorage(breaks=0)

    with pytest.raises(trilogue.ConnectionFailed, match="digest"):
        storage.download(harness, tmp_path, hash="0" * 32)
    assert storage.asked == [(None, None)] * 3
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_never_completes_leaves_no_file(harness: Harness, tmp_path: Path) -> None:
    with pytest.raises(trilogue.ConnectionFailed):
        BreakingStorage(breaks=99).download(harness, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_open_file_is_written_from_where_it_stands(harness: Harness) -> None:
    target = io.BytesIO(b"before" + bytes(99_999))
    target.seek(6)
    with serving(BreakingStorage()) as server:
        client = harness.client(host=server.url)
        harness.result(client.archives.download(archive_of(CONTENT, download_url=server.url), to=target))

    assert target.getvalue() == b"before" + CONTENT
