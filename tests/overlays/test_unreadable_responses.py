"""A success whose body cannot be read: after a create its outcome is unknown, and nobody is led to send it again."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
import trilogue
from trilogue import OutcomeUnknown, OutcomeUnknownAfterUnreadableResponse

from .pantheon import PantheonHarness
from .servers import http, serving
from .support import START, Harness

CONTACT = b'{"uuid": "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9", "name": "Ana"}'

UNREADABLE = {
    "HTML": http(200, b"<html>Sign in</html>", content_type="text/html"),
    "nothing": http(200, b""),
    "no content": http(204, b""),
    "truncated JSON": http(201, CONTACT[:30]),
    "truncated gzip": http(201, gzip.compress(CONTACT * 9)[:-20], content_encoding="gzip"),
    "no gzip": http(201, CONTACT, content_encoding="gzip"),
    "no deflate": http(201, CONTACT, content_encoding="deflate"),
    "invalid UTF-8": http(201, b'{"name": "\xff\xfe"'),
    "a list": http(201, b"[" + CONTACT + b"]"),
    "a string": http(201, b'"created"'),
    "a number": http(201, b"17"),
    "null": http(201, b"null"),
    "nested too deeply": http(201, b"[" * 100_000 + b"]" * 100_000),
    "two documents": http(201, CONTACT + CONTACT),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_create_whose_response_cannot_be_read_has_an_unknown_outcome(harness: Harness, name: str) -> None:
    with serving(lambda request, connection: UNREADABLE[name]) as server:
        client = harness.client(host=server.url)
        with pytest.raises(OutcomeUnknownAfterUnreadableResponse) as raised:
            harness.result(client.contacts.create(name="Ana"))

    error = raised.value
    assert isinstance(error, OutcomeUnknown)
    assert isinstance(error, trilogue.DecodeError)
    assert error.sent_at == datetime.fromtimestamp(START, UTC)
    assert not error.is_safe_to_retry
    assert "do not send it again" in str(error)
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_read_whose_response_cannot_be_read_is_a_decode_error(harness: Harness, name: str) -> None:
    with serving(lambda request, connection: UNREADABLE[name]) as server:
        client = harness.client(host=server.url)
        with pytest.raises(trilogue.DecodeError) as raised:
            harness.result(client.workspace.get())

    assert not isinstance(raised.value, OutcomeUnknown)


def test_a_raw_response_that_cannot_be_read_raises_only_when_it_is_parsed(harness: Harness) -> None:
    with serving(lambda request, connection: UNREADABLE["HTML"]) as server:
        client = harness.client(host=server.url)
        response = harness.result(client.with_raw_response.contacts.create(name="Ana"))

    assert response.status == 200
    with pytest.raises(OutcomeUnknownAfterUnreadableResponse):
        response.parse()


def test_a_payment_whose_response_cannot_be_read_has_its_idempotency_key(pantheon: PantheonHarness) -> None:
    def respond(request: object, connection: object) -> bytes:
        if b"getAccessToken" in str(request).encode():
            return http(200, b'{"access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": 99}')
        return UNREADABLE["HTML"]

    with serving(respond) as server:
        client = pantheon.client(host=server.url)
        with pytest.raises(OutcomeUnknownAfterUnreadableResponse) as raised:
            pantheon.result(client.messages.send(**MESSAGE))

    assert raised.value.idempotency_key == server.requests[-1].headers["idempotency-key"]


MESSAGE = {"conversation_id": "c", "content": {"type": "text", "text": "Hello"}}
