"""Runs: contacts on their way through flows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
NUMBER = "tel:+250788123123"
COLORS = [
    {"result": "Color", "text": "Which color, @contact.first_name?", "categories": ["Red", "Blue"]},
    {"result": "Reason", "text": "Why @results.color?"},
]


@pytest.fixture
def contact(api: Caller) -> Any:
    return api.create("contacts", name="Ana Uwase", urns=[NUMBER])


@pytest.fixture
def flow(sandbox: Sandbox) -> Any:
    arguments = {"name": "Colors", "questions": COLORS, "farewell": "Bye!", "resthook": "new-mother", "expires": 60}
    return sandbox.control("rapidpro", "add_flow", arguments)


def run_flow(sandbox: Sandbox, contact: Any, answers: list[str] | None = None) -> Any:
    return sandbox.control("rapidpro", "run_flow", {"flow": "Colors", "contact": contact["uuid"], "answers": answers})


def receive(sandbox: Sandbox, text: str) -> Any:
    return sandbox.control("rapidpro", "receive", {"urn": NUMBER, "text": text})


def texts(api: Caller, contact: Any) -> list[tuple[str, str]]:
    messages = reversed(api.rows("messages", contact=contact["uuid"]))
    return [(message["direction"], message["text"]) for message in messages]


def test_a_run_keeps_the_way_and_the_answers(sandbox: Sandbox, api: Caller, contact: Any, flow: Any) -> None:
    run = run_flow(sandbox, contact, ["I like blue", "No reason"])
    first, second, last = (step["node"] for step in run["path"])
    color, reason = run["values"]["color"], run["values"]["reason"]

    assert (
        api.rows("runs")[0]
        == run
        == {
            "uuid": run["uuid"],
            "flow": {"uuid": flow["uuid"], "name": "Colors"},
            "contact": {"uuid": contact["uuid"], "name": "Ana Uwase", "urn": NUMBER, "urn_display": "0788 123 123"},
            "start": None,
            "responded": True,
            "path": run["path"],
            "values": {"color": color, "reason": reason},
            "created_on": run["created_on"],
            "modified_on": run["modified_on"],
            "exited_on": run["modified_on"],
            "exit_type": "completed",
            "id": run["id"],
        }
    )
    assert color == {"name": "Color", "value": "blue", "category": "Blue", "node": first, "time": color["time"]}
    assert (reason["value"], reason["category"], reason["node"]) == ("No reason", "All Responses", second)
    assert last not in (first, second)


@pytest.mark.usefixtures("flow")
def test_a_flow_really_talks_with_the_contact(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    run_flow(sandbox, contact, ["Red!", "It is warm"])

    assert texts(api, contact) == [
        ("out", "Which color, Ana?"),
        ("in", "Red!"),
        ("out", "Why Red?"),
        ("in", "It is warm"),
        ("out", "Bye!"),
    ]
    assert {message["flow"]["name"] for message in api.rows("messages", contact=contact["uuid"])} == {"Colors"}


@pytest.mark.usefixtures("flow")
def test_answers_are_made_up_if_none_are_given(sandbox: Sandbox, contact: Any) -> None:
    run = run_flow(sandbox, contact)

    assert run["exit_type"] == "completed"
    assert run["values"]["color"]["category"] == "Red"


@pytest.mark.usefixtures("flow")
def test_a_run_that_waits_has_no_end_and_its_contact_is_in_the_flow(
    sandbox: Sandbox, api: Caller, contact: Any
) -> None:
    run = run_flow(sandbox, contact, ["nothing that fits"])

    assert (run["exited_on"], run["exit_type"], len(run["path"])) == (None, None, 2)
    assert run["values"]["color"]["category"] == "Other"
    assert api.rows("contacts", uuid=contact["uuid"])[0]["flow"]["name"] == "Colors"


@pytest.mark.usefixtures("flow")
def test_a_message_goes_to_the_flow_that_waits_for_it(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    run = run_flow(sandbox, contact, [])
    message = receive(sandbox, "blue")
    (later,) = api.rows("runs", uuid=run["uuid"])

    assert message["flow"]["name"] == "Colors"
    assert (run["responded"], later["responded"]) == (False, True)
    assert later["modified_on"] > run["modified_on"]
    assert [message["uuid"]] == [found["uuid"] for found in api.rows("messages", folder="flows")][:1]


@pytest.mark.usefixtures("flow")
def test_a_run_expires_when_the_contact_says_nothing_for_long(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    run = run_flow(sandbox, contact, ["red"])
    sandbox.advance(timedelta(minutes=59))
    before = api.rows("runs", uuid=run["uuid"])[0]["exit_type"]
    sandbox.advance(timedelta(minutes=1))

    assert (before, api.rows("runs", uuid=run["uuid"])[0]["exit_type"]) == (None, "expired")
    assert api.rows("contacts", uuid=contact["uuid"])[0]["flow"] is None


@pytest.mark.usefixtures("flow")
def test_an_answer_gives_a_run_new_time(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    run = run_flow(sandbox, contact, [])
    sandbox.advance(timedelta(minutes=50))
    receive(sandbox, "red")
    sandbox.advance(timedelta(minutes=50))

    assert api.rows("runs", uuid=run["uuid"])[0]["exit_type"] is None


@pytest.mark.usefixtures("flow")
def test_another_flow_interrupts_the_one_before(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    first = run_flow(sandbox, contact, [])
    run_flow(sandbox, contact, [])

    assert api.rows("runs", uuid=first["uuid"])[0]["exit_type"] == "interrupted"


@pytest.mark.usefixtures("flow")
def test_a_background_flow_leaves_a_waiting_run_alone(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    waiting = run_flow(sandbox, contact, [])
    sandbox.control("rapidpro", "run_flow", {"flow": "Background Job", "contact": contact["uuid"]})

    assert api.rows("runs", uuid=waiting["uuid"])[0]["exit_type"] is None
    assert api.rows("contacts", uuid=contact["uuid"])[0]["flow"]["name"] == "Colors"


@pytest.mark.usefixtures("contact")
def test_a_keyword_begins_a_flow_that_writes_a_field_and_calls_a_resthook(sandbox: Sandbox, api: Caller) -> None:
    joined = receive(sandbox, "JOIN please")
    receive(sandbox, "I am 34 years old")
    (contact,) = api.rows("contacts", urn=NUMBER)
    event = api.rows("resthook_events")[0]

    assert joined["flow"]["name"] == "Registration"
    assert contact["fields"]["age"] == "34"
    assert "Adults" in [group["name"] for group in contact["groups"]]
    assert event["resthook"] == "new-mother"
    assert event["data"]["contact"] == {"uuid": contact["uuid"], "name": "Ana Uwase", "urn": NUMBER}
    assert event["data"]["results"]["age"]["value"] == "34"


def test_a_flow_puts_into_a_group_opens_a_ticket_and_goes_on_with_another(
    sandbox: Sandbox, api: Caller, contact: Any, flow: Any
) -> None:
    closing = {"group": "Farmers", "topic": "Support", "next_flow": "Colors"}
    first: Any = sandbox.control("rapidpro", "add_flow", {"name": "First", **closing})
    run = sandbox.control("rapidpro", "run_flow", {"flow": "First", "contact": NUMBER})
    (ticket,) = api.rows("tickets", contact=contact["uuid"])
    (after,) = api.rows("contacts", uuid=contact["uuid"])
    assert isinstance(run, dict)

    assert run["exit_type"] == "completed"
    assert {group["name"] for group in after["groups"]} == {"Farmers", "Open Tickets"}
    assert (ticket["opened_in"]["uuid"], ticket["topic"]["name"]) == (first["uuid"], "Support")
    assert after["flow"] == {"uuid": flow["uuid"], "name": "Colors"}


def test_a_message_that_nothing_waits_for_is_in_the_inbox(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    message = receive(sandbox, "enjoy the day")

    assert message["flow"] is None
    assert api.rows("messages", folder="inbox")[0]["uuid"] == message["uuid"]


def test_paths_can_be_left_out(api: Caller) -> None:
    run = api.rows("runs")[0]

    assert run["path"]
    for paths in ("false", "", "no"):
        assert api.rows("runs", paths=paths)[0] == {**run, "path": None}
    assert api.rows("runs", paths="Y")[0] == run


def test_runs_can_be_filtered(api: Caller) -> None:
    runs = api.rows("runs")
    flow, contact = runs[0]["flow"]["uuid"], runs[0]["contact"]["uuid"]

    assert api.rows("runs", flow=flow) == [run for run in runs if run["flow"]["uuid"] == flow]
    assert api.rows("runs", contact=contact) == [run for run in runs if run["contact"]["uuid"] == contact]
    assert api.rows("runs", responded="true") == [run for run in runs if run["responded"]]
    assert api.rows("runs", responded="false") == runs
    assert api.rows("runs", id=runs[3]["id"]) == [runs[3]]
    assert api.rows("runs", after=runs[2]["modified_on"]) == runs[:3]
    assert api.rows("runs", before=runs[2]["modified_on"]) == runs[2:]
    assert api.rows("runs", reverse="1") == runs[::-1]


@pytest.mark.parametrize("filters", [{"flow": NOWHERE}, {"contact": NOWHERE}, {"contact": "x"}, {"before": "x"}])
def test_a_filter_that_nothing_fits_gives_an_empty_page(api: Caller, filters: dict[str, str]) -> None:
    assert api.rows("runs", **filters) == []


@pytest.mark.parametrize(
    ("filters", "detail"),
    [
        ({"flow": "xyz"}, "Param 'flow': xyz is not a valid UUID."),
        ({"uuid": ""}, "Param 'uuid':  is not a valid UUID."),
        ({"id": "xyz"}, "Value for id must be an integer"),
        ({"flow": NOWHERE, "contact": NOWHERE}, "You may only specify one of the contact, flow parameters"),
    ],
)
def test_a_bad_filter_is_refused(api: Caller, filters: dict[str, str], detail: str) -> None:
    assert api.error(400, "GET", "runs", **filters) == {"detail": detail}


def test_an_anonymous_workspace_hides_the_urns_of_runs(sandbox: Sandbox) -> None:
    sandbox.seed_data("rapidpro", {"workspace": "anonymous", "flows": 1, "runs": 1})
    (run,) = Caller.of(sandbox, "anonymous").rows("runs")

    assert (run["contact"]["urn"], run["contact"]["urn_display"]) == ("tel:********", None)
    assert run["contact"]["ref"] == run["contact"]["anon_display"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"flow": "Colors", "contact": NOWHERE}, "contact"),
        ({"flow": "Nonsense", "contact": NUMBER}, "flow"),
        ({"flow": "Colors", "contact": NUMBER, "answers": "red"}, "answers"),
    ],
)
@pytest.mark.usefixtures("contact", "flow")
def test_a_flow_is_not_run_for_nobody(sandbox: Sandbox, arguments: Any, field: str) -> None:
    with pytest.raises(ControlError) as raised:
        sandbox.control("rapidpro", "run_flow", arguments)

    assert raised.value.field == field


@pytest.mark.usefixtures("flow")
def test_nobody_without_an_address_or_blocked_is_led_through_a_flow(sandbox: Sandbox, api: Caller) -> None:
    silent, blocked = api.create("contacts"), api.create("contacts", urns=["tel:+250788123124"])
    api.call("POST", "contact_actions", {"contacts": [blocked["uuid"]], "action": "block"})

    for contact in (silent, blocked):
        with pytest.raises(ControlError):
            run_flow(sandbox, contact)
