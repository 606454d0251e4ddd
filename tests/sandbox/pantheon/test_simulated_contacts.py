"""What contacts do in their messaging apps."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import address, channel, conversation, delivered, inbound, message


def get(api: Caller, made: Any) -> Any:
    return api.ok("messages/getMessage", message_id=made["id"])


def test_a_message_from_a_stranger_makes_a_contact_and_a_conversation(api: Caller) -> None:
    line, number = channel(api, "sms"), address("sms")
    came = api.control("receive", channel_id=line["id"], address=number, name="Dana", text="Hi")
    sender = api.ok("contacts/getContact", contact_id=came["contact_id"])
    again = api.control("receive", channel_id=line["id"], address=number, name="Somebody", text="Hi again")

    assert (came["direction"], came["status"], came["delivered_at"]) == ("inbound", "delivered", came["created_at"])
    assert came["content"] == {"type": "text", "text": "Hi", "button_id": None}
    assert (sender["name"], sender["identities"][0]["address"]) == ("Dana", number)
    assert (again["contact_id"], again["conversation_id"]) == (came["contact_id"], came["conversation_id"])
    assert get(api, came) == came


def test_an_address_is_found_however_it_is_written(api: Caller) -> None:
    desk = channel(api, "email")
    first = api.control("receive", channel_id=desk["id"], address="Dana@Example.com", text="Hi")
    second = api.control("receive", channel_id=desk["id"], address="dana@example.com", text="Hi")

    assert first["contact_id"] == second["contact_id"]


@pytest.mark.parametrize("content_type", ["image", "audio", "video", "document"])
def test_media_come_in_with_a_file(api: Caller, content_type: str) -> None:
    talk = conversation(api)
    data = base64.b64encode(b"bytes").decode()
    sent = {"type": content_type, "file": {"name": "a.bin", "content_type": f"{content_type}/x", "data": data}}
    given = {"channel_id": talk["active_channel_id"], "contact_id": talk["contact_id"]}
    came = api.control("receive", **given, content=sent)
    stored = api.ok("files/getFile", file_id=came["content"]["file_id"])

    assert (came["type"], came["content"]["content_type"]) == (content_type, f"{content_type}/x")
    assert (stored["name"], stored["size"]) == ("a.bin", 5)
    assert get(api, came)["content"]["type"] == content_type


def test_a_place_comes_in(api: Caller) -> None:
    talk = conversation(api)
    place = {"type": "location", "latitude": 48.8584, "longitude": 2.2945, "name": "Eiffel Tower"}
    given = {"channel_id": talk["active_channel_id"], "contact_id": talk["contact_id"]}

    assert api.control("receive", **given, content=place)["content"] == {**place, "address": None}


def test_a_reply_names_what_it_replies_to(api: Caller) -> None:
    talk = conversation(api)
    asked = delivered(api, talk["id"])
    given = {"channel_id": talk["active_channel_id"], "contact_id": talk["contact_id"], "text": "Yes"}

    assert api.control("receive", **given, reply_to_id=asked["id"])["reply_to_id"] == asked["id"]
    assert api.rejected_argument("receive", **given, reply_to_id="msg_nothing") == "reply_to_id"


def test_a_pressed_button_comes_in_as_its_title(api: Caller) -> None:
    talk = conversation(api)
    buttons = [{"id": "yes", "title": "Yes, please"}, {"id": "web", "title": "Look", "url": "https://shop.example/"}]
    content = {"type": "buttons", "text": "Tomorrow?", "buttons": buttons}
    asked = api.ok("messages/sendMessage", conversation_id=talk["id"], content=content)
    unseen = api.rejected_argument("press_button", message_id=asked["id"], button_id="yes")
    api.advance(seconds=3)
    pressed = api.control("press_button", message_id=asked["id"], button_id="yes")

    assert unseen == "message_id"
    assert pressed["content"] == {"type": "text", "text": "Yes, please", "button_id": "yes"}
    assert pressed["reply_to_id"] == asked["id"]
    assert api.rejected_argument("press_button", message_id=asked["id"], button_id="web") == "button_id"
    assert api.rejected_argument("press_button", message_id=asked["id"], button_id="no") == "button_id"


def test_reading_a_conversation_reads_what_has_arrived(api: Caller) -> None:
    talk = conversation(api, "whatsapp")
    first, second = delivered(api, talk["id"]), message(api, talk["id"])
    inbound(api, talk)

    assert api.control("read_messages", conversation_id=talk["id"]) == {"read": [first["id"]]}
    assert get(api, first)["status"] == "read"
    assert get(api, second)["status"] == "queued"
    assert api.control("read_messages", conversation_id=talk["id"]) == {"read": []}


def test_what_is_read_where_there_are_no_receipts_stays_delivered(api: Caller) -> None:
    talk = conversation(api, "sms")
    made = delivered(api, talk["id"])

    assert api.control("read_messages", conversation_id=talk["id"]) == {"read": []}
    assert get(api, made)["status"] == "delivered"


def test_a_contact_reacts_only_where_there_are_reactions(api: Caller) -> None:
    made = delivered(api, conversation(api, "sms")["id"])

    assert api.rejected_argument("react", message_id=made["id"], emoji="❤") == "message_id"


def test_nothing_comes_in_on_a_channel_that_is_not_connected(api: Caller) -> None:
    talk = conversation(api)
    api.ok("channels/disconnectChannel", channel_id=talk["active_channel_id"])
    given = {"channel_id": talk["active_channel_id"], "contact_id": talk["contact_id"], "text": "Hi"}

    assert api.rejected_argument("receive", **given) == "channel_id"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "channel_id"),
        ({"channel_id": "chan_nothing"}, "channel_id"),
        ({"channel_id": "sms"}, "text"),
        ({"channel_id": "sms", "text": 5}, "text"),
        ({"channel_id": "sms", "text": ""}, "text"),
        ({"channel_id": "sms", "text": "Hi"}, "address"),
        ({"channel_id": "sms", "text": "Hi", "address": "0781"}, "address"),
        ({"channel_id": "sms", "text": "Hi", "contact_id": "cont_nothing"}, "contact_id"),
        ({"channel_id": "sms", "text": "Hi", "address": "+12025550100", "name": "x" * 129}, "name"),
        ({"channel_id": "sms", "content": "Hi"}, "content"),
        ({"channel_id": "sms", "content": {"type": "otp"}}, "type"),
        ({"channel_id": "sms", "content": {"type": "text", "texts": "x"}}, "texts"),
        ({"channel_id": "sms", "content": {"type": "location", "latitude": 91, "longitude": 0}}, "latitude"),
        ({"channel_id": "sms", "content": {"type": "image"}}, "file"),
        ({"channel_id": "sms", "content": {"type": "image", "file": {"content_type": "image"}}}, "content_type"),
        ({"channel_id": "sms", "content": {"type": "image", "file": {"content_type": "a/b", "data": "!"}}}, "data"),
        ({"channel_id": "sms", "text": "Hi", "sender": "x"}, "sender"),
    ],
)
def test_a_wrong_argument_is_named(api: Caller, arguments: dict[str, Any], field: str) -> None:
    if arguments.get("channel_id") == "sms":
        arguments = {**arguments, "channel_id": channel(api, "sms")["id"]}

    assert api.rejected_argument("receive", **arguments) == field


def test_a_refused_action_leaves_nothing_behind(api: Caller) -> None:
    line, before = channel(api, "sms"), api.ids("contacts/listContacts")
    given = {"channel_id": line["id"], "address": address("sms"), "text": "Hi", "reply_to_id": "msg_nothing"}
    api.rejected_argument("receive", **given)

    assert api.ids("contacts/listContacts") == before


def test_an_unknown_action_is_refused_with_the_names_of_those_there_are(api: Caller) -> None:
    assert api.rejected_argument("dance") is None
