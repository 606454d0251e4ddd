"""Broadcasts: one text to many people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"


def _one(api: Caller, broadcast: Any) -> Any:
    return api.rows("broadcasts", uuid=broadcast["uuid"])[0]


def _sent(api: Caller, broadcast: Any) -> dict[str, str]:
    rows = api.rows("messages", broadcast=broadcast["id"])
    return {row["contact"]["name"]: row["text"] for row in rows}


def test_a_broadcast_is_pending_at_first(api: Caller) -> None:
    ana = api.create("contacts", name="Ana")
    farmers = api.rows("groups", name="Farmers")[0]
    broadcast = api.create(
        "broadcasts", text="Rain tomorrow", contacts=[ana["uuid"]], groups=["Farmers"], urns=["tel:0788123123"]
    )

    assert broadcast == {
        "uuid": broadcast["uuid"],
        "status": "pending",
        "progress": {"total": -1, "started": 0},
        "urns": ["tel:+250788123123"],
        "contacts": [{"uuid": ana["uuid"], "name": "Ana"}],
        "groups": [{"uuid": farmers["uuid"], "name": "Farmers"}],
        "text": {"eng": "Rain tomorrow"},
        "attachments": {"eng": []},
        "quick_replies": {"eng": []},
        "base_language": "eng",
        "created_on": broadcast["created_on"],
        "id": broadcast["id"],
    }
    assert _one(api, broadcast) == broadcast
    assert [row["id"] for row in api.rows("broadcasts", id=broadcast["id"])] == [broadcast["id"]]


def test_a_broadcast_makes_its_messages_step_by_step(sandbox: Sandbox, api: Caller) -> None:
    api.create("groups", name="Herders")
    for number in range(150):
        api.create("contacts", name=f"Contact {number}", urns=[f"tel:+25078899{number:04}"], groups=["Herders"])
    broadcast = api.create("broadcasts", text="Hello", groups=["Herders"])
    seen = []
    for _ in range(4):
        now = _one(api, broadcast)
        seen.append((now["status"], now["progress"]["total"], now["progress"]["started"]))
        sandbox.advance(timedelta(seconds=1))

    assert seen == [("pending", -1, 0), ("queued", 150, 0), ("started", 150, 100), ("completed", 150, 150)]
    assert len(api.iterate("messages", broadcast=broadcast["id"])) == 150


def test_everyone_gets_one_message_however_often_they_are_named(sandbox: Sandbox, api: Caller) -> None:
    ana = api.create("contacts", name="Ana", urns=["tel:+250788123123"], groups=["Farmers"], fields={"age": 40})
    api.create("groups", name="Only Ana")
    api.call("POST", "contacts", {"groups": ["Only Ana"]}, uuid=ana["uuid"])
    broadcast = api.create(
        "broadcasts", text="Hi", contacts=[ana["uuid"], ana["uuid"]], groups=["Only Ana"], urns=["tel:+250788123123"]
    )
    sandbox.advance(timedelta(seconds=10))

    assert _sent(api, broadcast) == {"Ana": "Hi"}
    assert _one(api, broadcast)["progress"] == {"total": 1, "started": 1}
    assert [row["status"] for row in api.rows("messages", broadcast=broadcast["id"])] == ["delivered"]


def test_a_urn_that_nobody_has_becomes_a_contact_when_the_broadcast_is_sent(sandbox: Sandbox, api: Caller) -> None:
    api.create("broadcasts", text="Hi", urns=["tel:+250788555555"])
    before = api.rows("contacts", urn="tel:+250788555555")
    sandbox.advance(timedelta(seconds=10))

    assert before == []
    assert len(api.rows("contacts", urn="tel:+250788555555")) == 1


def test_expressions_are_filled_in_for_each_contact(sandbox: Sandbox, api: Caller) -> None:
    for name, age in (("Ana Lyse", 34), ("Bea", None)):
        api.create("contacts", name=name, fields={"age": age}, urns=[f"telegram:{len(name)}"])
    text = "@contact.first_name (@contact.NAME) is @fields.age, @globals.support_number or a@b.org @@ @(contact.x)!"
    broadcast = api.create("broadcasts", text=text, urns=["telegram:8", "telegram:3"])
    sandbox.advance(timedelta(seconds=10))

    assert _sent(api, broadcast) == {
        "Ana Lyse": "Ana (Ana Lyse) is 34, +250788000009 or a@b.org @ !",
        "Bea": "Bea (Bea) is , +250788000009 or a@b.org @ !",
    }


def test_everyone_gets_the_language_they_speak_if_the_workspace_does_too(sandbox: Sandbox, api: Caller) -> None:
    for place, language in enumerate(("kin", "fra", None)):
        api.create("contacts", name=str(language), language=language, urns=[f"telegram:{place}"])
    urns = [f"telegram:{place}" for place in range(3)]
    text = {"fra": "Salut", "kin": "Muraho", "eng": "Hello"}
    all_three = api.create("broadcasts", text=text, urns=urns)
    base_only = api.create("broadcasts", text={"fra": "Salut", "kin": "Muraho"}, urns=urns)
    sandbox.advance(timedelta(seconds=10))

    assert all_three["base_language"] == "fra"
    assert _sent(api, all_three) == {"kin": "Muraho", "fra": "Hello", "None": "Hello"}
    assert _sent(api, base_only) == {"kin": "Muraho", "fra": "Salut", "None": "Salut"}


def test_a_broadcast_to_nobody_is_completed_and_never_counted(sandbox: Sandbox, api: Caller) -> None:
    api.create("groups", name="Nobody")
    broadcast = api.create("broadcasts", text="Hi", groups=["Nobody"])
    sandbox.advance(timedelta(seconds=10))

    assert (_one(api, broadcast)["status"], _one(api, broadcast)["progress"]) == (
        "completed",
        {"total": -1, "started": 0},
    )


def test_a_language_without_a_text_has_null(api: Caller) -> None:
    uuid = api.upload(b"a picture", "a.png", "image/png")["uuid"]
    broadcast = api.create("broadcasts", text={"eng": "Look"}, attachments={"kin": [uuid]}, groups=["Farmers"])

    assert broadcast["text"] == {"eng": "Look", "kin": None}
    assert broadcast["attachments"]["eng"] == []
    assert broadcast["attachments"]["kin"][0].startswith("image/png:http://127.0.0.1/rapidpro/media/")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"non_field_errors": ["Must provide either text or attachments."]}),
        ({"quick_replies": [{"text": "x"}]}, {"non_field_errors": ["Must provide either text or attachments."]}),
        ({"text": "x"}, {"non_field_errors": ["Must provide either urns, contacts or groups."]}),
        ({"text": ""}, {"text": {"eng": ["This field may not be blank."]}}),
        ({"text": 5}, {"text": ['Expected a dictionary of items but got type "int".']}),
        ({"text": {}}, {"text": ["This dictionary may not be empty."]}),
        ({"text": {"base": "x"}}, {"text": {"base": ["Not an allowed ISO 639-3 language code."]}}),
        ({"text": {"eng": None}}, {"text": {"eng": ["This field may not be null."]}}),
        ({"text": {"eng": "x" * 4097}}, {"text": {"eng": ["Ensure this field has no more than 4096 characters."]}}),
        (
            {"text": {f"a{number:02}": "x" for number in range(51)}},
            {"text": ["Ensure this field has no more than 50 elements."]},
        ),
        ({"attachments": {"eng": [NOWHERE]}}, {"attachments": {"eng": [f"No such object: {NOWHERE}"]}}),
        (
            {"quick_replies": {"eng": [{"extra": "x"}]}},
            {"quick_replies": {"eng": {"0": ["Quick replies of type 'text' require a 'text' value."]}}},
        ),
        (
            {"urns": ["tel:12"], "text": ""},
            {
                "urns": {"0": ["Invalid URN: tel:12. Ensure phone numbers contain country codes."]},
                "text": {"eng": ["This field may not be blank."]},
            },
        ),
        ({"text": "x", "contacts": [NOWHERE]}, {"contacts": [f"No such object: {NOWHERE}"]}),
        ({"text": "x", "groups": ["nope"]}, {"groups": ["No such object: nope"]}),
        ({"text": "x", "base_language": "zzz"}, {"base_language": ["Not an allowed ISO 639-3 language code."]}),
        (
            {"text": {"fra": "x"}, "groups": ["Farmers"], "base_language": "eng"},
            {"non_field_errors": ["No text translation provided in base language."]},
        ),
        (
            {
                "text": {"eng": "x"},
                "quick_replies": {"kin": [{"text": "x"}]},
                "groups": ["Farmers"],
                "base_language": "eng",
            },
            {"non_field_errors": ["No quick_replies translations provided in base language."]},
        ),
    ],
)
def test_a_broadcast_that_cannot_be_sent_is_refused(api: Caller, body: dict[str, Any], errors: dict[str, Any]) -> None:
    assert api.error(400, "POST", "broadcasts", body) == errors


def test_an_anonymous_workspace_shows_no_urns(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "anonymous")

    assert api.create("broadcasts", text="Hi", urns=["tel:+250788123123"])["urns"] is None
