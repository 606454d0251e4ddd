"""What happens on the socket: connections, proxies, compression, and a 204 that should have no body."""

from __future__ import annotations

import errno
import gzip
import io
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import httpcore
import httpx
import pytest
import trilogue
from trilogue import InvalidArgument
from trilogue._http.bodies import Incoming
from trilogue._http.connections import SyncConnection
from trilogue._http.failures import ErrorTranslation, MaybeSent, NeverSent
from trilogue._http.file_parts import FilePart
from trilogue._http.headers import Headers
from trilogue._http.messages import HttpRequest, Timeout
from trilogue._http.raw_requests import render_raw
from trilogue._http.routes import Route, find_route, proxy_of
from trilogue._http.urls import parse_url

from .servers import Connection, Received, Server, http, serving
from .support import TOKEN, Harness, RecordingTransport, json_response, operation, page, script, soon

READ = operation(id="look", name="things.look", method="GET", retry="idempotent", content_type=None)
ACT = {"contacts": ["5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"], "action": "block"}


def ok(request: Received, connection: Connection) -> bytes:
    return http(200, b'{"fine": true}')


# A 204 with a body, as RapidPro's bulk actions send it where no proxy strips it.


def all_at_once(connection: Connection, head: bytes, body: bytes) -> None:
    connection.write(head + body)


def body_later(connection: Connection, head: bytes, body: bytes) -> None:
    connection.write(head)
    time.sleep(0.05)
    connection.write(body)


def chunked(connection: Connection, head: bytes, body: bytes) -> None:
    head = head.replace(b"content-length: 2", b"transfer-encoding: chunked")
    connection.write(head + b"2\r\n" + body + b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("send", [all_at_once, body_later, chunked])
def test_a_204_with_a_body_does_not_corrupt_the_next_response(
    harness: Harness, send: Callable[[Connection, bytes, bytes], None]
) -> None:
    def act(request: Received, connection: Connection) -> bytes | None:
        if "contact_actions" not in request.line:
            return http(200, b'{"uuid": "1", "name": "Workspace"}')
        send(connection, http(204, b"", content_length="2"), b'""')
        return b""

    with serving(act) as server:
        client = harness.client(host=server.url)
        harness.result(client.workspace.get())
        for _ in range(3):
            assert harness.result(client.contact_actions.perform(**ACT)) is None
            assert harness.result(client.workspace.get()).name == "Workspace"

    assert len(server.requests) == 7


def test_a_204_without_a_body_keeps_its_connection(harness: Harness) -> None:
    with serving(lambda request, connection: b"HTTP/1.1 204 No Content\r\n\r\n") as server:
        client = harness.client(host=server.url)
        for _ in range(5):
            assert harness.result(client.contact_actions.perform(**ACT)) is None
        assert server.connections == 1


# Compression.


def test_a_compressed_response_is_decoded(harness: Harness) -> None:
    body = gzip.compress(b'{"fine": true}')
    with serving(lambda request, connection: http(200, body, content_encoding="gzip")) as server:
        assert harness.result(harness.client(host=server.url)._caller.call(READ, {})) == {"fine": True}

    assert "gzip" in server.requests[0].headers["accept-encoding"]


def test_a_broken_compression_is_an_unreadable_response_and_no_broken_connection(harness: Harness) -> None:
    with serving(lambda request, connection: http(200, b"no gzip", content_encoding="gzip")) as server:
        client = harness.client(host=server.url)
        with pytest.raises(trilogue.DecodeError, match="cannot be decompressed"):
            harness.result(client._caller.call(READ, {}))
        assert len(server.requests) == 1


@pytest.mark.parametrize("cut", [slice(None, -1), slice(None, 12), slice(-1, None)], ids=["tail", "most", "head"])
def test_a_compressed_response_that_lacks_something_is_unreadable(harness: Harness, cut: slice) -> None:
    body = gzip.compress(b'{"fine": true}' + b" " * 1_000)[cut]
    with (
        serving(lambda request, connection: http(200, body, content_encoding="gzip")) as server,
        pytest.raises(trilogue.DecodeError, match="cannot be decompressed"),
    ):
        harness.result(harness.client(host=server.url)._caller.call(READ, {}))


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "identity, gzip", "gzip,"])
def test_a_response_may_be_compressed_in_several_members(harness: Harness, encoding: str) -> None:
    body = b"".join(map(gzip.compress, (b'{"fine"', b"", b": true}")))
    with serving(lambda request, connection: http(200, body, content_encoding=encoding)) as server:
        assert harness.result(harness.client(host=server.url)._caller.call(READ, {})) == {"fine": True}


