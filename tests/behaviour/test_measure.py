"""The measure notices what the sandbox does not do."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from trilogue_sandbox import Fault, Sandbox
from trilogue_sandbox import sandbox as facade
from trilogue_sandbox.kernel.http import Request, Response

from tests.behaviour import collecting, gaps
from tests.behaviour.collecting import WatchedSandbox
from tests.behaviour.descriptions import EVERY_OPERATION, Fact
from tests.behaviour.exploring import Explorer
from tests.behaviour.observing import Observer
from tests.replay import recording, replaying
from tests.replay.recording import Recorder, RecordingSandbox
from tests.replay.sessions import Session

GROUPS = "/rapidpro/api/v2/groups.json"
FILTER = Fact("groups_list", "parameter", "query name")
NAME = Fact("groups_save", "request", "GroupWrite.name")
READ = Fact("groups_save", "link", "201 read")


class Forgetful(Sandbox):
    """A sandbox that looks neither at the filter `name` nor at the body."""

    def respond(self, request: Request) -> Response:
        """Respond as if the name were another one."""
        query = [pair for pair in request.query if pair[0] != "name"]
        return super().respond(attrs.evolve(request, query=query, body=request.body and b'{"name": "Always"}'))


class Lost(Sandbox):
    """A sandbox that never finds a group by its UUID."""

    def respond(self, request: Request) -> Response:
        """Respond as if the group were not there."""
        is_read = request.path == GROUPS and request.method == "GET" and "uuid" in dict(request.query)
        return (
            Response.json({"detail": "No Group matches the given query."}, 404) if is_read else super().respond(request)
        )


def make_recorder(source: str = "tests/sandbox/rapidpro/test_groups.py::test_that_they_are_found") -> Recorder:
    """Return a recorder of a test that is counted."""
    recorder = Recorder()
    recorder.source = source
    return recorder


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """A session in which a group is made and found by its name."""
    monkeypatch.setattr(recording, "RECORDER", make_recorder())
    with RecordingSandbox() as sandbox:
        use(sandbox)
    return recording.RECORDER.sessions


def use(sandbox: Sandbox) -> None:
    token = sandbox.accounts("rapidpro")[0].credentials["token"]
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    sandbox.respond(Request("POST", GROUPS, (), headers, b'{"name": "Readers"}'))
    sandbox.respond(Request("GET", GROUPS, [("name", "Readers")], headers))


def explore(recorded: list[Session], sandbox: type[Sandbox], monkeypatch: pytest.MonkeyPatch) -> set[Fact]:
    """Return what exploring sees of such a sandbox."""
    monkeypatch.setattr(facade, "Sandbox", sandbox)
    monkeypatch.setattr(replaying, "Sandbox", sandbox)
    observer = Observer("rapidpro")
    Explorer(observer, recorded).explore()
    return observer.seen


def test_a_parameter_a_property_and_a_link_that_work_are_seen(
    recorded: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {FILTER, NAME, READ} <= explore(recorded, Sandbox, monkeypatch)


def test_a_parameter_and_a_property_that_are_ignored_are_not_seen(
    recorded: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {FILTER, NAME}.isdisjoint(explore(recorded, Forgetful, monkeypatch))


def test_a_link_that_leads_nowhere_is_not_followed(recorded: list[Session], monkeypatch: pytest.MonkeyPatch) -> None:
    assert READ not in explore(recorded, Lost, monkeypatch)


def test_statuses_are_provoked(recorded: list[Session], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = explore(recorded, Sandbox, monkeypatch)

    assert {fact.name for fact in seen if fact.operation == "groups_list" and fact.type == "status"} == {
        *("200", "400", "403", "404", "406", "429")
    }


@pytest.fixture
def observer(monkeypatch: pytest.MonkeyPatch) -> Observer:
    """What a watched sandbox is seen to do."""
    observer = Observer("rapidpro")
    monkeypatch.setattr(recording, "RECORDER", make_recorder())
    monkeypatch.setitem(collecting.OBSERVERS, "rapidpro", observer)
    return observer


def test_a_response_is_seen_with_the_properties_it_has(observer: Observer) -> None:
    with WatchedSandbox() as sandbox:
        use(sandbox)

    assert Fact("groups_save", "status", "201") in observer.seen
    assert Fact("groups_list", "response", "Group.name") in observer.seen
    assert Fact("groups_save", "response", "Group.query") in observer.missing  # null


def test_a_response_that_a_fault_made_does_not_count(observer: Observer) -> None:
    with WatchedSandbox(faults=[Fault("rate_limit")]) as sandbox:
        use(sandbox)

    assert not observer.seen


def test_what_other_tests_do_does_not_count(observer: Observer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "RECORDER", make_recorder("tests/contract/test_rapidpro.py::test_random_requests"))
    with WatchedSandbox() as sandbox:
        use(sandbox)

    assert not observer.seen


def test_a_header_counts_once_for_all_operations() -> None:
    assert [fact.operation for fact in Observer("pantheon").missing if fact.name == "header Idempotency-Key"] == [
        EVERY_OPERATION
    ]


def gap(*names: str) -> gaps.Gap:
    return gaps.Gap("a reason", ("groups_list",), names)


@pytest.mark.parametrize(
    ("listed", "new", "closed"),
    [
        ([gap("status 404", "link 200 read")], [], []),
        ([gap("status *", "link * read")], [], []),
        ([gap("status 404")], ["groups_list link 200 read"], []),
        ([gap("status 404", "link 200 read", "status 200")], [], ["groups_list status 200"]),
        ([gap("status *", "link * read", "status 2*")], [], ["groups_list status 2*"]),
    ],
    ids=["all listed", "all listed by patterns", "a new gap", "a gap that closed", "a pattern for nothing"],
)
def test_the_list_must_be_exact(listed: list[gaps.Gap], new: list[str], closed: list[str]) -> None:
    missing = {Fact("groups_list", "status", "404"), Fact("groups_list", "link", "200 read")}
    found: Any = gaps.compare(missing, listed)

    assert ([str(fact) for fact in found.new], list(found.closed)) == (new, closed)
    assert found.agrees == (not new and not closed)
