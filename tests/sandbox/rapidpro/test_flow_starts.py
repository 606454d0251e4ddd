"""Flow starts: many contacts begin a flow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
NO_URN = "Invalid URN: 12345. Ensure phone numbers contain country codes."
SECOND = timedelta(seconds=1)


@pytest.fixture
def flow(sandbox: Sandbox) -> str:
    questions = [{"result": "Color", "text": "Which color goes with @trigger.params.season?"}]
    made: Any = sandbox.control("rapidpro", "add_flow", {"name": "Colors", "questions": questions})
    return str(made["uuid"])


@pytest.fixture
def contact(api: Caller) -> str:
    return str(api.create("contacts", name="Ana", urns=["tel:+250788123123"])["uuid"])


def read(api: Caller, start: Any) -> Any:
    (found,) = api.rows("flow_starts", uuid=start["uuid"])
    return found


def test_a_start_is_pending_at_first_and_shows_what_was_asked_for(api: Caller, flow: str, contact: str) -> None:
    start = api.create(
        "flow_starts",
        flow=flow,
        contacts=[contact],
        groups=["farmers"],
        urns=["tel:0788 123 124"],
        params={"season": "spring"},
        restart_participants=False,
    )
    group = next(group for group in api.rows("groups") if group["name"] == "Farmers")

    assert start == {
        "uuid": start["uuid"],
        "flow": {"uuid": flow, "name": "Colors"},
        "status": "pending",
        "progress": {"total": -1, "started": 0},
        "groups": [{"uuid": group["uuid"], "name": "Farmers"}],
        "contacts": [{"uuid": contact, "name": "Ana"}],
        "params": {"season": "spring"},
        "created_on": start["created_on"],
        "modified_on": start["created_on"],
        "id": start["id"],
        "extra": {"season": "spring"},
        "restart_participants": False,
        "exclude_active": False,
    }
    assert read(api, start) == start


def test_a_start_goes_on_until_everybody_was_started(sandbox: Sandbox, api: Caller, flow: str) -> None:
    sandbox.seed_data("rapidpro", {"contacts": 150})
    everybody = [contact["uuid"] for contact in api.iterate("contacts") if contact["status"] == "active"]
    api.create("groups", name="All")
    for first in range(0, len(everybody), 100):
        adding = {"contacts": everybody[first : first + 100], "action": "add", "group": "All"}
        assert api.call("POST", "contact_actions", adding).status == 204
    start = api.create("flow_starts", flow=flow, groups=["All"])
    seen = [read(api, start)]
    for _ in range(3):
        sandbox.advance(SECOND)
        seen.append(read(api, start))

    total = len(everybody)
    assert 100 < total < 200
    assert [(found["status"], found["progress"]["total"], found["progress"]["started"]) for found in seen] == [
        ("pending", -1, 0),
        ("queued", total, 0),
        ("started", total, 100),
        ("completed", total, total),
    ]
    assert {run["contact"]["uuid"] for run in api.iterate("runs", flow=flow)} == set(everybody)
    assert {run["start"]["uuid"] for run in api.iterate("runs", flow=flow)} == {start["uuid"]}


def test_what_a_start_says_reaches_the_flow(sandbox: Sandbox, api: Caller, flow: str, contact: str) -> None:
    api.create("flow_starts", flow=flow, contacts=[contact], params={"season": "spring"})
    sandbox.advance(3 * SECOND)

    assert api.rows("messages", contact=contact)[0]["text"] == "Which color goes with spring?"


def test_a_urn_that_nobody_has_becomes_a_contact(sandbox: Sandbox, api: Caller, flow: str) -> None:
    api.create("flow_starts", flow=flow, urns=["tel:0788 123 124"])
    sandbox.advance(3 * SECOND)
    (contact,) = api.rows("contacts", urn="tel:+250788123124")

    assert contact["flow"]["name"] == "Colors"


def test_nobody_is_started_twice_however_they_were_named(
    sandbox: Sandbox, api: Caller, flow: str, contact: str
) -> None:
    start = api.create("flow_starts", flow=flow, contacts=[contact, "tel:+250788123123"], urns=["tel:0788 123 123"])
    sandbox.advance(3 * SECOND)

    assert read(api, start)["progress"] == {"total": 1, "started": 1}
    assert len(api.rows("runs", flow=flow)) == 1


def test_who_was_in_the_flow_lately_can_be_left_out(sandbox: Sandbox, api: Caller, flow: str, contact: str) -> None:
    for _ in range(2):
        api.create("flow_starts", flow=flow, contacts=[contact], restart_participants=False)
        sandbox.advance(3 * SECOND)
    soon = len(api.rows("runs", flow=flow))
    sandbox.advance(timedelta(days=91))
    api.create("flow_starts", flow=flow, contacts=[contact], restart_participants=False)
    sandbox.advance(3 * SECOND)

    assert (soon, len(api.rows("runs", flow=flow))) == (1, 2)


def test_who_is_in_a_flow_can_be_left_alone(sandbox: Sandbox, api: Caller, flow: str, contact: str) -> None:
    sandbox.control("rapidpro", "run_flow", {"flow": "Favorites", "contact": contact, "answers": []})
    start = api.create("flow_starts", flow=flow, contacts=[contact], exclude_active=True)
    sandbox.advance(3 * SECOND)
    alone = read(api, start)

    assert (alone["status"], alone["progress"]) == ("completed", {"total": -1, "started": 0})
    assert api.rows("contacts", uuid=contact)[0]["flow"]["name"] == "Favorites"


def test_who_is_blocked_is_not_started(sandbox: Sandbox, api: Caller, flow: str, contact: str) -> None:
    api.call("POST", "contact_actions", {"contacts": [contact], "action": "block"})
    api.create("flow_starts", flow=flow, contacts=[contact])
    sandbox.advance(3 * SECOND)

    assert api.rows("runs", flow=flow) == []


def test_who_is_blocked_after_the_recipients_were_counted_is_not_started(
    sandbox: Sandbox, api: Caller, flow: str, contact: str
) -> None:
    start = api.create("flow_starts", flow=flow, contacts=[contact])
    sandbox.advance(SECOND)
    api.call("POST", "contact_actions", {"contacts": [contact], "action": "block"})
    sandbox.advance(SECOND)

    assert (read(api, start)["status"], read(api, start)["progress"]) == ("completed", {"total": 1, "started": 0})


@pytest.mark.parametrize("state", ["suspended", "flagged"])
def test_a_start_fails_if_the_workspace_may_not_write_any_more(
    sandbox: Sandbox, api: Caller, flow: str, contact: str, state: str
) -> None:
    start = api.create("flow_starts", flow=flow, contacts=[contact])
    sandbox.control("rapidpro", "set_workspace_state", {"state": state})
    sandbox.advance(3 * SECOND)

    assert read(api, start)["status"] == "failed"
    assert api.rows("runs", flow=flow) == []


def test_a_start_can_be_interrupted_by_a_user_once(sandbox: Sandbox, api: Caller, flow: str, contact: str) -> None:
    start = api.create("flow_starts", flow=flow, contacts=[contact])
    sandbox.control("rapidpro", "interrupt_flow_start", {"start": start["uuid"]})
    sandbox.advance(3 * SECOND)

    assert read(api, start)["status"] == "interrupted"
    assert api.rows("runs", flow=flow) == []
    with pytest.raises(ControlError, match="interrupted already"):
        sandbox.control("rapidpro", "interrupt_flow_start", {"start": start["uuid"]})
    with pytest.raises(ControlError, match="no flow start"):
        sandbox.control("rapidpro", "interrupt_flow_start", {"start": NOWHERE})


def test_params_are_kept_as_they_are_and_extra_is_rewritten(api: Caller, flow: str, contact: str) -> None:
    given = {"first name": "Ryan", "list": [1, {"a b": None}], "long": "x" * 641, "none": None, "yes": True}
    kept = api.create("flow_starts", flow=flow, contacts=[contact], params=given, extra={"a": 1})
    rewritten = api.create("flow_starts", flow=flow, contacts=[contact], params={}, extra=given)

    assert kept["params"] == kept["extra"] == given
    assert (
        rewritten["params"]
        == rewritten["extra"]
        == {
            "first_name": "Ryan",
            "list": {"0": 1, "1": {"a_b": ""}},
            "long": "x" * 640,
            "none": "",
            "yes": True,
        }
    )


def test_extra_keeps_256_values(api: Caller, flow: str, contact: str) -> None:
    extra = {f"key{number}": number for number in range(300)}

    assert len(api.create("flow_starts", flow=flow, contacts=[contact], extra=extra)["params"]) == 256


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"flow": ["This field is required."]}),
        ({"flow": NOWHERE}, {"flow": [f"No such object: {NOWHERE}"]}),
        ({"flow": {"uuid": NOWHERE}}, {"flow": ["Must be a string or integer"]}),
        ({"flow": None}, {"flow": ["This field may not be null."]}),
        (
            {"flow": "Colors", "contacts": [NOWHERE], "groups": ["nope"]},
            {
                "flow": ["No such object: Colors"],
                "contacts": [f"No such object: {NOWHERE}"],
                "groups": ["No such object: nope"],
            },
        ),
        ({"flow": "FLOW", "urns": ["12345"]}, {"urns": {"0": [NO_URN]}}),
        ({"flow": "FLOW", "contacts": ["x"] * 101}, {"contacts": ["Ensure this field has no more than 100 elements."]}),
        ({"flow": "FLOW", "params": "x"}, {"params": ["Must be a valid JSON object"]}),
        ({"flow": "FLOW", "params": {"x": "y" * 10_000}}, {"params": ["Cannot exceed 10,000 characters encoded."]}),
        ({"flow": "FLOW", "extra": [1]}, {"extra": ["Must be a valid JSON object"]}),
        ({"flow": "FLOW", "exclude_active": "perhaps"}, {"exclude_active": ["Must be a valid boolean."]}),
        ({"flow": "FLOW"}, {"non_field_errors": ["Must specify at least one group, contact or URN"]}),
        ({"flow": "FLOW", "urns": []}, {"non_field_errors": ["Must specify at least one group, contact or URN"]}),
    ],
)
def test_a_start_is_checked(api: Caller, flow: str, body: dict[str, Any], errors: object) -> None:
    sent = {**body, "flow": flow} if body.get("flow") == "FLOW" else body

    assert api.error(400, "POST", "flow_starts", sent) == errors


def test_a_malformed_uuid_is_refused(api: Caller) -> None:
    assert api.error(400, "GET", "flow_starts", uuid="nope") == {"detail": "Param 'uuid': nope is not a valid UUID."}


def test_starts_are_listed_by_their_last_change(sandbox: Sandbox, api: Caller, flow: str, contact: str) -> None:
    first, second = (api.create("flow_starts", flow=flow, contacts=[contact]) for _ in range(2))
    sandbox.control("rapidpro", "interrupt_flow_start", {"start": first["uuid"]})
    changed = read(api, first)
    latest = [start["uuid"] for start in api.rows("flow_starts")]

    assert latest[:2] == [first["uuid"], second["uuid"]]
    assert [start["uuid"] for start in api.rows("flow_starts", reverse="true")] == latest[::-1]
    assert api.rows("flow_starts", after=changed["modified_on"]) == [changed]
    assert api.rows("flow_starts", before="long ago") == []
