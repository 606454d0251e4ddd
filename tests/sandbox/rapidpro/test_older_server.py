"""What only RapidPro 9 has: classifiers, opt-ins and templates."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller


def test_classifiers_are_listed_with_their_intents_in_order(api: Caller) -> None:
    empty, booker = api.rows("classifiers")

    assert (empty["type"], empty["intents"]) == ("luis", [])
    assert booker == {
        "uuid": booker["uuid"],
        "name": "Booker",
        "type": "wit",
        "intents": ["book_car", "book_flight"],
        "created_on": booker["created_on"],
    }
    assert api.rows("classifiers", uuid=booker["uuid"]) == [booker]
    assert api.rows("classifiers", before=booker["created_on"]) == [booker]
    assert api.rows("classifiers", after=empty["created_on"]) == [empty]
    assert api.rows("classifiers", uuid="nonsense") == []


def test_an_opt_in_can_be_made(api: Caller) -> None:
    optin = api.create("optins", name="Sports ")

    assert optin == {"uuid": optin["uuid"], "name": "Sports", "created_on": optin["created_on"]}
    assert [found["name"] for found in api.rows("optins")] == ["Sports", "Weekly News", "Jokes"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [({}, ["This field is required."]), ({"name": "JOKES"}, ["This field must be unique."])],
)
def test_an_opt_in_has_a_name_of_its_own(api: Caller, body: object, errors: list[str]) -> None:
    assert api.error(400, "POST", "optins", body) == {"name": errors}


def test_templates_are_listed_by_their_last_change(sandbox: Sandbox, api: Caller) -> None:
    goodbye, hello = api.rows("templates")
    none = api.rows("templates", before="2001-01-01T00:00:00Z")
    decision = {"template": "hello", "language": "fra", "status": "approved"}
    sandbox.control("rapidpro", "decide_on_template", decision)
    changed = api.rows("templates")[0]
    channel = next(channel for channel in api.rows("channels") if channel["name"] == "WhatsApp")

    assert none == []
    assert [translation["status"] for translation in hello["translations"]] == ["approved", "pending"]
    assert changed == {
        "uuid": hello["uuid"],
        "name": "hello",
        "translations": [
            hello["translations"][0],
            {
                "language": "fra",
                "locale": "fra-FR",
                "content": "Bonjour {{1}}",
                "namespace": "health_line",
                "variable_count": 1,
                "status": "approved",
                "channel": {"uuid": channel["uuid"], "name": "WhatsApp"},
            },
        ],
        "created_on": hello["created_on"],
        "modified_on": changed["modified_on"],
    }
    assert api.rows("templates", reverse="true") == [goodbye, changed]
    assert api.rows("templates", after=changed["modified_on"]) == [changed]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"template": "nope", "language": "eng", "status": "approved"}, "template"),
        ({"template": "hello", "language": "kin", "status": "approved"}, "language"),
        ({"template": "hello", "language": "eng", "status": "perhaps"}, "status"),
    ],
)
def test_nothing_is_decided_on_what_is_not_there(sandbox: Sandbox, arguments: Any, field: str) -> None:
    with pytest.raises(ControlError) as raised:
        sandbox.control("rapidpro", "decide_on_template", arguments)

    assert raised.value.field == field
