"""Mistakes people make, and what they read: what is wrong, then what to do."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import trilogue
from trilogue.rapidpro import models

from .servers import http, serving, unused_port
from .support import TOKEN, Harness, RecordingTransport, json_response

CONTACT = models.Contact.from_dict({"uuid": "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9", "name": "Ana"})

ARGUMENTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a string for a datetime": (
        lambda client: client.contacts.list(after="2026-01-01"),
        r"after: expected a datetime, not str; datetime\.fromisoformat\(\) reads one from a string",
    ),
    "a date for a datetime": (lambda client: client.contacts.list(after=date(2026, 1, 1)), "expected a datetime, not"),
    "a datetime without a zone": (
        lambda client: client.contacts.list(after=datetime(2026, 1, 1)),
        "no time zone; ",
    ),
    "a model for its uuid": (
        lambda client: client.messages.send(contact=CONTACT, text="Hello"),
        r"contact: expected a string, not Contact; pass its \.uuid",
    ),
    "a string for a list": (lambda client: client.contacts.create(urns="tel:+250788123123"), r"pass urns=\[\.\.\.\]"),
    "an unknown choice": (lambda client: client.messages.list(folder="inbx"), "expected one of inbox, "),
    "an empty filter": (lambda client: client.contacts.list(group=""), "group: is empty; leave it out for no filter"),
    "no uuid": (lambda client: client.contacts.update(name="Ana"), "exactly one of uuid, urn"),
}


@pytest.mark.parametrize("mistake", ARGUMENTS)
def test_a_wrong_argument_is_named_with_what_to_pass_instead(harness: Harness, mistake: str) -> None:
    make, message = ARGUMENTS[mistake]
    client = harness.client(RecordingTransport(lambda request: json_response(json={})))

    with pytest.raises(trilogue.InvalidArgument, match=message):
        harness.result(make(client))


RESPONSES: dict[str, tuple[bytes, str]] = {
    "HTML for a success": (
        http(200, b"<html>", content_type="text/html"),
        "expected JSON, got text/html; check `host`",
    ),
    "HTML of a gateway": (http(502, b"<html>", content_type="text/html"), "perhaps of a proxy in front of the server"),
    "HTML for a large upload": (http(413, b"<html>", content_type="text/html"), "perhaps of a proxy"),
    "HTML of another server": (http(404, b"<html>", content_type="text/html"), "is `host` a RapidPro server?"),
    "no gzip": (http(200, b"{}", content_encoding="gzip"), "cannot be decompressed"),
    "truncated JSON": (http(200, b'{"uuid": "5'), "the JSON is invalid or ends too early, after 11 bytes"),
    "nothing": (http(204), r"the response \(nothing\) is not what the description promises"),
    "a list": (http(200, b"[]"), r"the response \(a list\) is not what the description promises"),
    "a redirect": (http(301, location="https://other.example.org/"), "https://other.example.org, which is not follow"),
    "a wrong token": (
        http(403, b'{"detail": "Invalid token"}'),
        r"Invalid token; check `token` \(RAPIDPRO_TOKEN\), and that `host` ",
    ),
    "the rate limit": (
        http(429, b'{"detail": "Request was throttled."}', retry_after="900"),
        r"Request was throttled\.; try again in 900 s, at \d\d:\d\d:\d\d UTC",
    ),
}


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_that_helps_nobody_is_explained(harness: Harness, name: str) -> None:
    reply, message = RESPONSES[name]
    with serving(lambda request, connection: reply) as server:
        client = harness.client(host=server.url, max_attempts=1)
        with pytest.raises(trilogue.RequestError, match=message):
            harness.result(client.workspace.get())


def test_a_refused_connection_names_the_host(harness: Harness) -> None:
    port = unused_port()
    client = harness.client(host=f"http://127.0.0.1:{port}")

    with pytest.raises(trilogue.ConnectionFailed, match=rf"no connection to 127\.0\.0\.1:{port}: .* sent in 3 tries"):
        harness.result(client.workspace.get())


def test_an_unknown_host_is_named(harness: Harness) -> None:
    client = harness.client(host="https://rapidpro.invalid", max_attempts=1)

    with pytest.raises(trilogue.ConnectionFailed, match=r"no connection to rapidpro\.invalid: "):
        harness.result(client.workspace.get())


def test_a_dead_proxy_is_named_as_one(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    port = unused_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://ana:secret@127.0.0.1:{port}")
    client = harness.client(host="https://rapidpro.test", max_attempts=1)

    with pytest.raises(trilogue.ConnectionFailed, match=rf"through the proxy 127\.0\.0\.1:{port}, which HTTPS_PROXY"):
        harness.result(client.workspace.get())


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:99999", "gopher://127.0.0.1", "http://"])
def test_a_malformed_proxy_is_refused_before_anything_is_sent(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    client = harness.client(host="https://rapidpro.test")

    with pytest.raises(trilogue.InvalidArgument, match=r"HTTPS_PROXY .*: expected an address such as"):
        harness.result(client.workspace.get())


def test_an_untrusted_certificate_is_tried_once_and_says_what_to_set(harness: Harness) -> None:
    import httpx

    problem = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
    client = harness.client(transport := RecordingTransport(lambda request: httpx.ConnectError(problem)))

    with pytest.raises(trilogue.ConnectionFailed, match=r"set SSL_CERT_FILE .* or pass verify=ssl\.create_default_c"):
        harness.result(client.workspace.get())
    assert harness.clock.slept == []
    assert transport.requests == []


@pytest.mark.parametrize("verify", [False, "ca.pem"])
def test_certificates_are_given_as_a_context(harness: Harness, verify: Any) -> None:
    with pytest.raises(trilogue.InvalidArgument, match=r"ssl\.create_default_context\(cafile='ca\.pem'\)"):
        harness.client(verify=verify)
    assert harness.client(verify=ssl.create_default_context())


def test_a_method_that_does_not_exist_leads_to_those_that_do(harness: Harness) -> None:
    client = harness.client()

    with pytest.raises(AttributeError, match=r"Contacts has no 'fetch'; it has create, .*get, .*list"):
        client.contacts.fetch(uuid="x")


def test_a_model_is_read_by_attributes() -> None:
    with pytest.raises(TypeError, match=r"a Contact has attributes, not items: read \.name, or to_dict"):
        CONTACT["name"]  # type: ignore[index]
    assert not hasattr(CONTACT, "naem")


def test_a_misspelt_option_names_all_options() -> None:
    with pytest.raises(TypeError, match="'botId'; did you mean bot_id"):
        trilogue.Botpress(TOKEN, botId="b")  # type: ignore[call-arg]


def test_an_event_loop_that_is_not_asyncios_is_named() -> None:
    coroutine = trilogue.AsyncRapidPro(TOKEN, host="http://127.0.0.1:9").workspace.get()

    with pytest.raises(RuntimeError, match="run on asyncio alone, not on trio"):
        coroutine.send(None)
