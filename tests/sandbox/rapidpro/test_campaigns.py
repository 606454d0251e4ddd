"""Campaigns and their events, and how these come to happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
SECOND = timedelta(seconds=1)


@pytest.fixture
def campaign(api: Caller) -> Any:
    return api.create("campaigns", name="Vaccination", group="Farmers")


@pytest.fixture
def contact(api: Caller) -> Any:
    fields = {"next_visit": "2026-01-10T15:30:00+02:00"}
    return api.create(
        "contacts", name="Ana", language="kin", urns=["tel:+250788123123"], groups=["Farmers"], fields=fields
    )


def event_body(campaign: Any, /, **changes: Any) -> dict[str, Any]:
    timing = {"relative_to": "next_visit", "offset": -2, "unit": "days", "delivery_hour": 9}
    body = {"campaign": campaign["uuid"], **timing, "message": "See you", **changes}
    return {name: value for name, value in body.items() if value is not ...}


def scheduled_event(sandbox: Sandbox, api: Caller, campaign: Any, **changes: Any) -> Any:
    event = api.create("campaign_events", **event_body(campaign, **changes))
    sandbox.advance(SECOND)
    return event


def flow_uuid(api: Caller, name: str = "Favorites") -> str:
    return str(next(flow["uuid"] for flow in api.rows("flows") if flow["name"] == name))


def sent(api: Caller, contact: Any) -> list[tuple[str, str]]:
    """Return the hours at which messages went to a contact, and their texts."""
    messages = api.rows("messages", contact=contact["uuid"])
    return [(message["created_on"][:13], message["text"]) for message in reversed(messages)]


def test_a_campaign_can_be_made_and_changed(api: Caller, campaign: Any) -> None:
    changed = api.update("campaigns", {"name": "Vaccines", "group": "Adults"}, uuid=campaign["uuid"])
    groups = {group["name"]: group["uuid"] for group in api.rows("groups")}

    assert campaign == {
        "uuid": campaign["uuid"],
        "name": "Vaccination",
        "archived": False,
        "group": {"uuid": groups["Farmers"], "name": "Farmers"},
        "created_on": campaign["created_on"],
    }
    assert changed == {**campaign, "name": "Vaccines", "group": {"uuid": groups["Adults"], "name": "Adults"}}
    assert api.rows("campaigns")[0] == changed
    assert api.rows("campaigns", uuid=campaign["uuid"]) == [changed]


def test_archived_campaigns_are_not_listed_but_their_events_are(sandbox: Sandbox, api: Caller, campaign: Any) -> None:
    event = scheduled_event(sandbox, api, campaign)
    sandbox.control("rapidpro", "archive_campaign", {"campaign": "Vaccination"})

    assert api.rows("campaigns", uuid=campaign["uuid"]) == []
    assert api.rows("campaign_events", campaign="Vaccination") == [event]
    assert api.error(404, "POST", "campaigns", {}, uuid=campaign["uuid"]) == {
        "detail": "No Campaign matches the given query."
    }
    assert api.error(400, "POST", "campaign_events", event_body(campaign)) == {
        "campaign": [f"No such object: {campaign['uuid']}"]
    }


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"name": ["This field is required."], "group": ["This field is required."]}),
        ({"name": "REMINDERS"}, {"name": ["This field must be unique."], "group": ["This field is required."]}),
        ({"name": "Old Reminders", "group": "Farmers"}, {"name": ["This field must be unique."]}),
        ({"name": "New", "group": "nope"}, {"group": ["No such object: nope"]}),
        ({"name": "New", "group": ""}, {"group": ["This field may not be null."]}),
    ],
)
def test_a_campaign_is_checked(api: Caller, body: object, errors: object) -> None:
    assert api.error(400, "POST", "campaigns", body) == errors


def test_a_group_that_a_campaign_is_for_cannot_be_deleted(api: Caller, campaign: Any) -> None:
    assert api.error(400, "DELETE", "groups", uuid=campaign["group"]["uuid"]) == {
        "detail": "Group is being used by campaigns which must be archived first."
    }


def test_an_event_sends_a_message_or_starts_a_flow(api: Caller, campaign: Any) -> None:
    message = api.create("campaign_events", **event_body(campaign, message={"eng": "Hi", "kin": "Muraho"}))
    flow = api.create("campaign_events", **event_body(campaign, message=..., flow=flow_uuid(api)))

    assert message == {
        "uuid": message["uuid"],
        "campaign": {"uuid": campaign["uuid"], "name": "Vaccination"},
        "relative_to": {"key": "next_visit", "name": "Next Visit", "label": "Next Visit"},
        "offset": -2,
        "unit": "days",
        "delivery_hour": 9,
        "flow": None,
        "message": {"eng": "Hi", "kin": "Muraho"},
        "created_on": message["created_on"],
    }
    assert (flow["message"], flow["flow"]) == (None, {"uuid": flow_uuid(api), "name": "Favorites"})
    assert api.rows("campaign_events")[:2] == [flow, message]
    assert api.rows("campaign_events", campaign=campaign["uuid"]) == [flow, message]
    assert api.rows("campaign_events", uuid=flow["uuid"]) == [flow]


def test_events_are_found_by_the_exact_name_of_their_campaign(api: Caller) -> None:
    assert len(api.rows("campaign_events", campaign="Reminders")) == 2
    assert api.rows("campaign_events", campaign="reminders") == []


@pytest.mark.parametrize(("key", "name"), [("created_on", "Created On"), ("last_seen_on", "Last Seen On")])
def test_an_event_can_be_relative_to_a_date_of_the_system(api: Caller, campaign: Any, key: str, name: str) -> None:
    event = api.create("campaign_events", **event_body(campaign, relative_to=key))

    assert event["relative_to"] == {"key": key, "name": name, "label": name}


def test_an_event_cannot_be_changed_while_it_is_being_scheduled(sandbox: Sandbox, api: Caller, campaign: Any) -> None:
    scheduling = {"non_field_errors": ["Cannot modify events which are currently being scheduled."]}
    event = api.create("campaign_events", **event_body(campaign))
    at_once = api.error(400, "POST", "campaign_events", event_body(campaign), uuid=event["uuid"])
    sandbox.advance(SECOND)
    later = api.update("campaign_events", event_body(campaign, offset=3), uuid=event["uuid"])

    assert at_once == scheduling
    assert later == {**event, "offset": 3}
    assert api.error(400, "POST", "campaign_events", event_body(campaign), uuid=event["uuid"]) == scheduling


def test_a_new_text_does_not_reschedule_an_event(sandbox: Sandbox, api: Caller, campaign: Any) -> None:
    event = scheduled_event(sandbox, api, campaign)
    api.update("campaign_events", event_body(campaign, message="One"), uuid=event["uuid"])
    changed = api.update("campaign_events", event_body(campaign, message="Two"), uuid=event["uuid"])

    assert changed == {**event, "message": {"eng": "Two"}}


def test_a_message_event_can_become_a_flow_event(sandbox: Sandbox, api: Caller, campaign: Any) -> None:
    event = scheduled_event(sandbox, api, campaign)
    body = event_body(campaign, message=..., flow=flow_uuid(api))
    changed = api.update("campaign_events", body, uuid=event["uuid"])

    assert (changed["message"], changed["flow"]["name"]) == (None, "Favorites")


def test_an_event_stays_with_its_campaign(sandbox: Sandbox, api: Caller, campaign: Any) -> None:
    event, other = scheduled_event(sandbox, api, campaign), api.create("campaigns", name="Other", group="Farmers")

    assert api.error(400, "POST", "campaign_events", event_body(other), uuid=event["uuid"]) == {
        "campaign": ["Cannot change campaign for existing events"]
    }


REQUIRED = ["This field is required."]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            dict.fromkeys(("campaign", "relative_to", "offset", "unit", "delivery_hour"), ...),
            dict.fromkeys(("campaign", "relative_to", "offset", "unit", "delivery_hour"), REQUIRED),
        ),
        ({"campaign": NOWHERE}, {"campaign": [f"No such object: {NOWHERE}"]}),
        ({"relative_to": "nonsense"}, {"relative_to": ["No such object: nonsense"]}),
        ({"offset": "soon"}, {"offset": ["A valid integer is required."]}),
        ({"unit": "D"}, {"unit": ['"D" is not a valid choice.']}),
        ({"delivery_hour": 24}, {"delivery_hour": ["Ensure this value is less than or equal to 23."]}),
        ({"delivery_hour": -2}, {"delivery_hour": ["Ensure this value is greater than or equal to -1."]}),
        ({"message": {"kin": "Muraho"}}, {"message": ["Message text in default flow language is required."]}),
        ({"message": {"base": "x"}}, {"message": {"base": ["Not an allowed ISO 639-3 language code."]}}),
        ({"message": {"eng": ""}}, {"message": {"eng": ["This field may not be blank."]}}),
        ({"message": "x" * 4097}, {"message": {"eng": ["Ensure this field has no more than 4096 characters."]}}),
        ({"message": 1}, {"message": ['Expected a dictionary of items but got type "int".']}),
        ({"message": {}}, {"message": ["This dictionary may not be empty."]}),
        ({"flow": NOWHERE}, {"flow": [f"No such object: {NOWHERE}"]}),
        ({"message": ...}, {"non_field_errors": ["Flow or a message text required."]}),
        ({"flow": "Favorites"}, {"non_field_errors": ["Flow or a message text required."]}),
    ],
)
def test_an_event_is_checked(api: Caller, campaign: Any, changes: dict[str, Any], errors: object) -> None:
    if changes.get("flow") == "Favorites":
        changes = {"flow": flow_uuid(api)}

    assert api.error(400, "POST", "campaign_events", event_body(campaign, **changes)) == errors


def test_an_event_can_be_deleted_once(sandbox: Sandbox, api: Caller, campaign: Any, contact: Any) -> None:
    event = scheduled_event(sandbox, api, campaign)
    deleted = api.call("DELETE", "campaign_events", uuid=event["uuid"])
    sandbox.advance(timedelta(days=20))

    assert (deleted.status, deleted.body) == (204, b"")
    assert api.error(404, "DELETE", "campaign_events", uuid=event["uuid"]) == {
        "detail": "No CampaignEvent matches the given query."
    }
    assert api.error(400, "DELETE", "campaign_events") == {
        "detail": "URL must contain one of the following parameters: uuid"
    }
    assert sent(api, contact) == []


def test_an_event_happens_at_its_hour_in_the_language_of_the_contact(
    sandbox: Sandbox, api: Caller, campaign: Any, contact: Any
) -> None:
    scheduled_event(sandbox, api, campaign, message={"eng": "Hi @contact", "kin": "Muraho @contact"})
    sandbox.advance(timedelta(days=30))

    assert sent(api, contact) == [("2026-01-08T07", "Muraho Ana")]  # 9 in Kigali


def test_an_event_without_an_hour_keeps_that_of_the_date(
    sandbox: Sandbox, api: Caller, campaign: Any, contact: Any
) -> None:
    scheduled_event(sandbox, api, campaign, unit="hours", offset=1, delivery_hour=-1)
    sandbox.advance(timedelta(days=30))

    assert sent(api, contact) == [("2026-01-10T14", "See you")]


def test_an_event_can_begin_a_flow(sandbox: Sandbox, api: Caller, campaign: Any, contact: Any) -> None:
    scheduled_event(sandbox, api, campaign, message=..., flow=flow_uuid(api))
    sandbox.set_clock(sandbox.now().replace(day=8))

    assert api.rows("contacts", uuid=contact["uuid"])[0]["flow"]["name"] == "Favorites"


def test_events_that_fall_together_all_happen(sandbox: Sandbox, api: Caller, campaign: Any, contact: Any) -> None:
    """The flow of the first touches the contact, which must not cost them the message of the second."""
    scheduled_event(sandbox, api, campaign, message=..., flow=flow_uuid(api))
    scheduled_event(sandbox, api, campaign)
    sandbox.set_clock(sandbox.now().replace(day=8))

    assert ("2026-01-08T07", "See you") in sent(api, contact)
    assert api.rows("contacts", uuid=contact["uuid"])[0]["flow"]["name"] == "Favorites"


def test_an_event_follows_a_date_that_changes(sandbox: Sandbox, api: Caller, campaign: Any, contact: Any) -> None:
    scheduled_event(sandbox, api, campaign)
    api.update("contacts", {"fields": {"next_visit": "2026-02-10T15:30:00+02:00"}}, uuid=contact["uuid"])
    sandbox.advance(timedelta(days=60))

    assert sent(api, contact) == [("2026-02-08T07", "See you")]


def test_an_event_follows_its_own_changes(sandbox: Sandbox, api: Caller, campaign: Any, contact: Any) -> None:
    event = scheduled_event(sandbox, api, campaign)
    api.update("campaign_events", event_body(campaign, offset=-1), uuid=event["uuid"])
    sandbox.advance(timedelta(days=30))

    assert sent(api, contact) == [("2026-01-09T07", "See you")]


def test_an_event_that_is_changed_at_the_last_second_happens_only_as_it_is_now(
    sandbox: Sandbox, api: Caller, campaign: Any, contact: Any
) -> None:
    timing = {"offset": 1, "unit": "minutes", "delivery_hour": -1}
    event = scheduled_event(sandbox, api, campaign, **timing)
    sandbox.set_clock(datetime(2026, 1, 10, 13, 30, 59, 500_000, UTC))
    api.update("campaign_events", event_body(campaign, **{**timing, "offset": 3}), uuid=event["uuid"])
    sandbox.advance(timedelta(days=30))

    assert [message["created_on"] for message in api.rows("messages", contact=contact["uuid"])] == [
        "2026-01-10T13:33:00Z"
    ]


def test_who_joins_the_group_later_is_reached_and_who_leaves_it_is_not(
    sandbox: Sandbox, api: Caller, campaign: Any, contact: Any
) -> None:
    scheduled_event(sandbox, api, campaign)
    late = api.create("contacts", urns=["tel:+250788123124"], fields={"next_visit": "2026-01-12T10:00:00+02:00"})
    for person, action in ((late, "add"), (contact, "remove")):
        api.call("POST", "contact_actions", {"contacts": [person["uuid"]], "action": action, "group": "Farmers"})
    sandbox.advance(timedelta(days=30))

    assert sent(api, late) == [("2026-01-10T07", "See you")]
    assert sent(api, contact) == []


@pytest.mark.parametrize(
    ("group", "given"), [("Farmers", {"groups": ["Farmers"]}), ("Elders", {"fields": {"age": "70"}})]
)
def test_who_is_in_the_group_from_the_beginning_is_reached(
    sandbox: Sandbox, api: Caller, group: str, given: dict[str, Any]
) -> None:
    sandbox.control("rapidpro", "add_smart_group", {"name": "Elders", "query": "age >= 60"})
    sandbox.advance(SECOND)
    campaign = api.create("campaigns", name="Greeting", group=group)
    scheduled_event(sandbox, api, campaign, relative_to="created_on", offset=2, delivery_hour=9)
    contact = api.create("contacts", urns=["tel:+250788123125"], **given)
    sandbox.advance(timedelta(days=30))

    assert sent(api, contact) == [("2026-01-03T07", "See you")]


def test_people_who_are_made_up_are_reached_like_others(sandbox: Sandbox, api: Caller, campaign: Any) -> None:
    scheduled_event(sandbox, api, campaign, relative_to="created_on", offset=1000)
    sandbox.seed_data("rapidpro", {"contacts": 20})
    members = {contact["uuid"] for contact in api.iterate("contacts", group="Farmers")}
    sandbox.advance(timedelta(days=1100))
    reached = {message["contact"]["uuid"] for message in api.iterate("messages") if message["text"] == "See you"}

    assert reached == members
    assert len(members) > 3


def test_whom_a_smart_group_takes_in_when_it_is_refilled_is_reached(sandbox: Sandbox, api: Caller) -> None:
    api.create("fields", name="Score", type="text")
    sandbox.control("rapidpro", "add_smart_group", {"name": "Good", "query": 'score = "10.0"'})
    fields = {"next_visit": "2026-01-10T15:30:00+02:00", "score": "10"}
    contact = api.create("contacts", urns=["tel:+250788123123"], fields=fields)
    scheduled_event(sandbox, api, api.create("campaigns", name="Praise", group="Good"))
    api.update("fields", {"name": "Score", "type": "number"}, key="score")
    sandbox.advance(timedelta(days=30))

    assert sent(api, contact) == [("2026-01-08T07", "See you")]


@pytest.mark.parametrize("action", ["block", "delete"])
def test_who_is_gone_is_not_reached(sandbox: Sandbox, api: Caller, campaign: Any, contact: Any, action: str) -> None:
    scheduled_event(sandbox, api, campaign)
    api.call("POST", "contact_actions", {"contacts": [contact["uuid"]], "action": action})
    before = len(api.iterate("messages"))
    sandbox.advance(timedelta(days=30))

    assert len(api.iterate("messages")) == before


def test_another_group_is_reached_when_the_campaign_changes_over(
    sandbox: Sandbox, api: Caller, campaign: Any, contact: Any
) -> None:
    scheduled_event(sandbox, api, campaign)
    api.update("campaigns", {"name": "Vaccination", "group": "Reporters"}, uuid=campaign["uuid"])
    sandbox.advance(timedelta(days=30))

    assert sent(api, contact) == []


def test_an_archived_campaign_reaches_nobody(sandbox: Sandbox, api: Caller, campaign: Any, contact: Any) -> None:
    scheduled_event(sandbox, api, campaign)
    sandbox.control("rapidpro", "archive_campaign", {"campaign": "Vaccination"})
    sandbox.advance(timedelta(days=30))

    assert sent(api, contact) == []


def test_what_is_past_does_not_happen(sandbox: Sandbox, api: Caller, campaign: Any, contact: Any) -> None:
    scheduled_event(sandbox, api, campaign, offset=-5, unit="weeks")
    sandbox.advance(timedelta(days=30))

    assert sent(api, contact) == []


def test_an_offset_beyond_the_calendar_is_taken_and_never_happens(
    sandbox: Sandbox, api: Caller, campaign: Any, contact: Any
) -> None:
    event = scheduled_event(sandbox, api, campaign, offset=2**31 - 1, unit="weeks")

    assert event["offset"] == 2**31 - 1
    assert sent(api, contact) == []
