"""Groups, manual and smart."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller


def _names(rows: list[Any]) -> list[str]:
    return [row["name"] for row in rows]


def _group(api: Caller, name: str) -> Any:
    return api.rows("groups", name=name)[0]


def test_a_group_can_be_made_renamed_and_deleted(api: Caller) -> None:
    group = api.create("groups", name="Éleveurs")
    renamed = json.loads(api.call("POST", "groups", {"name": "Herders"}, uuid=group["uuid"]).body)

    assert group == {
        "uuid": group["uuid"],
        "name": "Éleveurs",
        "query": None,
        "status": "ready",
        "system": False,
        "count": 0,
    }
    assert renamed == {**group, "name": "Herders"}
    assert api.call("DELETE", "groups", uuid=group["uuid"]).status == 204
    assert api.error(404, "DELETE", "groups", uuid=group["uuid"]) == {
        "detail": "No ContactGroup matches the given query."
    }


def test_a_deleted_group_leaves_its_members_and_marks_them_as_modified(api: Caller) -> None:
    group = api.create("groups", name="Herders")
    ana = api.create("contacts", name="Ana", groups=["Herders"])
    api.call("DELETE", "groups", uuid=group["uuid"])
    after = api.rows("contacts", uuid=ana["uuid"])[0]

    assert after["groups"] == []
    assert after["modified_on"] > ana["modified_on"]


def test_a_group_is_found_by_name_in_any_case_and_counts_its_members(api: Caller) -> None:
    api.create("groups", name="Éleveurs")
    api.create("contacts", groups=["ÉLEVEURS"])

    assert [(group["name"], group["count"]) for group in api.rows("groups", name="éleveurs")] == [("Éleveurs", 1)]
    assert api.rows("groups", name="nope") == []
    assert api.error(400, "GET", "groups", uuid="x", name="y") == {
        "detail": "You may only specify one of the uuid, name parameters"
    }


def test_manual_groups_can_be_listed_alone(api: Caller) -> None:
    assert {"Adults", "Open Tickets"} <= set(_names(api.rows("groups")))
    assert {group["query"] for group in api.rows("groups", manual_only="1")} == {None}


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("", ["This field may not be blank."]),
        (None, ["This field may not be null."]),
        (["x"], ["Not a valid string."]),
        ("farmers", ["This field must be unique."]),
        (' padded "q"', ['Cannot contain the character: "']),
        ("back\\slash", ["Cannot contain the character: \\"]),
        ("a\0b", ["Cannot contain null characters.", "Null characters are not allowed."]),
        ("x" * 65, ["Cannot be longer than 64 characters.", "Ensure this field has no more than 64 characters."]),
    ],
)
def test_a_name_that_cannot_be_taken_is_refused(api: Caller, name: object, messages: list[str]) -> None:
    assert api.error(400, "POST", "groups", {"name": name}) == {"name": messages}


def test_a_group_may_keep_its_name_and_numbers_are_names(api: Caller) -> None:
    group = api.create("groups", name=2026)

    assert group["name"] == "2026"
    assert api.call("POST", "groups", {"name": "2026"}, uuid=group["uuid"]).status == 200


def test_the_system_group_can_be_neither_changed_nor_deleted(api: Caller) -> None:
    group = _group(api, "Open Tickets")

    assert (group["system"], group["query"]) == (True, "tickets > 0")
    assert api.error(403, "POST", "groups", {"name": "x"}, uuid=group["uuid"]) == {
        "detail": "Cannot modify system object."
    }
    assert api.error(403, "DELETE", "groups", uuid=group["uuid"]) == {"detail": "Cannot delete system object."}


def test_a_group_that_a_campaign_uses_cannot_be_deleted(api: Caller) -> None:
    group = api.create("groups", name="Mothers")
    api.create("campaigns", name="Visits", group="Mothers")

    assert api.error(400, "DELETE", "groups", uuid=group["uuid"]) == {
        "detail": "Group is being used by campaigns which must be archived first."
    }


def test_one_more_than_the_limit_is_refused_even_with_an_invalid_body(sandbox: Sandbox, api: Caller) -> None:
    own = [group for group in api.rows("groups") if not group["system"]]
    sandbox.control("rapidpro", "limit_objects", {"type": "groups", "limit": len(own) + 1})
    api.create("groups", name="Last")

    assert api.error(409, "POST", "groups", {}) == {
        "detail": "Cannot create object because workspace has reached limit."
    }
    assert api.call("POST", "groups", {"name": "Renamed"}, uuid=own[0]["uuid"]).status == 200


def test_250_groups_fit_and_one_more_does_not(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "empty")
    for number in range(250):
        api.create("groups", name=f"Cohort {number}")

    assert api.call("POST", "groups", {"name": "One more"}).status == 409


def test_a_smart_group_is_hidden_until_it_is_filled_and_then_follows_its_query(sandbox: Sandbox, api: Caller) -> None:
    ana = api.create("contacts", name="Ana", fields={"age": 34})
    sandbox.control("rapidpro", "add_smart_group", {"name": "Anas", "query": 'name ~ "an" AND age > 30'})
    hidden = api.rows("groups", name="Anas")
    sandbox.advance(timedelta(seconds=2))
    shown = _group(api, "Anas")
    api.call("POST", "contacts", {"fields": {"age": 29}}, uuid=ana["uuid"])

    assert hidden == []
    assert (shown["status"], shown["query"]) == ("ready", 'name ~ "an" AND age > 30')
    assert ana["uuid"] not in [row["uuid"] for row in api.rows("contacts", group="Anas")]


def test_a_smart_group_whose_query_no_longer_makes_sense_is_invalid(api: Caller) -> None:
    api.call("POST", "fields", {"name": "Age", "type": "text"}, key="age")
    invalid = _group(api, "Adults")
    api.call("POST", "fields", {"name": "Age", "type": "number"}, key="age")

    assert (invalid["status"], _group(api, "Adults")["status"]) == ("invalid", "ready")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('name = "ana lyse"', ["Ana Lyse"]),
        ("name != Bea AND name ~ a", ["Ana Lyse", "Dan"]),
        ('language = "" OR language = kin', ["Bea", "Dan"]),
        ("age > 34", ["Bea"]),
        ("age >= 34", ["Ana Lyse", "Bea"]),
        ("age < 34.5", ["Ana Lyse"]),
        ("age = 34", ["Ana Lyse"]),
        ("age != 34", ["Bea", "Dan"]),
        ('age = ""', ["Dan"]),
        ('fields.gender != ""', ["Ana Lyse"]),
        ("registered_on > 01-02-2026", ["Bea"]),
        ("registered_on >= 01-02-2026", ["Ana Lyse", "Bea"]),
        ("registered_on = 01-02-2026", ["Ana Lyse"]),
        ("registered_on != 01-02-2026", ["Bea", "Dan"]),
        ("registered_on <= 2026-02-01", ["Ana Lyse"]),
        ("created_on = 01-01-2026", ["Ana Lyse", "Bea", "Dan"]),
        ('last_seen_on = ""', ["Ana Lyse", "Bea", "Dan"]),
        ("urn ~ 788123", ["Ana Lyse"]),
        ("telegram = 700702", ["Bea"]),
        ('tel = ""', ["Bea", "Dan"]),
        ("telegram != 700702", ["Ana Lyse", "Dan"]),
        ("group = farmers", ["Dan"]),
        ("district = huye", ["Dan"]),
        ("tickets = 0 AND NAME ~ d", ["Dan"]),
        ("(name ~ bea OR name ~ dan) and age > 0", ["Bea"]),
    ],
)
def test_a_query_finds_the_contacts_it_describes(sandbox: Sandbox, query: str, names: list[str]) -> None:
    sandbox.control("rapidpro", "throttle", {"scope": "v2", "limit": 10_000})
    api = Caller.of(sandbox, "administrator")
    for row in api.iterate("contacts"):
        api.call("DELETE", "contacts", uuid=row["uuid"])
    ana = {"age": 34, "gender": "F", "registered_on": "2026-02-01T08:00:00+02:00"}
    api.create("contacts", name="Ana Lyse", language="eng", urns=["tel:+250788123123"], fields=ana)
    bea = {"age": "35.0", "registered_on": "2026-02-02T00:00:00+02:00"}
    api.create("contacts", name="Bea", urns=["telegram:700702"], fields=bea)
    api.create("contacts", name="Dan", language="kin", groups=["Farmers"], fields={"district": "Huye"})
    sandbox.control("rapidpro", "add_smart_group", {"name": "Found", "query": query})
    sandbox.advance(timedelta(seconds=2))

    assert sorted(_names(api.rows("contacts", group="Found"))) == names


@pytest.mark.parametrize(
    "query",
    ["", "name", "name =", "(name = x", "name = x)", "height > 3", "age > tall", "name > x", "name ? x", '"'],
)
def test_a_query_that_makes_no_sense_is_refused(sandbox: Sandbox, query: str) -> None:
    with pytest.raises(ControlError, match="`query`"):
        sandbox.control("rapidpro", "add_smart_group", {"name": "x", "query": query})
