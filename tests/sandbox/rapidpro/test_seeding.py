"""What is there from the beginning, and more on request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.rapidpro.registry import RESOURCES

from tests.sandbox.rapidpro.caller import Caller

LISTS = sorted(name.removesuffix("_list") for name in RESOURCES.operations if name.endswith("_list"))


@pytest.mark.parametrize("name", LISTS)
def test_every_list_of_the_main_workspace_has_something_in_it(api: Caller, name: str) -> None:
    assert api.rows(name)


def test_the_empty_workspace_has_what_every_workspace_has(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "empty")
    found = {name: len(api.rows(name)) for name in LISTS if api.rows(name)}

    assert found == {"groups": 1, "topics": 1, "users": 1}


def _first_pages(seed: int) -> list[Any]:
    with Sandbox(seed=seed) as sandbox:
        sandbox.seed_data("rapidpro", {"contacts": 300, "messages": 300})
        api = Caller.of(sandbox, "administrator")
        return [api.call("GET", name).body for name in LISTS]


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    assert _first_pages(1) == _first_pages(1)
    assert _first_pages(1) != _first_pages(2)


def _steps_to_add(sandbox: Sandbox, count: int) -> int:
    """Return what SQLite's machine does to add contacts and messages, in units of a thousand steps."""
    steps = 0

    def tick() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = sandbox._store._connection  # the sandbox itself has no need of a counter
    connection.set_progress_handler(tick, 1000)
    made = sandbox.seed_data("rapidpro", {"workspace": "empty", "contacts": count, "messages": count})
    connection.set_progress_handler(None, 0)
    assert made == {"contacts": count, "messages": count}
    return steps


def test_many_contacts_and_messages_cost_no_more_each_than_few(sandbox: Sandbox) -> None:
    sandbox.control("rapidpro", "add_channel", {"workspace": "empty", "name": "Line", "address": "123"})
    few = _steps_to_add(sandbox, 1000)
    many = _steps_to_add(sandbox, 4000)

    assert many < 1.3 * 4 * few
    assert len(Caller.of(sandbox, "empty").iterate("contacts")) == 5000


def test_what_is_added_is_varied(sandbox: Sandbox) -> None:
    sandbox.seed_data("rapidpro", {"contacts": 1000, "messages": 1000})
    api = Caller.of(sandbox, "administrator")
    contacts, messages = api.iterate("contacts"), api.iterate("messages")

    assert {contact["status"] for contact in contacts} == {"active", "blocked", "stopped", "archived"}
    assert {contact["language"] for contact in contacts} == {"kin", "eng", None}
    assert {len(contact["urns"]) for contact in contacts} == {1, 2}
    assert {message["direction"] for message in messages} == {"in", "out"}
    assert {"handled", "wired", "sent", "delivered", "failed"} <= {message["status"] for message in messages}
    assert all(not contact["groups"] for contact in contacts if contact["status"] != "active")


def test_adding_again_adds_to_what_is_there(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "administrator")
    before = len(api.iterate("contacts"))
    for _ in range(2):
        sandbox.seed_data("rapidpro", {"contacts": 10})

    assert len(api.iterate("contacts")) == before + 20


def test_a_seed_that_makes_no_sense_is_refused(sandbox: Sandbox) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"kontacts": 1}, "no seed data is called `kontacts`"),
        ({"contacts": -1}, "must be an integer"),
        ({"contacts": "many"}, "must be an integer"),
        ({"contacts": {"count": 1, "modified_on": "soon"}}, "is a time"),
        ({"workspace": "nowhere"}, "there is no workspace"),
    ]
    for data, message in wrong:
        with pytest.raises(ControlError, match=message):
            sandbox.seed_data("rapidpro", data)


def test_a_reset_brings_the_beginning_back(sandbox: Sandbox, api: Caller) -> None:
    before = [row["uuid"] for row in api.rows("contacts")]
    api.create("contacts", name="Ana")
    sandbox.reset()

    assert [row["uuid"] for row in api.rows("contacts")] == before


def test_tokens_are_printed_with_what_they_are_for(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts("rapidpro")

    assert all(len(account.credentials["token"]) == 40 for account in accounts)
    assert len({account.credentials["token"] for account in accounts}) == len(accounts)
    assert json.dumps([account.note for account in accounts]).count("refused") == 2
