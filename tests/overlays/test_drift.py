"""`on_drift` tells of each difference between a response and the description, in passing."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from trilogue import ApiError, AsyncRapidPro, Drift, InvalidArgument, RapidPro

LABEL = {"uuid": None, "name": "Feedback", "colour": "+250788123123"}


def respond(request: httpx.Request) -> httpx.Response:
    if "groups" in request.url.path:
        return httpx.Response(418, json={"detail": "I am a teapot."})
    return httpx.Response(200, json={"next": None, "previous": None, "results": [LABEL, LABEL]})


def client(seen: Any) -> RapidPro:
    return RapidPro("token", transport=httpx.MockTransport(respond), on_drift=seen)


EXPECTED = {
    ("missing field", "/results/*/count", ""),
    ("unexpected null", "/results/*/uuid", "null instead of string"),
    ("unknown field", "/results/*/colour", "string"),
}


def test_each_difference_is_reported_once_a_response() -> None:
    seen: list[Drift] = []

    list(client(seen.append).labels.list())

    assert {(each.problem, each.pointer, each.detail) for each in seen} == EXPECTED
    assert len(seen) == len(EXPECTED)
    assert {(each.platform, each.operation, each.status) for each in seen} == {("rapidpro", "labels.list", 200)}
    assert LABEL["colour"] not in repr(seen)


async def read_asynchronously(seen: list[Drift]) -> None:
    async with AsyncRapidPro("token", transport=httpx.MockTransport(respond), on_drift=seen.append) as async_client:
        [label async for label in async_client.labels.list()]


def test_the_async_client_reports_the_same() -> None:
    import asyncio

    seen: list[Drift] = []

    asyncio.run(read_asynchronously(seen))

    assert {(each.problem, each.pointer, each.detail) for each in seen} == EXPECTED


def test_errors_are_compared_too() -> None:
    seen: list[Drift] = []

    with pytest.raises(ApiError):
        client(None).with_options(on_drift=seen.append).groups.delete(uuid="6685e933-26e1-4363-a468-8f7268ab63a9")

    assert [(each.status, each.problem, each.pointer) for each in seen] == [(418, "undocumented status", "")]


def test_what_the_function_raises_does_not_end_the_call(caplog: pytest.LogCaptureFixture) -> None:
    def fail(drift: Drift) -> None:
        raise ValueError(json.dumps(LABEL))

    assert len(list(client(fail).labels.list())) == 2
    assert {record.getMessage() for record in caplog.records} == {"on_drift raised ValueError"}


def test_it_must_be_a_function() -> None:
    with pytest.raises(InvalidArgument, match="on_drift: expected a function that takes a Drift"):
        client("print")
