"""Contacts: what is shown, found, made, changed and deleted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
UNKNOWN = {"detail": "No Contact matches the given query."}


def _update(api: Caller, body: dict[str, Any], **query: object) -> Any:
    response = api.call("POST", "contacts", body, **query)
    assert response.status == 200, response.body
    return json.loads(response.body)


def test_a_contact_can_be_made_of_nothing(api: Caller) -> None:
    contact = api.create("contacts")

    assert contact == {
        "uuid": contact["uuid"],
        "name": None,
        "status": "active",
        "language": None,
        "urns": [],
        "groups": [],
        "notes": [],
        "fields": dict.fromkeys(["age", "gender", "nick_name", "registered_on", "next_visit", "district"]),
        "flow": None,
        "created_on": contact["created_on"],
        "modified_on": contact["created_on"],
        "last_seen_on": None,
        "blocked": False,
        "stopped": False,
    }


def test_everything_that_was_written_is_shown_in_its_normal_form(api: Caller) -> None:
    contact = api.create(
        "contacts",
        name="  Ana ",
        language="kin",
        urns=["tel:0788 123 123", "TELEGRAM:700702#ana"],
        groups=["farmers"],
        fields={"age": 34.50, "registered_on": "11-02-2026 09:30", "nick_name": " A ", "next_visit": "soon"},
    )

    assert contact["name"] == "Ana"
    assert contact["urns"] == ["tel:+250788123123", "telegram:700702"]
    assert [group["name"] for group in contact["groups"]] == ["Farmers", "Adults"]
    assert contact["fields"] == {
        "age": "34.5",
        "gender": None,
        "nick_name": "A",
        "registered_on": "2026-02-11T09:30:00+02:00",
        "next_visit": None,
        "district": None,
    }
    assert api.rows("contacts", uuid=contact["uuid"]) == [contact]


def test_what_is_not_sent_stays_and_null_clears(api: Caller) -> None:
    contact = api.create("contacts", name="Ana", language="eng", fields={"age": 34, "gender": "F"})
    changed = _update(api, {"name": None, "fields": {"age": None, "gender": ""}}, uuid=contact["uuid"])

    assert (changed["name"], changed["language"]) == (None, "eng")
    assert (changed["fields"]["age"], changed["fields"]["gender"]) == (None, None)
    assert changed["modified_on"] > contact["modified_on"]


def test_manual_groups_are_replaced_and_smart_ones_follow_the_contact(api: Caller) -> None:
    contact = api.create("contacts", groups=["Farmers"], fields={"age": 20})
    changed = _update(api, {"groups": ["Reporters"], "fields": {"age": 12}}, uuid=contact["uuid"])

    assert [group["name"] for group in contact["groups"]] == ["Farmers", "Adults"]
    assert [group["name"] for group in changed["groups"]] == ["Reporters"]


def test_a_urn_in_the_query_changes_its_owner_or_makes_one(api: Caller) -> None:
    first = api.call("POST", "contacts", {"name": "Ana"}, urn="tel:0788123123")
    second = api.call("POST", "contacts", {"name": "Bea"}, urn="tel:+250788123123")
    found = api.rows("contacts", urn="tel:+250 788 123 123")

    assert (first.status, second.status) == (201, 200)
    assert [(contact["name"], contact["urns"]) for contact in found] == [("Bea", ["tel:+250788123123"])]


def test_a_taken_urn_is_refused_for_a_new_contact_and_left_out_for_a_known_one(api: Caller) -> None:
    owner = api.create("contacts", urns=["tel:+250788123123"])
    other = api.create("contacts", urns=["telegram:1"])
    changed = _update(api, {"urns": ["tel:+250788123123", "telegram:2"]}, uuid=other["uuid"])

    assert api.error(400, "POST", "contacts", {"urns": ["telegram:9", "tel:+250788123123"]}) == {
        "urns": {"1": ["URN is in use by another contact."]}
    }
    assert changed["urns"] == ["telegram:2"]
    assert api.rows("contacts", urn="tel:+250788123123")[0]["uuid"] == owner["uuid"]
    assert api.rows("contacts", urn="telegram:1") == []


def test_the_same_urn_twice_is_one(api: Caller) -> None:
    assert api.create("contacts", urns=["tel:+250788123112", "tel:0788123112"])["urns"] == ["tel:+250788123112"]


def test_notes_are_added_on_updates_only_and_the_last_five_are_kept(api: Caller) -> None:
    contact = api.create("contacts", note="ignored")
    for number in range(6):
        changed = _update(api, {"note": f"note {number}"}, uuid=contact["uuid"])

    assert contact["notes"] == []
    assert [note["text"] for note in changed["notes"]] == [f"note {number}" for number in range(1, 6)]
    assert changed["notes"][0]["created_by"] == {"email": "administrator@example.com", "name": "Ada Uwera"}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"name": ""}, {"name": ["This field may not be blank."]}),
        ({"name": "   "}, {"name": ["This field may not be blank."]}),
        ({"name": True}, {"name": ["Not a valid string."]}),
        ({"name": "x" * 65}, {"name": ["Ensure this field has no more than 64 characters."]}),
        ({"name": "a\0b"}, {"name": ["Null characters are not allowed."]}),
        ({"language": "zzz"}, {"language": ["Not a valid ISO639-3 language code."]}),
        ({"language": "en"}, {"language": ["Ensure this field has at least 3 characters."]}),
        ({"language": "engl"}, {"language": ["Ensure this field has no more than 3 characters."]}),
        ({"urns": None}, {"urns": ["This field may not be null."]}),
        ({"urns": "tel:1"}, {"urns": ['Expected a list of items but got type "str".']}),
        ({"urns": ["tel:+250788123123"] * 101}, {"urns": ["Ensure this field has no more than 100 elements."]}),
        (
            {"urns": ["tel:+250788123123", "12345", None]},
            {
                "urns": {
                    "1": ["Invalid URN: 12345. Ensure phone numbers contain country codes."],
                    "2": ["This field may not be null."],
                }
            },
        ),
        ({"urns": ["ext:" + "x" * 252]}, {"urns": {"0": ["Ensure this field has no more than 255 characters."]}}),
        ({"groups": None}, {"groups": ["This field may not be null."]}),
        ({"groups": [""]}, {"groups": ["No such object: "]}),
        ({"groups": [None]}, {"groups": ["Must be a string or integer"]}),
        ({"groups": {"Nope": 1}}, {"groups": ["No such object: Nope"]}),
        ({"groups": [{"uuid": "x"}]}, {"groups": ["Must be a string or integer"]}),
        ({"groups": ["Farmers", "nope", "nor this"]}, {"groups": ["No such object: nope"]}),
        ({"groups": ["Adults"]}, {"groups": ["Contact group must not be query based: Adults"]}),
        ({"fields": "x"}, {"fields": ['Expected a dictionary of items but got type "str".']}),
        ({"fields": {"hmmm": "x"}}, {"fields": ["Invalid contact field key: hmmm"]}),
        ({"fields": {"created_on": "x"}}, {"fields": ["Invalid contact field key: created_on"]}),
        ({"fields": {"age": [1]}}, {"fields": {"age": ["Not a valid string."]}}),
        ({"fields": {"age": True}}, {"fields": {"age": ["Not a valid string."]}}),
        (
            {"fields": {f"key_{number}": "x" for number in range(101)}},
            {"fields": ["Ensure this field has no more than 100 elements."]},
        ),
        ({"note": "x" * 10_001}, {"note": ["Ensure this field has no more than 10000 characters."]}),
        ({"note": None}, {"note": ["This field may not be null."]}),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(api: Caller, body: dict[str, Any], errors: dict[str, Any]) -> None:
    assert api.error(400, "POST", "contacts", body) == errors


def test_all_fields_that_fail_are_named_at_once(api: Caller) -> None:
    body = {"fields": "x", "urns": "tel:+250788", "groups": "Farmers", "name": ""}

    assert list(api.error(400, "POST", "contacts", body)) == ["name", "urns", "groups", "fields"]


def test_a_refused_write_changes_nothing(api: Caller) -> None:
    contact = api.create("contacts", name="Ana")
    api.error(400, "POST", "contacts", {"name": "Bea", "language": "zzz"}, uuid=contact["uuid"])

    assert api.rows("contacts", uuid=contact["uuid"]) == [contact]


def test_a_known_contact_is_named_by_one_parameter_that_leads_somewhere(api: Caller) -> None:
    assert api.error(400, "POST", "contacts", {}, uuid=NOWHERE, urn="tel:+250788123123") == {
        "detail": "URL can only contain one of the following parameters: urn, uuid"
    }
    assert api.error(400, "DELETE", "contacts") == {
        "detail": "URL must contain one of the following parameters: urn, uuid"
    }
    assert api.error(400, "POST", "contacts", {}, uuid="xyz") == {"detail": "Param 'uuid': xyz is not a valid UUID."}
    assert api.error(400, "POST", "contacts", {}, urn="12345") == {"detail": "Invalid URN: 12345"}
    assert api.error(404, "POST", "contacts", {"name": ""}, uuid=NOWHERE) == UNKNOWN
    assert api.error(400, "POST", "contacts", {"urns": ["tel:+250788123124"]}, urn="tel:+250788123123") == {
        "urns": ["Field not allowed when using URN in URL"]
    }


def test_a_deleted_contact_is_erased_and_its_urn_is_free(sandbox: Sandbox, api: Caller) -> None:
    urn = "tel:+250788123123"
    contact = api.create("contacts", name="Ana", urns=[urn], groups=["Farmers"], fields={"age": 34})
    sandbox.control("rapidpro", "receive", {"urn": urn, "text": "Hello"})
    deleted = api.call("DELETE", "contacts", uuid=contact["uuid"])
    shown = api.rows("contacts", deleted="true")[0]

    assert (deleted.status, deleted.body) == (204, b"")
    assert shown == {
        "uuid": contact["uuid"],
        "name": None,
        "status": None,
        "language": None,
        "urns": [],
        "groups": [],
        "notes": [],
        "fields": {},
        "flow": None,
        "created_on": contact["created_on"],
        "modified_on": shown["modified_on"],
        "last_seen_on": None,
        "blocked": None,
        "stopped": None,
    }
    assert api.rows("contacts", uuid=contact["uuid"]) == []
    assert api.rows("messages", contact=contact["uuid"]) == []
    assert api.create("contacts", urns=[urn])["urns"] == [urn]


def test_deleting_again_is_204_by_uuid_and_404_by_urn(api: Caller) -> None:
    contact = api.create("contacts", urns=["tel:+250788123123"])

    assert api.call("DELETE", "contacts", urn="tel:+250788123123").status == 204
    assert api.call("DELETE", "contacts", uuid=contact["uuid"]).status == 204
    assert api.error(404, "DELETE", "contacts", urn="tel:+250788123123") == UNKNOWN
    assert api.error(400, "POST", "contacts", {"name": "x"}, uuid=contact["uuid"]) == {
        "non_field_errors": ["Deleted contacts can't be modified."]
    }


def test_a_contact_that_is_not_active_is_in_no_group_and_cannot_be_added(api: Caller) -> None:
    contact = api.create("contacts", groups=["Farmers"], fields={"age": 40})
    api.call("POST", "contact_actions", {"contacts": [contact["uuid"]], "action": "block"})
    blocked = api.rows("contacts", uuid=contact["uuid"])[0]

    assert (blocked["status"], blocked["blocked"], blocked["stopped"], blocked["groups"]) == (
        "blocked",
        True,
        False,
        [],
    )
    assert api.error(400, "POST", "contacts", {"groups": ["Farmers"]}, uuid=contact["uuid"]) == {
        "groups": ["Non-active contacts can't be added to groups"]
    }
    assert _update(api, {"groups": [], "name": "B"}, uuid=contact["uuid"])["name"] == "B"


def test_filters_narrow_each_other_down(api: Caller) -> None:
    ana = api.create("contacts", name="Ana", groups=["Farmers"], urns=["telegram:1"])
    api.create("contacts", name="Bea", groups=["Farmers"])
    farmers = next(group for group in api.rows("groups") if group["name"] == "Farmers")

    def names(**query: object) -> list[str]:
        return [row["name"] for row in api.rows("contacts", after=ana["modified_on"], **query)]

    assert names(group="Farmers") == ["Bea", "Ana"]
    assert names(group=farmers["uuid"].upper()) == ["Bea", "Ana"]
    assert names(group="Farmers", urn="telegram:1") == ["Ana"]
    assert names(group="Farmers", before=ana["modified_on"]) == ["Ana"]
    assert names(group="farmers") == names(group="nope") == names(urn="telegram:404") == []
    assert names(group="Farmers", reverse="Yes") == ["Ana", "Bea"]
    assert names(uuid="{" + ana["uuid"].upper() + "}") == ["Ana"]


@pytest.mark.parametrize("name", ["before", "after"])
@pytest.mark.parametrize("value", ["soon", "2026-13-01", "2026-01-01T00:00:00 02:00"])
def test_a_time_that_cannot_be_read_gives_an_empty_page(api: Caller, name: str, value: str) -> None:
    assert api.rows("contacts", **{name: value}) == []


def test_before_and_after_include_the_very_time_and_take_any_zone(api: Caller) -> None:
    time = api.create("contacts", name="Ana")["modified_on"]
    elsewhere = time.replace("T12:", "T14:").replace("Z", "+02:00")

    assert [row["name"] for row in api.rows("contacts", before=elsewhere, after=time)] == ["Ana"]
    assert api.rows("contacts", after="2026-01-02") == []


def test_urns_come_in_parts_on_request(api: Caller) -> None:
    response = api.call("POST", "contacts", {"urns": ["telegram:700702#ana"]}, expand_urns="true")
    contact = json.loads(response.body)
    (urn,) = contact["urns"]

    assert urn.pop("channel")["name"] == "Telegram"
    assert urn == {"scheme": "telegram", "path": "700702", "display": "ana"}


def test_urns_that_no_channel_reaches_come_last(api: Caller) -> None:
    response = api.call("POST", "contacts", {"urns": ["viber:abc", "tel:+250788123123"]}, expand_urns="true")

    assert [(urn["scheme"], urn["channel"] is None) for urn in json.loads(response.body)["urns"]] == [
        ("tel", False),
        ("viber", True),
    ]


def test_an_anonymous_workspace_hides_urns_and_refuses_to_look_them_up(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "anonymous")
    error = {"detail": "URN lookups not allowed for anonymous organizations"}
    contact = api.create("contacts", urns=["tel:+250788123123"])
    expanded = api.rows("contacts", uuid=contact["uuid"], expand_urns="true")[0]["urns"]

    assert contact["urns"] == ["tel:********"]
    assert [urn["path"] for urn in expanded] == ["********"]
    assert [urn["display"] for urn in expanded] == [None]
    assert contact["ref"] == contact["anon_display"]
    assert len(contact["ref"]) == 6
    assert api.error(400, "GET", "contacts", urn="tel:+250788123123") == error
    assert api.error(400, "POST", "contacts", {}, urn="tel:+250788123123") == error
    assert api.error(400, "DELETE", "contacts", urn="tel:+250788123123") == error
    assert api.error(400, "POST", "contacts", {"urns": []}, uuid=contact["uuid"]) == {
        "urns": ["Updating URNs not allowed for anonymous organizations"]
    }


def test_a_uuid_in_another_form_finds_in_lists_and_not_in_writes(api: Caller) -> None:
    contact = api.create("contacts")

    assert api.rows("contacts", uuid=contact["uuid"].replace("-", "")) == [contact]
    assert api.error(404, "POST", "contacts", {}, uuid=contact["uuid"].upper()) == UNKNOWN


def test_a_list_cannot_be_asked_for_more_than_100_uuids(api: Caller) -> None:
    assert api.error(400, "GET", "contacts", uuid=[NOWHERE] * 101) == {
        "detail": "Param 'uuid' can have a maximum of 100 values."
    }
    assert api.error(400, "GET", "contacts", uuid="") == {"detail": "Param 'uuid':  is not a valid UUID."}


@pytest.mark.parametrize(
    ("raw", "content_type", "errors"),
    [
        (b"{", "application/json", "JSON parse error - Expecting property name enclosed in double quotes"),
        (b"", "application/json", None),
        (b'{"name": NaN}', "application/json", "JSON parse error - Out of range float values"),
        (b'{"name": "\xff"}', "application/json", "JSON parse error - 'utf-8' codec"),
        (b'{"name": "\\ud800"}', "application/json", "JSON parse error - 'utf-8' codec"),
        (b"[" * 100_000, "application/json", "JSON parse error - "),
        (b"name=Ana", "text/plain", 'Unsupported media type "text/plain" in request.'),
        (b"name=Ana", "", 'Unsupported media type "" in request.'),
    ],
)
def test_a_body_that_cannot_be_parsed_is_refused_with_a_reason(
    api: Caller, raw: bytes, content_type: str, errors: str | None
) -> None:
    response = api.call("POST", "contacts", raw=raw, headers={"Content-Type": content_type})

    if errors is None:
        assert response.status == 201
    else:
        assert response.status == (415 if "media" in errors else 400)
        assert json.loads(response.body)["detail"].startswith(errors)


def test_a_body_that_is_no_object_is_refused(api: Caller) -> None:
    assert api.error(400, "POST", "contacts", ["a"]) == {
        "non_field_errors": ["Request body should be a single JSON object"]
    }


def test_a_form_is_taken_too(api: Caller) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    response = api.call("POST", "contacts", raw=b"name=Ana&urns=telegram:1&urns=telegram:2&language=", headers=form)
    contact = json.loads(response.body)

    assert (response.status, contact["name"], contact["urns"]) == (201, "Ana", ["telegram:1", "telegram:2"])


def test_a_write_at_the_same_time_of_day_is_a_later_modification(sandbox: Sandbox, api: Caller) -> None:
    contact = api.create("contacts")
    sandbox.advance(timedelta(days=1))

    assert _update(api, {"name": "Ana"}, uuid=contact["uuid"])["modified_on"].startswith("2026-01-02T12:00")


@pytest.mark.parametrize("query", [{}, {"expand_urns": "true"}], ids=["as strings", "as objects"])
def test_a_workspace_that_hides_people_refers_to_its_contacts_by_numbers(sandbox: Sandbox, query: Any) -> None:
    api = Caller.of(sandbox, "anonymous")
    contact = {"name": "Ann", "language": "eng", "urns": ["tel:+250788123123"]}
    made = json.loads(api.call("POST", "contacts", contact, **query).body)
    (listed,) = api.rows("contacts", uuid=made["uuid"], **query)

    assert listed == made
    assert (made["name"], made["language"]) == ("Ann", "eng")
    assert made["anon_display"] == made["ref"] != ""


@pytest.mark.parametrize("expand_urns", ["true", "false"])
def test_a_contact_that_changes_stays_in_its_flow(sandbox: Sandbox, api: Caller, expand_urns: str) -> None:
    flow = next(flow for flow in api.rows("flows") if flow["name"] == "Favorites")
    uuid = api.create("contacts", urns=["tel:+250788123123"])["uuid"]
    sandbox.control("rapidpro", "receive", {"urn": "tel:+250788123123", "text": "Muraho"})
    api.create("flow_starts", flow=flow["uuid"], contacts=[uuid])
    sandbox.advance(timedelta(seconds=5))
    changed = api.update("contacts", {"name": "Renamed"}, uuid=uuid, expand_urns=expand_urns)

    assert (changed["name"], changed["flow"]) == ("Renamed", {"uuid": flow["uuid"], "name": "Favorites"})
    assert changed["last_seen_on"] is not None


def test_contacts_with_expanded_urns_are_listed_with_their_flow(sandbox: Sandbox, api: Caller) -> None:
    made = api.create("contacts", urns=["tel:+250788123123"])
    sandbox.control("rapidpro", "run_flow", {"flow": "Favorites", "contact": made["uuid"], "answers": []})
    (shown,) = api.rows("contacts", uuid=made["uuid"], expand_urns="true")

    assert shown["flow"]["name"] == "Favorites"
    assert shown["urns"][0]["path"] == "+250788123123"
