"""What is Pantheon's own way: limits by the minute and endpoint, cursors, addresses, uploads and errors."""

from __future__ import annotations

import io
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import httpx
import pytest
import trilogue
from trilogue._pacing.pacer import Claimant
from trilogue._pacing.rate_limit_headers import HeaderPacer

from .pantheon import Issuer, PantheonHarness, is_for_a_token
from .support import START, Async, FakeClock, RecordingTransport, Reply, json_response, operation, raw_response, script

MEGABYTE = 1_000_000


def with_tokens(pantheon: PantheonHarness, handler: Callable[[httpx.Request], Reply]) -> RecordingTransport:
    """A transport that responds to calls by a function, and issues tokens; its requests are those of calls."""
    issuer = Issuer(pantheon.clock)
    return RecordingTransport(lambda request: issuer(request) if is_for_a_token(request) else handler(request))


def calls(transport: RecordingTransport) -> list[httpx.Request]:
    return [request for request in transport.requests if not is_for_a_token(request)]


# Limits


def counted(remaining: int, second: int | None = None, status: int = 200, **headers: str) -> httpx.Response:
    """A response with what is left of the limit, sent at that second of a minute of the platform's clock."""
    named = {"x_ratelimit_total": "120", "x_ratelimit_remaining": str(remaining), **headers}
    if second is not None:
        named["date"] = f"Thu, 01 Jan 2026 12:00:{second:02} GMT"
    return json_response(status, json={}, **named)


@pytest.mark.parametrize("skew", [0.0, 7.0, -3600.0], ids=["same clock", "ahead", "behind"])
@pytest.mark.parametrize(("second", "wait"), [(0, 60.0), (17, 43.0), (59, 1.0)])
def test_when_nothing_is_left_the_next_call_waits_for_the_next_minute_of_the_platform(
    pantheon: PantheonHarness, second: int, wait: float, skew: float
) -> None:
    pantheon.clock.time += skew
    client = pantheon.client(with_tokens(pantheon, script(counted(0, second), counted(119, 0))))

    pantheon.result(client.apps.get())
    pantheon.result(client.apps.get())

    assert pantheon.clock.slept == [wait]


@pytest.mark.parametrize("date", [None, "yesterday", "", "1 Jan 99999999999999999999 0:0:0 GMT"])
def test_without_a_readable_date_the_own_clock_defines_the_minute(pantheon: PantheonHarness, date: str | None) -> None:
    pantheon.clock.time = 1_800_000_000.0 // 60 * 60 + 20
    headers: dict[str, Any] = {} if date is None else {"date": date}
    client = pantheon.client(with_tokens(pantheon, script(counted(0, **headers), counted(119))))

    pantheon.result(client.apps.get())
    pantheon.result(client.apps.get())

    assert pantheon.clock.slept == [40.0]


def test_each_endpoint_has_its_own_count(pantheon: PantheonHarness) -> None:
    transport = with_tokens(pantheon, lambda request: counted(0 if request.url.path.endswith("getApp") else 50, 17))
    client = pantheon.client(transport)
    pantheon.result(client.apps.get())

    pantheon.result(client.contacts.get(contact_id="cont_1"))
    assert pantheon.clock.slept == []

    pantheon.result(client.apps.get())
    assert pantheon.clock.slept == [43.0]


def test_a_custom_request_shares_the_count_of_its_endpoint(pantheon: PantheonHarness) -> None:
    transport = with_tokens(pantheon, lambda request: counted(0 if request.url.path.endswith("getApp") else 50, 17))
    client = pantheon.client(transport)
    pantheon.result(client.request("POST", "/apps/getApp"))

    pantheon.result(client.request("POST", "/contacts/getContact", json={"contact_id": "cont_1"}))
    assert pantheon.clock.slept == []

    pantheon.result(client.apps.get())
    assert pantheon.clock.slept == [43.0]


def test_as_long_as_something_is_left_nobody_waits(pantheon: PantheonHarness) -> None:
    client = pantheon.client(with_tokens(pantheon, lambda request: counted(1, 17)))

    for _ in range(3):
        pantheon.result(client.apps.get())

    assert pantheon.clock.slept == []


