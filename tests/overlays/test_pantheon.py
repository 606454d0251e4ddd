"""What is Pantheon's own way: limits by the minute and endpoint, cursors, addresses, uploads and errors."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import trilogue

from .pantheon import Issuer, PantheonWorld, is_for_a_token
from .support import Reply, Wire, answer, raw_answer, script

MEGABYTE = 1_000_000


def with_tokens(pantheon: PantheonWorld, handler: Callable[[httpx.Request], Reply]) -> Wire:
    """A wire that answers calls by a function, and gives out tokens beside; its requests are those of calls."""
    issuer = Issuer(pantheon.clock)
    return Wire(lambda request: issuer(request) if is_for_a_token(request) else handler(request))


def calls(wire: Wire) -> list[httpx.Request]:
    return [request for request in wire.requests if not is_for_a_token(request)]


# Limits


def counted(remaining: int, second: int | None = None, status: int = 200, **headers: str) -> httpx.Response:
    """An answer with what is left of the limit, sent at that second of a minute of the platform's clock."""
    named = {"x_ratelimit_total": "120", "x_ratelimit_remaining": str(remaining), **headers}
    if second is not None:
        named["date"] = f"Thu, 01 Jan 2026 12:00:{second:02} GMT"
    return answer(status, json={}, **named)


@pytest.mark.parametrize("skew", [0.0, 7.0, -3600.0], ids=["same clock", "ahead", "behind"])
@pytest.mark.parametrize(("second", "wait"), [(0, 60.0), (17, 43.0), (59, 1.0)])
def test_when_nothing_is_left_the_next_call_waits_for_the_minute_of_the_platform_s_clock(
    pantheon: PantheonWorld, second: int, wait: float, skew: float
) -> None:
    pantheon.clock.time += skew
    client = pantheon.client(with_tokens(pantheon, script(counted(0, second), counted(119, 0))))

    pantheon.done(client.apps.get())
    pantheon.done(client.apps.get())

    assert pantheon.clock.slept == [wait]


@pytest.mark.parametrize("date", [None, "yesterday", ""])
def test_without_a_readable_date_the_own_clock_tells_the_minute(pantheon: PantheonWorld, date: str | None) -> None:
    pantheon.clock.time = 1_800_000_000.0 // 60 * 60 + 20
    headers: dict[str, Any] = {} if date is None else {"date": date}
    client = pantheon.client(with_tokens(pantheon, script(counted(0, **headers), counted(119))))

    pantheon.done(client.apps.get())
    pantheon.done(client.apps.get())

    assert pantheon.clock.slept == [40.0]


def test_each_endpoint_is_counted_by_itself(pantheon: PantheonWorld) -> None:
    wire = with_tokens(pantheon, lambda request: counted(0 if request.url.path.endswith("getApp") else 50, 17))
    client = pantheon.client(wire)
    pantheon.done(client.apps.get())

    pantheon.done(client.contacts.get(contact_id="cont_1"))
    assert pantheon.clock.slept == []

    pantheon.done(client.apps.get())
    assert pantheon.clock.slept == [43.0]


def test_a_free_request_shares_the_count_of_its_endpoint(pantheon: PantheonWorld) -> None:
    wire = with_tokens(pantheon, lambda request: counted(0 if request.url.path.endswith("getApp") else 50, 17))
    client = pantheon.client(wire)
    pantheon.done(client.request("POST", "/apps/getApp"))

    pantheon.done(client.request("POST", "/contacts/getContact", json={"contact_id": "cont_1"}))
    assert pantheon.clock.slept == []

    pantheon.done(client.apps.get())
    assert pantheon.clock.slept == [43.0]


def test_as_long_as_something_is_left_nobody_waits(pantheon: PantheonWorld) -> None:
    client = pantheon.client(with_tokens(pantheon, lambda request: counted(1, 17)))

    for _ in range(3):
        pantheon.done(client.apps.get())

    assert pantheon.clock.slept == []


def test_a_refusal_is_waited_for_as_long_as_it_says_and_sent_again(pantheon: PantheonWorld) -> None:
    replies = script(counted(0, 17, 429, retry_after="43"), counted(119, 0))
    client = pantheon.client(wire := with_tokens(pantheon, replies))

    pantheon.done(client.contacts.create(name="Ana"))

    assert pantheon.clock.slept == [43.0]
    assert len(calls(wire)) == 2