@pytest.mark.parametrize("after", [b"\0" * 512, b"\r\n", b"\x1e\x1f\x8b"])
def test_what_follows_a_compressed_response_and_is_not_compressed_is_left_out(harness: Harness, after: bytes) -> None:
    body = gzip.compress(b'{"fine": true}') + after
    with serving(lambda request, connection: http(200, body, content_encoding="gzip")) as server:
        assert harness.result(harness.client(host=server.url)._caller.call(READ, {})) == {"fine": True}


def test_a_transport_of_the_caller_is_held_to_the_same(harness: Harness) -> None:
    bodies = {b"whole": gzip.compress(b'{"fine"') + gzip.compress(b": true}"), b"cut": gzip.compress(b"{}")[:-1]}

    def respond(request: Received, connection: Connection) -> bytes:
        return http(200, bodies[request.line.partition("which=")[2].split()[0].encode()], content_encoding="gzip")

    transport = httpx.HTTPTransport() if harness.mode.name == "sync" else httpx.AsyncHTTPTransport()
    with serving(respond) as server:
        client = harness.client(transport, host=server.url)
        assert harness.result(client.request("GET", "/x", query={"which": "whole"})).json() == {"fine": True}
        with pytest.raises(trilogue.DecodeError, match="cannot be decompressed"):
            harness.result(client.request("GET", "/x", query={"which": "cut"})).json()
        close = transport.close() if isinstance(transport, httpx.HTTPTransport) else transport.aclose()
        harness.result(close)


@pytest.mark.parametrize("encoding", ["identity", "", "identity, identity", "utf-8", "aws-chunked"])
def test_a_response_may_say_that_it_is_not_compressed(harness: Harness, encoding: str) -> None:
    with serving(lambda request, connection: http(200, b'{"fine": true}', content_encoding=encoding)) as server:
        assert harness.result(harness.client(host=server.url)._caller.call(READ, {})) == {"fine": True}


def test_a_response_in_an_encoding_that_was_not_accepted_is_unreadable(harness: Harness) -> None:
    with (
        serving(lambda request, connection: http(200, b"\x1b", content_encoding="br")) as server,
        pytest.raises(trilogue.DecodeError, match="encoded in another way than gzip"),
    ):
        harness.result(harness.client(host=server.url)._caller.call(READ, {}))


