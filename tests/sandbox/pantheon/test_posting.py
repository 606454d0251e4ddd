"""One request to a receiver, and everything a receiver can do wrong."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from trilogue_sandbox.pantheon.posting import Outcome, post

from tests.sandbox.pantheon.receiver import Receiver

LOST = Outcome(None, "The connection ended before there was an answer in HTTP")


@contextlib.contextmanager
def responding(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """Respond to one connection with some bytes, a pause before each piece, and close it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)

        def respond() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                received = b""
                while not received.endswith(b"body") and (piece := connection.recv(65536)):
                    received += piece
                for piece in pieces:
                    time.sleep(pause)
                    connection.sendall(piece)

        thread = threading.Thread(target=respond, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(5)


def outcome(url: str, timeout: float = 5.0) -> Outcome:
    return asyncio.run(post(url, {"X-Name": "value"}, b"body", timeout))


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], Outcome(204)),
        ([b"HTTP/1.0 200 OK\r\n\r\nbody"], Outcome(200)),
        ([b"HTTP/1.1 1", b"00 Continue\r\nA: b\r\n\r\n", b"HTTP/1.1 500 Broken\r\n\r\n"], Outcome(500)),
        ([], LOST),
        ([b"HTTP/1.1 100 Continue\r\n\r\n"], LOST),
        ([b"HTTP/1.1 999 Strange\r\n\r\n"], Outcome(999)),
        ([b"SSH-2.0-OpenSSH\r\n"], LOST),
        ([b"x" * 70_000 + b"\r\n"], LOST),
    ],
)
def test_the_status_is_read_from_whatever_comes(pieces: list[bytes], expected: Outcome) -> None:
    with responding(*pieces) as url:
        assert outcome(url) == expected


def test_a_receiver_that_takes_too_long_is_given_up() -> None:
    with responding(b"", pause=0.3) as url:
        assert outcome(url, 0.05) == Outcome(None, "No answer within 0.05 seconds", has_timed_out=True)


def test_a_receiver_that_responds_drop_by_drop_is_given_up_too() -> None:
    with responding(*[b"H"] * 20, pause=0.02) as url:
        assert outcome(url, 0.1).has_timed_out


def test_the_request_is_what_was_asked_for(receiver: Receiver) -> None:
    url = receiver.url + "/å?q=ü&a=b"

    assert outcome(url) == Outcome(204)
    (posted,) = receiver.posted
    assert (posted.path, posted.body) == ("/events/%C3%A5?q=%C3%BC&a=b", b"body")
    assert posted.headers["x-name"] == "value"
    assert posted.headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize("url", ["https://example.com/", "http://10.0.0.1/", "http://localhost.example/", "http:///"])
def test_nothing_is_posted_beyond_this_machine(url: str) -> None:
    assert outcome(url) == Outcome(None, "The sandbox posts to receivers at a loopback address only")


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://[::1/"])
def test_an_address_that_is_none_is_not_called(url: str) -> None:
    assert outcome(url) == Outcome(None, "The URL cannot be called")


def test_a_receiver_without_a_valid_certificate_is_not_trusted(receiver: Receiver) -> None:
    assert outcome(receiver.url.replace("http:", "https:")).error == "No connection, or it was broken"
    assert receiver.posted == []
