"""Any number of items in calls of limited size: nothing is sent twice, and every item is accounted for."""

from __future__ import annotations

import fcntl
import json
import pickle
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import trilogue

from .support import Async, Harness, RecordingTransport, Reply, json_response

CONTACTS = [f"5079cb96-a1d8-4f47-8c87-{number:012d}" for number in range(250)]
GROUP = "1e9a29ef-956c-4fc0-963d-5fa915398403"


class Server:
    """Takes actions on contacts: 400 for a call with a bad contact, otherwise what `replies` says, or 204."""

    def __init__(self, bad: set[str] | None = None) -> None:
        self.bad = bad or set()
        self.done: list[str] = []
        self.calls = 0
        self.replies: dict[int, Callable[[], Reply]] = {}

    def __call__(self, request: httpx.Request) -> Reply:
        self.calls += 1
        contacts = json.loads(request.content)["contacts"]
        if self.calls in self.replies:
            return self.replies[self.calls]()
        if bad := self.bad.intersection(contacts):
            return json_response(400, {"contacts": [f"No such object: {min(bad)}"]})
        self.done += contacts
        return json_response(204)


class Crash(BaseException):
    """Ends a run as a kill does."""


def crash() -> Reply:
    raise Crash


def perform(harness: Harness, server: Server, contacts: Any = CONTACTS, **options: Any) -> Any:
    client = harness.client(RecordingTransport(server), max_attempts=1)
    return harness.result(client.contact_actions.perform_many(contacts=contacts, action="add", group=GROUP, **options))


def test_items_are_cut_into_calls_of_the_size_the_platform_allows(harness: Harness) -> None:
    server = Server()
    result = perform(harness, server, iter(CONTACTS))

    assert server.done == CONTACTS
    assert (server.calls, result.calls, result.total, result.done) == (3, 3, 250, 250)


def test_no_items_are_no_call(harness: Harness) -> None:
    assert perform(harness, Server(), []).calls == 0


def test_items_that_the_platform_refuses_are_found_and_the_others_carried_out(harness: Harness) -> None:
    bad = {CONTACTS[3], CONTACTS[120], CONTACTS[121]}
    result = perform(harness, server := Server(bad))

    assert sorted(server.done) == [each for each in CONTACTS if each not in bad]
    assert {each.item for each in result.failures} == bad
    assert {each.index for each in result.failures} == {3, 120, 121}
    assert all(isinstance(each.reason, trilogue.BadRequest) for each in result.failures)
    assert (result.done, result.failed, result.unknown) == (247, 3, 0)


def test_a_result_shows_how_many_failed_and_nobody(harness: Harness) -> None:
    result = perform(harness, Server(bad={CONTACTS[1]}), CONTACTS[:4])

    assert repr(result) == f"BulkResult(total=4, done=3, failed=1, unknown=0, skipped=0, calls={result.calls})"


def test_a_chunk_that_is_wrong_as_a_whole_is_not_tried_item_by_item(harness: Harness) -> None:
    server = Server()
    server.replies = dict.fromkeys(range(1, 200), lambda: json_response(400, {"group": ["No such object"]}))
    result = perform(harness, server, CONTACTS[:100])

    assert (result.failed, server.done) == (100, [])
    assert server.calls < 60


def test_an_invalid_item_is_found_without_a_call(harness: Harness) -> None:
    result = perform(harness, server := Server(), [*CONTACTS[:50], 7])

    assert (result.done, server.done) == (50, CONTACTS[:50])
    assert isinstance(result.failures[0].reason, trilogue.InvalidArgument)


def test_items_the_response_names_are_failed(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(json={"failures": [3, 99]}))
    result = harness.result(client.message_actions.perform_many(messages=[1, 2, 3], action="archive"))

    assert [(each.item, each.state) for each in result.items] == [(1, "done"), (2, "done"), (3, "failed")]


def test_an_unknown_outcome_is_neither_repeated_nor_lost(harness: Harness) -> None:
    server = Server()
    server.replies[2] = lambda: httpx.ReadError("reset")
    result = perform(harness, server)

    assert server.done == [*CONTACTS[:100], *CONTACTS[200:]]
    assert (result.done, result.unknown) == (150, 100)
    assert all(isinstance(each.reason, trilogue.OutcomeUnknown) for each in result.failures)


# The ledger.


