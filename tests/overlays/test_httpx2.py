"""A transport of httpx2 does what one of httpx does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx2
import pytest
from trilogue import AsyncRapidPro, ConnectionFailed, InvalidArgument, OutcomeUnknown, RapidPro, TimedOut, Upload
from trilogue_sandbox import Sandbox

HOST = "http://127.0.0.1:9"


@pytest.fixture
def sandbox() -> Iterator[tuple[str, str]]:
    """A sandbox's address and token."""
    with Sandbox(start=None) as sandbox, sandbox.serve() as address:
        yield f"{address}/rapidpro", sandbox.accounts("rapidpro")[0].credentials["token"]


def failing(error: Exception) -> httpx2.MockTransport:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise error

    return httpx2.MockTransport(fail)


def test_calls_lists_and_uploads_go_through_it(sandbox: tuple[str, str]) -> None:
    host, token = sandbox
    with httpx2.HTTPTransport() as transport, RapidPro(token, host=host, transport=transport) as client:
        contact = client.contacts.create(name="Ana", urns=["tel:+250788123123"])
        media = client.media.upload(Upload(b"\x89PNG...", "map.png"))
        client.messages.send(contact=contact.uuid, text="Hello", attachments=[media.uuid])
        assert contact.uuid in {each.uuid for each in client.contacts.list()}


def test_asyncio_goes_through_one_too(sandbox: tuple[str, str]) -> None:
    host, token = sandbox

    async def names() -> list[str | None]:
        transport = httpx2.AsyncHTTPTransport()
        async with transport, AsyncRapidPro(token, host=host, transport=transport) as client:
            ana = await client.contacts.create(name="Ana", urns=["tel:+250788123123"])
            await client.media.upload(Upload(b"\x89PNG...", "map.png"))
            return [ana.name] + [contact.name async for contact in client.contacts.list()]

    assert asyncio.run(names()).count("Ana") == 2


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (httpx2.ConnectError("refused"), ConnectionFailed),
        (httpx2.ConnectTimeout("late"), ConnectionFailed),
        (httpx2.ReadTimeout("late"), OutcomeUnknown),
        (httpx2.RemoteProtocolError("closed"), OutcomeUnknown),
        (httpx2.DecodingError("incorrect header check"), OutcomeUnknown),
        (httpx2.TooManyRedirects("20"), OutcomeUnknown),
    ],
)
def test_its_errors_are_told_apart_by_whether_the_request_was_sent(error: Exception, raised: type[Exception]) -> None:
    with RapidPro("t", host=HOST, transport=failing(error), max_attempts=1) as client, pytest.raises(raised):
        client.contacts.create(name="Ana")


def test_a_time_out_while_reading_is_one() -> None:
    transport = failing(httpx2.ReadTimeout("late"))
    with RapidPro("t", host=HOST, transport=transport, max_attempts=1) as client, pytest.raises(TimedOut):
        client.workspace.get()


def test_one_for_asyncio_is_refused_by_a_client_for_threads() -> None:
    transport = httpx2.AsyncHTTPTransport()
    client = RapidPro("t", host=HOST, transport=transport)  # type: ignore[arg-type]
    with client, pytest.raises(InvalidArgument, match=r"transport: expected an httpx\.BaseTransport"):
        client.workspace.get()