def test_a_429_is_retried_after_the_time_it_names(pantheon: PantheonHarness) -> None:
    replies = script(counted(0, 17, 429, retry_after="43"), counted(119, 0))
    client = pantheon.client(transport := with_tokens(pantheon, replies))

    pantheon.result(client.contacts.create(name="Ana"))

    assert pantheon.clock.slept == [43.0]
    assert len(calls(transport)) == 2


def test_a_wait_past_the_deadline_is_an_error_at_once(pantheon: PantheonHarness) -> None:
    client = pantheon.client(transport := with_tokens(pantheon, lambda request: counted(0, 17)), deadline=30)
    pantheon.result(client.apps.get())

    with pytest.raises(trilogue.RateLimited) as raised:
        pantheon.result(client.apps.get())

    assert raised.value.retry_after == 43.0
    assert len(calls(transport)) == 1


class Minutes:
    """The limit of one endpoint as Pantheon keeps it: so many calls in each minute, refused ones counted too."""

    def __init__(self, clock: FakeClock, limit: int) -> None:
        self.clock, self.limit = clock, limit
        self.calls: Counter[int] = Counter()
        self.refused = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        minute, second = divmod(int(self.clock.now()), 60)
        self.calls[minute] += 1
        left = self.limit - self.calls[minute]
        headers: dict[str, Any] = {
            "date": formatdate(self.clock.now(), usegmt=True),
            "x_ratelimit_total": str(self.limit),
            "x_ratelimit_remaining": str(max(left, 0)),
        }
        if left >= 0:
            return json_response(json={}, **headers)
        self.refused += 1
        return json_response(429, json={"message": "Too many calls."}, retry_after=str(60 - second), **headers)


@pytest.fixture
def tasks() -> Iterator[PantheonHarness]:
    """Clients for asyncio alone, whose tasks share the clock as they would a real one."""
    harness = PantheonHarness(Async())
    yield harness
    harness.end()


def test_concurrent_callers_send_no_more_than_the_limit_allows(tasks: PantheonHarness) -> None:
    minutes = Minutes(tasks.clock, 20)
    client = tasks.client(with_tokens(tasks, minutes), deadline=None)
    tasks.result(client.apps.get())

    tasks.at_once(client.apps.get, 70)

    assert minutes.refused == 0
    assert list(minutes.calls.values()) == [20, 20, 20, 11]


def test_concurrent_callers_learn_an_unknown_limit_from_its_first_429s(
    tasks: PantheonHarness,
) -> None:
    minutes = Minutes(tasks.clock, 20)

    def respond(request: httpx.Request) -> httpx.Response:
        return minutes(request) if request.url.path.endswith("getApp") else json_response(json={})

    client = tasks.client(with_tokens(tasks, respond), deadline=None)
    tasks.result(client.contacts.get(contact_id="cont_1"))

    tasks.at_once(client.apps.get, 50)

    assert list(minutes.calls.values()) == [50, 20, 10]
    assert minutes.refused == 30


def made(remaining: int) -> HeaderPacer:
    """A pacer that knows what remains of 50 for the next minute."""
    pacer = HeaderPacer(lambda made: made.path, "left", lambda headers, now: 60.0, "total", 60.0)
    pacer.learn(operation(), 200, {"left": str(remaining), "total": "50"}, FakeClock())
    return pacer


def test_threads_that_claim_at_the_same_time_get_no_more_than_is_left() -> None:
    pacer, start = made(1000), Barrier(8)

    def claim_often() -> int:
        start.wait(5)
        return [pacer.claim(operation(), FakeClock(), Claimant()) for _ in range(200)].count(0.0)

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            claimed = [future.result() for future in [pool.submit(claim_often) for _ in range(8)]]
    finally:
        sys.setswitchinterval(usual)

    assert sum(claimed) == 1000