@pytest.mark.parametrize("ends_at", [1, 2, 3])
def test_a_run_that_was_killed_goes_on_without_repeating_an_item(
    harness: Harness, tmp_path: Path, ends_at: int
) -> None:
    ledger = tmp_path / "ledger.jsonl"
    server = Server()
    server.replies[ends_at] = crash
    with pytest.raises(Crash):
        perform(harness, server, ledger=ledger)
    result = perform(harness, server, ledger=ledger)

    lost = 50 if ends_at == 3 else 100
    assert len(server.done) == len(set(server.done)) == 250 - lost
    assert (result.skipped, result.unknown, result.total) == ((ends_at - 1) * 100, lost, 250)
    again = perform(harness, server, ledger=ledger)
    assert (again.calls, again.skipped) == (0, result.skipped + result.done)


def test_a_line_that_was_cut_off_is_dropped(harness: Harness, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    perform(harness, server := Server(), CONTACTS[:100], ledger=ledger)
    ledger.write_bytes(ledger.read_bytes() + b'{"note": "do')
    result = perform(harness, server, ledger=ledger)

    assert (result.skipped, result.done) == (100, 150)
    assert perform(harness, server, ledger=ledger).skipped == 250


def test_equal_items_are_told_apart(harness: Harness, tmp_path: Path) -> None:
    twice = [CONTACTS[0], CONTACTS[0]]
    perform(harness, server := Server(), twice, ledger=tmp_path / "ledger")
    perform(harness, server, [*twice, CONTACTS[0]], ledger=tmp_path / "ledger")

    assert server.done == [CONTACTS[0]] * 3


def test_what_was_not_carried_out_is_sent_when_the_run_goes_on(harness: Harness, tmp_path: Path) -> None:
    server = Server()
    server.replies[2] = lambda: httpx.ConnectError("no route")
    with pytest.raises(trilogue.BulkStopped, match="ConnectionFailed after 100 items") as raised:
        perform(harness, server, ledger=tmp_path / "ledger")

    assert isinstance(raised.value.__cause__, trilogue.ConnectionFailed)
    assert (raised.value.result.done, raised.value.is_safe_to_retry) == (100, True)
    assert pickle.loads(pickle.dumps(raised.value)).result.done == 0
    assert perform(harness, server, ledger=tmp_path / "ledger").done == 150
    assert server.done == CONTACTS


def test_failed_items_are_not_tried_again(harness: Harness, tmp_path: Path) -> None:
    perform(harness, server := Server({CONTACTS[1]}), CONTACTS[:3], ledger=tmp_path / "ledger")
    again = perform(harness, server, CONTACTS[:3], ledger=tmp_path / "ledger")

    assert (again.calls, again.skipped, again.failed) == (0, 2, 1)


def test_a_ledger_holds_no_item(harness: Harness, tmp_path: Path) -> None:
    perform(harness, Server(), CONTACTS[:1], ledger=tmp_path / "ledger")
    content = (tmp_path / "ledger").read_text()

    assert CONTACTS[0] not in content
    assert GROUP not in content


def test_a_ledger_belongs_to_one_method_and_its_arguments(harness: Harness, tmp_path: Path) -> None:
    client = harness.client(RecordingTransport(Server()))
    perform(harness, Server(), CONTACTS[:1], ledger=tmp_path / "ledger")
    with pytest.raises(trilogue.InvalidArgument, match=r"contact_actions\.perform_many: ledger: .* other arguments"):
        harness.result(
            client.contact_actions.perform_many(contacts=CONTACTS, action="block", ledger=tmp_path / "ledger")
        )


def test_two_runs_cannot_use_one_ledger_at_the_same_time(harness: Harness, tmp_path: Path) -> None:
    perform(harness, Server(), CONTACTS[:1], ledger=tmp_path / "ledger")
    with open(tmp_path / "ledger") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(trilogue.InvalidArgument, match="another process uses the file"):
            perform(harness, Server(), ledger=tmp_path / "ledger")


OTHER_FILES = [
    *(b"name,phone\n", b"[]\n", b"a line without an end", b"a line\nanother without an end", b'{"ledger": 99}\n'),
    *(b'{"ledger":1,"purpose":"x"}\n', b'{"ledger":1,"purpose":"x","id":"y"}\n{"note":"sent"}\n'),
]


@pytest.mark.parametrize("content", OTHER_FILES)
def test_another_file_is_refused_and_left_as_it_is(harness: Harness, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "people.csv").write_bytes(content)
    with pytest.raises(trilogue.InvalidArgument, match="is no ledger of trilogue"):
        perform(harness, Server(), ledger=tmp_path / "people.csv")

    assert (tmp_path / "people.csv").read_bytes() == content


# Rows: one call for each.


def test_contacts_come_from_a_table(harness: Harness) -> None:
    table = [{"urn": f"tel:+25078812312{number}", "name": name} for number, name in enumerate(["Ana", "Bo"])]
    client, transport = harness.scripted(*(json_response(json={"uuid": uuid}) for uuid in CONTACTS[:2]))
    result = harness.result(client.contacts.create_or_update_many(table))

    assert [each.result.uuid for each in result.items] == CONTACTS[:2]
    assert [json.loads(each.content) for each in transport.requests] == [{"name": "Ana"}, {"name": "Bo"}]


def test_a_column_that_is_no_argument_is_named(harness: Harness) -> None:
    client, _ = harness.scripted()
    result = harness.result(client.contacts.create_or_update_many([{"phone": "+250788123123"}]))

    assert "there is no argument 'phone'; there are" in str(result.failures[0].reason)


# Plans, shares, progress.


def test_a_dry_run_sends_nothing_and_says_how_long_it_would_take(harness: Harness) -> None:
    client, transport = harness.scripted(requests_per_hour=2)
    plan = harness.result(client.contact_actions.perform_many(contacts=CONTACTS, action="block", dry_run=True))

    assert (plan.total, plan.calls, plan.done, transport.requests) == (250, 3, 0, [])
    assert plan.seconds == 3601.0


def test_a_dry_run_leaves_out_what_a_ledger_has(harness: Harness, tmp_path: Path) -> None:
    perform(harness, Server(), CONTACTS[:200], ledger=tmp_path / "ledger")
    assert perform(harness, Server(), ledger=tmp_path / "ledger", dry_run=True).calls == 1


def test_a_run_stops_once_the_share_of_failures_is_passed(harness: Harness) -> None:
    server = Server({*CONTACTS[:150:2]})
    with pytest.raises(trilogue.BulkStopped, match="of 100 items failed, a larger share than max_failures") as raised:
        perform(harness, server, max_failures=0.4)

    assert raised.value.result.total == 100


def test_one_failure_among_the_first_items_is_no_share(harness: Harness) -> None:
    rows = [{"urn": "tel:+250788123120"}] * 3
    client, _ = harness.scripted(json_response(400, {"urn": ["no"]}), *(json_response(json={"uuid": "a"}),) * 2)
    assert harness.result(client.contacts.create_or_update_many(rows, max_failures=0.1)).done == 2


@pytest.mark.parametrize("wrong", [-0.1, 1.1, "0.5", True])
def test_a_share_that_is_none_is_refused(harness: Harness, wrong: Any) -> None:
    with pytest.raises(trilogue.InvalidArgument, match="max_failures: expected a share from 0 to 1"):
        perform(harness, Server(), max_failures=wrong)


def test_progress_is_shown_after_each_call(harness: Harness) -> None:
    seen: list[int] = []
    perform(harness, Server(), on_progress=lambda result: seen.append(result.done))
    assert seen == [100, 200, 250]


def test_calls_wait_for_the_rate_limit_as_long_as_necessary(harness: Harness) -> None:
    server = Server()
    server.replies[1] = lambda: json_response(429, retry_after="3000")
    assert perform(harness, server).done == 250


# What is no source of items.


@pytest.mark.parametrize("wrong", ["5079cb96", {"a": 1}, 7, None])
def test_a_source_that_is_none_is_refused(harness: Harness, wrong: Any) -> None:
    with pytest.raises(
        trilogue.InvalidArgument, match=r"contact_actions\.perform_many: (contacts: expected|give exactly)"
    ):
        perform(harness, Server(), wrong)


def test_exactly_one_source_is_taken(harness: Harness) -> None:
    client, _ = harness.scripted()
    with pytest.raises(trilogue.InvalidArgument, match="give exactly one of contacts, urns"):
        harness.result(client.broadcasts.send_many(contacts=CONTACTS, urns=["tel:+250788123123"], text="Hi"))


def test_items_may_come_asynchronously_for_an_async_client(harness: Harness) -> None:
    async def items() -> AsyncIterator[str]:
        for contact in CONTACTS:
            yield contact

    server = Server()
    if isinstance(harness.mode, Async):
        assert perform(harness, server, items()).done == 250
        return
    with pytest.raises(trilogue.InvalidArgument, match="only an async client"):
        perform(harness, server, items())
