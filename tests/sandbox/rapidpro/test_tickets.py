"""Tickets, and what is done to several of them at once."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
AGENT = {"email": "agent@example.com", "name": "Agnes Uwera"}


def open_ticket(sandbox: Sandbox, contact: str, **arguments: Any) -> Any:
    return sandbox.control("rapidpro", "open_ticket", {"contact": contact, **arguments})


@pytest.fixture
def contact(api: Caller) -> Any:
    return api.create("contacts", name="Ana", urns=["tel:+250788123123"])


def read(api: Caller, ticket: Any) -> Any:
    (found,) = api.rows("tickets", uuid=ticket["uuid"])
    return found


def test_a_ticket_says_who_opened_it_and_for_whom(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    ticket = open_ticket(sandbox, contact["uuid"], topic="Support", user="AGENT@example.com", assignee=AGENT["email"])

    assert (
        read(api, ticket)
        == ticket
        == {
            "uuid": ticket["uuid"],
            "contact": {"uuid": contact["uuid"], "name": "Ana"},
            "status": "open",
            "topic": {"uuid": ticket["topic"]["uuid"], "name": "Support"},
            "body": None,
            "assignee": AGENT,
            "opened_on": ticket["opened_on"],
            "opened_by": AGENT,
            "opened_in": None,
            "modified_on": ticket["opened_on"],
            "closed_on": None,
        }
    )


def test_an_open_ticket_puts_its_contact_into_the_group_of_those_with_open_tickets(
    sandbox: Sandbox, api: Caller, contact: Any
) -> None:
    ticket = open_ticket(sandbox, contact["uuid"])
    while_open = api.rows("contacts", group="Open Tickets", uuid=contact["uuid"])
    api.call("POST", "ticket_actions", {"tickets": [ticket["uuid"]], "action": "close"})

    assert [group["name"] for group in while_open[0]["groups"]] == ["Open Tickets"]
    assert api.rows("contacts", group="Open Tickets", uuid=contact["uuid"]) == []


def test_tickets_can_be_listed_by_contact_and_by_last_change(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    first, second = (open_ticket(sandbox, contact["uuid"]) for _ in range(2))
    api.call("POST", "ticket_actions", {"tickets": [first["uuid"]], "action": "add_note", "note": "Hurry"})

    assert [ticket["uuid"] for ticket in api.rows("tickets", contact=contact["uuid"])] == [
        first["uuid"],
        second["uuid"],
    ]
    assert [ticket["uuid"] for ticket in api.rows("tickets", contact=contact["uuid"], reverse="true")] == [
        second["uuid"],
        first["uuid"],
    ]


@pytest.mark.parametrize("filters", [{"uuid": NOWHERE}, {"contact": "x"}, {"contact": NOWHERE}])
def test_a_filter_that_nothing_fits_gives_an_empty_page(api: Caller, filters: dict[str, str]) -> None:
    assert api.rows("tickets", **filters) == []


def test_a_bulk_action_that_changes_every_ticket_responds_with_204(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    tickets = [open_ticket(sandbox, contact["uuid"]) for _ in range(2)]
    names = [ticket["uuid"] for ticket in tickets]
    response = api.call(
        "POST", "ticket_actions", {"tickets": names, "action": "assign", "assignee": "agent@EXAMPLE.com"}
    )

    assert (response.status, response.body) == (204, b'""')
    assert [read(api, ticket)["assignee"] for ticket in tickets] == [AGENT, AGENT]


def test_a_bulk_action_responds_with_the_tickets_that_it_did_not_change(
    sandbox: Sandbox, api: Caller, contact: Any
) -> None:
    closed, other = (open_ticket(sandbox, contact["uuid"]) for _ in range(2))
    api.call("POST", "ticket_actions", {"tickets": [closed["uuid"]], "action": "close"})
    closed = read(api, closed)
    both = [closed["uuid"], other["uuid"], other["uuid"]]
    response = api.update("ticket_actions", {"tickets": both, "action": "close"})

    assert response == {"failures": [closed["uuid"]]}
    assert read(api, closed) == closed
    assert read(api, other)["closed_on"] is not None


@pytest.mark.parametrize(
    ("action", "again"),
    [
        ({"action": "assign", "assignee": None}, 200),
        ({"action": "reopen"}, 200),
        ({"action": "add_note", "note": "x"}, 204),
    ],
)
def test_what_is_already_so_is_a_failure_but_a_note_is_always_added(
    sandbox: Sandbox, api: Caller, contact: Any, action: dict[str, Any], again: int
) -> None:
    ticket = open_ticket(sandbox, contact["uuid"])

    assert api.call("POST", "ticket_actions", {"tickets": [ticket["uuid"]], **action}).status == again


def test_a_reopened_ticket_is_no_longer_closed(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    ticket = open_ticket(sandbox, contact["uuid"])
    for action in ("close", "reopen"):
        assert api.call("POST", "ticket_actions", {"tickets": [ticket["uuid"]], "action": action}).status == 204
    reopened = read(api, ticket)

    assert (reopened["status"], reopened["closed_on"]) == ("open", None)
    assert reopened["modified_on"] > ticket["modified_on"]


def test_a_ticket_can_be_filed_under_another_topic(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    ticket, topic = open_ticket(sandbox, contact["uuid"]), api.create("topics", name="Food")
    change = {"tickets": [ticket["uuid"]], "action": "change_topic", "topic": topic["uuid"]}

    assert [api.call("POST", "ticket_actions", change).status for _ in range(2)] == [204, 200]
    assert read(api, ticket)["topic"]["name"] == "Food"


def test_nothing_is_done_if_one_ticket_is_unknown(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    ticket = open_ticket(sandbox, contact["uuid"])
    errors = api.error(400, "POST", "ticket_actions", {"tickets": [ticket["uuid"], NOWHERE], "action": "close"})

    assert errors == {"tickets": [f"No such object: {NOWHERE}"]}
    assert read(api, ticket)["status"] == "open"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"tickets": ["This field is required."], "action": ["This field is required."]}),
        (
            {"tickets": [NOWHERE], "action": "burn"},
            {"tickets": [f"No such object: {NOWHERE}"], "action": ['"burn" is not a valid choice.']},
        ),
        ({"tickets": "x", "action": "close"}, {"tickets": ['Expected a list of items but got type "str".']}),
        (
            {"tickets": [NOWHERE] * 101, "action": "close"},
            {"tickets": ["Ensure this field has no more than 100 elements."]},
        ),
        ({"tickets": [{}], "action": "close"}, {"tickets": ["Must be a string or integer"]}),
        ({"tickets": [], "action": "note"}, {"action": ['"note" is not a valid choice.']}),
        ({"tickets": [], "action": "close", "assignee": "x@y.z"}, {"assignee": ["No such object: x@y.z"]}),
        ({"tickets": [], "action": "close", "topic": NOWHERE}, {"topic": [f"No such object: {NOWHERE}"]}),
        (
            {"tickets": [], "action": "add_note", "note": "x" * 10_001},
            {"note": ["Ensure this field has no more than 10000 characters."]},
        ),
        (
            {"tickets": [], "action": "assign"},
            {"non_field_errors": ['For action "assign" you must specify the assignee']},
        ),
        (
            {"tickets": [], "action": "add_note"},
            {"non_field_errors": ['For action "add_note" you must specify the note']},
        ),
        (
            {"tickets": [], "action": "change_topic"},
            {"non_field_errors": ['For action "change_topic" you must specify the topic']},
        ),
    ],
)
def test_a_bulk_action_on_tickets_is_checked(api: Caller, body: object, errors: object) -> None:
    assert api.error(400, "POST", "ticket_actions", body) == errors


def test_an_action_on_no_ticket_is_done(api: Caller) -> None:
    assert api.call("POST", "ticket_actions", {"tickets": [], "action": "close"}).status == 204


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "contact"),
        ({"contact": NOWHERE}, "contact"),
        ({"contact": "tel:+250788123123", "topic": "Nonsense"}, "topic"),
        ({"contact": "tel:+250788123123", "assignee": "nobody@example.com"}, "assignee"),
    ],
)
@pytest.mark.usefixtures("contact")
def test_a_ticket_is_not_opened_for_nobody(sandbox: Sandbox, arguments: Any, field: str) -> None:
    with pytest.raises(ControlError) as raised:
        sandbox.control("rapidpro", "open_ticket", arguments)

    assert raised.value.field == field
