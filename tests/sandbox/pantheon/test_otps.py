"""One-time passwords."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import address, channel, code, conversation, otp, wrong_code


def get(api: Caller, made: Any) -> Any:
    return api.ok("otps/getOtp", otp_id=made["id"])


def verify(api: Caller, made: Any, typed: str) -> Any:
    return api.ok("otps/verifyOtp", otp_id=made["id"], code=typed)


def test_a_code_is_sent_in_a_message_that_does_not_show_it(api: Caller) -> None:
    talk = conversation(api)
    made = otp(api, talk["id"])
    sent = api.ok("messages/getMessage", message_id=made["message_id"])

    assert (made["status"], made["length"], made["ttl"]) == ("pending", 6, 300)
    assert (made["attempts_left"], made["resends_left"]) == (5, 3)
    assert sent["content"] == {"type": "otp", "otp_id": made["id"]}


def test_a_code_goes_to_an_address_that_nobody_has_yet(api: Caller) -> None:
    sms = channel(api, "sms")
    made = api.ok("otps/sendOtp", address="+12025550177", channel_id=sms["id"])
    contact = api.ok("contacts/getContact", contact_id=made["contact_id"])
    talk = api.ok("conversations/getConversation", conversation_id=made["conversation_id"])

    assert [(item["channel_type"], item["address"]) for item in contact["identities"]] == [("sms", "+12025550177")]
    assert (talk["status"], talk["active_channel_id"], talk["started_by"]) == ("open", sms["id"], "app")
    assert verify(api, made, code(api, made["id"]))["verified"]


def test_a_code_to_an_address_goes_into_the_open_conversation_with_the_one_who_has_it(api: Caller) -> None:
    talk, sms = conversation(api, "whatsapp", "sms"), channel(api, "sms")
    contact = api.ok("contacts/getContact", contact_id=talk["contact_id"])
    number = next(item["address"] for item in contact["identities"] if item["channel_type"] == "sms")
    made = api.ok("otps/sendOtp", address=number, channel_id=sms["id"])

    assert (made["conversation_id"], made["contact_id"]) == (talk["id"], contact["id"])
    assert api.ok("conversations/getConversation", conversation_id=talk["id"])["active_channel_id"] != sms["id"]


def test_a_code_goes_to_a_conversation_or_to_an_address_on_a_channel(api: Caller) -> None:
    talk, sms = conversation(api, "sms"), channel(api, "sms")
    there, number = {"conversation_id": talk["id"]}, {"address": "+12025550177"}
    before = len(api.ids("contacts/listContacts"))

    assert api.field_errors("otps/sendOtp") == ["conversation_id"]
    assert api.field_errors("otps/sendOtp", **number) == ["channel_id"]
    assert api.field_errors("otps/sendOtp", **there, **number) == ["address"]
    assert api.field_errors("otps/sendOtp", address="nobody", channel_id=sms["id"]) == ["address"]
    assert api.is_missing("otps/sendOtp", **number, channel_id="chan_nothing")
    api.ok("channels/disconnectChannel", channel_id=sms["id"])
    assert api.field_errors("otps/sendOtp", **number, channel_id=sms["id"]) == ["channel_id"]
    assert len(api.ids("contacts/listContacts")) == before


@pytest.mark.parametrize("length", [4, 8])
def test_a_code_has_as_many_digits_as_asked_for(api: Caller, length: int) -> None:
    made = otp(api, conversation(api)["id"], length=length, text="{code}, again {code}")
    read = api.control("read_otp", otp_id=made["id"])

    assert len(read["code"]) == length
    assert read["code"].isdecimal()
    assert read["text"] == f"{read['code']}, again {read['code']}"


def test_the_usual_text_names_the_app_in_the_language_of_the_contact(api: Caller) -> None:
    talk = conversation(api)
    api.ok("contacts/updateContact", contact_id=talk["contact_id"], language="de")
    read = api.control("read_otp", otp_id=otp(api, talk["id"])["id"])

    assert read["text"] == f"{read['code']} ist dein Code für Example Shop."


def test_a_code_is_in_no_response_no_list_and_no_event(api: Caller) -> None:
    hook = api.ok(
        "webhooks/createWebhook", url="https://shop.example/", events=["otp.verified", "message.status_changed"]
    )
    talk = conversation(api)
    made = otp(api, talk["id"], length=8)
    secret = code(api, made["id"])
    api.advance(seconds=3)
    responses = [get(api, made), verify(api, made, secret), api.ok("messages/listMessages", conversation_id=talk["id"])]
    responses.append(api.ok("webhooks/listDeliveries", webhook_id=hook["id"]))

    assert len(responses[-1]["items"]) == 3
    assert secret not in str(responses)


def test_the_right_code_verifies_the_address(api: Caller) -> None:
    talk, sms = conversation(api, "whatsapp", "sms"), channel(api, "sms")
    made = otp(api, talk["id"], channel_id=sms["id"])
    response = verify(api, made, code(api, made["id"]))
    identities = api.ok("contacts/getContact", contact_id=talk["contact_id"])["identities"]

    assert (response["verified"], response["otp"]["status"], response["otp"]["attempts_left"]) == (True, "verified", 4)
    assert [item["verified_at"] for item in identities] == [None, response["otp"]["verified_at"]]
    assert get(api, made) == response["otp"]


def test_a_code_verifies_the_address_it_went_to_and_no_other(api: Caller) -> None:
    talk, sms = conversation(api, "whatsapp", "sms"), channel(api, "sms")
    made = otp(api, talk["id"], channel_id=sms["id"])
    contact_id = talk["contact_id"]
    api.ok("contacts/unlinkIdentity", contact_id=contact_id, channel_type="sms")
    relinked = api.ok("contacts/linkIdentity", contact_id=contact_id, channel_type="sms", address=address("sms"))

    assert verify(api, made, code(api, made["id"]))["verified"]
    assert api.ok("contacts/getContact", contact_id=contact_id) == relinked


def test_five_wrong_codes_and_it_fails_for_good(api: Caller) -> None:
    made = otp(api, conversation(api)["id"])
    right, wrong = code(api, made["id"]), wrong_code(api, made["id"])
    responses = [verify(api, made, wrong) for _ in range(5)]

    assert [response["otp"]["attempts_left"] for response in responses] == [4, 3, 2, 1, 0]
    assert [response["otp"]["status"] for response in responses] == ["pending"] * 4 + ["failed"]
    assert not any(response["verified"] for response in responses)
    assert api.field_errors("otps/verifyOtp", otp_id=made["id"], code=right) == ["otp_id"]


def test_the_fifth_try_may_be_the_right_one(api: Caller) -> None:
    made = otp(api, conversation(api)["id"])
    for _ in range(4):
        verify(api, made, wrong_code(api, made["id"]))
    last = verify(api, made, code(api, made["id"]))

    assert (last["verified"], last["otp"]["status"], last["otp"]["attempts_left"]) == (True, "verified", 0)


def test_a_code_of_another_length_is_a_wrong_code(api: Caller) -> None:
    made = otp(api, conversation(api)["id"])

    assert verify(api, made, code(api, made["id"]) + "0")["verified"] is False
    assert get(api, made)["attempts_left"] == 4
    assert api.field_errors("otps/verifyOtp", otp_id=made["id"], code="12 34") == ["code"]
    assert get(api, made)["attempts_left"] == 4


@pytest.mark.parametrize("ttl", [30, 300, 3600])
def test_a_code_works_until_its_ttl_has_passed(api: Caller, ttl: int) -> None:
    made = otp(api, conversation(api)["id"], ttl=ttl)
    api.advance(seconds=ttl - 1)
    before = get(api, made)["status"]
    api.advance(seconds=1)

    assert (before, get(api, made)["status"]) == ("pending", "expired")
    assert api.field_errors("otps/verifyOtp", otp_id=made["id"], code=code(api, made["id"])) == ["otp_id"]


def test_a_new_code_takes_the_place_of_the_old_one(api: Caller) -> None:
    talk = conversation(api)
    made = otp(api, talk["id"], text="Code: {code}")
    old = code(api, made["id"])
    verify(api, made, wrong_code(api, made["id"]))
    api.advance(seconds=200)
    again = api.ok("otps/resendOtp", otp_id=made["id"])
    new = api.control("read_otp", otp_id=made["id"])

    assert (again["id"], again["status"], again["attempts_left"], again["resends_left"]) == (
        made["id"],
        "pending",
        4,
        2,
    )
    assert again["message_id"] != made["message_id"]
    assert again["expires_at"] > made["expires_at"]
    assert (new["text"], len(new["code"])) == (f"Code: {new['code']}", 6)
    assert verify(api, made, old)["verified"] is False
    api.advance(seconds=200)
    assert verify(api, made, new["code"])["verified"] is True


def test_a_new_code_can_be_sent_three_times_30_seconds_apart(api: Caller) -> None:
    made = otp(api, conversation(api)["id"])
    resend = {"otp_id": made["id"]}
    too_early = api.field_errors("otps/resendOtp", **resend)
    left = []
    for _ in range(3):
        api.advance(seconds=30)
        left.append(api.ok("otps/resendOtp", **resend)["resends_left"])
    at_once = api.field_errors("otps/resendOtp", **resend)
    api.advance(seconds=30)

    assert too_early == ["otp_id"]
    assert left == [2, 1, 0]
    assert at_once == ["otp_id"] * 2
    assert api.field_errors("otps/resendOtp", **resend) == ["otp_id"]


def test_resend_after_is_the_earliest_time_it_can_be_sent_again(api: Caller) -> None:
    made = otp(api, conversation(api)["id"])
    api.advance(seconds=29)
    early = api.field_errors("otps/resendOtp", otp_id=made["id"])
    api.advance(seconds=1)

    assert early == ["otp_id"]
    assert api.ok("otps/resendOtp", otp_id=made["id"])["resends_left"] == 2
    assert made["resend_after"][:-5] == "2026-01-01T12:00:33"


def test_a_new_code_can_go_over_another_channel(api: Caller) -> None:
    talk, sms, line = conversation(api, "whatsapp", "sms"), channel(api, "sms"), channel(api, "line")
    made = otp(api, talk["id"])
    api.advance(seconds=30)
    again = api.ok("otps/resendOtp", otp_id=made["id"], channel_id=sms["id"])
    api.advance(seconds=30)

    assert (made["channel_id"], again["channel_id"]) == (talk["active_channel_id"], sms["id"])
    assert api.field_errors("otps/resendOtp", otp_id=made["id"], channel_id=line["id"]) == ["channel_id"]
    assert api.is_missing("otps/resendOtp", otp_id=made["id"], channel_id="chan_nothing")
    assert api.ok("otps/resendOtp", otp_id=made["id"])["channel_id"] == sms["id"]


def test_no_new_code_is_sent_where_the_way_is_closed(api: Caller) -> None:
    talk = conversation(api)
    made = otp(api, talk["id"])
    api.advance(seconds=30)
    api.ok("channels/disconnectChannel", channel_id=talk["active_channel_id"])
    disconnected = api.field_errors("otps/resendOtp", otp_id=made["id"])
    api.ok("conversations/closeConversation", conversation_id=talk["id"])

    assert disconnected == ["otp_id"]
    assert api.field_errors("otps/resendOtp", otp_id=made["id"]) == ["otp_id"] * 2


def test_a_code_is_sent_only_where_there_is_a_way(api: Caller) -> None:
    talk, line = conversation(api, "whatsapp", "sms"), channel(api, "line")
    sms = channel(api, "sms")
    api.ok("channels/disconnectChannel", channel_id=talk["active_channel_id"])
    send = {"conversation_id": talk["id"]}

    assert api.field_errors("otps/sendOtp", **send) == ["conversation_id"]
    assert api.field_errors("otps/sendOtp", **send, channel_id=line["id"]) == ["channel_id"]
    assert api.ok("otps/sendOtp", **send, channel_id=sms["id"])["channel_id"] == sms["id"]
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    assert api.field_errors("otps/sendOtp", **send, channel_id=line["id"]) == ["conversation_id", "channel_id"]
    assert api.is_missing("otps/sendOtp", **send, channel_id="chan_nothing")


def test_each_of_several_is_verified_by_itself(api: Caller) -> None:
    talk = conversation(api)
    first, second = otp(api, talk["id"], length=8), otp(api, talk["id"], length=8)

    assert verify(api, second, code(api, first["id"]))["verified"] is False
    assert verify(api, first, code(api, first["id"]))["verified"] is True
    assert get(api, second)["status"] == "pending"


def in_state(api: Caller, state: str) -> Any:
    """Return a one-time password in a state, 30 seconds after it was sent."""
    made = otp(api, conversation(api)["id"], ttl=60)
    api.advance(seconds=30)
    if state == "verified":
        verify(api, made, code(api, made["id"]))
    if state == "failed":
        for _ in range(5):
            verify(api, made, wrong_code(api, made["id"]))
    if state == "canceled":
        api.ok("otps/cancelOtp", otp_id=made["id"])
    if state == "expired":
        api.advance(seconds=30)
    assert get(api, made)["status"] == state
    return made


ARROWS = {
    "pending": {"verify": "verified", "cancel": "canceled", "resend": "pending", "wait": "expired"},
    **{key: dict[str, str]() for key in ("verified", "failed", "expired", "canceled")},
}


@pytest.mark.parametrize("move", ["verify", "cancel", "resend", "wait"])
@pytest.mark.parametrize("state", ARROWS)
def test_a_one_time_password_moves_along_its_arrows_and_no_others(api: Caller, state: str, move: str) -> None:
    made = in_state(api, state)
    before, outcome = get(api, made), ARROWS[state].get(move)
    body = {"otp_id": made["id"], **({"code": code(api, made["id"])} if move == "verify" else {})}
    if move == "wait":
        api.advance(minutes=5)
    elif outcome:
        api.ok(f"otps/{move}Otp", **body)
    else:
        assert api.field_errors(f"otps/{move}Otp", **body) == ["otp_id"]
    after = get(api, made)

    assert after["status"] == (outcome or state)
    assert outcome or after == before


def test_an_unknown_one_time_password_is_a_404(api: Caller) -> None:
    for method in ("getOtp", "resendOtp", "cancelOtp"):
        assert api.is_missing(f"otps/{method}", otp_id="otp_nothing")
    assert api.is_missing("otps/verifyOtp", otp_id="otp_nothing", code="123456")
    assert api.is_missing("otps/sendOtp", conversation_id="conv_nothing")
    assert api.rejected_argument("read_otp", otp_id="otp_nothing") == "otp_id"


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    talk = conversation(api)
    made, other = otp(api, talk["id"]), otp(api, talk["id"])
    api.advance(seconds=30)
    api.ok("otps/resendOtp", otp_id=made["id"])
    verify(api, made, code(api, made["id"]))
    api.ok("otps/cancelOtp", otp_id=other["id"])
    get(api, made)
