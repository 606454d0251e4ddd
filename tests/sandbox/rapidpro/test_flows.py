"""Flows, and their export."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
QUESTIONS = [
    {"result": "Color", "text": "Which color?", "categories": ["Red", "Blue"]},
    {"result": "Why Not", "text": "And why?"},
]


def add_flow(sandbox: Sandbox, name: str, **arguments: Any) -> Any:
    return sandbox.control("rapidpro", "add_flow", {"name": name, **arguments})


def find(api: Caller, name: str) -> Any:
    return next(flow for flow in api.rows("flows") if flow["name"] == name)


def test_a_flow_shows_the_results_it_collects(sandbox: Sandbox, api: Caller) -> None:
    flow = add_flow(sandbox, "Colors", questions=QUESTIONS, expires=60)
    node_uuids = [result["node_uuids"] for result in flow["results"]]

    assert (
        api.rows("flows")[0]
        == flow
        == {
            "uuid": flow["uuid"],
            "name": "Colors",
            "type": "message",
            "archived": False,
            "labels": [],
            "expires": 60,
            "runs": dict.fromkeys(("active", "waiting", "completed", "interrupted", "expired", "failed"), 0),
            "results": [
                {"key": "color", "name": "Color", "categories": ["Red", "Blue", "Other"], "node_uuids": node_uuids[0]},
                {"key": "why_not", "name": "Why Not", "categories": ["All Responses"], "node_uuids": node_uuids[1]},
            ],
            "parent_refs": [],
            "created_on": flow["created_on"],
            "modified_on": flow["created_on"],
        }
    )


def test_a_flow_names_the_results_of_its_parent_that_it_speaks_of(sandbox: Sandbox) -> None:
    flow = add_flow(sandbox, "Child", farewell="So @parent.results.age and @parent.results.color. @parent.results.age!")

    assert flow["parent_refs"] == ["age", "color"]


def test_archived_flows_are_listed_unless_they_are_left_out(api: Caller) -> None:
    archived = [flow["name"] for flow in api.rows("flows", archived="true")]
    others = [flow["name"] for flow in api.rows("flows", archived="false")]

    assert archived == ["Old Flow"]
    assert "Old Flow" not in others
    assert len(api.rows("flows")) == len(archived) + len(others)


def test_flows_can_be_listed_by_their_type(api: Caller) -> None:
    assert [flow["name"] for flow in api.rows("flows", type="voice")] == ["Voice Menu"]
    assert api.rows("flows", type="nonsense") == []


def test_flows_are_sorted_by_creation_but_filtered_by_change(sandbox: Sandbox, api: Caller) -> None:
    flow = find(api, "Favorites")
    changed = sandbox.control("rapidpro", "archive_flow", {"flow": flow["uuid"]})
    assert isinstance(changed, dict)
    time = changed["modified_on"]

    assert api.rows("flows")[0]["name"] != "Favorites"
    assert [found["name"] for found in api.rows("flows", after=time)] == ["Favorites"]
    assert "Favorites" not in [found["name"] for found in api.rows("flows", before=flow["modified_on"])]
    assert api.rows("flows", after="nonsense") == []


def test_the_counts_of_a_flow_are_those_of_its_runs(api: Caller) -> None:
    for flow in api.rows("flows"):
        runs = api.iterate("runs", flow=flow["uuid"])
        completed = [run for run in runs if run["exit_type"] == "completed"]

        assert sum(flow["runs"].values()) == len(runs)
        assert flow["runs"]["completed"] == len(completed)


def test_a_removed_flow_is_gone_and_nobody_waits_in_it_any_more(sandbox: Sandbox, api: Caller) -> None:
    flow, contact = add_flow(sandbox, "Colors", questions=QUESTIONS), api.create("contacts", urns=["tel:+250788123123"])
    sandbox.control("rapidpro", "run_flow", {"flow": "Colors", "contact": contact["uuid"], "answers": []})
    waiting = api.rows("contacts", uuid=contact["uuid"])[0]["flow"]
    sandbox.control("rapidpro", "remove_flow", {"flow": "Colors"})

    assert waiting == {"uuid": flow["uuid"], "name": "Colors"}
    assert api.rows("contacts", uuid=contact["uuid"])[0]["flow"] is None
    assert api.rows("flows", uuid=flow["uuid"]) == []
    assert api.rows("runs", flow=flow["uuid"]) == []
    assert api.rows("runs")[0]["flow"]["uuid"] == flow["uuid"]


def test_a_flow_that_a_campaign_starts_cannot_be_removed(sandbox: Sandbox) -> None:
    with pytest.raises(ControlError, match="campaigns"):
        sandbox.control("rapidpro", "remove_flow", {"flow": "Favorites"})


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"name": 1}, "name"),
        ({"name": "x", "type": "dance"}, "type"),
        ({"name": "x", "questions": {}}, "questions"),
        ({"name": "x", "questions": [1]}, "questions"),
        ({"name": "x", "questions": [{"text": "y"}]}, "result"),
        ({"name": "x", "questions": [{"text": "y", "result": "z", "categories": 1}]}, "categories"),
        ({"name": "x", "group": "nope"}, "group"),
        ({"name": "x", "next_flow": "nope"}, "next_flow"),
    ],
)
def test_a_flow_without_sense_is_not_made(sandbox: Sandbox, arguments: Any, field: str) -> None:
    with pytest.raises(ControlError) as raised:
        sandbox.control("rapidpro", "add_flow", arguments)

    assert raised.value.field == field


def test_nothing_asked_for_is_nothing_exported(api: Caller) -> None:
    assert api.get("definitions") == {
        "version": "13",
        "site": "http://127.0.0.1",
        "flows": [],
        "campaigns": [],
        "triggers": [],
        "fields": [],
        "groups": [],
    }


def test_the_export_of_a_flow_has_the_nodes_that_its_runs_pass(api: Caller) -> None:
    flow = find(api, "Favorites")
    (definition,) = api.get("definitions", flow=flow["uuid"], dependencies="none")["flows"]
    passed = {step["node"] for run in api.rows("runs", flow=flow["uuid"]) for step in run["path"]}

    assert (definition["uuid"], definition["spec_version"]) == (flow["uuid"], "14.4.1")
    assert passed <= {node["uuid"] for node in definition["nodes"]}


@pytest.mark.parametrize(
    ("dependencies", "flows", "others"),
    [("none", [], [0, 0, 0]), ("flows", ["Favorites"], [0, 0, 0]), ("all", ["Favorites"], [1, 2, 1])],
)
def test_the_export_of_a_campaign_brings_what_it_uses(
    api: Caller, dependencies: str, flows: list[str], others: list[int]
) -> None:
    (campaign,) = api.rows("campaigns")
    document = api.get("definitions", campaign=campaign["uuid"], dependencies=dependencies)

    assert [flow["name"] for flow in document["flows"]] == flows
    assert [len(document[kind]) for kind in ("triggers", "fields", "groups")] == others


def test_the_export_of_a_campaign_writes_units_as_letters(api: Caller) -> None:
    (campaign,) = api.rows("campaigns")
    (exported,) = api.get("definitions", campaign=campaign["uuid"], dependencies="none")["campaigns"]
    flow, message = exported["events"]

    assert exported["group"] == campaign["group"]
    assert (message["event_type"], message["unit"], message["base_language"]) == ("M", "D", "eng")
    assert (flow["event_type"], flow["unit"], flow["flow"]["name"]) == ("F", "W", "Favorites")


def test_the_export_of_a_flow_brings_the_campaigns_that_start_it(api: Caller) -> None:
    document = api.get("definitions", flow=find(api, "Favorites")["uuid"])

    assert [campaign["name"] for campaign in document["campaigns"]] == ["Reminders"]


def test_the_export_of_a_flow_brings_the_flows_and_groups_it_leads_into(sandbox: Sandbox, api: Caller) -> None:
    flow = add_flow(sandbox, "First", group="Farmers", next_flow="Voice Menu")
    document = api.get("definitions", flow=flow["uuid"])

    assert {flow["name"] for flow in document["flows"]} == {"First", "Voice Menu"}
    assert [group["name"] for group in document["groups"]] == ["Farmers"]
    assert len(api.get("definitions", flow=flow["uuid"], dependencies="none")["flows"]) == 1


def test_unknown_flows_are_left_out_of_an_export_and_several_can_be_asked_for(api: Caller) -> None:
    wanted = [find(api, name)["uuid"] for name in ("Registration", "Voice Menu")]
    document = api.get("definitions", flow=[*wanted, NOWHERE])

    assert {flow["uuid"] for flow in document["flows"]} == set(wanted)
    assert document["triggers"][0]["keywords"] == ["join", "injira"]
    assert document["fields"] == [{"key": "age", "name": "Age", "type": "number"}]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"dependencies": "some"}, "dependencies must be one of none, flows, all"),
    ],
)
def test_an_export_of_nonsense_is_refused(api: Caller, query: dict[str, str], detail: str) -> None:
    assert api.error(400, "GET", "definitions", **query) == {"detail": detail}
