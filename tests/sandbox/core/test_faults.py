"""Rules about what goes wrong, and when."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from trilogue_sandbox import ControlError, Sandbox
from trilogue_sandbox.kernel.active_faults import Faults
from trilogue_sandbox.kernel.clock import START
from trilogue_sandbox.kernel.faults import FAULT_PROFILES, FAULT_TYPES, Fault, FaultProfile, Target

LIST = Target("notebook", "notes_list", "notes", "GET")
CREATE = Target("notebook", "notes_create", "notes", "POST")


def injected(fault: Fault, count: int = 6, seed: int = 0, target: Target = LIST) -> list[int]:
    """Return the numbers of the requests that a rule is applied to."""
    faults = Faults(seed, [fault])
    return [number for number in range(1, count + 1) if faults.draw(number, target) != (0.0, None)]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("status"), [1, 2, 3, 4, 5, 6]),
        (Fault("status", nth=3), [3]),
        (Fault("status", times=2), [1, 2]),
        (Fault("status", after=4), [5, 6]),
        (Fault("status", after=2, times=1), [3]),
        (Fault("status", after=2, nth=2), [4]),
        (Fault("status", probability=0), []),
        (Fault("latency", nth=2), [2]),
    ],
)
def test_a_rule_counts_the_requests_that_fit_it(fault: Fault, expected: list[int]) -> None:
    assert injected(fault) == expected


@pytest.mark.parametrize(
    ("fault", "fits_list", "fits_create"),
    [
        (Fault("status", platform="notebook"), True, True),
        (Fault("status", platform="rapidpro"), False, False),
        (Fault("status", operation_id="notes_list"), True, False),
        (Fault("status", operation_id="notes_*"), True, True),
        (Fault("status", tag="notes", method="post"), False, True),
        (Fault("status", tag="pictures"), False, False),
    ],
)
def test_a_rule_matches_only_what_it_names(fault: Fault, fits_list: bool, fits_create: bool) -> None:
    assert (fault.matches(LIST), fault.matches(CREATE)) == (fits_list, fits_create)


def test_requests_that_do_not_fit_are_not_counted() -> None:
    faults = Faults(0, [Fault("status", operation_id="notes_create", nth=2)])
    for number in range(1, 6):
        faults.draw(number, LIST)
    assert faults.draw(6, CREATE) == (0.0, None)

    assert faults.draw(7, CREATE)[1] is not None
    assert (faults.rules[0].seen, faults.rules[0].fired) == (2, 1)


def test_chance_is_repeated_by_the_same_seed_and_only_by_it() -> None:
    fault = Fault("status", probability=0.5)

    assert injected(fault, 100, seed=1) == injected(fault, 100, seed=1)
    assert injected(fault, 100, seed=1) != injected(fault, 100, seed=2)
    assert 30 < len(injected(fault, 100, seed=1)) < 70


def test_of_several_faults_the_first_is_injected_and_latency_adds_up() -> None:
    html = Fault("html", nth=2)
    faults = Faults(0, [Fault("latency", seconds=1), html, Fault("latency", seconds=0.5), Fault("reset")])

    first, second = faults.draw(1, LIST), faults.draw(2, LIST)

    assert first[0] == second[0] == 1.5
    assert (first[1], second[1]) == (Fault("reset"), html)
    assert [rule.fired for rule in faults.rules] == [2, 1, 2, 1]


def test_faults_of_deliveries_are_not_those_of_responses() -> None:
    faults = Faults(0, [Fault("duplicate_delivery", nth=2), Fault("reset", after=1)])
    event = Target("notebook", "webhook_note_added", "webhooks", "POST")

    assert [faults.draw(1, LIST)[1], faults.draw_for_delivery(event)] == [None, []]
    assert faults.draw_for_delivery(event) == [Fault("duplicate_delivery", nth=2)]
    assert faults.draw(2, LIST)[1] == Fault("reset", after=1)


def test_rules_can_be_added_and_cleared() -> None:
    faults = Faults(0)
    added = faults.add(Fault("reset"), Fault("hang"))
    assert [rule.number for rule in added] == [1, 2]

    faults.clear()

    assert faults.draw(1, LIST) == (0.0, None)
    assert [rule.number for rule in faults.add(Fault("html"))] == [3]


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "explosion"},
        {"type": "status", "status": 200},
        {"type": "status", "nth": 0},
        {"type": "status", "times": 0},
        {"type": "status", "probability": 1.5},
        {"type": "status", "after": -1},
        {"type": "latency", "seconds": -1},
        {"type": "latency", "seconds": "1"},
        {"type": "rate_limit", "retry_after": -1},
        {"type": "bandwidth", "bytes_per_second": 0},
    ],
)
def test_a_rule_out_of_range_is_rejected_by_name(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=list(fields)[-1]):
        Fault(**fields)  # what a test gets wrong on purpose


def test_every_type_is_known() -> None:
    assert len({Fault(fault_type).type for fault_type in FAULT_TYPES}) == 14


def test_a_rule_expires_by_the_clock_of_the_sandbox(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add(Fault("status", expires_in=60))
    assert client.get("/notes").status_code == 503

    sandbox.advance(timedelta(minutes=1))

    assert client.get("/notes").status_code == 200
    assert sandbox.faults.rules == ()


def test_the_end_of_a_rule_is_counted_from_the_time_of_a_copy(sandbox: Sandbox) -> None:
    sandbox.advance(timedelta(days=1))
    with sandbox.copy([Fault("status", expires_in=60)]) as copy:
        assert copy.faults.rules[0].expires_at == START + timedelta(days=1, seconds=60)


@pytest.mark.parametrize("name", FAULT_PROFILES)
def test_a_profile_is_a_set_of_faults_for_a_target(name: FaultProfile) -> None:
    faults = Fault.profile(name, platform="notebook", expires_in=60)

    assert faults
    assert {(fault.platform, fault.expires_in) for fault in faults} == {("notebook", 60)}


def test_a_profile_that_there_is_not_is_an_error() -> None:
    with pytest.raises(ValueError, match="there is: slow, flaky, rate-limited, offline"):
        Fault.profile("sleepy")


@pytest.mark.parametrize(
    ("fault", "field", "message"),
    [
        (
            Fault("status", operation_id="notes_lists"),
            "operation_id",
            "no operation 'notes_lists'; the nearest is 'notes_l",
        ),
        (Fault("status", platform="notes"), "platform", "no platform 'notes'; .* 'notebook'"),
        (Fault("status", tag="paintings"), "tag", "no tag 'paintings'"),
        (Fault("status", method="patch"), "method", "no method 'patch'; there is: DELETE, GET"),
        (Fault("status", method="PUT", tag="notes"), "tag", "no request .* tag='notes', method='PUT' together"),
        (Fault("duplicate_delivery", operation_id="notes_list"), "operation_id", "no event of a webhook 'notes_list'"),
    ],
)
def test_a_fault_that_never_fires_is_refused_and_nothing_is_added(
    sandbox: Sandbox, fault: Fault, field: str, message: str
) -> None:
    with pytest.raises(ControlError, match=message) as raised:
        sandbox.faults.add(Fault("reset"), fault)

    assert raised.value.field == field
    assert sandbox.faults.rules == ()
    with pytest.raises(ControlError, match=message):
        sandbox.copy([fault])


@pytest.mark.parametrize(
    ("fault", "nearest"),
    [
        (Fault("reset", operation_id="message_send"), "messages_send"),
        (Fault("reset", operation_id="createMesage"), "createMessage"),
        (Fault("duplicate_delivery", operation_id="webhook_message_recieved"), "webhook_message_received"),
    ],
)
def test_an_operation_of_no_platform_is_refused_with_the_nearest(fault: Fault, nearest: str) -> None:
    with pytest.raises(ControlError, match=f"the nearest is '{nearest}'"), Sandbox(faults=[fault]):
        pass
