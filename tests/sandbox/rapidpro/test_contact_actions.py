"""Doing one thing to many contacts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"


def _act(api: Caller, action: str, *contacts: str, **body: object) -> None:
    response = api.call("POST", "contact_actions", {"contacts": list(contacts), "action": action, **body})
    assert (response.status, response.body) == (204, b'""')


def _contact(api: Caller, uuid: str) -> Any:
    return api.rows("contacts", uuid=uuid)[0]


def test_contacts_are_put_into_a_group_and_taken_out_by_uuid_or_urn(api: Caller) -> None:
    ana = api.create("contacts", name="Ana", urns=["tel:+250788123123"])
    bea = api.create("contacts", name="Bea")
    _act(api, "add", "tel:+250788123123", bea["uuid"], group="farmers")
    added = [row["name"] for row in api.rows("contacts", group="Farmers", after=ana["modified_on"])]
    _act(api, "remove", ana["uuid"], group="Farmers")

    assert sorted(added) == ["Ana", "Bea"]
    assert _contact(api, ana["uuid"])["groups"] == []
    assert [group["name"] for group in _contact(api, bea["uuid"])["groups"]] == ["Farmers"]


def test_a_number_without_a_country_code_finds_nobody_here(api: Caller) -> None:
    api.create("contacts", urns=["tel:0788123123"])

    assert api.error(400, "POST", "contact_actions", {"contacts": ["tel:0788123123"], "action": "block"}) == {
        "contacts": ["No such object: tel:0788123123"]
    }


def test_blocking_empties_the_groups_and_unblocking_brings_the_smart_ones_back(api: Caller) -> None:
    ana = api.create("contacts", groups=["Farmers"], fields={"age": 40})
    _act(api, "block", ana["uuid"])
    blocked = _contact(api, ana["uuid"])
    _act(api, "unblock", ana["uuid"])
    active = _contact(api, ana["uuid"])

    assert (blocked["status"], blocked["blocked"], blocked["groups"]) == ("blocked", True, [])
    assert (active["status"], [group["name"] for group in active["groups"]]) == ("active", ["Adults"])


def test_messages_are_archived_and_contacts_deleted(sandbox: Sandbox, api: Caller) -> None:
    uuid = api.create("contacts", urns=["tel:+250788123123"])["uuid"]
    sandbox.control("rapidpro", "receive", {"urn": "tel:+250788123123", "text": "Hello"})
    for action in ("archive", "archive_messages"):
        _act(api, action, uuid)
    archived = api.rows("messages", contact=uuid)
    _act(api, "delete", uuid)

    assert [(row["text"], row["visibility"], row["archived"]) for row in archived] == [("Hello", "archived", True)]
    assert [row["uuid"] for row in api.rows("contacts", deleted="true")] == [uuid]


def test_interrupting_takes_a_contact_out_of_its_flow(sandbox: Sandbox, api: Caller) -> None:
    flow = next(flow for flow in api.rows("flows") if flow["name"] == "Favorites")
    ana = api.create("contacts", urns=["tel:+250788123123"])
    api.create("flow_starts", flow=flow["uuid"], contacts=[ana["uuid"]])
    sandbox.advance(timedelta(seconds=5))
    waiting = _contact(api, ana["uuid"])["flow"]
    _act(api, "interrupt", ana["uuid"])

    assert waiting == {"uuid": flow["uuid"], "name": "Favorites"}
    assert _contact(api, ana["uuid"])["flow"] is None


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"contacts": ["This field is required."], "action": ["This field is required."]}),
        ({"contacts": [], "action": "block"}, {"contacts": ["Contacts can't be empty."]}),
        (
            {"contacts": [NOWHERE] * 101, "action": "block"},
            {"contacts": ["Ensure this field has no more than 100 elements."]},
        ),
        (
            {"contacts": [NOWHERE, "not-a-uuid"], "action": "explode"},
            {"contacts": [f"No such object: {NOWHERE}"], "action": ['"explode" is not a valid choice.']},
        ),
        ({"action": "add", "group": "Adults"}, {"group": ["Contact group must not be query based: Adults"]}),
        ({"action": "add", "group": "nope"}, {"group": ["No such object: nope"]}),
        ({"action": "add", "group": ""}, {"group": ["This field may not be null."]}),
        ({"action": "add"}, {"non_field_errors": ['For action "add" you should also specify a group']}),
        ({"action": "remove"}, {"non_field_errors": ['For action "remove" you should also specify a group']}),
        (
            {"action": "block", "group": "Farmers"},
            {"non_field_errors": ['For action "block" you should not specify a group']},
        ),
    ],
)
def test_what_cannot_be_done_is_refused(api: Caller, body: dict[str, Any], errors: dict[str, Any]) -> None:
    sent = {"contacts": [api.create("contacts")["uuid"]], **body} if body else body

    assert api.error(400, "POST", "contact_actions", sent) == errors


def test_nothing_is_done_to_any_if_one_is_unknown_or_deleted(api: Caller) -> None:
    ana, bea = api.create("contacts"), api.create("contacts")
    _act(api, "delete", bea["uuid"])
    body = {"contacts": [ana["uuid"], bea["uuid"]], "action": "block"}

    assert api.error(400, "POST", "contact_actions", body) == {"contacts": [f"No such object: {bea['uuid']}"]}
    assert _contact(api, ana["uuid"])["status"] == "active"


def test_contacts_who_are_not_active_cannot_be_added_but_can_be_removed(api: Caller) -> None:
    ana, bea = api.create("contacts"), api.create("contacts")
    _act(api, "block", ana["uuid"], bea["uuid"])
    body = {"contacts": [ana["uuid"], bea["uuid"]], "action": "add", "group": "Farmers"}

    assert api.error(400, "POST", "contact_actions", body) == {
        "non_field_errors": [f"Non-active contacts cannot be added to groups: {ana['uuid']}, {bea['uuid']}"]
    }
    _act(api, "remove", ana["uuid"], group="Farmers")
