"""Resthooks, who is subscribed to them, and what was posted to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller

URL = "https://example.com/new"


def test_an_address_can_be_subscribed_once_and_unsubscribed_once(api: Caller) -> None:
    subscriber = api.create("resthook_subscribers", resthook="new-mother", target_url=URL)
    body = {"resthook": "new-mother", "target_url": URL}
    twice = api.error(400, "POST", "resthook_subscribers", body)
    elsewhere = api.create("resthook_subscribers", resthook="new-father", target_url=URL)
    deleted = api.call("DELETE", "resthook_subscribers", id=subscriber["id"])

    assert subscriber == {**body, "id": subscriber["id"], "created_on": subscriber["created_on"]}
    assert isinstance(subscriber["id"], int)
    assert twice == {"non_field_errors": ["URL is already subscribed to this event."]}
    assert (deleted.status, deleted.body) == (204, b"")
    assert subscriber not in api.rows("resthook_subscribers")
    assert elsewhere in api.rows("resthook_subscribers")
    assert api.error(404, "DELETE", "resthook_subscribers", id=subscriber["id"]) == {
        "detail": "No ResthookSubscriber matches the given query."
    }
    assert api.create("resthook_subscribers", **body)["id"] > subscriber["id"]


def test_a_subscriber_is_deleted_by_its_number_only(api: Caller) -> None:
    assert api.error(400, "DELETE", "resthook_subscribers") == {
        "detail": "URL must contain one of the following parameters: id"
    }


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"resthook": ["This field is required."], "target_url": ["This field is required."]}),
        (
            {"resthook": "nope", "target_url": "nourl"},
            {"resthook": ["No resthook with slug: nope"], "target_url": ["Enter a valid URL."]},
        ),
        ({"resthook": "new-mother", "target_url": ""}, {"target_url": ["This field may not be blank."]}),
        ({"resthook": "new-mother", "target_url": "javascript:alert()"}, {"target_url": ["Enter a valid URL."]}),
        ({"resthook": "new-mother", "target_url": "https://exa mple.com"}, {"target_url": ["Enter a valid URL."]}),
        ({"resthook": "new-mother", "target_url": "https://example"}, {"target_url": ["Enter a valid URL."]}),
    ],
)
def test_a_subscription_is_checked(api: Caller, body: object, errors: object) -> None:
    assert api.error(400, "POST", "resthook_subscribers", body) == errors


@pytest.mark.parametrize(
    "url", ["http://localhost:8000/x?y=1#z", "https://10.0.0.1/", "http://[::1]:8080", "https://müller.example/é"]
)
def test_addresses_of_every_form_can_be_subscribed(api: Caller, url: str) -> None:
    assert api.create("resthook_subscribers", resthook="new-mother", target_url=url)["target_url"] == url


def test_subscribers_can_be_filtered(api: Caller) -> None:
    father, mother = api.rows("resthook_subscribers")

    assert (father["resthook"], mother["resthook"]) == ("new-father", "new-mother")
    assert api.rows("resthook_subscribers", resthook="new-mother") == [mother]
    assert api.rows("resthook_subscribers", id=father["id"]) == [father]
    assert api.rows("resthook_subscribers", resthook="nope") == []
    assert api.error(400, "GET", "resthook_subscribers", id="x") == {"detail": "Value for id must be an integer"}


def test_a_resthook_changes_with_its_subscribers(api: Caller) -> None:
    before = api.rows("resthooks")
    subscriber = api.create("resthook_subscribers", resthook="new-mother", target_url=URL)
    gained = api.rows("resthooks")
    api.create("resthook_subscribers", resthook="new-father", target_url=URL)
    api.call("DELETE", "resthook_subscribers", id=subscriber["id"])
    lost = api.rows("resthooks")

    assert [resthook["resthook"] for resthook in before] == ["new-father", "new-mother"]
    assert [resthook["resthook"] for resthook in gained] == ["new-mother", "new-father"]
    assert [resthook["resthook"] for resthook in lost] == ["new-mother", "new-father"]
    assert api.rows("resthooks", reverse="true") == lost[::-1]
    assert gained[0]["modified_on"] > gained[0]["created_on"] == before[1]["created_on"]


def test_users_add_resthooks(sandbox: Sandbox, api: Caller) -> None:
    sandbox.control("rapidpro", "add_resthook", {"resthook": "new-cow"})

    assert api.rows("resthooks")[0]["resthook"] == "new-cow"


@pytest.mark.parametrize("slug", ["new-mother", "New Cow", ""])
def test_a_resthook_has_a_name_of_its_own_in_the_form_of_a_slug(sandbox: Sandbox, slug: str) -> None:
    with pytest.raises(ControlError) as raised:
        sandbox.control("rapidpro", "add_resthook", {"resthook": slug})

    assert raised.value.field == "resthook"


def test_what_is_posted_to_a_resthook_is_kept_for_48_hours(sandbox: Sandbox, api: Caller) -> None:
    data: Any = {"flow": {"name": "Registration"}, "results": {"age": {"value": "34"}}}
    sandbox.control("rapidpro", "call_resthook", {"resthook": "new-father", "data": data})
    (event,) = api.rows("resthook_events", resthook="new-father", limit=1)[:1]
    sandbox.advance(timedelta(hours=47))
    before = event in api.rows("resthook_events")
    sandbox.advance(timedelta(hours=1))

    assert event == {"resthook": "new-father", "data": data, "created_on": event["created_on"]}
    assert (before, api.rows("resthook_events")) == (True, [])


def test_events_of_an_unknown_resthook_are_an_empty_page(api: Caller) -> None:
    assert api.rows("resthook_events", resthook="nope") == []


@pytest.mark.parametrize(
    ("arguments", "field"), [({"resthook": "x"}, "resthook"), ({"resthook": "new-mother", "data": 1}, "data")]
)
def test_nothing_is_posted_to_nowhere(sandbox: Sandbox, arguments: Any, field: str) -> None:
    with pytest.raises(ControlError) as raised:
        sandbox.control("rapidpro", "call_resthook", arguments)

    assert raised.value.field == field