@pytest.mark.parametrize("status", [200, 502])
def test_a_small_response_that_becomes_gigabytes_is_not_decompressed_to_its_end(
    harness: Harness, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trilogue._http.bodies.MAX_DECOMPRESSED", 1_000_000)
    body = gzip.compress(b" " * 3_000_000 + b"{}")
    with serving(lambda request, connection: http(status, body, content_encoding="gzip")) as server:
        client = harness.client(host=server.url, max_attempts=1)
        with pytest.raises(trilogue.RequestError):
            harness.result(client._caller.call(READ, {}))


# Connections.


def test_a_call_over_the_network_does_without_httpx() -> None:
    call = "RapidPro('x', host=sys.argv[1]).workspace.get()"
    command = [sys.executable, "-c", f"import sys; from trilogue import RapidPro; {call}; print(*sys.modules)"]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    body = gzip.compress(b'{"uuid": "1", "name": "Workspace"}')
    with serving(lambda request, connection: http(200, body, content_encoding="gzip")) as server:
        ran = subprocess.run([*command, server.url], check=True, capture_output=True, text=True, env=environment)

    assert not {"httpx", "urllib.request", "email.utils"} & set(ran.stdout.split())


def test_many_calls_leave_no_connection_behind(harness: Harness) -> None:
    with serving(ok) as server:
        client = harness.client(host=server.url)
        harness.repeat(lambda: client._caller.call(READ, {}), 1_000 if harness.mode.name == "sync" else 250)
        assert server.connections == 1
        harness.result(client.close())
        assert all_closed(server)


def test_an_iteration_opens_one_connection(harness: Harness) -> None:
    with serving(lambda request, connection: pages_of(request, server, 100)) as server:
        rows = harness.rows(harness.client(host=server.url).contacts.list())

    assert len(rows) == 300
    assert (len(server.requests), server.connections) == (100, 1)


def pages_of(request: Received, server: Server, count: int) -> bytes:
    found = re.search(r"cursor=(\d+)", request.line)
    number = int(found[1]) if found else 0
    rows = [{"uuid": str(number * 3 + index)} for index in range(3)]
    link = f"{server.url}/api/v2/contacts.json?cursor={number + 1}" if number + 1 < count else None
    return http(200, page(rows, link).content)


def test_errors_leave_no_connection_behind(harness: Harness) -> None:
    def misbehave(request: Received, connection: Connection) -> bytes | None:
        replies: list[bytes | None] = [http(500), http(200, b"{", content_length="9"), None, http(404, b"<html>")]
        return replies[len(server.requests) % 4]

    with serving(misbehave) as server:
        client = harness.client(host=server.url, timeout=0.05)
        for _ in range(20):
            with pytest.raises(trilogue.RequestError):
                harness.result(client._caller.call(READ, {}))
        harness.result(client.close())
        assert all_closed(server)


def test_leaving_the_block_closes_the_connections(harness: Harness) -> None:
    with serving(ok) as server:
        client = harness.client(host=server.url)
        enter_and_leave(harness, client, lambda: client._caller.call(READ, {}))
        assert all_closed(server)


def enter_and_leave(harness: Harness, client: Any, call: Callable[[], Any]) -> None:
    if harness.mode.name == "sync":
        with client as entered:
            assert entered is client
            call()
        return

    async def block() -> None:
        async with client as entered:
            assert entered is client
            await call()

    harness.result(block())


def test_threads_or_tasks_share_a_client(harness: Harness) -> None:
    def echo(request: Received, connection: Connection) -> bytes:
        return http(200, b'"' + request.line.split()[1].partition("id=")[2].encode() + b'"')

    with serving(echo) as server:
        client = harness.client(host=server.url)
        calls = [lambda n=n: client.with_options(extra_query={"id": str(n)})._caller.call(READ, {}) for n in range(60)]
        harness.concurrently(calls)
        assert harness.concurrently(calls) == [str(n) for n in range(60)]
        assert server.connections <= 60
        harness.result(client.close())
        assert all_closed(server)


def test_threads_that_send_the_first_request_together_share_one_pool() -> None:
    for _ in range(10):
        with serving(ok) as server:
            client = trilogue.RapidPro(TOKEN, host=server.url)
            with ThreadPoolExecutor(16) as pool:
                list(pool.map(call_together, [Barrier(16)] * 16, [client] * 16))
            client.close()
            assert all_closed(server)


def test_many_threads_lose_no_connection_and_use_none_twice_at_a_time() -> None:
    def respond(request: Received, connection: Connection) -> bytes:
        return http(200, b'"' + request.line.split()[1].partition("id=")[2].encode() + b'"')

    with serving(respond) as server:
        client = trilogue.RapidPro(TOKEN, host=server.url)

        def call(number: int) -> bool:
            return client.request("GET", "/x", query={"id": str(number)}).json() == str(number)

        with ThreadPoolExecutor(40) as pool:
            assert all(pool.map(call, range(2_000)))
        assert server.connections <= 40
        client.close()
        assert all_closed(server)


def call_together(start: Barrier, client: trilogue.RapidPro) -> None:
    start.wait(5)
    client._caller.call(READ, {})


def test_clients_opened_and_closed_repeatedly_leave_no_connection_behind(harness: Harness) -> None:
    with serving(ok) as server:
        for _ in range(50):
            client = harness.client(host=server.url)
            harness.result(client._caller.call(READ, {}))
            harness.result(client.close())
        assert all_closed(server)


def all_closed(server: Server) -> bool:
    """Whether the client closes all its connections."""
    return soon(lambda: server.open_connections == 0)


# Addresses.


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("rapidpro.example.org", "https://rapidpro.example.org/api/v2/things.json"),
        ("https://rapidpro.example.org/", "https://rapidpro.example.org/api/v2/things.json"),
        ("https://rapidpro.example.org:8443", "https://rapidpro.example.org:8443/api/v2/things.json"),
        ("rapidpro.example.org:8443", "https://rapidpro.example.org:8443/api/v2/things.json"),
        ("https://example.org/rapidpro/", "https://example.org/rapidpro/api/v2/things.json"),
        ("https://example.org/rapidpro/api/v2/", "https://example.org/rapidpro/api/v2/things.json"),
        ("http://localhost:8000", "http://localhost:8000/api/v2/things.json"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/api/v2/things.json"),
        ("http://[::1]:8000", "http://[::1]:8000/api/v2/things.json"),
        ("HTTPS://RapidPro.Example.Org", "https://rapidpro.example.org/api/v2/things.json"),
        ("https://bücher.example", "https://xn--bcher-kva.example/api/v2/things.json"),
        ("https://example.org:/", "https://example.org/api/v2/things.json"),
        ("my_server", "https://my_server/api/v2/things.json"),
    ],
)
def test_the_host_may_be_written_in_several_ways(harness: Harness, host: str, url: str) -> None:
    transport = RecordingTransport(script(json_response(json={})))

    harness.result(harness.client(transport, host=host)._caller.call(READ, {}))

    assert str(transport.last.url) == url


