"""Topics, under which tickets are filed."""

from __future__ import annotations

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_a_topic_can_be_made_and_renamed(api: Caller) -> None:
    topic = api.create("topics", name="  Food ")
    renamed = api.update("topics", {"name": "Meals"}, uuid=topic["uuid"])

    assert topic == {
        "uuid": topic["uuid"],
        "name": "Food",
        "counts": {"open": 0, "closed": 0},
        "system": False,
        "created_on": topic["created_on"],
    }
    assert renamed == {**topic, "name": "Meals"}
    assert api.rows("topics")[0] == {**topic, "name": "Meals"}


def test_the_uuid_does_not_filter_the_list_of_topics(api: Caller) -> None:
    assert len(api.rows("topics", uuid=NOWHERE)) == 3


def test_the_system_topic_cannot_be_renamed_even_with_an_invalid_body(api: Caller) -> None:
    general = next(topic for topic in api.rows("topics") if topic["system"])

    assert general["name"] == "General"
    assert api.error(403, "POST", "topics", {}, uuid=general["uuid"]) == {"detail": "Cannot modify system object."}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"name": ["This field is required."]}),
        ({"name": None}, {"name": ["This field may not be null."]}),
        ({"name": "  "}, {"name": ["This field may not be blank."]}),
        ({"name": ["x"]}, {"name": ["Not a valid string."]}),
        ({"name": "GENERAL"}, {"name": ["This field must be unique."]}),
        ({"name": 'a "b"'}, {"name": ['Cannot contain the character: "']}),
        ({"name": "a\\b"}, {"name": ["Cannot contain the character: \\"]}),
        (
            {"name": "x" * 65},
            {"name": ["Cannot be longer than 64 characters.", "Ensure this field has no more than 64 characters."]},
        ),
    ],
)
def test_a_topic_needs_a_good_name(api: Caller, body: object, errors: object) -> None:
    assert api.error(400, "POST", "topics", body) == errors


def test_an_unknown_topic_is_404_whatever_the_body(api: Caller) -> None:
    assert api.error(404, "POST", "topics", {}, uuid=NOWHERE) == {"detail": "No Topic matches the given query."}


def test_a_full_workspace_takes_no_further_topic_but_lets_one_be_renamed(sandbox: Sandbox, api: Caller) -> None:
    sandbox.seed_data("rapidpro", {"topics": 48})
    newest = api.rows("topics")[0]

    assert api.error(409, "POST", "topics", {}) == {
        "detail": "Cannot create object because workspace has reached limit."
    }
    assert api.call("POST", "topics", {"name": "Still possible"}, uuid=newest["uuid"]).status == 200


def test_topics_count_their_tickets(sandbox: Sandbox, api: Caller) -> None:
    topic = api.create("topics", name="Food")
    contact = api.rows("contacts")[0]
    first, second = (
        sandbox.control("rapidpro", "open_ticket", {"contact": contact["uuid"], "topic": "Food"}) for _ in range(2)
    )
    api.call("POST", "ticket_actions", {"tickets": [first["uuid"]], "action": "close"})

    assert second["topic"] == {"uuid": topic["uuid"], "name": "Food"}
    assert api.rows("topics")[0]["counts"] == {"open": 1, "closed": 1}