def test_a_wait_past_the_deadline_is_an_error_at_once(pantheon: PantheonWorld) -> None:
    client = pantheon.client(wire := with_tokens(pantheon, lambda request: counted(0, 17)), deadline=30)
    pantheon.done(client.apps.get())

    with pytest.raises(trilogue.RateLimited) as raised:
        pantheon.done(client.apps.get())

    assert raised.value.retry_after == 43.0
    assert len(calls(wire)) == 1


# Pages


def page_of(rows: list[str], next_cursor: str | None) -> httpx.Response:
    return answer(json={"items": [{"id": row} for row in rows], "next_cursor": next_cursor})


def test_each_page_is_called_with_the_same_body_and_the_cursor_in_the_query(pantheon: PantheonWorld) -> None:
    first = page_of(["cont_1"], "https://pantheon.api/v1.0/contacts/listContacts?cursor=c1")
    client = pantheon.client(wire := with_tokens(pantheon, script(first, page_of(["cont_2"], None))))

    rows = pantheon.rows(client.contacts.list(language="en", limit=1))

    assert [row.id for row in rows] == ["cont_1", "cont_2"]
    assert [request.url.query for request in calls(wire)] == [b"", b"cursor=c1"]
    assert {request.content for request in calls(wire)} == {b'{"limit":1,"language":"en"}'}


def test_an_empty_page_with_a_cursor_is_not_the_end(pantheon: PantheonWorld) -> None:
    first = page_of([], "https://pantheon.api/v1.0/contacts/listContacts?cursor=c1")
    client = pantheon.client(with_tokens(pantheon, script(first, page_of(["cont_2"], None))))

    assert [row.id for row in pantheon.rows(client.contacts.list())] == ["cont_2"]


@pytest.mark.parametrize(
    "cursor",
    [
        "https://elsewhere.example/v1.0/contacts/listContacts?cursor=c1",
        "http://pantheon.api.elsewhere.example/v1.0/contacts/listContacts?cursor=c1",
        "//elsewhere.example/v1.0/contacts/listContacts?cursor=c1",
        "https://pantheon.api@elsewhere.example/?cursor=c1",
    ],
)
def test_a_cursor_that_leads_to_another_host_is_refused(pantheon: PantheonWorld, cursor: str) -> None:
    client = pantheon.client(wire := with_tokens(pantheon, script(page_of(["cont_1"], cursor))))

    with pytest.raises(trilogue.DecodeError, match=r"another host.*elsewhere\.example"):
        pantheon.rows(client.contacts.list())

    assert {request.url.host for request in wire.requests} == {"pantheon.api"}


@pytest.mark.parametrize(
    "cursor",
    [
        "http://pantheon.api/v1.0/contacts/listContacts?cursor=c1",
        "https://pantheon.api:8443/v1.0/contacts/listContacts?cursor=c1",
        "https://pantheon.api/v2.0/elsewhere?cursor=c1",
    ],
)
def test_a_token_goes_to_the_own_origin_and_method_whatever_a_cursor_says(pantheon: PantheonWorld, cursor: str) -> None:
    replies = script(page_of(["cont_1"], cursor), page_of(["cont_2"], None))
    client = pantheon.client(wire := with_tokens(pantheon, replies))

    pantheon.rows(client.contacts.list())

    assert str(calls(wire)[-1].url) == "https://pantheon.api/v1.0/contacts/listContacts?cursor=c1"


# Addresses


@pytest.mark.parametrize("host", ["http://pantheon.api", "http://192.168.1.7:8000", "http://127.0.0.1.example"])
def test_plain_http_is_refused_unless_it_is_asked_for(pantheon: PantheonWorld, host: str) -> None:
    with pytest.raises(trilogue.InvalidArgument, match=r"^host: plain http"):
        pantheon.client(host=host)

    pantheon.client(host=host, allow_http=True)


@pytest.mark.parametrize("host", ["http://127.0.0.1:8000/pantheon", "http://localhost", "http://[::1]:8000"])
def test_plain_http_to_this_machine_is_taken(pantheon: PantheonWorld, host: str) -> None:
    client = pantheon.client(wire := with_tokens(pantheon, lambda request: answer(json={})), host=host)

    pantheon.done(client.request("POST", "/apps/getApp"))

    assert str(wire.requests[0].url).startswith(host)


# Uploads


