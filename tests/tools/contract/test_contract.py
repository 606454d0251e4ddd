"""`trilogue contract` against right servers and lying ones: within what it says, and without a word of anybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Fault, Sandbox
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_tools.contract.plan import EFFORTS, RATE_BUDGETS, requests_for
from trilogue_tools.drift.endpoints import endpoints

from tests.contract.bugs import each, rows, setting, with_body, with_status, without, without_input
from tests.contract.catalogue import later, link_to_itself

from ..lying import Lie, LyingSandbox, Respond
from .conftest import Run

SECRET = "+250788999000"
RESULTS = "results"


def sandbox_with(lie: Lie | None = None, faults: list[Fault] | None = None) -> Sandbox:
    """A sandbox with two pages of channel events, whose responses may pass through a lie."""
    sandbox = LyingSandbox(lie, seed=7, faults=faults or []) if lie else Sandbox(seed=7, faults=faults or [])
    sandbox.seed_data("rapidpro", {"channel_events": 600})
    return sandbox


def renamed(old: str, new: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: {new if key == old else key: value for key, value in row.items()}


def about(path: str, **changes: Any) -> Lie:
    """Return the lie that changes each response below a path."""

    def lie(request: Request, respond: Respond) -> Response:
        response = respond(request)
        return attrs.evolve(response, **changes) if path in request.path else response

    return lie


def with_header(request: Request, respond: Respond) -> Response:
    """Add a header that is not described."""
    response = respond(request)
    return response.with_headers(response.headers.set("X-Shard", SECRET))


def as_html(request: Request, respond: Respond) -> Response:
    """Respond with a page, as a proxy does."""
    return Response.html(f"<p>{SECRET}</p>") if "/labels.json" in request.path else respond(request)


def labels(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Lie:
    """Return the lie that changes each label."""
    return with_body("/labels.json", each(change, RESULTS))


LIES: Mapping[str, tuple[Lie, str, str]] = {
    "a field is renamed": (
        with_body("/labels.json", each(renamed("count", "total"), RESULTS)),
        "labels",
        "missing field",
    ),
    "a field has another type": (
        with_body("/labels.json", each(setting("count", SECRET), RESULTS)),
        "labels",
        "wrong type",
    ),
    "a field is null": (labels(setting("uuid", None)), "labels", "unexpected null"),
    "a field is missing": (labels(without("uuid")), "labels", "missing field"),
    "a field is new": (labels(setting("colour", SECRET)), "labels", "unknown field"),
    "a field is somebody's number": (
        with_body("/labels.json", each(setting(SECRET, 1), RESULTS)),
        "labels",
        "unknown field at /results/*/*",
    ),
    "a value is new": (with_body("/flows.json", each(setting("type", SECRET), RESULTS)), "flows", "unknown value"),
    "a time is no time": (
        with_body("/topics.json", each(setting("created_on", SECRET), RESULTS)),
        "topics",
        "wrong format",
    ),
    "a number is too small": (
        with_body("/labels.json", each(setting("count", -1), RESULTS)),
        "labels",
        "out of bounds",
    ),
    "a status is new": (with_status("/labels.json", {200: 206}), "labels", "undocumented status"),
    "a server fails": (with_status("/labels.json", {200: 500}), "labels", "server error"),
    "a header is new": (with_header, "labels", "undocumented header"),
    "a proxy responds": (as_html, "labels", "wrong content type"),
    "JSON ends too early": (about("/labels.json", body=b'{"results": ['), "labels", "invalid JSON"),
    "a page is repeated": (link_to_itself("/channel_events.json", "next"), "channel_events", "the pages form a cycle"),
    "a page is lost": (
        with_body("/channel_events.json", lambda page: {**page, "next": None}, later),
        "channel_events",
        "ends too early",
    ),
    "a row is lost": (
        with_body("/channel_events.json", rows(lambda found: found[1:], RESULTS), later),
        "channel_events",
        "a row is skipped",
    ),
    "a row is repeated": (
        with_body("/labels.json", rows(lambda found: [*found[:1], *found], RESULTS)),
        "labels",
        "a row is repeated",
    ),
    "the order is wrong": (
        with_body("/messages.json", rows(lambda found: found[::-1], RESULTS)),
        "messages",
        "wrong order",
    ),
    "a filter is ignored": (without_input("/contacts.json", "group"), "contacts", "a filter is ignored"),
    "a bound is ignored": (without_input("/contacts.json", "after"), "contacts", "a bound is ignored"),
    "a count is wrong": (
        with_body("/groups.json", each(setting("count", 99), RESULTS)),
        "groups",
        "a count is not what is counted",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_each_lie_is_named_and_nothing_else_is_told(name: str, run: Run, tmp_path: Path) -> None:
    lie, resource, problem = LIES[name]
    sandbox = sandbox_with(lie)
    files = {kind: tmp_path / f"report.{kind}" for kind in ("json", "junit", "har")}
    options = [text for kind, file in files.items() for text in (f"--{kind}", str(file))]
    more = ["--resource", "contacts"] if resource in ("groups", "messages") else []

    done = run("rapidpro", sandbox, "--resource", resource, *more, *options)

    said = done.out + done.err + "".join(file.read_text() for file in files.values())
    assert problem in done.out, done.out
    assert SECRET not in said
    assert all(value not in said for value in sandbox.accounts("rapidpro")[0].credentials.values())
    assert {entry.method for entry in sandbox.journal.entries} <= {"GET"}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_right_server_passes(platform: str, run: Run, tmp_path: Path) -> None:
    sandbox = Sandbox(seed=7)

    done = run(platform, sandbox, "--depth", "quick", "--json", str(tmp_path / "report.json"))

    report = json.loads((tmp_path / "report.json").read_text())
    said = int(done.err.partition("at most ")[2].partition(" ")[0].replace(",", ""))
    assert done.status == 0, done.out
    assert report["findings"] == []
    assert len(sandbox.journal.entries) <= said
    assert "were not tested" in done.out
    assert "Not tested, as it writes: " in done.out
    assert max(map(len, done.out.splitlines())) <= 100


@pytest.mark.parametrize(
    ("shown", "problem"),
    [
        (lambda sent: "5", "requests are not counted"),
        (lambda sent: "2000", "more requests are left than there are"),
        (lambda sent: str(max(999 - sent, 990)), None),  # a window that slides: as many leave it as enter
        (lambda sent: "999", None),  # a window that is over before the next request
    ],
)
def test_requests_that_are_left_have_to_change_within_a_run(
    shown: Callable[[int], str], problem: str | None, run: Run
) -> None:
    sent = count()

    def lie(request: Request, respond: Respond) -> Response:
        response = respond(request)
        return response.with_headers(response.headers.set("RateLimit-Remaining", shown(next(sent))))

    done = run("botpress", LyingSandbox(lie, seed=7), "--resource", "users")

    assert done.status == (0 if problem is None else 1), done.out
    assert problem is None or problem in done.out


def test_no_more_is_sent_than_was_said_and_the_rest_is_untested(run: Run) -> None:
    sandbox = Sandbox(seed=7)

    done = run("rapidpro", sandbox, "--max-requests", "20")

    assert "at most 20 requests" in done.err
    assert len(sandbox.journal.entries) == 20
    assert "Not tested, as no request was left" in done.out


def test_the_same_seed_makes_the_same_requests(run: Run) -> None:
    sent = []
    for _ in range(2):
        sandbox = Sandbox(seed=7)
        run("rapidpro", sandbox, "--resource", "runs", "--seed", "5")
        sent.append([(entry.request.path, entry.request.query) for entry in sandbox.journal.entries])

    assert sent[0] == sent[1]
    assert len(sent[0]) > 10


def test_slow_and_limited_responses_are_named(run: Run) -> None:
    faults = [
        Fault(type="latency", operation_id="labels_list", seconds=0.3),
        Fault(type="rate_limit", operation_id="topics_list"),
    ]

    done = run(
        "rapidpro",
        sandbox_with(faults=faults),
        *("--resource", "labels", "--resource", "topics", "--max-response-time", "0.2", "--depth", "quick"),
    )

    assert "slow" in done.out
    assert "rate limited" in done.out


def test_junit_skips_what_was_not_tested(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    lie = with_body("/labels.json", each(without("count"), RESULTS))

    run("rapidpro", sandbox_with(lie), "--resource", "labels", "--junit", str(file))

    (suite,) = ElementTree.fromstring(file.read_text()).findall("testsuite")
    assert (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (
        "labels",
        "3",
        "1",
        "2",
    )


@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_writes_only_in_the_workspace_that_is_named(platform: str, run: Run) -> None:
    sandbox = Sandbox(seed=7)

    done = run(platform, sandbox, "--write", "--workspace", "Somebody else's")

    assert done.status == 1
    hint = "it is the webhook id" if platform == "botpress_chat" else f"`trilogue {platform} "
    assert f'another workspace than "Somebody else\'s"; {hint}' in done.err
    assert "nothing was written" in done.err
    assert len(sandbox.journal.entries) <= 2


@pytest.mark.parametrize(
    ("platform", "workspace", "resource"),
    [
        ("rapidpro", "main", "labels"),
        ("botpress", "wkspace_01JZ0000000000000000000001", "users"),
        ("pantheon", "Example Shop", "webhooks"),
    ],
)
def test_what_was_written_is_read(platform: str, workspace: str, resource: str, run: Run) -> None:
    sandbox = Sandbox(seed=7)

    done = run(platform, sandbox, "--write", "--workspace", workspace, "--resource", resource, "--depth", "quick")

    assert done.status == 0, done.out + done.err
    assert "Reads and writes" in done.err
    assert "POST" in {
        entry.method for entry in sandbox.journal.entries if entry.operation_id != "auth_get_access_token"
    }


def test_write_and_workspace_go_together(run: Run) -> None:
    done = run("rapidpro", Sandbox(seed=7), "--write")

    assert done.status == 2
    assert "--write and --workspace NAME go together" in done.err


def test_an_unknown_resource_is_an_error(run: Run) -> None:
    done = run("rapidpro", Sandbox(seed=7), "--resource", "topics", "--resource", "labls")

    assert done.status == 2
    assert done.err == "Error: --resource: RapidPro has no 'labls'; did you mean labels or globals?\n"


def test_a_report_that_cannot_be_written_is_an_error_before_a_request_is_sent(run: Run, tmp_path: Path) -> None:
    sandbox = Sandbox(seed=7)

    done = run("rapidpro", sandbox, "--junit", str(tmp_path / "missing" / "junit.xml"))

    assert (done.status, len(sandbox.journal.entries)) == (2, 0)
    assert f"there is no folder {tmp_path / 'missing'}" in done.err


def test_wrong_credentials_are_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def lie(request: Request, respond: Respond) -> Response:
        return respond(attrs.evolve(request, headers=request.headers.set("Authorization", "Token wrong")))

    done = run("rapidpro", LyingSandbox(lie, seed=7), "--max-requests", "5")

    assert done.status == 1
    assert "the server granted nothing (it responded with 403); check URL and credentials" in done.err
    assert done.out == ""


def test_there_are_at_least_twenty_lies() -> None:
    assert len(LIES) >= 20


def test_a_run_keeps_below_the_hourly_requests_of_a_workspace() -> None:
    most = requests_for(endpoints("rapidpro").values(), EFFORTS["deep"], writes=True)

    assert RATE_BUDGETS["rapidpro"] < 2500 < most


def test_a_run_ends_where_the_platform_has_no_room_for_an_hour(run: Run) -> None:
    sandbox = Sandbox(seed=7)
    for scope in ("v2", "v2.contacts", "v2.messages", "v2.runs"):
        sandbox.control("rapidpro", "throttle", {"scope": scope, "limit": 15})

    done = run("rapidpro", sandbox, "--depth", "quick")

    assert done.status == 1
    assert "rate limited" in done.out
    assert "Not tested, as no request was left" in done.out
    assert len(sandbox.journal.entries) < 40
