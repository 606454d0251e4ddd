"""The workspace's own fields of contacts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller


def test_a_field_gets_a_key_that_stays_when_the_name_changes(api: Caller) -> None:
    field = api.create("fields", name=" Shoe-Size 2 ", type="number")
    renamed = json.loads(api.call("POST", "fields", {"name": "Feet", "type": "number"}, key="shoe_size_2").body)

    assert field == {
        "key": "shoe_size_2",
        "name": "Shoe-Size 2",
        "type": "number",
        "featured": False,
        "priority": 0,
        "usages": {"flows": 0, "groups": 0, "campaign_events": 0},
        "agent_access": "view",
        "label": "Shoe-Size 2",
        "value_type": "numeric",
    }
    assert renamed == {**field, "name": "Feet", "label": "Feet"}
    assert api.rows("fields", key="shoe_size_2") == [renamed]


def test_the_former_names_are_taken_too(api: Caller) -> None:
    field = api.create("fields", label="Height", value_type="numeric")

    assert (field["name"], field["type"], field["value_type"]) == ("Height", "number", "numeric")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"non_field_errors": ["Field 'name' is required."]}),
        ({"name": "Height"}, {"non_field_errors": ["Field 'type' is required."]}),
        ({"type": "numeric", "name": "x"}, {"type": ['"numeric" is not a valid choice.']}),
        ({"name": "He?ght", "type": "text"}, {"name": ["Can only contain letters, numbers and hypens."]}),
        ({"name": "Has"}, {"name": ['Generated key "has" is invalid or a reserved name.']}),
        ({"name": "1st"}, {"name": ['Generated key "1st" is invalid or a reserved name.']}),
        ({"name": "AGE"}, {"name": ["This field must be unique."]}),
        ({"name": "x" * 37}, {"name": ["Ensure this field has no more than 36 characters."]}),
        (
            {"name": "Nick-Name", "type": "text"},
            {"name": ['Generated key "nick_name" is taken by another field.']},
        ),
    ],
)
def test_a_field_that_cannot_be_made_is_refused(api: Caller, body: dict[str, Any], errors: dict[str, Any]) -> None:
    assert api.error(400, "POST", "fields", body) == errors


def test_usages_count_groups_and_campaign_events_which_keep_a_date_a_date(api: Caller) -> None:
    campaign = api.create("campaigns", name="Visits", group="Farmers")
    before = api.rows("fields", key="next_visit")[0]["usages"]["campaign_events"]
    event = {"relative_to": "next_visit", "offset": 1, "unit": "days", "delivery_hour": 9, "message": "Hello"}
    api.create("campaign_events", campaign=campaign["uuid"], **event)

    assert api.rows("fields", key="next_visit")[0]["usages"]["campaign_events"] == before + 1
    assert api.rows("fields", key="age")[0]["usages"]["groups"] == 1
    assert api.error(400, "POST", "fields", {"name": "Next Visit", "type": "text"}, key="next_visit") == {
        "type": ["Can't change type of date field being used by campaign events."]
    }


def test_a_new_field_shows_up_in_every_contact(api: Caller) -> None:
    api.create("fields", name="Height", type="number")

    assert all("height" in contact["fields"] for contact in api.rows("contacts"))


def test_an_unknown_key_is_404_and_a_full_workspace_409(sandbox: Sandbox, api: Caller) -> None:
    sandbox.control("rapidpro", "limit_objects", {"type": "fields", "limit": 0})

    assert api.error(404, "POST", "fields", {}, key="nope") == {"detail": "No ContactField matches the given query."}
    assert api.call("POST", "fields", {}).status == 409


@pytest.mark.parametrize(
    ("field_type", "given", "shown"),
    [
        ("number", "034.500", "34.5"),
        ("number", "-0", "0"),
        ("number", 1e3, "1000"),
        ("number", "many", None),
        ("datetime", "11-02-2026 09:30", "2026-02-11T09:30:00+02:00"),
        ("datetime", "11/2/26 9:30 pm", "2026-02-11T21:30:00+02:00"),
        ("datetime", "2026-02-11T07:30:00Z", "2026-02-11T09:30:00+02:00"),
        ("datetime", "2026-02-11T07:30:00.5", "2026-02-11T07:30:00.500000+02:00"),
        ("datetime", "2026-02-11", "2026-02-11T14:00:00.002000+02:00"),
        ("datetime", "31-02-2026", None),
        ("datetime", "tomorrow", None),
        ("district", "huye", "Rwanda > Southern > Huye"),
        ("district", "Rwanda > Southern > Huye", "Rwanda > Southern > Huye"),
        ("district", "Atlantis", None),
        ("text", " 034 ", "034"),
        ("text", "x" * 700, "x" * 640),
    ],
)
def test_a_value_is_shown_in_the_form_of_its_type(
    api: Caller, field_type: str, given: object, shown: str | None
) -> None:
    api.create("fields", name="Probe", type=field_type)

    assert api.create("contacts", fields={"probe": given})["fields"]["probe"] == shown


def test_a_value_that_did_not_fit_is_kept_and_shows_once_the_type_does(api: Caller) -> None:
    api.create("fields", name="Probe", type="number")
    contact = api.create("contacts", fields={"probe": "many"})
    api.call("POST", "fields", {"name": "Probe", "type": "text"}, key="probe")

    assert api.rows("contacts", uuid=contact["uuid"])[0]["fields"]["probe"] == "many"