def test_a_response_that_was_overtaken_does_not_raise_the_count() -> None:
    pacer = made(2)
    for _ in range(2):
        assert pacer.claim(operation(), FakeClock(), Claimant()) == 0

    pacer.learn(operation(), 200, {"left": "1"}, FakeClock())

    assert pacer.claim(operation(), FakeClock(), Claimant()) == 60.0


def test_calls_that_never_arrived_are_not_counted_once_a_response_says_what_is_left() -> None:
    pacer = made(2)
    assert pacer.claim(operation(), FakeClock(), Claimant()) == 0
    pacer.learn(operation(), 200, {"left": "2"}, FakeClock())

    assert [pacer.claim(operation(), FakeClock(), Claimant()) for _ in range(3)] == [0, 0, 60.0]


def test_a_response_of_the_minute_before_does_not_change_the_count() -> None:
    pacer = made(1)
    assert pacer.claim(operation(), FakeClock(START + 61), Claimant()) == 0

    pacer.learn(operation(), 200, {"left": "0"}, FakeClock())

    assert pacer.claim(operation(), FakeClock(START + 61), Claimant()) == 0


def test_a_slow_response_does_not_make_later_ones_belong_to_the_minute_before() -> None:
    pacer = HeaderPacer(lambda made: made.path, "left", lambda headers, now: float(headers["reset"]), "total", 60.0)
    pacer.learn(operation(), 200, {"left": "9", "reset": "50"}, FakeClock(START + 10))
    pacer.learn(operation(), 200, {"left": "0", "reset": "40"}, FakeClock(START + 10))

    assert pacer.claim(operation(), FakeClock(START + 10), Claimant()) == 40.0


def test_minutes_without_a_call_are_skipped() -> None:
    pacer = made(0)
    assert [pacer.claim(operation(), FakeClock(START + 190), Claimant()) for _ in range(51)] == [0] * 50 + [50.0]


@pytest.mark.parametrize("remaining", ["", "many", "-1", "1.5", "9" * 5000])
def test_an_unreadable_number_of_calls_delays_nobody(pantheon: PantheonHarness, remaining: str) -> None:
    client = pantheon.client(
        with_tokens(pantheon, lambda request: json_response(json={}, x_ratelimit_remaining=remaining))
    )

    for _ in range(3):
        pantheon.result(client.apps.get())

    assert pantheon.clock.slept == []


def test_the_limit_of_a_401_is_ignored(pantheon: PantheonHarness) -> None:
    client = pantheon.client(with_tokens(pantheon, script(counted(0, 17, 401), counted(119, 17))))

    pantheon.result(client.apps.get())

    assert pantheon.clock.slept == []


# Pages


def page_of(rows: list[str], next_cursor: str | None) -> httpx.Response:
    return json_response(json={"items": [{"id": row} for row in rows], "next_cursor": next_cursor})


def test_each_page_is_requested_with_the_same_body_and_the_cursor_in_the_query(pantheon: PantheonHarness) -> None:
    first = page_of(["cont_1"], "https://pantheon.api/v1.0/contacts/listContacts?cursor=c1")
    client = pantheon.client(transport := with_tokens(pantheon, script(first, page_of(["cont_2"], None))))

    rows = pantheon.rows(client.contacts.list(language="en", limit=1))

    assert [row.id for row in rows] == ["cont_1", "cont_2"]
    assert [request.url.query for request in calls(transport)] == [b"", b"cursor=c1"]
    assert {request.content for request in calls(transport)} == {b'{"limit":1,"language":"en"}'}


def test_an_empty_page_with_a_cursor_is_not_the_end(pantheon: PantheonHarness) -> None:
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
def test_a_cursor_for_another_host_is_a_decode_error(pantheon: PantheonHarness, cursor: str) -> None:
    client = pantheon.client(transport := with_tokens(pantheon, script(page_of(["cont_1"], cursor))))

    with pytest.raises(trilogue.DecodeError, match=r"another host.*elsewhere\.example"):
        pantheon.rows(client.contacts.list())

    assert {request.url.host for request in transport.requests} == {"pantheon.api"}


