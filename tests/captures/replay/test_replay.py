"""The scripts that real servers ran, replayed on the sandbox of their flavour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs
import pytest
from trilogue_sandbox.kernel.http import Response

from tests.captures.replay.comparing import Difference, compare
from tests.captures.replay.identifiers import Identifiers
from tests.captures.replay.replaying import Comparison, replay
from tests.captures.replay.rules import Rule, rules
from tests.captures.replay.script import FOLDER, Recorded, read_script

FLAVOURS = ("textit", "rapidpro-9")
MOST_DIFFERENT = 2
MOST_RULES = 25
MOST_EXCUSED = 0.05


@pytest.fixture(scope="module", params=FLAVOURS)
def comparisons(request: pytest.FixtureRequest) -> Sequence[Comparison]:
    return replay(read_script(FOLDER / f"{request.param}.jsonl"), request.param)


def test_the_sandbox_responds_as_the_real_server_did(comparisons: Sequence[Comparison]) -> None:
    different = [f"{each.step.number} {each.step.note}" for each in comparisons if each.differences]

    assert len(different) <= MOST_DIFFERENT, different


def test_few_responses_are_excused(comparisons: Sequence[Comparison]) -> None:
    counts = Counter(each.verdict for each in comparisons)

    assert counts["excused"] <= MOST_EXCUSED * counts.total()


def test_no_defect_of_the_sandbox_stands_for_a_fault_of_a_server(comparisons: Sequence[Comparison]) -> None:
    failed = [each for each in comparisons if each.step.response and each.step.response.status == 500]

    assert len([each for each in failed if each.verdict == "equal"]) >= 20
    assert all("sandbox" not in str(each.differences) for each in failed)


def test_the_rules_are_few_and_excuse_no_status() -> None:
    assert len(rules()) <= MOST_RULES
    assert all(rule.reason.endswith(".") for rule in rules())
    assert not any(excuses_status(rule) for rule in rules())


def excuses_status(rule: Rule) -> bool:
    (step, *_) = read_script(FOLDER / "textit.jsonl")
    anywhere = attrs.evolve(rule, endpoint="*", method="*")
    return anywhere.excuses(step, Difference("/status", 200, 404))


def recorded(body: object, status: int = 200) -> Recorded:
    return Recorded(status, {"Content-Type": "application/json"}, body)


@pytest.mark.parametrize(
    ("expected", "actual", "pointers"),
    [
        ({"name": "Ana"}, {"name": "Ana"}, []),
        ({"name": "Ana"}, {"name": "Ben"}, ["/body/name"]),
        ({"name": "Ana"}, {}, ["/body/name"]),
        ({}, {"name": "Ana"}, ["/body/name"]),
        ({"count": 1}, {"count": True}, ["/body/count"]),
        ({"rows": [1, 2]}, {"rows": [1]}, ["/body/rows"]),
        ({"rows": [{"a": 1}]}, {"rows": [{"a": 2}]}, ["/body/rows/0/a"]),
        ({"at": "2026-11-29T11:00:00.000001Z"}, {"at": "2026-11-29T12:00:00Z"}, []),
        ({"at": "2026-11-29T11:00:00.000001Z"}, {"at": "soon"}, ["/body/at"]),
        ({"at": "2026-11-28T11:00:00Z"}, {"at": "2026-11-28T12:00:00Z"}, ["/body/at"]),
    ],
)
def test_a_response_that_differs_is_found(expected: object, actual: object, pointers: list[str]) -> None:
    found = compare(recorded(expected), Response.json(actual), Identifiers((), {}))

    assert [difference.pointer for difference in found] == pointers


def test_another_status_is_the_only_difference() -> None:
    found = compare(recorded({"name": "Ana"}), Response.json({}, 404), Identifiers((), {}))

    assert [difference.pointer for difference in found] == ["/status"]


ONE, TWO, THREE = (f"{digit * 8}-1234-4567-89ab-{digit * 12}" for digit in "cde")


def test_a_new_identifier_stands_for_one_other() -> None:
    identifiers = Identifiers((), {})

    assert compare(recorded({"uuid": ONE}), Response.json({"uuid": TWO}), identifiers) == []
    assert compare(recorded({"uuid": ONE}), Response.json({"uuid": TWO}), identifiers) == []
    assert compare(recorded({"uuid": ONE}), Response.json({"uuid": THREE}), identifiers) != []
    assert identifiers.translate(f"/api/v2/contacts.json?uuid={ONE}", "") == f"/api/v2/contacts.json?uuid={TWO}"


def test_an_identifier_of_the_data_stands_for_itself() -> None:
    identifiers = Identifiers([ONE], {})

    assert compare(recorded({"uuid": ONE}), Response.json({"uuid": TWO}), identifiers) != []
    assert identifiers.translate(ONE, "") == ONE
