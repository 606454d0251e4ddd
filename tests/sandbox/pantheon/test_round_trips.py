"""Whatever a message or an event holds comes back whole from every method that shows it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.receiver import Receiver
from tests.sandbox.pantheon.resources import conversation, delivered, file, inbound, login, otp, payment, webhook
from tests.sandbox.pantheon.test_events import TYPES, go_through_everything

PLACE = {"type": "location", "latitude": 48.8584, "longitude": 2.2945, "name": "Tower", "address": "Paris"}
BUTTONS = [{"id": "yes", "title": "Yes"}, {"id": "web", "title": "Look", "url": "https://shop.example/"}]
TEMPLATE = {"type": "template", "name": "order_shipped", "language": "en", "variables": {"name": "Amina"}}
SENT = {"text", "image", "audio", "video", "document", "location", "buttons", "template"}


def contents(api: Caller) -> Iterator[dict[str, Any]]:
    """Return one content of each type that can be sent, with all of its fields."""
    yield {"type": "text", "text": "Hello"}
    for medium in ("image", "audio", "video", "document"):
        stored = file(api, content_type=f"{medium}/x", name=f"a.{medium}")
        caption = {} if medium == "audio" else {"caption": "Look"}
        yield {
            "type": medium,
            "file_id": stored["id"],
            **caption,
            **({"filename": "b.x"} if medium == "document" else {}),
        }
    yield PLACE
    yield {"type": "buttons", "text": "Well?", "buttons": BUTTONS}
    yield TEMPLATE


def send_everything(api: Caller, talk: Any) -> None:
    """Send every type of content, each as a reply to what came before, and ask for a payment, a login and a code."""
    asked = inbound(api, talk)
    for content in contents(api):
        api.ok("messages/sendMessage", conversation_id=talk["id"], content=content, reply_to_id=asked["id"])
    payment(api, talk["id"]), login(api, talk["id"], text="Sign in"), otp(api, talk["id"])
    api.advance(seconds=3)


def receive_everything(api: Caller, talk: Any) -> None:
    """Let every type of content come in, each as a reply."""
    asked = delivered(api, talk["id"])
    given = {"channel_id": talk["active_channel_id"], "contact_id": talk["contact_id"], "reply_to_id": asked["id"]}
    data = base64.b64encode(b"bytes").decode()
    for medium in ("image", "audio", "video", "document"):
        sent = {"name": f"a.{medium}", "content_type": f"{medium}/x", "data": data}
        api.control(
            "receive",
            **given,
            content={"type": medium, "file": sent, **({} if medium == "audio" else {"caption": "Look"})},
        )
    api.control("receive", **given, content=PLACE)


def shown(item: Any) -> dict[str, Any]:
    """Return the content of a message without what is signed again each time."""
    return {name: value for name, value in item["content"].items() if name != "url"}


def test_a_message_shows_the_same_content_everywhere(api: Caller) -> None:
    talk = conversation(api)
    send_everything(api, talk)
    receive_everything(api, talk)
    pressed = next(item for item in api.items("messages/listMessages") if item["type"] == "buttons")
    api.control("press_button", message_id=pressed["id"], button_id="yes")
    listed = api.items("messages/listMessages", conversation_id=talk["id"])

    assert {item["type"] for item in listed} >= {
        *["text", "image", "audio", "video", "document", "location", "buttons", "template"]
    }
    for item in (item for item in listed if item["status"] != "failed"):
        read = api.ok("messages/markAsRead", message_id=item["id"]) if item["direction"] == "inbound" else item
        reacted = api.ok("messages/reactToMessage", message_id=item["id"], emoji="👍")
        got = api.ok("messages/getMessage", message_id=item["id"])
        assert shown(item) == shown(read) == shown(reacted) == shown(got)
        assert item["reply_to_id"] == reacted["reply_to_id"] == got["reply_to_id"]
        assert [one["emoji"] for one in got["reactions"]] == ["👍"]


def test_a_delivery_shows_its_event_whole_and_so_does_its_repetition(api: Caller, receiver: Receiver) -> None:
    hook = webhook(api, receiver.url, *TYPES)
    go_through_everything(api)
    talk = conversation(api)
    send_everything(api, talk)
    receive_everything(api, talk)
    for item in api.items("messages/listMessages", conversation_id=talk["id"]):
        if item["direction"] == "outbound" and item["status"] != "failed":
            api.control("react", message_id=item["id"], emoji="👍")
    assert api.sandbox.settle()
    posted = {one.event["id"]: one.event for one in receiver.posted}
    listed = api.items("webhooks/listDeliveries", webhook_id=hook["id"])

    assert {item["event_type"] for item in listed} == set(TYPES)
    for item in listed:
        again = api.ok("webhooks/redeliver", delivery_id=item["id"])
        assert item["event"] == again["event"] == posted[item["event_id"]]
    assert api.sandbox.settle()