@pytest.mark.parametrize(
    "host", ["http://rapidpro.example.org", "http://10.0.0.7:8000", "http://localhost.example.org"]
)
def test_plain_http_to_another_machine_is_an_invalid_argument_unless_allowed(harness: Harness, host: str) -> None:
    with pytest.raises(InvalidArgument, match=r"^host: .*https"):
        harness.client(RecordingTransport(script()), host=host)

    transport = RecordingTransport(script(json_response(json={})))
    harness.result(harness.client(transport, host=host, allow_http=True)._caller.call(READ, {}))
    assert transport.last.url.scheme == "http"


@pytest.mark.parametrize(
    "host",
    [
        "ftp://example.org",
        "https://",
        "https:///path",
        "https://user@example.org",
        "https://user:pass@example.org",
        "https://:pass@example.org",
        "https://example.org?a=1",
        "https://example.org#top",
        "https://exa mple.org",
        "https://[::1",
        "https://example.org:port",
        "https://example.org:99999",
        "https://example.org\\.example.com",
        "https://exam\nple.org",
        "https://example.org;x",
        "https://ex%61mple.org",
        "https://example..org",
        f"https://{'a' * 64}.org",
        "https://xn--a",
        "https://\ud800.org",
        "https://example.org/\ud800",
        "https://example.org/\x7f",
        17,
    ],
)
def test_an_invalid_host_is_an_invalid_argument_before_anything_is_sent(harness: Harness, host: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^host: "):
        harness.client(RecordingTransport(script()), host=host)


def test_host_and_token_default_to_the_environment(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPIDPRO_HOST", "rapidpro.example.org")
    monkeypatch.setenv("RAPIDPRO_TOKEN", "e" * 40)
    transport = RecordingTransport(script(json_response(json={}), json_response(json={})))

    harness.result(harness.client(transport, token=None)._caller.call(READ, {}))
    harness.result(harness.client(transport, token="a" * 40, host="textit.com")._caller.call(READ, {}))

    assert [(r.url.host, r.headers["Authorization"]) for r in transport.requests] == [
        ("rapidpro.example.org", "Token " + "e" * 40),
        ("textit.com", "Token " + "a" * 40),
    ]


@pytest.mark.parametrize("token", [None, "", "two words", "line\n", "t\u00f6ken", 17])
def test_an_invalid_token_is_an_invalid_argument_that_does_not_show_it(harness: Harness, token: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^token: ") as raised:
        harness.client(RecordingTransport(script()), token=token)

    assert not token or str(token) not in str(raised.value)


def test_an_email_means_http_basic(harness: Harness) -> None:
    client, transport = harness.scripted(json_response(json={}), email="zoë@example.org")

    harness.result(client._caller.call(READ, {}))

    assert transport.last.headers["Authorization"] == httpx.BasicAuth("zoë@example.org", TOKEN)._auth_header


@pytest.mark.parametrize("email", ["", "zoë", "zoë@example.org:8443", 17])
def test_an_invalid_email_is_an_invalid_argument(harness: Harness, email: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^email: "):
        harness.client(RecordingTransport(script()), email=email)


def test_an_async_transport_for_a_sync_client_is_an_invalid_argument_and_vice_versa(harness: Harness) -> None:
    wrong = httpx.AsyncHTTPTransport() if harness.mode.name == "sync" else httpx.HTTPTransport()

    with pytest.raises(InvalidArgument, match=r"^transport: "):
        harness.result(harness.client(wrong)._caller.call(READ, {}))


@pytest.mark.parametrize(
    "url",
    ["https:///a", "http://127.0.0.1:99999", "ftp://127.0.0.1/a", "mailto:a", "", "http://999.1.1.1", "http://\ud800"],
)
def test_an_address_where_no_server_can_be_is_an_invalid_argument(harness: Harness, url: str) -> None:
    http = harness.client(host="http://127.0.0.1")._http
    with pytest.raises(InvalidArgument, match="not valid HTTP"):
        harness.result(http.send(HttpRequest("POST", url, {}, Timeout(), b"{}", is_retryable=False)))


# Requests without a method of their own.


def test_a_custom_request_has_the_same_credentials_and_errors(harness: Harness) -> None:
    client, transport = harness.scripted(
        json_response(201, json={"made": 1}, x_id="7"), json_response(404, json={"detail": "Not found."})
    )

    made = harness.result(client.request("post", "/things.json", query={"a": "1 2"}, json={"b": [None, True]}))
    with pytest.raises(trilogue.NotFound, match=r"GET /things\.json"):
        harness.result(client.request("GET", "/things.json"))

    assert (made.status, made.headers["X-Id"], made.json(), made.parse()) == (201, "7", {"made": 1}, {"made": 1})
    assert transport.requests[0].method == "POST"
    assert transport.requests[0].url.raw_path == b"/api/v2/things.json?a=1%202"
    assert transport.requests[0].content == b'{"b":[null,true]}'
    assert transport.requests[1].headers["Authorization"] == f"Token {TOKEN}"


@pytest.mark.parametrize(("method", "attempts"), [("GET", 3), ("HEAD", 3), ("OPTIONS", 3), ("POST", 1), ("DELETE", 1)])
def test_only_custom_requests_that_read_are_retried(harness: Harness, method: str, attempts: int) -> None:
    client = harness.client(transport := RecordingTransport(lambda request: json_response(502)))

    with pytest.raises(trilogue.ServerError):
        harness.result(client.request(method, "/things.json"))

    assert len(transport.requests) == attempts


@pytest.mark.parametrize(
    "path", ["things.json", "@example.org/", ":80/", "https://example.org/", "", "/a\nb", "/\ud800", None]
)
def test_a_custom_request_cannot_leave_the_platform(harness: Harness, path: str) -> None:
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match="path: "):
        harness.result(client.request("GET", path))

    assert transport.requests == []


@pytest.mark.parametrize("method", ["", "GET /other", "GET\r\nX-Other: b", "GÉT", None])
def test_a_custom_request_checks_its_method(harness: Harness, method: Any) -> None:
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match=r"^method: "):
        harness.result(client.request(method, "/things.json"))

    assert transport.requests == []


@pytest.mark.parametrize("query", ["a=1", [("a", "1")], {"a": 1}, {"a": "\ud800"}])
def test_a_custom_request_checks_its_query(harness: Harness, query: Any) -> None:
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match=r"^query: "):
        harness.result(client.request("GET", "/things.json", query=query))

    assert transport.requests == []


def test_a_custom_request_checks_its_body(harness: Harness) -> None:
    client, transport = harness.scripted()

    for wrong in (float("nan"), {"a": [object()]}, {"b": b"bytes"}):
        with pytest.raises(InvalidArgument, match="json"):
            harness.result(client.request("POST", "/things.json", json=wrong))

    assert transport.requests == []


# Proxies of the environment.


class Proxy:
    """A little forward proxy, which responds in place of all hosts."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.headers: list[dict[str, str]] = []

    def __call__(self, request: Received, connection: Connection) -> bytes:
        self.lines.append(request.line)
        self.headers.append(request.headers)
        if request.line.startswith("CONNECT"):
            return http(407, b"")
        return http(200, b'{"by": "proxy"}')


@contextmanager
def proxying() -> Iterator[tuple[Proxy, Server]]:
    proxy = Proxy()
    with serving(proxy) as server:
        yield proxy, server


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_used(harness: Harness, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with proxying() as (proxy, server):
        monkeypatch.setenv(name, server.url)
        client = harness.client(host="http://rapidpro.test", allow_http=True)
        assert harness.result(client._caller.call(READ, {})) == {"by": "proxy"}

    assert proxy.lines == ["GET http://rapidpro.test/api/v2/things.json HTTP/1.1"]


def test_a_proxy_without_a_scheme_is_taken_for_http(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxying() as (_, server):
        monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{server.port}")
        client = harness.client(host="http://rapidpro.test", allow_http=True)
        assert harness.result(client._caller.call(READ, {})) == {"by": "proxy"}


def test_a_proxy_may_have_a_password(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxying() as (proxy, server):
        monkeypatch.setenv("HTTP_PROXY", f"http://ben:secret@127.0.0.1:{server.port}")
        harness.result(harness.client(host="http://rapidpro.test", allow_http=True)._caller.call(READ, {}))

    assert proxy.headers[0]["proxy-authorization"] == "Basic YmVuOnNlY3JldA=="


@pytest.mark.parametrize("exempt", ["127.0.0.1", "*", "example.org,127.0.0.1", "example.org, *"])
def test_the_no_proxy_variable_is_respected(harness: Harness, monkeypatch: pytest.MonkeyPatch, exempt: str) -> None:
    with proxying() as (proxy, server), serving(ok) as direct:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        monkeypatch.setenv("NO_PROXY", exempt)
        assert harness.result(harness.client(host=direct.url)._caller.call(READ, {})) == {"fine": True}

    assert proxy.lines == []


def test_the_no_proxy_variable_may_name_an_address_of_ipv6(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "example.org,::1")

    assert proxy_of(parse_url("http://[::1]:8000/")) is None
    assert proxy_of(parse_url("http://[::2]:8000/")) is not None


def test_a_proxy_that_refuses_the_tunnel_means_that_nothing_was_sent(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxying() as (proxy, server):
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        client = harness.client(host="https://rapidpro.test")
        with pytest.raises(trilogue.ConnectionFailed, match="nothing was sent"):
            harness.result(client.messages.send(contact="tel:+250788123123", text="Hello"))

    assert proxy.lines == ["CONNECT rapidpro.test:443 HTTP/1.1"] * 3
    assert all("authorization" not in headers for headers in proxy.headers)


def hang_up(request: Received, connection: Connection) -> None:
    """Close the connection."""


def be_silent(request: Received, connection: Connection) -> None:
    connection.read()


def speak_ssh(request: Received, connection: Connection) -> None:
    connection.write(b"SSH-2.0-OpenSSH_9.6\r\n")


@pytest.mark.parametrize("respond", [hang_up, be_silent, speak_ssh])
def test_a_proxy_that_fails_before_there_is_a_tunnel_means_that_nothing_was_sent(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, respond: Callable[[Received, Connection], None]
) -> None:
    with serving(respond) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        client = harness.client(host="https://rapidpro.test", timeout=0.2)
        with pytest.raises(trilogue.ConnectionFailed, match=r"through the proxy .*nothing was sent"):
            harness.result(client.messages.send(contact="tel:+250788123123", text="Hello"))

    assert [request.line for request in server.requests] == ["CONNECT rapidpro.test:443 HTTP/1.1"] * 3


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
@pytest.mark.parametrize(("received", "failure"), [([b"HTTP/1.1 200 OK\r\n\r\n"], MaybeSent), ([], NeverSent)])
def test_a_request_may_have_been_sent_once_there_is_a_tunnel(
    proxy: str, received: list[bytes], failure: type[Exception]
) -> None:
    origin = httpcore.Origin(b"https", b"rapidpro.test", 443)
    route = Route(origin, ssl.create_default_context(), httpcore.Proxy(proxy))
    connection = SyncConnection(route, httpcore.MockBackend(received))

    with pytest.raises(failure), ErrorTranslation("https://rapidpro.test", is_direct=True):
        connection.send(render_raw(HttpRequest("POST", "https://rapidpro.test", {}, Timeout(), b"{}")), None)


@pytest.mark.parametrize("respond", [hang_up, be_silent, speak_ssh])
def test_a_proxy_that_fails_with_a_request_leaves_open_whether_it_was_sent(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, respond: Callable[[Received, Connection], None]
) -> None:
    with serving(respond) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        client = harness.client(host="http://rapidpro.test", allow_http=True, timeout=0.2)
        with pytest.raises(trilogue.OutcomeUnknown):
            harness.result(client.messages.send(contact="tel:+250788123123", text="Hello"))

    assert len(server.requests) == 1


@pytest.mark.parametrize("proxy", ["gopher://ben:secret@127.0.0.1:1", "socks5://ben:secret@127.0.0.1:1", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    client = harness.client(host="http://rapidpro.test", allow_http=True)

    with pytest.raises(InvalidArgument, match=r"ALL_PROXY") as raised:
        harness.result(client._caller.call(READ, {}))

    assert "secret" not in str(raised.value)


# TLS.


def test_a_server_without_tls_is_sent_nothing(harness: Harness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = harness.client(host=f"https://127.0.0.1:{listener.getsockname()[1]}")

        def hang_up() -> None:
            for _ in range(3):
                peer, _ = listener.accept()
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                peer.close()

        thread = Thread(target=hang_up, daemon=True)
        thread.start()
        with pytest.raises(trilogue.ConnectionFailed, match="nothing was sent"):
            harness.result(client.messages.send(contact="tel:+250788123123", text="Hello"))
        thread.join(5)


def test_a_file_without_certificates_is_an_invalid_argument(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").touch()
    for name in ("empty.pem", "missing.pem"):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / name))
        with pytest.raises(InvalidArgument, match="SSL_CERT_FILE"):
            harness.result(harness.client(host="https://127.0.0.1:1")._caller.call(READ, {}))


def test_tls_that_breaks_after_a_request_leaves_open_whether_it_arrived() -> None:
    with pytest.raises(MaybeSent, match="connection broke"), ErrorTranslation("https://a.example", is_direct=True):
        raise ssl.SSLError("[SSL: WRONG_VERSION_NUMBER] wrong version number")


def test_certificates_cannot_be_left_unchecked(harness: Harness) -> None:
    with pytest.raises(InvalidArgument, match=r"^verify: "):
        harness.client(verify=False)


def test_a_request_on_a_connection_that_was_closed_meanwhile_never_leaves() -> None:
    with serving(lambda request, connection: http(200, b"{}")) as server:
        connection = SyncConnection(find_route(parse_url(server.url), None))
        request = render_raw(HttpRequest("GET", server.url, {}, Timeout()))
        connection.send(request, None)
        connection.close()
        with pytest.raises(NeverSent), ErrorTranslation(server.url, is_direct=True):
            connection.send(request, None)

    assert len(server.requests) == 1


class Unreadable(io.BytesIO):
    """A file that breaks while it is sent."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


def test_a_file_that_cannot_be_read_does_not_show_where_it_was_to_go(harness: Harness) -> None:
    with serving(ok) as server:
        part = FilePart("file", "a.bin", "application/octet-stream", Unreadable(b"content"))
        headers = {"host": f"127.0.0.1:{server.port}", "content-length": "7"}
        request = HttpRequest("PUT", f"{server.url}/a?signature=secret", headers, Timeout(), part)
        with pytest.raises((MaybeSent, OSError)) as raised:
            harness.result(harness.client(host=server.url)._http.send(request))

    assert "secret" not in str(raised.value)


# Headers.


def test_a_response_that_is_being_received_shows_nothing() -> None:
    assert "secret" not in repr(Incoming(200, Headers([(b"set-cookie", b"session=secret")]), [b"secret"]))


@pytest.mark.parametrize(("sent", "read"), [("José".encode(), "José"), (b"Jos\xe9", "José")])
def test_headers_are_found_in_any_case_and_joined_where_there_are_several(
    harness: Harness, sent: bytes, read: str
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Thing: a\r\nx-thing: b\r\nX-Name: " + sent
    with serving(lambda request, connection: head + b"\r\n\r\n{}") as server:
        headers = harness.result(harness.client(host=server.url)._caller.call_raw(READ, {})).headers

    assert (headers["X-THING"], headers.get("x-Name"), headers.get("x-other", "none")) == ("a, b", read, "none")
    assert "X-Thing" in headers
    assert dict(headers) == {"content-length": "2", "x-thing": "a, b", "x-name": read}


@pytest.mark.parametrize("length", [9_000, 60_000])
def test_a_header_may_be_long(harness: Harness, length: int) -> None:
    with serving(lambda request, connection: http(200, b"{}", x_policy="a" * length)) as server:
        headers = harness.result(harness.client(host=server.url)._caller.call_raw(READ, {})).headers

    assert len(headers["x-policy"]) == length
