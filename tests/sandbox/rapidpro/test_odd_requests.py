"""Requests that are odd, and that the real server takes all the same; the description is stricter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

SPACE = " " * 20_000
EVENT = {"campaign": "<campaign>", "relative_to": "created_on", "offset": 1, "unit": "days", "delivery_hour": 1}
NO_UUID = "00000000-0000-4000-8000-000000000000"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def objects(api: Caller) -> dict[str, str]:
    return {
        "<campaign>": api.rows("campaigns")[0]["uuid"],
        "<contact>": api.rows("contacts")[0]["uuid"],
        "<flow>": next(flow["uuid"] for flow in api.rows("flows") if flow["name"] == "Favorites"),
        "<ticket>": next(ticket["uuid"] for ticket in api.rows("tickets") if ticket["status"] == "open"),
        "<topic>": next(topic["uuid"] for topic in api.rows("topics") if not topic["system"]),
    }


def named(value: Any, objects: dict[str, str]) -> Any:
    """Put UUIDs in the places of names, without hyphens where the name is in braces (`{<flow>}`)."""
    if isinstance(value, dict):
        return {key: named(item, objects) for key, item in value.items()}
    if isinstance(value, list):
        return [named(item, objects) for item in value]
    if isinstance(value, str) and value.startswith("{<"):
        return objects[value[1:-1]].replace("-", "").upper()
    return objects.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("campaign_events", {**EVENT, "message": {"eng": 5}}, 201),
        ("campaign_events", {**EVENT, "message": "See you" + SPACE}, 201),
        ("campaign_events", {**EVENT, "message": "x", "offset": "5", "delivery_hour": 3.0}, 201),
        ("campaign_events", {**EVENT, "message": "x", "campaign": "{<campaign>}"}, 201),
        ("campaign_events", {**EVENT, "flow": "{<flow>}"}, 201),
        ("campaigns", {"name": 5, "group": "farmers", "colour": "red"}, 201),
        ("broadcasts", {"contacts": ["<contact>"], "text": {"eng": 5}}, 201),
        ("broadcasts", {"contacts": ["<contact>"], "text": "Hi" + SPACE}, 201),
        ("topics", {"name": "Food" + SPACE}, 201),
        ("optins", {"name": 3.5}, 201),
        ("flow_starts", {"flow": "{<flow>}", "contacts": ["<contact>"], "restart_participants": "no"}, 201),
        ("flow_starts", {"flow": "<flow>", "contacts": ["<contact>"], "exclude_active": 1}, 201),
        ("ticket_actions", {"tickets": ["{<ticket>}"], "action": "close"}, 204),
        ("ticket_actions", {"tickets": ["<ticket>"], "action": "add_note", "note": "Hurry" + SPACE}, 204),
        ("ticket_actions", {"tickets": [], "action": "close", "topic": "{<topic>}"}, 204),
        ("resthook_subscribers", {"resthook": "new-mother", "target_url": " https://müller.example/é "}, 201),
    ],
)
def test_an_odd_body_is_taken(api: Caller, objects: dict[str, str], path: str, body: Any, status: int) -> None:
    response = api.call("POST", path, named(body, objects))

    assert response.status == status, response.body


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("campaign_events", {**EVENT, "flow": "<flow>", "message": None}, 400),
        ("campaigns", {"name": True, "group": "Farmers"}, 400),
        ("campaigns", {"name": "New", "group": " Farmers "}, 400),
        ("flow_starts", {"flow": "<flow>", "contacts": ["{<contact>}"]}, 400),
        ("flow_starts", {"flow": "<flow>", "contacts": ["<contact>"], "params": None}, 400),
        ("ticket_actions", {"tickets": [], "action": "assign", "assignee": " agent@example.com"}, 400),
    ],
)
def test_another_odd_body_is_not(api: Caller, objects: dict[str, str], path: str, body: Any, status: int) -> None:
    assert api.call("POST", path, named(body, objects)).status == status


@pytest.mark.parametrize(
    ("method", "path", "query", "status"),
    [
        ("GET", "statistics", {"since": "", "until": "2026-1-5"}, 200),
        ("GET", "statistics", {"since": "20260105"}, 400),
        ("GET", "definitions", {"flow": "{<flow>}"}, 200),
        ("GET", "definitions", {"dependencies": ""}, 400),
        ("GET", "runs", {"id": "9" * 30, "paths": "perhaps", "flow": "{<flow>}"}, 200),
        ("GET", "channel_events", {"id": "-1", "contact": "x", "unknown": "y"}, 200),
        ("DELETE", "campaign_events", {"uuid": "00000000000040008000000000000000"}, 404),
        ("DELETE", "resthook_subscribers", {"id": " 1"}, 204),
        ("DELETE", "resthook_subscribers", {"id": "9" * 30}, 404),
    ],
)
def test_an_odd_query_is_read_as_far_as_it_goes(
    api: Caller, objects: dict[str, str], method: str, path: str, query: dict[str, str], status: int
) -> None:
    response = api.call(method, path, **named(query, objects))

    assert response.status == status, response.body


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        *((path, {"uuid": NO_UUID}, 404) for path in ("broadcasts", "flow_starts", "media", "messages", "optins")),
        *((path, {"uuid": "x"}, 400) for path in ("broadcasts", "flow_starts", "media", "messages")),
        ("resthook_subscribers", {"id": "0"}, 404),
    ],
)
def test_what_can_only_be_made_is_not_found_for_a_change(
    api: Caller, path: str, query: dict[str, str], status: int
) -> None:
    response = api.call("POST", path, {}, **query)

    assert response.status == status, response.body


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("broadcasts", {"contacts": ["<contact>"], "text": {"eng": "hi"}}),
        ("flow_starts", {"flow": "<flow>", "contacts": ["<contact>"]}),
        ("messages", {"contact": "<contact>", "text": "hi"}),
    ],
)
def test_a_post_that_names_what_can_only_be_made_makes_another_one_with_200(
    api: Caller, objects: dict[str, str], path: str, body: dict[str, Any]
) -> None:
    first = api.call("POST", path, named(body, objects))
    there = json.loads(first.body)["uuid"]
    second = api.call("POST", path, named(body, objects), uuid=there)

    assert (first.status, second.status) == (201, 200)
    assert json.loads(second.body)["uuid"] != there


def test_a_form_is_taken_for_a_body(api: Caller, objects: dict[str, str]) -> None:
    flow, contact = objects["<flow>"], objects["<contact>"]
    body = f"flow={flow}&contacts={contact}&restart_participants=false&groups=Farmers&groups=Reporters"
    response = api.call("POST", "flow_starts", raw=body.encode(), headers=FORM)
    start = api.rows("flow_starts")[0]

    assert response.status == 201
    assert [group["name"] for group in start["groups"]] == ["Farmers", "Reporters"]
    assert start["restart_participants"] is False


def test_a_suspended_workspace_may_read_but_not_write(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "suspended")
    suspended = {
        "non_field_errors": [
            "Sorry, your workspace is currently suspended. To re-enable starting flows and sending messages, please"
            " contact support."
        ]
    }

    for path in ("campaigns", "campaign_events", "flow_starts", "topics", "ticket_actions", "resthook_subscribers"):
        assert api.error(400, "POST", path, {}) == suspended
    assert len(api.rows("topics")) == 1


@pytest.mark.parametrize("path", ["contacts", "groups", "labels", "topics"])
def test_a_number_beyond_the_range_of_a_double_is_infinite(api: Caller, path: str) -> None:
    response = api.call("POST", path, raw=b'{"name": 1e999}', headers={"Content-Type": "application/json"})

    assert response.status == 201
    assert json.loads(response.body)["name"] == "inf"


def test_an_empty_key_is_no_contact_field(api: Caller) -> None:
    assert api.error(400, "POST", "contacts", {"fields": {"": "1"}}) == {"fields": ["Invalid contact field key: "]}
