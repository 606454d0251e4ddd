"""The sandbox keeps what the descriptions promise, and the suite that says so can tell when it does not."""

from __future__ import annotations

import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.http import Pairs

from tests.contract import contract, planted
from tests.contract.contract import Outcome
from tests.contract.planted import Bug

LABELS = ("--include-tag", "labels", "--phases", "examples,coverage,fuzzing")
USERS = ("--include-path-regex", "^/v1/chat/users", "--phases", "examples,fuzzing")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_sandbox_keeps_its_description(platform: str) -> None:
    outcome = contract.run(platform)

    assert outcome.is_green, outcome.report
    assert not outcome.drift, "\n".join(outcome.drift)
    never_accepted = set(Description.load(platform).operations) - outcome.accepted
    assert never_accepted <= contract.NEVER_ACCEPTED.get(platform, {}).keys()


def test_the_same_seed_sends_the_same_requests() -> None:
    first, second = (_sent(contract.run("rapidpro", *LABELS)) for _ in range(2))

    assert len(first) > 100
    assert first == second


def _sent(outcome: Outcome) -> list[tuple[str, str, Pairs, bytes]]:
    requests = [entry.request for entry in outcome.requests]
    return [(request.method, request.path, request.query, request.body) for request in requests]


@pytest.mark.parametrize(
    ("bug", "finding"),
    [
        (planted.delete_does_not_delete, "what_was_deleted_is_gone"),
        (planted.create_is_not_stored, "what_was_created_is_listed"),
        (planted.required_field_is_missing, "Response violates schema"),
        (planted.nobody_is_asked_for_a_token, "API accepts requests without authentication"),
        (planted.some_input_is_an_error_of_the_server, "Server error"),
        (planted.a_status_is_not_described, "Undocumented status code"),
        (planted.a_body_is_not_looked_at, "Schema-violating request accepted"),
    ],
)
def test_a_planted_bug_is_found(bug: Bug, finding: str) -> None:
    sandbox = contract.make_sandbox("rapidpro", planted.with_bug(bug))

    outcome = contract.run("rapidpro", *LABELS, sandbox=sandbox)

    assert not outcome.is_green
    assert finding in outcome.findings, outcome.report


@pytest.mark.parametrize(
    ("bug", "finding"),
    [
        (planted.a_deleted_user_stays, "what_was_deleted_is_gone"),
        (planted.a_created_user_is_not_stored, "what_was_created_is_listed"),
        (planted.an_error_has_the_type_of_another, "an_error_says_what_it_is"),
    ],
)
def test_a_bug_planted_in_botpress_is_found(bug: Bug, finding: str) -> None:
    sandbox = contract.make_sandbox("botpress", planted.with_bug(bug, planted.USERS))

    outcome = contract.run("botpress", *USERS, sandbox=sandbox)

    assert not outcome.is_green
    assert finding in outcome.findings, outcome.report
