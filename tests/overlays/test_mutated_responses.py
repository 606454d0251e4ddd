"""Anything at all may come back: it becomes a result, or an error of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import trilogue
from trilogue._client import SyncClient
from trilogue._http.messages import HttpResponse
from trilogue.pantheon import Token
from trilogue_generated.runtime.operation import Operation

from .fuzz import Mutator, described_operations, examples
from .support import START, TOKEN, DirectClient, FakeClock


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
