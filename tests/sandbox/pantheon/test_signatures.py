"""The proof that an event comes from the platform, checked as a receiver would."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any

import pytest
from trilogue_sandbox.pantheon.deliveries import sign

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.receiver import Posted, Receiver
from tests.sandbox.pantheon.resources import conversation, webhook


def signed_by(posted: Posted, *secrets: str) -> list[bool]:
    """Return, for each secret, whether one of the signatures was made with it."""
    names = [part.split("=", 1) for part in posted.signature.split(",")]
    (time,) = [value for name, value in names if name == "t"]
    given = [value for name, value in names if name == "v1"]
    wanted = [hmac.new(key.encode(), f"{time}.".encode() + posted.body, hashlib.sha256).hexdigest() for key in secrets]
    return [any(hmac.compare_digest(right, value) for value in given) for right in wanted]


def post(api: Caller, receiver: Receiver) -> Posted:
    """Let an event be posted and return it."""
    conversation(api)
    api.sandbox.settle()
    return receiver.posted[-1]


def test_the_example_of_an_independent_computation() -> None:
    """The value was computed with `printf '1772445600.{}' | openssl dgst -sha256 -hmac whsec_test`."""
    signature = "7ed289eafd72a923a1e0d49522123bd9ab537ae5dfa3d4bf89de3b2ef4fe33e9"

    assert sign(b"{}", 1772445600, ["whsec_test"]) == f"t=1772445600,v1={signature}"


def test_an_event_is_signed_with_the_secret_of_its_webhook(api: Caller, receiver: Receiver) -> None:
    hook = webhook(api, receiver.url, "conversation.started")
    posted = post(api, receiver)

    assert signed_by(posted, hook["secret"], "whsec_another") == [True, False]
    assert posted.signature.count("v1=") == 1


def test_the_signature_carries_the_time_of_the_attempt(api: Caller, receiver: Receiver) -> None:
    hook = webhook(api, receiver.url, "conversation.started")
    receiver.statuses = [500]
    post(api, receiver)
    api.advance(seconds=30)
    api.sandbox.settle()
    (delivery,) = api.items("webhooks/listDeliveries", webhook_id=hook["id"])
    times = [int(posted.signature.split(",")[0].removeprefix("t=")) for posted in receiver.posted]

    assert times == [int(datetime.fromisoformat(item["at"]).timestamp()) for item in delivery["attempts"]]
    assert times[1] - times[0] == 30


def rotate(api: Caller, hook: Any, **more: object) -> str:
    secret: str = api.ok("webhooks/rotateSecret", webhook_id=hook["id"], **more)["secret"]
    return secret


@pytest.mark.parametrize(("more", "seconds"), [({}, 3600), ({"overlap": 10}, 10), ({"overlap": 14000}, 14000)])
def test_for_a_while_after_a_rotation_both_secrets_sign(
    api: Caller, receiver: Receiver, more: dict[str, int], seconds: int
) -> None:
    hook = webhook(api, receiver.url, "conversation.started")
    new = rotate(api, hook, **more)
    during = post(api, receiver)
    api.advance(seconds=seconds)
    after = post(api, receiver)

    assert new != hook["secret"]
    assert signed_by(during, new, hook["secret"]) == [True, True]
    assert signed_by(after, new, hook["secret"]) == [True, False]


def test_the_new_signature_stands_first(api: Caller, receiver: Receiver) -> None:
    hook = webhook(api, receiver.url, "conversation.started")
    new = rotate(api, hook)
    posted = post(api, receiver)
    time, first, second = posted.signature.split(",")

    assert [
        signed_by(Posted("", {"x-pantheon-signature": f"{time},{part}"}, posted.body), new) for part in (first, second)
    ] == [[True], [False]]


def test_without_an_overlap_the_old_secret_ends_at_once(api: Caller, receiver: Receiver) -> None:
    hook = webhook(api, receiver.url, "conversation.started")
    new = rotate(api, hook, overlap=0)

    assert signed_by(post(api, receiver), new, hook["secret"]) == [True, False]


def test_a_further_rotation_ends_the_oldest_secret(api: Caller, receiver: Receiver) -> None:
    hook = webhook(api, receiver.url, "conversation.started")
    second, third = rotate(api, hook), rotate(api, hook)

    assert signed_by(post(api, receiver), third, second, hook["secret"]) == [True, True, False]


def test_a_retry_is_signed_with_the_secrets_of_its_own_time(api: Caller, receiver: Receiver) -> None:
    hook = webhook(api, receiver.url, "conversation.started")
    receiver.statuses = [500]
    post(api, receiver)
    new = rotate(api, hook, overlap=0)
    api.advance(seconds=30)
    api.sandbox.settle()

    assert [signed_by(posted, hook["secret"], new) for posted in receiver.posted] == [[True, False], [False, True]]