class Watched(io.BytesIO):
    """A file that notes how much is read of it at a time."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reads: list[int | None] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads.append(size)
        return super().read(size)


def test_a_file_is_read_in_chunks(pantheon: PantheonWorld) -> None:
    file = Watched(bytes(MEGABYTE))
    client = pantheon.client(wire := with_tokens(pantheon, lambda request: answer(json={})))

    pantheon.done(client.files.upload(file=file))

    assert len(calls(wire)[0].content) > MEGABYTE
    assert all(size is not None and 0 <= size <= 65_536 for size in file.reads)


class Drain(BaseHTTPRequestHandler):
    """A server that gives out tokens and reads what is uploaded without keeping it."""

    protocol_version = "HTTP/1.1"
    received = 0

    def do_POST(self) -> None:
        left = int(self.headers["content-length"])
        Drain.received += left
        while left:
            left -= len(self.rfile.read(min(left, 65_536)))
        self._answer(b'{"access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": 60}')

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def draining() -> Iterator[str]:
    Drain.received = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Drain) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_a_large_file_is_never_in_memory_as_a_whole(pantheon: PantheonWorld, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(25 * MEGABYTE))
    with draining() as host:
        client = pantheon.client(host=host)
        pantheon.done(client.apps.get())
        tracemalloc.start()
        try:
            pantheon.done(client.files.upload(file=path))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        pantheon.done(client.close())

    assert Drain.received > 25 * MEGABYTE
    assert most < 2 * MEGABYTE


# Errors


ERRORS = [
    (
        400,
        {"message": "Your request data was invalid.", "errors": [{"name": "The name field is required"}]},
        trilogue.BadRequest,
        "400 Your request data was invalid. name: The name field is required",
        {"name": ["The name field is required"]},
    ),
    (
        400,
        {"message": "No.", "errors": [{"identities.1.address": "No number"}, {"limit": "Too large"}, {"limit": "Odd"}]},
        trilogue.BadRequest,
        "400 No. identities.1.address: No number; limit: Too large Odd",
        {"identities.1.address": ["No number"], "limit": ["Too large", "Odd"]},
    ),
    (
        400,
        {"message": "No.", "errors": {"name": "The name field is required"}},
        trilogue.BadRequest,
        "400 No. name: The name field is required",
        {"name": ["The name field is required"]},
    ),
    (404, {"message": "The contact was not found."}, trilogue.NotFound, "404 The contact was not found.", {}),
    (404, {"message": None, "errors": None}, trilogue.NotFound, "404 an answer of .* no error of Pantheon's", {}),
    (400, {"errors": ["name", 7, None]}, trilogue.BadRequest, "400 an answer of .* no error of Pantheon's", {}),
    (418, [], trilogue.ApiError, "418 an answer of 2 bytes that is no error of Pantheon's", {}),
]


@pytest.mark.parametrize(("status", "body", "kind", "text", "fields"), ERRORS)
def test_an_error_says_what_the_platform_said(
    pantheon: PantheonWorld, status: int, body: Any, kind: type[Exception], text: str, fields: dict[str, list[str]]
) -> None:
    reply = answer(status, json=body, x_request_id="req_1")
    client = pantheon.client(with_tokens(pantheon, script(reply)))

    with pytest.raises(trilogue.ApiError, match=f"^Pantheon contacts.get: {text}") as raised:
        pantheon.done(client.contacts.get(contact_id="cont_1"))

    assert type(raised.value) is kind
    assert raised.value.field_errors == fields
    assert (raised.value.request_id, raised.value.body) == ("req_1", body)


@pytest.mark.parametrize("content", [b"", b"<html><h1>Bad Gateway</h1></html>", b'{"message": ', b"\xff\xfe"])
def test_an_answer_of_a_gateway_is_an_error_too(pantheon: PantheonWorld, content: bytes) -> None:
    wire = with_tokens(pantheon, lambda request: raw_answer(502, content, "text/html"))
    client = pantheon.client(wire)

    with pytest.raises(trilogue.ServerError, match="502 an answer of") as raised:
        pantheon.done(client.contacts.create(name="Ana"))

    assert not isinstance(raised.value, trilogue.OutcomeUnknown)
    assert raised.value.attempts == len(calls(wire)) == 3


def test_what_is_personal_in_an_error_is_hidden_in_its_text_and_there_in_its_fields(pantheon: PantheonWorld) -> None:
    fault = {"address": "+12025550143 belongs to another contact"}
    reply = answer(400, json={"message": "Invalid.", "errors": [fault]})
    client = pantheon.client(with_tokens(pantheon, script(reply)))

    with pytest.raises(trilogue.BadRequest) as raised:
        pantheon.done(client.contacts.link_identity(contact_id="cont_1", channel_type="sms", address="+12025550143"))

    assert "2025550143" not in str(raised.value)
    assert raised.value.field_errors == {"address": [fault["address"]]}
