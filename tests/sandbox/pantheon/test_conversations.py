"""Conversations: started, switched, closed, reopened."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import channel, contact, conversation, inbound, message, otp


def get(api: Caller, talk: Any) -> Any:
    return api.ok("conversations/getConversation", conversation_id=talk["id"])


def test_a_conversation_begins_open_on_its_channel(api: Caller) -> None:
    made, line = contact(api, "sms"), channel(api, "sms")
    given = {"contact_id": made["id"], "subject": "Order", "metadata": {"a": "1"}}
    talk = api.ok("conversations/startConversation", **given, channel_id=line["id"])

    assert {name: talk[name] for name in given} == given
    assert (talk["status"], talk["started_by"], talk["last_message_at"]) == ("open", "app", None)
    assert (talk["active_channel_id"], talk["channel_ids"]) == (line["id"], [line["id"]])
    assert get(api, talk) == talk


def test_a_conversation_is_started_from_what_calls_return(api: Caller) -> None:
    first, line = contact(api, "sms"), channel(api, "sms")
    renamed = api.ok("channels/updateChannel", channel_id=line["id"], name="Shop")
    known = api.ok("channels/getChannel", channel_id=line["id"])
    second = contact(api, "sms")
    talks = [
        api.ok("conversations/startConversation", contact_id=made["id"], channel_id=known["id"])
        for made in (first, second)
    ]
    gone = api.ok("channels/disconnectChannel", channel_id=line["id"])

    assert known == renamed
    assert [talk["contact_id"] for talk in talks] == [first["id"], second["id"]]
    start = {"contact_id": first["id"], "channel_id": gone["id"]}
    assert api.field_errors("conversations/startConversation", **start) == ["channel_id"]


def test_a_contact_can_have_several_open_conversations(api: Caller) -> None:
    talk = conversation(api)
    given = {"contact_id": talk["contact_id"], "channel_id": talk["active_channel_id"]}
    other = api.ok("conversations/startConversation", **given)

    assert sorted(api.ids("conversations/listConversations", contact_id=talk["contact_id"], status="open")) == sorted(
        [talk["id"], other["id"]]
    )


def test_a_conversation_needs_a_connected_channel_that_reaches_the_contact(api: Caller) -> None:
    made, line = contact(api), channel(api, "sms")
    api.ok("channels/disconnectChannel", channel_id=line["id"])
    start = {"contact_id": made["id"], "channel_id": line["id"]}

    assert api.field_errors("conversations/startConversation", **start) == ["channel_id"] * 2
    assert api.is_missing("conversations/startConversation", **{**start, "contact_id": "cont_nothing"})
    assert api.is_missing("conversations/startConversation", **{**start, "channel_id": "chan_nothing"})


def test_subject_and_metadata_can_be_changed_in_any_state(api: Caller) -> None:
    talk = conversation(api)
    changed = api.ok("conversations/updateConversation", conversation_id=talk["id"], subject="New", metadata={"a": "1"})
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    cleared = api.ok("conversations/updateConversation", conversation_id=talk["id"], subject=None)

    assert (changed["subject"], changed["metadata"]) == ("New", {"a": "1"})
    assert (cleared["subject"], cleared["metadata"], cleared["status"]) == (None, {"a": "1"}, "closed")


def test_switching_makes_another_channel_the_active_one(api: Caller) -> None:
    talk, sms = conversation(api, "whatsapp", "sms"), channel(api, "sms")
    first, switch = talk["active_channel_id"], {"conversation_id": talk["id"]}
    switched = api.ok("conversations/switchChannel", **switch, channel_id=sms["id"])
    sent = message(api, talk["id"])
    back = api.ok("conversations/switchChannel", **switch, channel_id=first)

    assert (switched["active_channel_id"], switched["channel_ids"]) == (sms["id"], [first, sms["id"]])
    assert sent["channel_id"] == sms["id"]
    assert (back["active_channel_id"], back["channel_ids"]) == (first, [first, sms["id"]])
    assert api.ok("conversations/switchChannel", **switch, channel_id=first) == {
        **back,
        "last_message_at": sent["created_at"],
    }
    assert api.ids("conversations/listConversations", active_channel_id=sms["id"]) == []


def test_a_switch_needs_a_connected_channel_that_reaches_the_contact(api: Caller) -> None:
    talk, line = conversation(api, "whatsapp"), channel(api, "sms")
    switch = {"conversation_id": talk["id"], "channel_id": line["id"]}
    unreached = api.field_errors("conversations/switchChannel", **switch)
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    api.ok("channels/disconnectChannel", channel_id=line["id"])

    assert unreached == ["channel_id"]
    assert api.field_errors("conversations/switchChannel", **switch) == ["conversation_id", "channel_id", "channel_id"]
    assert api.is_missing("conversations/switchChannel", **{**switch, "channel_id": "chan_nothing"})


def close(api: Caller, talk: Any) -> None:
    api.ok("conversations/closeConversation", conversation_id=talk["id"], reason="Done")


@pytest.mark.parametrize(
    ("is_closed", "method", "outcome"),
    [
        (False, "closeConversation", "closed"),
        (False, "reopenConversation", None),
        (True, "closeConversation", None),
        (True, "reopenConversation", "open"),
    ],
)
def test_the_arrows_between_open_and_closed(api: Caller, is_closed: bool, method: str, outcome: str | None) -> None:
    talk = conversation(api)
    if is_closed:
        close(api, talk)
    if outcome is None:
        assert api.field_errors(f"conversations/{method}", conversation_id=talk["id"]) == ["conversation_id"]
    else:
        assert api.ok(f"conversations/{method}", conversation_id=talk["id"])["status"] == outcome

    assert get(api, talk)["status"] == (outcome or ("closed" if is_closed else "open"))


def test_closing_notes_when_and_why_until_it_is_reopened(api: Caller) -> None:
    talk = conversation(api)
    close(api, talk)
    closed = get(api, talk)
    reopened = api.ok("conversations/reopenConversation", conversation_id=talk["id"])

    assert (closed["closed_at"], closed["close_reason"]) == (closed["updated_at"], "Done")
    assert (reopened["closed_at"], reopened["close_reason"]) == (None, None)
    assert reopened["active_channel_id"] == talk["active_channel_id"]


def test_nothing_is_sent_in_a_closed_conversation_but_what_is_queued_goes_out(api: Caller) -> None:
    talk = conversation(api)
    queued = message(api, talk["id"])
    close(api, talk)
    calls: dict[str, dict[str, object]] = {
        "messages/sendMessage": {"content": {"type": "text", "text": "x"}},
        "payments/requestPayment": {"amount": 1, "currency": "EUR", "description": "x"},
        "logins/requestLogin": {},
        "otps/sendOtp": {},
    }
    errors = [api.field_errors(method, conversation_id=talk["id"], **body) for method, body in calls.items()]
    api.advance(seconds=3)

    assert errors == [["conversation_id"]] * 4
    assert api.ok("messages/getMessage", message_id=queued["id"])["status"] == "delivered"


def test_a_conversation_whose_contact_was_deleted_cannot_be_reopened(api: Caller) -> None:
    talk = conversation(api)
    api.ok("contacts/deleteContact", contact_id=talk["contact_id"])

    assert api.field_errors("conversations/reopenConversation", conversation_id=talk["id"]) == ["conversation_id"]


def test_a_new_message_is_noted_but_is_no_change(api: Caller) -> None:
    talk = conversation(api)
    sent = message(api, talk["id"])
    after = get(api, talk)

    assert (after["last_message_at"], after["updated_at"]) == (sent["created_at"], talk["updated_at"])


# What comes in: which conversation a message is put into.


def test_a_message_goes_to_the_open_conversation_on_its_channel(api: Caller) -> None:
    talk, sms = conversation(api, "whatsapp", "sms"), channel(api, "sms")
    other = api.ok("conversations/startConversation", contact_id=talk["contact_id"], channel_id=sms["id"])
    message(api, other["id"])

    assert inbound(api, talk)["conversation_id"] == talk["id"]
    assert inbound(api, other)["conversation_id"] == other["id"]


def test_of_several_the_one_with_the_latest_message_takes_it(api: Caller) -> None:
    first = conversation(api)
    given = {"contact_id": first["contact_id"], "channel_id": first["active_channel_id"]}
    second = api.ok("conversations/startConversation", **given)
    message(api, first["id"])
    api.ok("conversations/startConversation", **given)

    assert inbound(api, second)["conversation_id"] == first["id"]


def test_a_message_on_another_channel_switches_the_conversation(api: Caller) -> None:
    talk, sms = conversation(api, "whatsapp", "sms"), channel(api, "sms")
    came = api.control("receive", channel_id=sms["id"], contact_id=talk["contact_id"], text="Hi")
    after = get(api, talk)

    assert (came["conversation_id"], came["channel_id"]) == (talk["id"], sms["id"])
    assert (after["active_channel_id"], after["last_message_at"]) == (sms["id"], came["created_at"])


def test_a_message_never_opens_a_closed_conversation_but_starts_a_new_one(api: Caller) -> None:
    talk = conversation(api)
    close(api, talk)
    came = inbound(api, talk)
    new = api.ok("conversations/getConversation", conversation_id=came["conversation_id"])

    assert get(api, talk)["status"] == "closed"
    assert (new["id"] != talk["id"], new["started_by"], new["contact_id"]) == (True, "contact", talk["contact_id"])


def test_a_code_over_another_channel_does_not_switch_the_conversation(api: Caller) -> None:
    talk, sms = conversation(api, "whatsapp", "sms"), channel(api, "sms")
    sent = otp(api, talk["id"], channel_id=sms["id"])
    after = get(api, talk)

    assert sent["channel_id"] == sms["id"]
    assert (after["active_channel_id"], after["channel_ids"]) == (talk["active_channel_id"], talk["channel_ids"])


def test_an_unknown_conversation_is_a_404(api: Caller) -> None:
    for method in ("getConversation", "updateConversation", "closeConversation", "reopenConversation"):
        assert api.is_missing(f"conversations/{method}", conversation_id="conv_nothing")


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    talk = conversation(api)
    get(api, talk)
    api.ok("conversations/listConversations")
    api.ok("conversations/updateConversation", conversation_id=talk["id"], subject="x")
    api.ok("conversations/switchChannel", conversation_id=talk["id"], channel_id=talk["active_channel_id"])
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    api.ok("conversations/reopenConversation", conversation_id=talk["id"])
