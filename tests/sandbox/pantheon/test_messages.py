"""Messages: what can be sent, how far it comes, and what is done with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import CREDENTIALS, conversation, delivered, file, inbound, message

STEPS = ("queued", "sent", "delivered", "read")
BUTTONS = [{"id": str(number), "title": f"Button {number}"} for number in range(10)]


def get(api: Caller, made: Any) -> Any:
    return api.ok("messages/getMessage", message_id=made["id"])


def contents_for(api: Caller) -> dict[str, Any]:
    """Return one content of each type, with what it reads as."""
    ids = {
        media_type: file(api, content_type=media_type)["id"]
        for media_type in ("image/png", "audio/ogg", "video/mp4", "text/plain")
    }
    return {
        "text": {"text": "Hello"},
        "image": {"file_id": ids["image/png"], "caption": "Look"},
        "audio": {"file_id": ids["audio/ogg"]},
        "video": {"file_id": ids["video/mp4"]},
        "document": {"file_id": ids["text/plain"]},
        "location": {"latitude": 1.5, "longitude": -2},
        "template": {"name": "order_shipped", "language": "en", "variables": {"n": "1"}},
        "buttons": {"text": "Choose", "buttons": BUTTONS[:3]},
    }


CARRIED = {
    "whatsapp": "text image audio video document location template buttons",
    "messenger": "text image audio video document buttons",
    "instagram": "text image audio video buttons",
    "telegram": "text image audio video document location buttons",
    "viber": "text image video document location buttons",
    "line": "text image audio video location buttons",
    "sms": "text",
    "email": "text image audio video document",
    "webchat": "text image audio video document location buttons",
}


@pytest.mark.parametrize("channel_type", CREDENTIALS)
def test_each_channel_carries_its_types_of_content_and_no_others(api: Caller, channel_type: str) -> None:
    talk = conversation(api, channel_type)
    for content_type, given in contents_for(api).items():
        body = {"conversation_id": talk["id"], "content": {"type": content_type, **given}}
        if content_type in CARRIED[channel_type].split():
            assert api.ok("messages/sendMessage", **body)["type"] == content_type
        else:
            assert api.field_errors("messages/sendMessage", **body) == ["content.type"]


def test_what_is_sent_reads_with_every_field(api: Caller) -> None:
    talk, given = conversation(api), contents_for(api)
    sent = {
        content_type: api.ok(
            "messages/sendMessage", conversation_id=talk["id"], content={"type": content_type, **content}
        )["content"]
        for content_type, content in given.items()
    }
    urls = [sent[content_type].pop("url") for content_type in ("image", "audio", "video", "document")]

    assert all(url.startswith("http://127.0.0.1:8000/pantheon/files/file_") for url in urls)
    assert sent == {
        "text": {"type": "text", "text": "Hello", "button_id": None},
        "image": {"type": "image", **given["image"], "content_type": "image/png"},
        "audio": {"type": "audio", **given["audio"], "content_type": "audio/ogg"},
        "video": {"type": "video", **given["video"], "content_type": "video/mp4", "caption": None},
        "document": {
            "type": "document",
            **given["document"],
            "content_type": "text/plain",
            "filename": "picture.png",
            "caption": None,
        },
        "location": {"type": "location", "latitude": 1.5, "longitude": -2, "name": None, "address": None},
        "template": {"type": "template", **given["template"]},
        "buttons": {
            "type": "buttons",
            "text": "Choose",
            "buttons": [{**button, "url": None} for button in BUTTONS[:3]],
        },
    }


@pytest.mark.parametrize("url", ["https://münchen.example/größe", "https://shop.example|x"])
def test_a_button_may_open_any_page_that_its_schema_allows(api: Caller, url: str) -> None:
    button = {"id": "page", "title": "Open", "url": url}
    content = {"type": "buttons", "text": "Choose", "buttons": [button]}

    sent = api.ok("messages/sendMessage", conversation_id=conversation(api, "webchat")["id"], content=content)

    assert sent["content"]["buttons"] == [button]


def field_errors(api: Caller, channel_type: str, content: dict[str, object]) -> list[str]:
    return api.field_errors(
        "messages/sendMessage", conversation_id=conversation(api, channel_type)["id"], content=content
    )


def test_a_text_must_not_be_longer_than_the_channel_takes(api: Caller) -> None:
    talk = conversation(api, "sms")

    assert message(api, talk["id"], "x" * 1600)["status"] == "queued"
    assert field_errors(api, "sms", {"type": "text", "text": "x" * 1601}) == ["content.text"]
    image = {"type": "image", "file_id": file(api)["id"], "caption": "x" * 1024}
    assert field_errors(api, "instagram", {**image, "caption": "x" * 1001}) == ["content.caption"]
    assert api.ok("messages/sendMessage", conversation_id=conversation(api, "line")["id"], content=image)


@pytest.mark.parametrize("content_type", ["image", "audio", "video"])
def test_a_file_must_suit_the_type_of_content(api: Caller, content_type: str) -> None:
    content = {"type": content_type, "file_id": file(api, content_type="text/plain")["id"]}

    assert field_errors(api, "whatsapp", content) == ["content.file_id"]


def test_buttons_must_not_be_too_many_or_the_same(api: Caller) -> None:
    buttons = {"type": "buttons", "text": "x", "buttons": [*BUTTONS[:3], BUTTONS[0]]}

    assert field_errors(api, "whatsapp", buttons) == ["content.buttons", "content.buttons.3.id"]
    assert field_errors(api, "line", buttons) == ["content.buttons.3.id"]
    assert field_errors(api, "sms", buttons) == ["content.type", "content.buttons.3.id"]


def test_a_reply_names_a_message_of_the_same_conversation(api: Caller) -> None:
    talk, other = conversation(api), conversation(api)
    question = inbound(api, talk)
    reply = message(api, talk["id"], reply_to_id=question["id"])
    content = {"type": "text", "text": "x"}

    assert reply["reply_to_id"] == question["id"]
    body = {"conversation_id": other["id"], "content": content, "reply_to_id": question["id"]}
    assert api.field_errors("messages/sendMessage", **body) == ["reply_to_id"]
    assert api.is_missing("messages/sendMessage", **{**body, "reply_to_id": "msg_nothing"})
    assert api.is_missing("messages/sendMessage", **{**body, "conversation_id": "conv_nothing"})
    assert api.is_missing("messages/sendMessage", **body | {"content": {"type": "image", "file_id": "file_nothing"}})


def test_sending_needs_a_connected_channel_and_an_identity_on_it(api: Caller) -> None:
    talk = conversation(api, "whatsapp")
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    api.ok("contacts/unlinkIdentity", contact_id=talk["contact_id"], channel_type="whatsapp")
    api.ok("conversations/reopenConversation", conversation_id=talk["id"])
    api.ok("channels/disconnectChannel", channel_id=talk["active_channel_id"])
    body = {"conversation_id": talk["id"], "content": {"type": "text", "text": "x"}}

    assert api.field_errors("messages/sendMessage", **body) == ["conversation_id"] * 2


# How far a message comes.


def test_an_outbound_message_goes_from_queued_to_sent_to_delivered(api: Caller) -> None:
    made = message(api, conversation(api)["id"])
    seen = [made]
    for _ in range(2):
        api.advance(seconds=1)
        seen.append(get(api, made))
    seen.append(get(api.later(days=2), made))

    assert [item["status"] for item in seen] == ["queued", "sent", "delivered", "delivered"]
    times = [seen[-1][name] for name in ("created_at", "sent_at", "delivered_at")]
    assert times == sorted(set(times))
    assert (seen[0]["sent_at"], seen[1]["delivered_at"], seen[-1]["read_at"]) == (None, None, None)


@pytest.mark.parametrize(
    ("channel_type", "last"), [("telegram", "sent"), ("email", "sent"), ("line", "sent"), ("sms", "delivered")]
)
def test_without_reports_a_message_stays_where_the_platform_last_reported(
    api: Caller, channel_type: str, last: str
) -> None:
    made = message(api, conversation(api, channel_type)["id"])

    assert get(api.later(days=2), made)["status"] == last


@pytest.mark.parametrize("reported", [*STEPS[1:], "failed"])
@pytest.mark.parametrize("state", [*STEPS, "failed"])
def test_the_arrows_between_the_states_of_a_message(api: Caller, state: str, reported: str) -> None:
    made = message(api, conversation(api, "whatsapp")["id"])
    if state != "queued":
        api.control("report_message", message_id=made["id"], status=state)
    forward = {step: set(STEPS[position + 1 :]) for position, step in enumerate(STEPS)}
    allowed = {**forward, "failed": set[str]()}[state] | ({"failed"} if state in ("queued", "sent") else set())

    if reported in allowed:
        assert api.control("report_message", message_id=made["id"], status=reported)["status"] == reported
    else:
        assert api.rejected_argument("report_message", message_id=made["id"], status=reported) == "message_id"
        assert get(api, made)["status"] == state


def test_a_report_that_skips_steps_fills_in_their_times(api: Caller) -> None:
    made = message(api, conversation(api, "whatsapp")["id"])
    read = api.control("report_message", message_id=made["id"], status="read")

    assert read["sent_at"] == read["delivered_at"] == read["read_at"] > read["created_at"]
    assert read["failed_at"] is None


@pytest.mark.parametrize(("channel_type", "status"), [("sms", "read"), ("telegram", "read"), ("email", "delivered")])
def test_a_platform_does_not_report_what_it_does_not_know(api: Caller, channel_type: str, status: str) -> None:
    made = message(api, conversation(api, channel_type)["id"])

    assert api.rejected_argument("report_message", message_id=made["id"], status=status) == "status"


@pytest.mark.parametrize("code", ["unreachable", "blocked", "content_rejected", "channel_error"])
def test_a_failure_says_why(api: Caller, code: str) -> None:
    made = message(api, conversation(api)["id"])
    failed = api.control("report_message", message_id=made["id"], status="failed", code=code, message="No.")

    assert failed["failure"] == {"code": code, "message": "No."}
    assert failed["failed_at"] > failed["created_at"]


def reach(api: Caller, talk: Any, how: str) -> None:
    api.control("set_reach", contact_id=talk["contact_id"], channel_type="whatsapp", reach=how)


def test_a_message_that_is_not_delivered_within_24_hours_fails(api: Caller) -> None:
    talk = conversation(api, "whatsapp")
    reach(api, talk, "off")
    made = message(api, talk["id"])
    api = api.later(hours=23, minutes=59)
    before = get(api, made)["status"]
    api.advance(minutes=1)
    after = get(api, made)

    assert (before, after["status"], after["failure"]["code"]) == ("sent", "failed", "expired")


def test_a_message_waits_for_a_phone_that_is_off(api: Caller) -> None:
    talk = conversation(api, "whatsapp")
    reach(api, talk, "off")
    made = message(api, talk["id"])
    api.advance(hours=1)
    before = get(api, made)["status"]
    reach(api, talk, "reachable")

    assert (before, get(api, made)["status"]) == ("sent", "delivered")


def test_a_message_that_waits_does_not_arrive_because_the_contact_blocks_the_account(api: Caller) -> None:
    talk = conversation(api, "whatsapp")
    reach(api, talk, "off")
    made = message(api, talk["id"])
    api.advance(hours=1)
    reach(api, talk, "blocked")

    assert get(api, made)["status"] == "sent"


@pytest.mark.parametrize("how", ["unreachable", "blocked", "window_closed"])
def test_a_contact_who_cannot_be_reached_lets_messages_fail(api: Caller, how: str) -> None:
    talk = conversation(api, "whatsapp")
    reach(api, talk, how)
    made = message(api, talk["id"])
    template = {"type": "template", "name": "order_shipped", "language": "en"}
    templated = api.ok("messages/sendMessage", conversation_id=talk["id"], content=template)
    api.advance(seconds=3)

    assert get(api, made)["failure"]["code"] == how
    assert get(api, templated)["status"] == ("delivered" if how == "window_closed" else "failed")


def test_a_template_that_the_platform_does_not_know_fails(api: Caller) -> None:
    talk = conversation(api, "whatsapp")
    template = {"type": "template", "name": "birthday", "language": "en"}
    body = {"conversation_id": talk["id"], "content": template}
    unknown = api.ok("messages/sendMessage", **body)
    api.advance(seconds=3)
    api.sandbox.seed_data("pantheon", {"templates": [{"name": "birthday", "language": "en"}]})
    known = api.ok("messages/sendMessage", **body)
    api.advance(seconds=3)

    assert get(api, unknown)["failure"]["code"] == "content_rejected"
    assert get(api, known)["status"] == "delivered"


# What is done with messages.


def test_marking_as_read_marks_everything_before_too_and_nothing_twice(api: Caller) -> None:
    talk = conversation(api)
    came = [inbound(api, talk) for _ in range(4)]
    first = api.ok("messages/markAsRead", message_id=came[1]["id"])
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    second = api.ok("messages/markAsRead", message_id=came[2]["id"])
    after = [get(api, item) for item in came]

    assert [item["status"] for item in after] == ["read", "read", "read", "delivered"]
    assert [item["read_at"] for item in after] == [first["read_at"]] * 2 + [second["read_at"], None]
    assert second["read_at"] > first["read_at"]
    assert api.ok("messages/markAsRead", message_id=came[0]["id"])["read_at"] == first["read_at"]


def test_a_message_with_a_reaction_is_marked_as_read(api: Caller) -> None:
    made = inbound(api, conversation(api))
    reacted = api.ok("messages/reactToMessage", message_id=made["id"], emoji="❤")
    read = api.ok("messages/markAsRead", message_id=made["id"])

    assert read["reactions"] == reacted["reactions"] != []


def test_an_outbound_message_is_not_marked_as_read(api: Caller) -> None:
    made = delivered(api, conversation(api)["id"])

    assert api.field_errors("messages/markAsRead", message_id=made["id"]) == ["message_id"]


def test_a_reaction_is_put_replaced_and_taken_away(api: Caller) -> None:
    made = delivered(api, conversation(api)["id"])
    react = {"message_id": made["id"]}
    put = api.ok("messages/reactToMessage", **react, emoji="❤")["reactions"]
    same = api.ok("messages/reactToMessage", **react, emoji="❤")["reactions"]
    replaced = api.ok("messages/reactToMessage", **react, emoji="\U0001f44d")["reactions"]
    api.control("react", **react, emoji="❤")
    both = get(api, made)["reactions"]
    gone = api.ok("messages/reactToMessage", **react, emoji=None)["reactions"]

    assert [(item["by"], item["emoji"]) for item in put] == [("app", "❤")]
    assert same == put
    assert [item["emoji"] for item in replaced] == ["\U0001f44d"]
    assert [item["by"] for item in both] == ["app", "contact"]
    assert gone == both[1:]
    assert api.ok("messages/reactToMessage", **react, emoji=None)["reactions"] == gone


def test_what_cannot_be_reacted_to(api: Caller) -> None:
    talk, sms = conversation(api, "whatsapp"), conversation(api, "sms")
    queued, came, plain = message(api, talk["id"]), inbound(api, talk), inbound(api, sms)

    def field_errors(made: Any) -> list[str]:
        return api.field_errors("messages/reactToMessage", message_id=made["id"], emoji="❤")

    assert (field_errors(queued), field_errors(plain)) == (["message_id"], ["message_id"])
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    api.ok("channels/disconnectChannel", channel_id=talk["active_channel_id"])
    assert field_errors(came) == ["message_id"] * 2


def test_a_deleted_message_is_gone_and_was_not_sent(api: Caller) -> None:
    talk = conversation(api)
    made = message(api, talk["id"])
    response = api.ok("messages/deleteMessage", message_id=made["id"])
    api = api.later(days=2)

    assert response["id"] == made["id"]
    assert api.is_missing("messages/getMessage", message_id=made["id"])
    assert api.is_missing("messages/deleteMessage", message_id=made["id"])
    assert api.items("messages/listMessages", conversation_id=talk["id"]) == []


def test_messages_are_found_by_what_they_are(api: Caller) -> None:
    talk = conversation(api)
    came, sent = inbound(api, talk), message(api, talk["id"])
    of_talk = {"conversation_id": talk["id"], "channel_id": talk["active_channel_id"]}

    assert api.ids("messages/listMessages", **of_talk) == [sent["id"], came["id"]]
    assert api.ids("messages/listMessages", **of_talk, direction="inbound", type="text") == [came["id"]]
    assert api.ids("messages/listMessages", **of_talk, status="queued") == [sent["id"]]
    assert api.ids("messages/listMessages", contact_id=talk["contact_id"], type="image") == []


def test_an_unknown_message_is_a_404(api: Caller) -> None:
    for method in ("getMessage", "markAsRead", "deleteMessage"):
        assert api.is_missing(f"messages/{method}", message_id="msg_nothing")
    assert api.is_missing("messages/reactToMessage", message_id="msg_nothing", emoji=None)


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    talk = conversation(api)
    made = delivered(api, talk["id"])
    api.ok("messages/listMessages")
    api.ok("messages/markAsRead", message_id=inbound(api, talk)["id"])
    api.ok("messages/reactToMessage", message_id=made["id"], emoji="❤")
    api.ok("messages/deleteMessage", message_id=made["id"])