@pytest.mark.parametrize(
    ("cursor", "origin"),
    [
        ("http://pantheon.api/v1.0/contacts/listContacts?cursor=c1", r"http://pantheon\.api:80"),
        ("https://pantheon.api:8443/v1.0/contacts/listContacts?cursor=c1", r"https://pantheon\.api:8443"),
        ("https://pantheon.api:0/v1.0/contacts/listContacts?cursor=c1", r"https://pantheon\.api:0"),
    ],
)
def test_a_cursor_for_another_port_or_scheme_is_a_decode_error(
    pantheon: PantheonHarness, cursor: str, origin: str
) -> None:
    client = pantheon.client(transport := with_tokens(pantheon, script(page_of(["cont_1"], cursor))))

    with pytest.raises(trilogue.DecodeError, match=f"the next page is at another origin, {origin}"):
        pantheon.rows(client.contacts.list())

    assert len(calls(transport)) == 1


@pytest.mark.parametrize(
    "cursor",
    [
        "https://pantheon.api:443/v1.0/contacts/listContacts?cursor=c1",
        "HTTPS://Pantheon.API/v1.0/contacts/listContacts?cursor=c1",
        "/v1.0/contacts/listContacts?cursor=c1",
        "https://pantheon.api/v2.0/elsewhere?cursor=c1",
    ],
)
def test_a_token_is_sent_to_the_own_origin_and_path_whatever_a_cursor_names(
    pantheon: PantheonHarness, cursor: str
) -> None:
    replies = script(page_of(["cont_1"], cursor), page_of(["cont_2"], None))
    client = pantheon.client(transport := with_tokens(pantheon, replies))

    pantheon.rows(client.contacts.list())

    assert str(calls(transport)[-1].url) == "https://pantheon.api/v1.0/contacts/listContacts?cursor=c1"


@pytest.mark.parametrize("port", ["eighty", "70000"])
def test_a_cursor_that_is_not_a_url_is_a_decode_error(pantheon: PantheonHarness, port: str) -> None:
    cursor = f"https://pantheon.api:{port}/v1.0/contacts/listContacts?cursor=c1"
    client = pantheon.client(transport := with_tokens(pantheon, script(page_of(["cont_1"], cursor))))

    with pytest.raises(trilogue.DecodeError, match="the link to the next page is not a URL"):
        pantheon.rows(client.contacts.list())

    assert len(calls(transport)) == 1


# Addresses


@pytest.mark.parametrize(
    "host",
    [
        "http://pantheon.api",
        "http://192.168.1.7:8000",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://localhost.",
        "http://128.0.0.1",
        "http://[::2]:8000",
        "http://0.0.0.0:8000",
        "http://2130706433",
    ],
)
def test_plain_http_is_an_invalid_argument_unless_allowed(pantheon: PantheonHarness, host: str) -> None:
    with pytest.raises(trilogue.InvalidArgument, match=r"^host: plain http"):
        pantheon.client(host=host)

    pantheon.client(host=host, allow_http=True)


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:8000/pantheon", "http://localhost", "http://[::1]:8000", "http://127.0.0.2:8000"]
)
def test_plain_http_to_this_machine_is_allowed(pantheon: PantheonHarness, host: str) -> None:
    client = pantheon.client(transport := with_tokens(pantheon, lambda request: json_response(json={})), host=host)

    pantheon.result(client.request("POST", "/apps/getApp"))

    assert str(transport.requests[0].url).startswith(host)


# Uploads


