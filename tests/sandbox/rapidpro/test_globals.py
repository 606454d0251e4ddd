"""Globals: values that every flow of the workspace can use."""

from __future__ import annotations

import json
from typing import Any

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller


def test_a_global_is_made_with_a_name_and_changes_its_value_only(api: Caller) -> None:
    made = api.create("globals", name="Help Line", value=" 116 ")
    changed = json.loads(api.call("POST", "globals", {"name": "Other", "value": "117"}, key="help_line").body)

    assert made == {"key": "help_line", "name": "Help Line", "value": "116", "modified_on": made["modified_on"]}
    assert changed == {**made, "value": "117", "modified_on": changed["modified_on"]}
    assert changed["modified_on"] > made["modified_on"]
    assert api.rows("globals", key="help_line") == [changed]


def test_a_name_that_makes_the_key_of_another_overwrites_its_value(api: Caller) -> None:
    api.create("globals", name="Help Line", value="116")
    second = api.create("globals", name="Help-Line", value="117")

    assert (second["key"], second["name"], second["value"]) == ("help_line", "Help Line", "117")


def test_the_order_is_by_modification_and_can_be_reversed(api: Caller) -> None:
    api.create("globals", name="First", value="1")
    time = api.create("globals", name="Second", value="2")["modified_on"]
    api.call("POST", "globals", {"value": "3"}, key="first")

    keys = [row["key"] for row in api.rows("globals")][:2]
    reverse = [row["key"] for row in api.rows("globals", reverse="true")][-2:]
    assert (keys, reverse) == (["first", "second"], ["second", "first"])
    assert [row["key"] for row in api.rows("globals", after=time, before=time)] == ["second"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"value": ["This field is required."]}),
        ({"value": "x"}, {"non_field_errors": ["Name is required when creating new global."]}),
        ({"value": " "}, {"value": ["This field may not be blank."]}),
        ({"value": "x" * 10_001}, {"value": ["Ensure this field has no more than 10000 characters."]}),
        ({"value": "x", "name": "a?"}, {"name": ["Name contains illegal characters."]}),
        ({"value": "x", "name": "1st"}, {"name": ["Name creates Key that is invalid"]}),
        ({"value": "x", "name": "support number"}, {"name": ["This field must be unique."]}),
        ({"value": "x", "name": "x" * 37}, {"name": ["Ensure this field has no more than 36 characters."]}),
    ],
)
def test_a_global_that_cannot_be_made_is_refused(api: Caller, body: dict[str, Any], errors: dict[str, Any]) -> None:
    assert api.error(400, "POST", "globals", body) == errors


def test_an_unknown_key_is_404_and_a_full_workspace_409(sandbox: Sandbox, api: Caller) -> None:
    sandbox.control("rapidpro", "limit_objects", {"type": "globals", "limit": 0})

    assert api.error(404, "POST", "globals", {}, key="nope") == {"detail": "No Global matches the given query."}
    assert api.call("POST", "globals", {}).status == 409
