"""Channels, what happens on them besides messages, and how much they carry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
NUMBER = "tel:+250788123123"


@pytest.fixture
def contact(api: Caller) -> Any:
    return api.create("contacts", name="Ana", urns=[NUMBER])


def channel_named(api: Caller, name: str) -> Any:
    return next(channel for channel in api.rows("channels") if channel["name"] == name)


def test_a_new_phone_has_not_reported_yet(sandbox: Sandbox, api: Caller) -> None:
    given = {"name": "Second phone", "address": "+250788000099", "type": "android"}
    channel = sandbox.control("rapidpro", "add_channel", given)
    assert isinstance(channel, dict)

    assert (
        api.rows("channels")[0]
        == channel
        == {
            "uuid": channel["uuid"],
            "name": "Second phone",
            "address": "+250788000099",
            "type": "android",
            "country": "RW",
            "device": {
                "name": None,
                "power_level": -1,
                "power_status": None,
                "power_source": None,
                "network_type": None,
            },
            "last_seen": None,
            "created_on": channel["created_on"],
        }
    )


def test_a_phone_reports_how_it_is(sandbox: Sandbox, api: Caller) -> None:
    given = {"channel": "Main line", "power_level": 12, "power_status": "DIS", "power_source": "BAT"}
    sandbox.control("rapidpro", "report_device", given)
    channel = channel_named(api, "Main line")

    assert channel["device"]["power_level"] == 12
    assert channel["last_seen"] is not None


def test_channels_can_be_filtered(api: Caller) -> None:
    channel = channel_named(api, "Short code")

    assert channel["device"] is None
    assert api.rows("channels", address="1234") == [channel]
    assert api.rows("channels", address="123") == []
    assert api.rows("channels", uuid=channel["uuid"].replace("-", "").upper()) == [channel]
    assert api.error(400, "GET", "channels", uuid="x") == {"detail": "Param 'uuid': x is not a valid UUID."}


def test_a_removed_channel_is_gone_and_its_messages_stay(sandbox: Sandbox, api: Caller) -> None:
    messages = len(api.iterate("messages"))
    sandbox.control("rapidpro", "remove_channel", {"channel": "Main line"})

    assert "Main line" not in [channel["name"] for channel in api.rows("channels")]
    assert len(api.iterate("messages")) == messages


def test_a_call_is_an_event(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    given = {"contact": NUMBER, "duration": 12, "occurred_on": "2026-01-01T11:00:00Z"}
    event = sandbox.control("rapidpro", "call", given)
    assert isinstance(event, dict)
    channel = channel_named(api, "Main line")

    assert (
        api.rows("channel_events")[0]
        == event
        == {
            "id": event["id"],
            "type": "call-in",
            "contact": {"uuid": contact["uuid"], "name": "Ana"},
            "channel": {"uuid": channel["uuid"], "name": "Main line"},
            "extra": {"duration": 12},
            "occurred_on": "2026-01-01T11:00:00Z",
            "created_on": event["created_on"],
        }
    )


def test_a_missed_call_begins_the_flow_that_waits_for_one(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    sandbox.control("rapidpro", "miss_call", {"contact": NUMBER})
    (called,) = api.rows("contacts", uuid=contact["uuid"])

    assert api.rows("channel_events")[0]["type"] == "call-in-missed"
    assert called["flow"]["name"] == "Favorites"
    assert called["last_seen_on"] is not None


def test_a_contact_who_stops_is_stopped(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    sandbox.control("rapidpro", "stop_contact", {"contact": NUMBER})

    assert api.rows("channel_events")[0]["type"] == "stop-contact"
    assert api.rows("contacts", uuid=contact["uuid"])[0]["status"] == "stopped"


@pytest.mark.usefixtures("contact")
def test_contacts_agree_to_an_opt_in_and_take_it_back(sandbox: Sandbox, api: Caller) -> None:
    for action in ("opt_in", "opt_out"):
        sandbox.control("rapidpro", action, {"contact": NUMBER, "optin": "jokes", "channel": "WhatsApp"})
    after, before = api.rows("channel_events")[:2]

    assert (before["type"], after["type"]) == ("optin", "optout")
    assert before["extra"]["optin"]["name"] == "Jokes"
    assert before["channel"]["name"] == "WhatsApp"


def test_a_contact_who_is_deleted_by_their_channel_is_deleted(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    sandbox.control("rapidpro", "channel_event", {"contact": NUMBER, "type": "delete-contact"})

    assert api.rows("contacts", uuid=contact["uuid"]) == []
    assert api.rows("channel_events", contact=contact["uuid"]) == []


def test_channel_events_can_be_filtered(api: Caller) -> None:
    events = api.rows("channel_events")
    contact, time = events[0]["contact"]["uuid"], events[2]["created_on"]

    assert api.rows("channel_events", id=events[1]["id"]) == [events[1]]
    assert api.rows("channel_events", contact=contact) == [e for e in events if e["contact"]["uuid"] == contact]
    assert api.rows("channel_events", after=time) == events[:3]
    assert api.rows("channel_events", before=time) == events[2:]
    assert api.rows("channel_events", contact=NOWHERE) == []
    assert api.rows("channel_events", before="x") == []
    assert api.error(400, "GET", "channel_events", id="x") == {"detail": "Value for id must be an integer"}


def test_channel_events_are_kept_for_90_days(sandbox: Sandbox, api: Caller) -> None:
    sandbox.advance(timedelta(days=89))
    before = len(api.rows("channel_events"))
    sandbox.advance(timedelta(days=2))

    assert (before, len(api.rows("channel_events"))) == (8, 0)


@pytest.mark.parametrize(
    ("action", "arguments", "field"),
    [
        ("call", {"contact": NOWHERE}, "contact"),
        ("call", {"contact": NUMBER, "duration": "long"}, "duration"),
        ("call", {"contact": NUMBER, "direction": "up"}, "direction"),
        ("call", {"contact": NUMBER, "occurred_on": "soon"}, "occurred_on"),
        ("call", {"contact": NUMBER, "channel": "None"}, "channel"),
        ("channel_event", {"contact": NUMBER, "type": "party"}, "type"),
        ("channel_event", {"contact": NUMBER, "type": "referral", "extra": 1}, "extra"),
        ("opt_in", {"contact": NUMBER, "optin": "nothing"}, "optin"),
        ("add_channel", {"name": "x", "address": "y", "type": "drums"}, "type"),
        ("remove_channel", {"channel": "None"}, "channel"),
    ],
)
@pytest.mark.usefixtures("contact")
def test_what_makes_no_sense_does_not_happen(sandbox: Sandbox, action: str, arguments: Any, field: str) -> None:
    with pytest.raises(ControlError) as raised:
        sandbox.control("rapidpro", action, arguments)

    assert raised.value.field == field


def test_who_no_channel_reaches_needs_one_named(sandbox: Sandbox, api: Caller) -> None:
    contact = api.create("contacts")

    with pytest.raises(ControlError, match="name a `channel`"):
        sandbox.control("rapidpro", "call", {"contact": contact["uuid"]})


def test_statistics_count_messages_by_day_and_channel(sandbox: Sandbox, api: Caller, contact: Any) -> None:
    sandbox.set_clock(sandbox.now().replace(month=2, day=10, hour=0))
    sandbox.control("rapidpro", "receive", {"urn": NUMBER, "text": "Good morning"})
    for text in ("Hello", "Hello again"):
        api.create("messages", contact=contact["uuid"], text=text)
    channel = channel_named(api, "Main line")["uuid"]
    counts = {"type": "android", "text:in": 1, "text:out": 2}

    assert api.get("statistics", since="2026-02-10") == {
        "results": [{"date": "2026-02-10", "channels": {channel: counts}}]
    }
    assert api.get("statistics", since="2026-02-11") == {"results": []}
    assert api.get("statistics", until="2026-02-10", since="2026-02-01") == {"results": []}


def test_statistics_are_of_the_last_90_days_and_of_active_channels(sandbox: Sandbox, api: Caller) -> None:
    days = [day["date"] for day in api.get("statistics")["results"]]
    for channel in api.rows("channels"):
        sandbox.control("rapidpro", "remove_channel", {"channel": channel["uuid"]})
    without_channels = api.get("statistics")

    assert days == sorted(days)
    assert days
    assert without_channels == {"results": []}


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"since": "x"}, "Invalid date value for 'since'."),
        ({"until": "2026-02-30"}, "Invalid date value for 'until'."),
        ({"since": "2025-01-01", "until": "2026-01-03"}, "Date range can't be more than 366 days."),
    ],
)
def test_statistics_of_nonsense_are_refused(api: Caller, query: dict[str, str], detail: str) -> None:
    assert api.error(400, "GET", "statistics", **query) == {"detail": detail}