class Watched(io.BytesIO):
    """A file that notes how much is read of it at a time."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reads: list[int | None] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads.append(size)
        return super().read(size)


def test_a_file_is_read_in_chunks(pantheon: PantheonHarness) -> None:
    file = Watched(bytes(MEGABYTE))
    client = pantheon.client(transport := with_tokens(pantheon, lambda request: json_response(json={})))

    pantheon.result(client.files.upload(file=file))

    assert len(calls(transport)[0].content) > MEGABYTE
    assert all(size is not None and 0 <= size <= 65_536 for size in file.reads)


@pytest.mark.parametrize("failure", [json_response(503), json_response(401), httpx.ReadError("the response was lost")])
def test_a_complete_file_is_sent_again_with_the_same_key_after_a_failure(
    pantheon: PantheonHarness, failure: Reply
) -> None:
    file = io.BytesIO(b"left out, the bytes of the file")
    file.seek(len(b"left out, "))
    client = pantheon.client(transport := with_tokens(pantheon, script(failure, json_response(json={}))))

    pantheon.result(client.files.upload(file=file))

    first, second = calls(transport)
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert all(b"\r\n\r\nthe bytes of the file\r\n" in request.content for request in (first, second))
    assert file.closed is False


class Drain(BaseHTTPRequestHandler):
    """A server that gives out tokens and reads what is uploaded without keeping it."""

    protocol_version = "HTTP/1.1"
    received = 0

    def do_POST(self) -> None:
        left = int(self.headers["content-length"])
        Drain.received += left
        while left:
            left -= len(self.rfile.read(min(left, 65_536)))
        self._respond(b'{"access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": 60}')

    def _respond(self, body: bytes) -> None:
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


def test_a_large_file_is_never_in_memory_at_once(pantheon: PantheonHarness, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(25 * MEGABYTE))
    with draining() as host:
        client = pantheon.client(host=host)
        pantheon.result(client.apps.get())
        tracemalloc.start()
        try:
            pantheon.result(client.files.upload(file=path))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        pantheon.result(client.close())

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
    (
        404,
        {"message": None, "errors": None},
        trilogue.NotFound,
        "404 unexpected .* is `host` a Pantheon server",
        {},
    ),
    (400, {"errors": ["name", 7, None]}, trilogue.BadRequest, "400 unexpected .* is `host` a Pantheon server", {}),
    (418, [], trilogue.ApiError, "418 unexpected 2-byte application/json response; is `host` a Pantheon server", {}),
]


@pytest.mark.parametrize(("status", "body", "expected", "text", "fields"), ERRORS)
def test_an_error_has_the_message_of_the_platform(
    pantheon: PantheonHarness,
    status: int,
    body: Any,
    expected: type[Exception],
    text: str,
    fields: dict[str, list[str]],
) -> None:
    reply = json_response(status, json=body, x_request_id="req_1")
    client = pantheon.client(with_tokens(pantheon, script(reply)))

    with pytest.raises(trilogue.ApiError, match=f"^Pantheon contacts.get: {text}") as raised:
        pantheon.result(client.contacts.get(contact_id="cont_1"))

    assert type(raised.value) is expected
    assert raised.value.field_errors == fields
    assert (raised.value.request_id, raised.value.body) == ("req_1", body)


@pytest.mark.parametrize("content", [b"", b"<html><h1>Bad Gateway</h1></html>", b'{"message": ', b"\xff\xfe"])
def test_a_response_of_a_gateway_is_an_error_too(pantheon: PantheonHarness, content: bytes) -> None:
    transport = with_tokens(pantheon, lambda request: raw_response(502, content, "text/html"))
    client = pantheon.client(transport)

    with pytest.raises(trilogue.ServerError, match="502 unexpected") as raised:
        pantheon.result(client.contacts.create(name="Ana"))

    assert not isinstance(raised.value, trilogue.OutcomeUnknown)
    assert raised.value.attempts == len(calls(transport)) == 3


def test_personal_data_is_hidden_in_the_text_of_an_error_and_kept_in_its_fields(pantheon: PantheonHarness) -> None:
    fault = {"address": "+12025550143 belongs to another contact"}
    reply = json_response(400, json={"message": "Invalid.", "errors": [fault]})
    client = pantheon.client(with_tokens(pantheon, script(reply)))

    with pytest.raises(trilogue.BadRequest) as raised:
        pantheon.result(client.contacts.link_identity(contact_id="cont_1", channel_type="sms", address="+12025550143"))

    assert "2025550143" not in str(raised.value)
    assert raised.value.field_errors == {"address": [fault["address"]]}
