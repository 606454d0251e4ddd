"""Retries have a quota, and an error says whether a caller may retry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import trilogue

from .support import Harness, RecordingTransport, json_response, operation, raw_response, script

READ = operation(id="look", name="things.look", method="GET", retry="idempotent", content_type=None)
WITH_KEY = operation(id="pay", name="things.pay", retry="idempotency-key", key_header="Idempotency-Key")
CREATE = operation(id="make", name="things.make", retry="non-idempotent")


def fail_often(harness: Harness, client: Any, calls: int) -> None:
    for _ in range(calls):
        with pytest.raises(trilogue.RequestError):
            harness.result(client._caller.call(READ, {}))


@pytest.mark.parametrize(("calls", "most"), [(200, 1.2), (1000, 1.05)])
def test_a_lasting_outage_is_met_with_few_more_requests_than_calls(harness: Harness, calls: int, most: float) -> None:
    transport = RecordingTransport(lambda request: json_response(503))
    client = harness.client(transport, deadline=None)

    fail_often(harness, client, calls)

    assert calls < len(transport.requests) <= most * calls


def test_the_quota_is_shared_by_the_copies_of_a_client_and_visible(harness: Harness) -> None:
    client = harness.client(RecordingTransport(lambda request: json_response(503)), retry_quota=28)
    copy = client.with_options(timeout=5)

    fail_often(harness, copy, 1)

    assert (client.retry_quota.left, copy.retry_quota.left, client.retry_quota.capacity) == (0, 0, 28)


def test_success_earns_the_quota_back(harness: Harness) -> None:
    client, transport = harness.scripted(
        json_response(503), json_response(503), json_response(json={}), json_response(json={}), retry_quota=30
    )

    harness.result(client._caller.call(READ, {}))
    assert client.retry_quota.left == 30
    harness.result(client._caller.call(READ, {}))

    assert client.retry_quota.left == 30
    assert len(transport.requests) == 4


def test_a_time_to_wait_that_the_platform_names_costs_nothing(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(429, retry_after="2"), json_response(json={}), retry_quota=0)

    assert harness.result(client._caller.call(READ, {})) == {}


@pytest.mark.parametrize("quota", [-1, 1.5, "9", True])
def test_an_invalid_quota_is_an_invalid_argument(harness: Harness, quota: Any) -> None:
    with pytest.raises(trilogue.InvalidArgument, match=r"^retry_quota: "):
        harness.client(RecordingTransport(script()), retry_quota=quota)


# What a queue asks.

LOST: Callable[[], Any] = lambda: httpx.ReadError("reset")  # noqa: E731

CASES: dict[str, tuple[Any, Callable[[], Any], dict[str, str], bool]] = {
    "never sent": (CREATE, lambda: httpx.ConnectError("refused"), {}, True),
    "an untrusted certificate": (CREATE, lambda: httpx.ConnectError("CERTIFICATE_VERIFY_FAILED"), {}, False),
    "a create that was lost": (CREATE, LOST, {}, False),
    "a read that was lost": (READ, LOST, {}, True),
    "a read that failed": (READ, lambda: json_response(503), {}, True),
    "a read that is not implemented": (READ, lambda: json_response(501), {}, False),
    "a create that failed": (CREATE, lambda: json_response(503), {}, False),
    "a create that was refused": (CREATE, lambda: json_response(400), {}, False),
    "a create at the rate limit": (CREATE, lambda: json_response(429, retry_after="3600"), {}, True),
    "a payment with a key of the client": (WITH_KEY, LOST, {}, False),
    "a payment with a key of the caller": (WITH_KEY, LOST, {"Idempotency-Key": "order-17"}, True),
    "a payment that was never sent": (WITH_KEY, lambda: httpx.ConnectError("refused"), {}, True),
    "a create that was accepted": (CREATE, lambda: raw_response(200, b"<html>"), {}, False),
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_says_whether_the_call_may_be_made_again(harness: Harness, name: str) -> None:
    made, fail, headers, is_safe = CASES[name]
    client = harness.client(RecordingTransport(lambda request: fail()), headers=headers)

    with pytest.raises(trilogue.RequestError) as raised:
        harness.result(client._caller.call(made, {}))

    assert raised.value.is_safe_to_retry is is_safe
    if made is WITH_KEY:
        assert raised.value.idempotency_key
    if headers:
        assert raised.value.idempotency_key == "order-17"
