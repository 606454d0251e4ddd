"""A sandbox whose clock runs: things happen when they are due, without anybody calling."""

from __future__ import annotations

import threading

from trilogue_sandbox import Sandbox

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.receiver import Receiver
from tests.sandbox.pantheon.resources import message, webhook


def test_events_are_posted_as_they_happen(receiver: Receiver) -> None:
    arrived = threading.Event()
    receiver.on_post = lambda posted: arrived.set()
    with Sandbox(start=None) as sandbox:
        api = Caller.of(sandbox, "empty")
        made = sandbox.seed_data("pantheon", {"client_id": "PANTHEONEMPTY", "conversations": 1})
        assert isinstance(made, dict)
        hook = webhook(api, receiver.url, "message.status_changed")
        sent = message(api, made["conversations"][0])
        assert arrived.wait(5)
        sandbox.settle()
        (delivery,) = api.items("webhooks/listDeliveries", webhook_id=hook["id"])

        assert receiver.posted[0].event["data"]["message"]["id"] == sent["id"]
        assert receiver.posted[0].event["data"]["message"]["status"] == "sent"
        assert delivery["status"] == "succeeded"
        assert not sandbox.drift
