"""Idempotency keys: on every Pantheon method that changes something, one for each call, the same on each attempt."""

from __future__ import annotations

import pkgutil
from functools import reduce
from importlib import import_module
from typing import Any
from uuid import UUID

import httpx
import pytest
from trilogue import TrilogueError
from trilogue_generated.pantheon import operations
from trilogue_generated.runtime.operation import ListOperation, Operation

from .pantheon import Issuer, PantheonHarness, is_for_a_token
from .support import RecordingTransport, Reply, json_response
from .values import least_arguments

KEY = "idempotency-key"
READING = ("get", "get_usage", "list", "list_deliveries", "list_refunds")


def every_operation() -> list[Operation[Any]]:
    modules = [
        import_module(f"{operations.__name__}.{found.name}") for found in pkgutil.iter_modules(operations.__path__)
    ]
    values = [value for module in modules for value in vars(module).values()]
    return [value for value in values if isinstance(value, Operation)]


WITH_KEY = [operation for operation in every_operation() if operation.key_header]
OTHERS = [operation for operation in every_operation() if not operation.key_header]


class Failing:
    """Gives out tokens; calls of methods meet these failures before they succeed."""

    def __init__(self, pantheon: PantheonHarness, *failures: Reply) -> None:
        self._issuer = Issuer(pantheon.clock)
        self._failures = list(failures)
        self.keys: list[str | None] = []

    def __call__(self, request: httpx.Request) -> Reply:
        if is_for_a_token(request):
            return self._issuer(request)
        self.keys.append(request.headers.get(KEY))
        return self._failures.pop(0) if self._failures else json_response(json={"items": [], "next_cursor": None})


def call(pantheon: PantheonHarness, client: Any, operation: Operation[Any], **more: Any) -> None:
    """Call the method of an operation with the least it takes."""
    method = reduce(getattr, operation.name.split("."), client)
    result = method(**least_arguments(operation), **more)
    pantheon.rows(result) if isinstance(operation, ListOperation) else pantheon.result(result)


@pytest.mark.parametrize("operation", WITH_KEY, ids=lambda operation: operation.name)
def test_a_method_that_changes_something_has_a_key_which_is_the_same_on_each_attempt(
    pantheon: PantheonHarness, operation: Operation[Any]
) -> None:
    failing = Failing(pantheon, json_response(503), httpx.ReadError("the response was lost"))
    client = pantheon.client(RecordingTransport(failing))

    call(pantheon, client, operation)

    assert len(failing.keys) == 3
    assert len(set(failing.keys)) == 1
    assert UUID(failing.keys[0]).version == 4


@pytest.mark.parametrize("operation", WITH_KEY, ids=lambda operation: operation.name)
def test_an_own_key_is_sent_as_it_is_on_each_attempt(pantheon: PantheonHarness, operation: Operation[Any]) -> None:
    failing = Failing(pantheon, json_response(500), json_response(429, retry_after="3"))
    client = pantheon.client(RecordingTransport(failing))

    call(pantheon, client, operation, idempotency_key="order-10482")

    assert failing.keys == ["order-10482"] * 3


@pytest.mark.parametrize("operation", OTHERS, ids=lambda operation: operation.name)
def test_methods_that_read_and_methods_about_tokens_have_no_key(
    pantheon: PantheonHarness, operation: Operation[Any]
) -> None:
    client = pantheon.client(transport := RecordingTransport(Failing(pantheon)))

    call(pantheon, client, operation)

    assert [request for request in transport.requests if KEY in request.headers] == []
    assert operation.name.startswith("auth.") or operation.name.partition(".")[2] in READING


def test_two_calls_have_two_keys(pantheon: PantheonHarness) -> None:
    failing = Failing(pantheon)
    client = pantheon.client(RecordingTransport(failing))

    for _ in range(2):
        pantheon.result(client.contacts.create(name="Ana"))

    assert len(set(failing.keys)) == 2


@pytest.mark.parametrize(
    "failure", [json_response(401), json_response(429, retry_after="3"), httpx.ConnectError("refused")]
)
def test_a_call_that_was_refused_or_never_sent_keeps_its_key(pantheon: PantheonHarness, failure: Reply) -> None:
    failing = Failing(pantheon, failure)
    client = pantheon.client(RecordingTransport(failing))

    pantheon.result(client.contacts.create(name="Ana"))

    assert len(failing.keys) == 2
    assert len(set(failing.keys)) == 1


def test_a_key_of_the_caller_can_be_used_for_a_later_call(pantheon: PantheonHarness) -> None:
    failing = Failing(pantheon, *[json_response(503)] * 3)
    client = pantheon.client(RecordingTransport(failing))
    with pytest.raises(TrilogueError):
        pantheon.result(client.payments.refund(payment_id="pay_1", idempotency_key="refund-1"))

    pantheon.result(client.payments.refund(payment_id="pay_1", idempotency_key="refund-1"))

    assert failing.keys == ["refund-1"] * 4
