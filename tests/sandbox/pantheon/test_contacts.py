"""Contacts: made, changed, linked, merged, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import (
    address,
    contact,
    conversation,
    inbound,
    login,
    message,
    otp,
    paid,
    payment,
)


def get(api: Caller, made: Any) -> Any:
    return api.ok("contacts/getContact", contact_id=made["id"])


def test_a_contact_has_what_it_was_given(api: Caller) -> None:
    given = {"name": "Amina", "language": "pt-BR", "metadata": {"customer": "10482"}}
    identities = [{"channel_type": "email", "address": "Amina@Shop.Example"}, {"channel_type": "line", "address": "Am"}]
    made = api.ok("contacts/createContact", **given, identities=identities)

    assert {name: made[name] for name in given} == given
    assert [(item["channel_type"], item["address"]) for item in made["identities"]] == [
        ("email", "amina@shop.example"),
        ("line", "Am"),
    ]
    assert [item["verified_at"] for item in made["identities"]] == [None, None]
    assert get(api, made) == made


def test_a_contact_may_be_nobody_in_particular(api: Caller) -> None:
    made = api.ok("contacts/createContact", name=None)

    assert (made["name"], made["language"], made["identities"], made["metadata"]) == (None, None, [], {})


def test_identities_must_be_of_different_types_well_formed_and_free(api: Caller) -> None:
    taken = contact(api, "sms")["identities"][0]["address"]
    identities = [
        {"channel_type": "sms", "address": taken},
        {"channel_type": "whatsapp", "address": "0781234567"},
        {"channel_type": "sms", "address": address("sms")},
    ]

    assert api.field_errors("contacts/createContact", identities=identities) == [
        "identities.0.address",
        "identities.1.address",
        "identities.2.channel_type",
    ]


def test_the_same_address_is_free_in_another_type_and_another_account(api: Caller, empty: Caller) -> None:
    number = contact(api, "sms")["identities"][0]["address"]

    assert api.ok("contacts/createContact", identities=[{"channel_type": "viber", "address": number}])
    assert empty.ok("contacts/createContact", identities=[{"channel_type": "sms", "address": number}])


def test_a_change_leaves_out_what_it_does_not_name_and_null_clears(api: Caller) -> None:
    made = api.ok("contacts/createContact", name="Amina", language="en", metadata={"a": "1", "b": "2"})
    changed = api.ok("contacts/updateContact", contact_id=made["id"], name=None, metadata={"c": "3"})

    assert changed == {**made, "name": None, "metadata": {"c": "3"}, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > made["updated_at"]
    assert api.ok("contacts/updateContact", contact_id=made["id"], language="fr")["language"] == "fr"
    assert api.ok("contacts/updateContact", contact_id=made["id"]) == get(api, made)


def test_contacts_are_found_by_name_language_and_identity(api: Caller) -> None:
    made = contact(api, "email", "sms")
    mail, number = (identity["address"] for identity in made["identities"])
    wanted = [made["id"]]

    assert api.ids("contacts/listContacts", address=mail.upper()) == wanted
    assert api.ids("contacts/listContacts", channel_type="sms", address=number) == wanted
    assert api.ids("contacts/listContacts", channel_type="email", address=number) == []
    assert made["id"] in api.ids("contacts/listContacts", channel_type="email", name="Amina", language="en")
    assert api.ids("contacts/listContacts", name="amina") == []


def test_an_identity_is_linked_and_unlinked(api: Caller) -> None:
    made, number = contact(api, "email"), address("sms")
    link = {"contact_id": made["id"], "channel_type": "sms", "address": number}
    linked = api.ok("contacts/linkIdentity", **link)
    again = api.ok("contacts/linkIdentity", **link)
    unlinked = api.ok("contacts/unlinkIdentity", contact_id=made["id"], channel_type="email")

    assert [item["channel_type"] for item in linked["identities"]] == ["email", "sms"]
    assert again == linked
    assert [item["channel_type"] for item in unlinked["identities"]] == ["sms"]
    assert api.ok(
        "contacts/createContact", identities=[{"channel_type": "email", "address": made["identities"][0]["address"]}]
    )


@pytest.mark.parametrize(
    ("channel_type", "given", "errors"),
    [
        ("sms", "new", ["channel_type"]),
        ("sms", "12", ["address", "channel_type"]),
        ("whatsapp", "12", ["address"]),
        ("whatsapp", "taken", ["address"]),
    ],
)
def test_what_cannot_be_linked(api: Caller, channel_type: str, given: str, errors: list[str]) -> None:
    made = contact(api, "sms")
    number = {"new": address("sms"), "taken": contact(api, "whatsapp")["identities"][0]["address"]}.get(given, given)

    assert (
        api.field_errors("contacts/linkIdentity", contact_id=made["id"], channel_type=channel_type, address=number)
        == errors
    )


def test_an_identity_in_use_cannot_be_unlinked(api: Caller) -> None:
    talk = conversation(api, "whatsapp")
    unlink = {"contact_id": talk["contact_id"], "channel_type": "whatsapp"}
    in_use = api.field_errors("contacts/unlinkIdentity", **unlink)
    api.ok("conversations/closeConversation", conversation_id=talk["id"])

    assert in_use == ["channel_type"]
    assert api.ok("contacts/unlinkIdentity", **unlink)["identities"] == []
    assert api.field_errors("contacts/unlinkIdentity", **unlink) == ["channel_type"]


def test_merging_hands_everything_over(api: Caller) -> None:
    stays = api.ok("contacts/createContact", metadata={"a": "stays"})
    talk = conversation(api, "whatsapp")
    gone = talk["contact_id"]
    api.ok("contacts/updateContact", contact_id=gone, metadata={"a": "gone", "b": "gone"})
    made = {
        "messages": inbound(api, talk),
        "payments": payment(api, talk["id"]),
        "logins": api.control("approve_login", login_id=login(api, talk["id"])["id"])["login"],
    }
    sent = otp(api, talk["id"])
    merged = api.ok("contacts/mergeContacts", contact_id=stays["id"], duplicate_id=gone)

    assert (merged["id"], merged["name"], merged["language"]) == (stays["id"], "Amina", "en")
    assert merged["metadata"] == {"a": "stays", "b": "gone"}
    assert [item["channel_type"] for item in merged["identities"]] == ["whatsapp"]
    assert api.is_missing("contacts/getContact", contact_id=gone)
    assert api.ids("conversations/listConversations", contact_id=stays["id"]) == [talk["id"]]
    assert made["messages"]["id"] in api.ids("messages/listMessages", contact_id=stays["id"])
    assert api.ids("payments/listPayments", contact_id=stays["id"]) == [made["payments"]["id"]]
    (proved,) = api.items("logins/listLogins", contact_id=stays["id"])
    assert (proved["status"], proved["identity"]["contact_id"]) == ("approved", stays["id"])
    assert api.ok("otps/getOtp", otp_id=sent["id"])["contact_id"] == stays["id"]
    assert api.ok("conversations/getConversation", conversation_id=talk["id"])["status"] == "open"


def test_what_cannot_be_merged(api: Caller) -> None:
    one, two = contact(api, "sms", "email"), contact(api, "sms", "email")
    many = api.ok("contacts/createContact", metadata={f"a{number}": "" for number in range(30)})
    more = api.ok("contacts/createContact", metadata={f"b{number}": "" for number in range(21)})

    def field_errors(contact: Any, duplicate: Any) -> list[str]:
        return api.field_errors("contacts/mergeContacts", contact_id=contact["id"], duplicate_id=duplicate["id"])

    assert field_errors(one, two) == ["duplicate_id"] * 2
    assert field_errors(one, one) == ["duplicate_id"]
    assert field_errors(many, more) == ["duplicate_id"]
    assert api.is_missing("contacts/mergeContacts", contact_id=one["id"], duplicate_id="cont_nothing")


def test_deleting_a_contact_ends_what_was_going_on(api: Caller) -> None:
    talk, closed = conversation(api, "whatsapp"), None
    made = {
        "sent": inbound(api, talk),
        "queued": message(api, talk["id"]),
        "requested": payment(api, talk["id"]),
        "paid": paid(api, talk["id"]),
        "pending": api.control("confirm_payment", payment_id=payment(api, talk["id"])["id"]),
        "login": login(api, talk["id"]),
        "approved": api.control("approve_login", login_id=login(api, talk["id"])["id"])["login"],
        "denied": api.control("deny_login", login_id=login(api, talk["id"])["id"])["login"],
        "otp": otp(api, talk["id"]),
    }
    response = api.ok("contacts/deleteContact", contact_id=talk["contact_id"])
    closed = api.ok("conversations/getConversation", conversation_id=talk["id"])

    assert response["id"] == talk["contact_id"]
    assert (closed["status"], closed["contact_id"]) == ("closed", talk["contact_id"])
    assert api.ok("messages/getMessage", message_id=made["queued"]["id"])["failure"]["code"] == "unreachable"
    assert api.ok("messages/getMessage", message_id=made["sent"]["id"])["status"] == "delivered"
    statuses = {
        name: api.ok("payments/getPayment", payment_id=made[name]["id"])["status"]
        for name in ("requested", "paid", "pending")
    }
    assert statuses == {"requested": "canceled", "paid": "paid", "pending": "pending"}
    logins = {name: api.ok("logins/getLogin", login_id=made[name]["id"]) for name in ("login", "approved", "denied")}
    assert [logins[name]["status"] for name in ("login", "approved", "denied")] == ["revoked", "revoked", "denied"]
    assert logins["approved"]["identity"] is None
    assert api.ok("otps/getOtp", otp_id=made["otp"]["id"])["status"] == "canceled"


def test_a_deleted_contact_is_gone_and_its_address_free(api: Caller) -> None:
    made = contact(api, "sms")
    api.ok("contacts/deleteContact", contact_id=made["id"])

    for method in ("getContact", "updateContact", "deleteContact"):
        assert api.is_missing(f"contacts/{method}", contact_id=made["id"])
    assert made["id"] not in api.ids("contacts/listContacts")
    identities = [{"channel_type": "sms", "address": made["identities"][0]["address"]}]
    assert api.ok("contacts/createContact", identities=identities)["id"] != made["id"]


def test_an_unknown_contact_is_a_404(api: Caller) -> None:
    contact_id = {"contact_id": "cont_nothing"}
    assert api.is_missing("contacts/linkIdentity", **contact_id, channel_type="sms", address="+12025550100")
    assert api.is_missing("contacts/unlinkIdentity", **contact_id, channel_type="sms")
    assert api.is_missing("contacts/mergeContacts", **contact_id, duplicate_id="cont_nothing")


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    made, other = contact(api, "sms"), contact(api, "email")
    get(api, made)
    api.ok("contacts/listContacts")
    api.ok("contacts/updateContact", contact_id=made["id"], name="Bruno")
    api.ok("contacts/linkIdentity", contact_id=made["id"], channel_type="line", address=address("line"))
    api.ok("contacts/unlinkIdentity", contact_id=made["id"], channel_type="line")
    api.ok("contacts/mergeContacts", contact_id=made["id"], duplicate_id=other["id"])
    api.ok("contacts/deleteContact", contact_id=made["id"])
