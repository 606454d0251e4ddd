"""Channels: connected, pending, disconnected."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import CREDENTIALS, address, channel, conversation, message


def connect(api: Caller, channel_type: str = "telegram", **more: object) -> Any:
    given = {"type": channel_type, "name": "One", "address": address(channel_type)}
    return api.ok("channels/connectChannel", **{**given, "credentials": CREDENTIALS[channel_type], **more})


def get(api: Caller, made: Any) -> Any:
    return api.ok("channels/getChannel", channel_id=made["id"])


def test_a_channel_is_pending_until_the_platform_accepts_its_credentials(api: Caller) -> None:
    made = connect(api)
    api.advance(seconds=2)
    later = get(api, made)

    assert (made["status"], made["connected_at"]) == ("pending", None)
    assert later["status"] == "connected"
    assert later["connected_at"] == later["updated_at"] > made["created_at"]


def test_a_channel_whose_credentials_are_refused_is_disconnected(api: Caller) -> None:
    made = connect(api, credentials={"bot_token": "refused"})
    api.advance(seconds=2)

    assert get(api, made)["status"] == "disconnected"
    assert get(api, made)["status_reason"] == "The platform refused the credentials."


def test_a_channel_without_an_response_is_disconnected_after_ten_minutes(api: Caller) -> None:
    made = connect(api, credentials={"bot_token": "unanswered"})
    api.advance(minutes=9, seconds=59)
    before = get(api, made)["status"]
    api.advance(seconds=1)

    assert (before, get(api, made)["status"]) == ("pending", "disconnected")


@pytest.mark.parametrize("channel_type", CREDENTIALS)
def test_each_type_takes_its_own_credentials_and_addresses(api: Caller, channel_type: str) -> None:
    assert channel(api, channel_type)["status"] == "connected"
    errors = api.field_errors(
        "channels/connectChannel", type=channel_type, name="x", address="no address", credentials={"strange": "x"}
    )
    assert errors == ["address", *(f"credentials.{key}" for key in CREDENTIALS[channel_type]), "credentials"]


@pytest.mark.parametrize(
    ("channel_type", "right", "wrong"),
    [
        ("sms", "+1234567", "+123456"),
        ("viber", "+123456789012345", "+1234567890123456"),
        ("whatsapp", "+12025550188", "12025550188"),
        ("email", "Desk@Example.COM", "desk@example"),
        ("line", "a" * 128, "a" * 129),
        ("webchat", "A-z_0.9:@", "two words"),
    ],
)
def test_the_form_of_an_address_is_checked(api: Caller, channel_type: str, right: str, wrong: str) -> None:
    made = connect(api, channel_type, address=right)
    given = {"type": channel_type, "name": "x", "credentials": CREDENTIALS[channel_type], "address": wrong}

    assert made["address"] == (right.lower() if channel_type == "email" else right)
    assert api.field_errors("channels/connectChannel", **given) == ["address"]


def test_an_address_is_taken_until_its_channel_is_disconnected(api: Caller) -> None:
    made = connect(api)
    again = {"type": "telegram", "name": "x", "address": made["address"], "credentials": CREDENTIALS["telegram"]}
    taken = api.field_errors("channels/connectChannel", **again)
    api.ok("channels/disconnectChannel", channel_id=made["id"])

    assert taken == ["address"]
    assert api.ok("channels/connectChannel", **again)["address"] == made["address"]
    assert connect(api, "line", address=made["address"])["type"] == "line"


def test_a_change_touches_only_what_it_names(api: Caller) -> None:
    made = channel(api, "telegram")
    renamed = api.ok("channels/updateChannel", channel_id=made["id"], name="Two", metadata={"a": "1"})
    same = api.ok("channels/updateChannel", channel_id=made["id"], name="Two")

    assert renamed == {**made, "name": "Two", "metadata": {"a": "1"}, "updated_at": renamed["updated_at"]}
    assert same == renamed


def test_new_credentials_make_a_channel_pending_again(api: Caller) -> None:
    made = channel(api, "telegram")
    renewed = api.ok("channels/updateChannel", channel_id=made["id"], credentials={"bot_token": "new"})
    api.advance(seconds=2)
    later = get(api, made)

    assert (renewed["status"], renewed["connected_at"]) == ("pending", made["connected_at"])
    assert later["status"] == "connected"
    assert later["connected_at"] > made["connected_at"]


def test_only_the_response_to_the_latest_credentials_counts(api: Caller) -> None:
    made = connect(api, credentials={"bot_token": "refused"})
    api.ok("channels/updateChannel", channel_id=made["id"], credentials={"bot_token": "good"})
    api.advance(minutes=20)

    assert get(api, made)["status"] == "connected"


def test_a_disconnected_channel_is_connected_again_by_new_credentials(api: Caller) -> None:
    made = channel(api, "telegram")
    gone = api.ok("channels/disconnectChannel", channel_id=made["id"])
    api.ok("channels/updateChannel", channel_id=made["id"], credentials={"bot_token": "new"})
    api.advance(seconds=2)
    back = get(api, made)

    assert (gone["status"], bool(gone["status_reason"])) == ("disconnected", True)
    assert (back["status"], back["status_reason"]) == ("connected", None)


def test_new_credentials_are_refused_where_another_channel_has_the_address_by_now(api: Caller) -> None:
    made = channel(api, "telegram")
    api.ok("channels/disconnectChannel", channel_id=made["id"])
    connect(api, address=made["address"])
    update = {"channel_id": made["id"]}

    assert api.field_errors("channels/updateChannel", **update, credentials={"bot_token": "x"}) == ["credentials"]
    assert api.field_errors("channels/updateChannel", **update, credentials={}) == [
        "credentials.bot_token",
        "credentials",
    ]
    assert api.ok("channels/updateChannel", **update, name="Old one")["status"] == "disconnected"


STATES = {
    "pending": lambda api: connect(api),
    "connected": lambda api: channel(api, "telegram"),
    "disconnected": lambda api: api.ok("channels/disconnectChannel", channel_id=connect(api)["id"]),
}


@pytest.mark.parametrize(
    ("state", "move", "outcome"),
    [
        ("pending", "disconnect", "disconnected"),
        ("connected", "disconnect", "disconnected"),
        ("disconnected", "disconnect", None),
        ("pending", "withdraw", None),
        ("connected", "withdraw", "disconnected"),
        ("disconnected", "withdraw", None),
        ("pending", "renew", "pending"),
        ("connected", "renew", "pending"),
        ("disconnected", "renew", "pending"),
        ("pending", "wait", "connected"),
        ("connected", "wait", "connected"),
        ("disconnected", "wait", "disconnected"),
    ],
)
def test_the_arrows_between_the_states_of_a_channel(api: Caller, state: str, move: str, outcome: str | None) -> None:
    made = STATES[state](api)
    refused = None
    if move == "disconnect" and outcome is None:
        refused = api.field_errors("channels/disconnectChannel", channel_id=made["id"])
    elif move == "disconnect":
        api.ok("channels/disconnectChannel", channel_id=made["id"])
    elif move == "withdraw" and outcome is None:
        refused = [api.rejected_argument("withdraw_channel", channel_id=made["id"])]
    elif move == "withdraw":
        api.control("withdraw_channel", channel_id=made["id"])
    elif move == "renew":
        api.ok("channels/updateChannel", channel_id=made["id"], credentials={"bot_token": "new"})
    else:
        api.advance(hours=1)

    assert get(api, made)["status"] == (outcome or state)
    assert refused == (["channel_id"] if outcome is None else None)


def test_what_is_queued_on_a_channel_fails_when_it_is_disconnected(api: Caller) -> None:
    talk = conversation(api, "telegram")
    queued, sent = message(api, talk["id"]), message(api, talk["id"])
    api.control("report_message", message_id=sent["id"], status="sent")
    api.ok("channels/disconnectChannel", channel_id=talk["active_channel_id"])
    after = {item["id"]: item for item in api.items("messages/listMessages", conversation_id=talk["id"])}

    assert after[queued["id"]]["failure"]["code"] == "channel_disconnected"
    assert after[sent["id"]]["status"] == "sent"
    assert api.ok("conversations/getConversation", conversation_id=talk["id"])["status"] == "open"


def test_what_is_queued_waits_while_its_channel_is_pending(api: Caller) -> None:
    talk = conversation(api, "telegram")
    queued = message(api, talk["id"])
    api.ok("channels/updateChannel", channel_id=talk["active_channel_id"], credentials={"bot_token": "new"})
    api.advance(seconds=1)
    waiting = api.ok("messages/getMessage", message_id=queued["id"])["status"]
    api.advance(seconds=3)

    assert (waiting, api.ok("messages/getMessage", message_id=queued["id"])["status"]) == ("queued", "sent")


def test_channels_are_found_by_type_status_and_address(api: Caller) -> None:
    made = connect(api, "email", address="Desk@example.com")
    found = api.ids("channels/listChannels", type="email", status="pending", address="DESK@example.com")

    assert found == [made["id"]]
    assert api.ids("channels/listChannels", type="email", status="connected") == []


def test_credentials_are_never_in_an_response(api: Caller) -> None:
    made = connect(api, credentials={"bot_token": "top-secret"})

    assert "top-secret" not in str([made, get(api, made), api.ok("channels/listChannels")])


def test_an_unknown_channel_is_a_404(sandbox: Sandbox, api: Caller) -> None:
    for method in ("getChannel", "updateChannel", "disconnectChannel"):
        assert api.is_missing(f"channels/{method}", channel_id="chan_nothing")
    assert api.rejected_argument("withdraw_channel", channel_id="chan_nothing") == "channel_id"


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    made = channel(api, "telegram")
    api.ok("channels/listChannels")
    api.ok("channels/updateChannel", channel_id=made["id"], name="Two")
    api.ok("channels/disconnectChannel", channel_id=made["id"])
