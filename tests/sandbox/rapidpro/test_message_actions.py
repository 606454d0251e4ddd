"""Doing one thing to many incoming messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller


@pytest.fixture
def numbers(sandbox: Sandbox) -> list[int]:
    """The numbers of three incoming messages."""
    texts = ("one", "two", "three")
    received: list[Any] = [
        sandbox.control("rapidpro", "receive", {"urn": "tel:+250788123123", "text": text}) for text in texts
    ]
    return [message["id"] for message in received]


def _act(api: Caller, messages: list[Any], action: str, **body: object) -> tuple[int, object]:
    response = api.call("POST", "message_actions", {"messages": messages, "action": action, **body})
    return response.status, json.loads(response.body)


def _labels(api: Caller, number: int) -> list[str]:
    return [label["name"] for label in api.rows("messages", id=number)[0]["labels"]]


def test_messages_are_labelled_by_uuid_or_name(api: Caller, numbers: list[int]) -> None:
    label = api.rows("labels", name="Feedback")[0]
    before = label["count"]
    done = [_act(api, numbers, "label", label=label["uuid"]), _act(api, numbers[:1], "unlabel", label="feedback")]

    assert done == [(204, ""), (204, "")]
    assert [_labels(api, number) for number in numbers] == [[], ["Feedback"], ["Feedback"]]
    assert api.rows("labels", name="Feedback")[0]["count"] == before + 2


def test_a_label_name_makes_the_label_and_unlabelling_ignores_one_that_is_not_there(
    api: Caller, numbers: list[int]
) -> None:
    assert _act(api, numbers, "unlabel", label_name="Weather") == (204, "")
    assert api.rows("labels", name="Weather") == []
    assert _act(api, numbers, "label", label_name="Weather") == (204, "")
    assert _act(api, numbers[:1], "unlabel", label_name="WEATHER") == (204, "")
    assert [_labels(api, number) for number in numbers] == [["Weather"]] * 3


def test_a_label_name_beyond_the_limit_does_nothing_without_a_word(
    sandbox: Sandbox, api: Caller, numbers: list[int]
) -> None:
    sandbox.control("rapidpro", "limit_objects", {"type": "labels", "limit": 0})

    assert _act(api, numbers, "label", label_name="Weather") == (204, "")
    assert [_labels(api, number) for number in numbers] == [[]] * 3


def test_messages_are_archived_and_restored_again_and_again(api: Caller, numbers: list[int]) -> None:
    seen = []
    for action in ("archive", "archive", "restore", "restore"):
        assert _act(api, numbers, action) == (204, "")
        seen.append({row["visibility"] for row in (api.rows("messages", id=number)[0] for number in numbers)})

    assert seen == [{"archived"}, {"archived"}, {"visible"}, {"visible"}]


def test_an_archived_message_does_not_count_for_its_label(api: Caller, numbers: list[int]) -> None:
    _act(api, numbers, "label", label_name="Weather")
    _act(api, numbers[:1], "archive")

    assert api.rows("labels", name="Weather")[0]["count"] == 2


def test_a_deleted_message_is_gone_for_good(api: Caller, numbers: list[int]) -> None:
    assert _act(api, numbers[:1], "delete") == (204, "")
    assert api.rows("messages", id=numbers[0]) == []
    assert _act(api, numbers[:1], "restore") == (200, {"failures": numbers[:1]})


def test_what_was_not_found_comes_back_as_it_was_sent_and_the_rest_is_done(api: Caller, numbers: list[int]) -> None:
    uuid = api.rows("messages", id=numbers[0])[0]["uuid"]
    strange = [uuid, 404404, "1", 10**30]

    assert _act(api, [*strange, *numbers], "archive") == (200, {"failures": strange})
    assert {api.rows("messages", id=number)[0]["visibility"] for number in numbers} == {"archived"}


@pytest.mark.parametrize("entry", [None, 1.5, [1]])
def test_what_cannot_name_a_message_is_an_error(api: Caller, entry: object) -> None:
    status, body = _act(api, [entry], "archive")

    assert (status, body) == (400, {"messages": ["Must be a string or integer"]})


def test_no_messages_are_no_error(api: Caller) -> None:
    assert _act(api, [], "archive") == (204, "")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"action": "archive"}, {"messages": ["This field is required."]}),
        (
            {"messages": [1] * 101, "action": "x"},
            {
                "messages": ["Ensure this field has no more than 100 elements."],
                "action": ['"x" is not a valid choice.'],
            },
        ),
        ({"messages": "1", "action": "archive"}, {"messages": ['Expected a list of items but got type "str".']}),
        (
            {"action": "label", "messages": []},
            {"non_field_errors": ['For action "label" you should also specify a label']},
        ),
        (
            {"action": "archive", "messages": [], "label": "Feedback"},
            {"non_field_errors": ['For action "archive" you should not specify a label']},
        ),
        (
            {"action": "label", "messages": [], "label": "Feedback", "label_name": "x"},
            {"non_field_errors": ["Can't specify both label and label_name."]},
        ),
        ({"action": "label", "messages": [], "label": "nope"}, {"label": ["No such object: nope"]}),
        ({"action": "label", "messages": [], "label": ""}, {"label": ["This field may not be null."]}),
        ({"action": "label", "messages": [], "label_name": 'a"'}, {"label_name": ['Cannot contain the character: "']}),
    ],
)
def test_what_cannot_be_done_is_refused(api: Caller, body: dict[str, Any], errors: dict[str, Any]) -> None:
    assert api.error(400, "POST", "message_actions", body) == errors


def test_an_outgoing_message_is_refused_and_nothing_is_done(api: Caller, numbers: list[int]) -> None:
    sent = api.create("messages", contact="tel:+250788123123", text="x")["id"]

    assert api.error(400, "POST", "message_actions", {"messages": [*numbers, sent], "action": "archive"}) == {
        "messages": [f"Not an incoming message: {sent}"]
    }
    assert api.rows("messages", id=numbers[0])[0]["visibility"] == "visible"
