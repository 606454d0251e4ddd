"""Anything at all may come back: it becomes a result, or an error of ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import httpx
import pytest
import trilogue
from trilogue._client import SyncClient
from trilogue._http.messages import HttpResponse
from trilogue.pantheon import Token
from trilogue_generated.runtime.operation import ListOperation, Operation

from .fuzz import Mutator, described_operations, examples, operations_of
from .support import START, TOKEN, Async, DirectClient, FakeClock, RecordingTransport, Sync
from .values import least_arguments


class Cache:
    """A location where there always is a token."""

    def load(self) -> Token:
        return Token("access", "refresh", START + 1e9, START + 1e9)

    def save(self, token: Token) -> None:
        """Forget it."""


CLIENTS: dict[str, Callable[[], SyncClient]] = {
    "rapidpro": lambda: trilogue.RapidPro(TOKEN, max_attempts=1, clock=FakeClock()),
    "botpress": lambda: trilogue.Botpress(
        TOKEN, bot_id="b", workspace_id="w", integration_id="i", max_attempts=1, clock=FakeClock()
    ),
    "pantheon": lambda: trilogue.Pantheon("id", "secret", token_cache=Cache(), max_attempts=1, clock=FakeClock()),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "rapidpro": {"token": TOKEN},
    "botpress": {"token": TOKEN, "bot_id": "b", "workspace_id": "w", "integration_id": "i"},
    "pantheon": {"client_id": "id", "client_secret": "secret", "token_cache": Cache()},
}
METHODS: dict[str, dict[str, Callable[[Any], Any]]] = {
    platform: {
        mode: partial(
            getattr(trilogue, prefix + label), **SETTINGS[platform], max_attempts=1, deadline=120, clock=FakeClock()
        )
        for mode, prefix in (("sync", ""), ("async", "Async"))
    }
    for platform, label in (("rapidpro", "RapidPro"), ("botpress", "Botpress"), ("pantheon", "Pantheon"))
}
OPERATIONS = {"rapidpro": 51, "botpress": 213, "pantheon": 57}


@pytest.mark.parametrize("platform", CLIENTS)
def test_ten_thousand_mutated_responses_raise_nothing_but_our_errors(platform: str) -> None:
    operations, responses = described_operations(platform), examples(platform)
    assert len({made.id for made in operations}) == OPERATIONS[platform]
    mutator, reply = Mutator(20_261_121), list[HttpResponse]()
    direct = DirectClient(CLIENTS[platform](), lambda: reply[-1])
    outcomes = {"result": 0, "error": 0}

    for number in range(10_000):
        made = operations[number % len(operations)]
        reply[:] = [mutator.reply(responses[made.name])]
        outcome = ask(direct, made)
        is_error = isinstance(outcome, trilogue.RequestError)
        outcomes["error" if is_error else "result"] += 1
        assert not is_error or made.name in str(outcome) or "auth.get_access_token" in str(outcome)

    assert min(outcomes.values()) > 1_000


def ask(direct: DirectClient, made: Operation[Any]) -> Any:
    """Return a result, or the error of ours that was raised."""
    try:
        return direct.call(made)
    except trilogue.RequestError as error:
        return error


@pytest.mark.parametrize("mode", [Sync, Async], ids=["sync", "async"])
@pytest.mark.parametrize("times", [200, pytest.param(10_000, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("platform", METHODS)
def test_methods_raise_nothing_but_our_errors_for_mutated_responses(
    platform: str, times: int, mode: Callable[[], Sync | Async]
) -> None:
    operations, responses = operations_of(platform), examples(platform)
    runner, mutator, reply = mode(), Mutator(20_261_129), list[HttpResponse]()
    transport = RecordingTransport(
        lambda _: httpx.Response(reply[-1].status, headers=reply[-1].headers, content=reply[-1].content)
    )
    client = METHODS[platform][runner.name](transport=transport, clock=FakeClock())
    outcomes = {"result": 0, "error": 0}
    for number in range(times):
        made = operations[number * 7 % len(operations)]
        reply[:] = [mutator.reply(responses[made.name])]
        outcomes["error" if is_refused(runner, client, made) else "result"] += 1
    runner.result(client.close())
    runner.end()

    assert min(outcomes.values()) > times / 20
    assert len(transport.requests) >= times  # no response keeps later calls from being sent


def is_refused(runner: Sync | Async, client: Any, made: Operation[Any]) -> bool:
    """Call the method of an operation, and return whether it raised an error of ours."""
    method = reduce(getattr, made.name.split("."), client)
    try:
        result = method(**least_arguments(made))
        runner.result(result.page() if isinstance(made, ListOperation) else result)
    except trilogue.RequestError:
        return True
    return False
