"""What the bot answers: by a function, a script, or as an echo."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from trilogue_sandbox import ControlError
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from .conftest import TEXT, heard, write

IMAGE = {"type": "image", "imageUrl": "https://example.org/a.png"}


def test_the_bot_is_an_echo_at_first(ana: httpx.Client) -> None:
    write(ana, IMAGE, metadata={"page": 1})

    answer = ana.get("/conversations/welcome/messages").json()["messages"][0]
    assert (answer["payload"], answer["metadata"]) == (IMAGE, {"page": 1})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Hello", [{"type": "text", "text": "Hello"}]),
        (IMAGE, [IMAGE]),
        ({"payload": IMAGE}, [IMAGE]),
        (["One", IMAGE], [{"type": "text", "text": "One"}, IMAGE]),
        (None, []),
    ],
)
def test_a_function_answers(sandbox: PlatformSandbox, ana: httpx.Client, answer: Any, expected: list[Any]) -> None:
    received: list[Any] = []

    def bot(message: Any) -> Any:
        received.append(message)
        return answer

    sandbox.on("message", bot)
    message = write(ana)

    assert received == [message]
    assert heard(ana) == expected
    sandbox.on("message", None)
    write(ana)
    assert heard(ana) == [*expected, TEXT]


def test_a_script_answers_turn_by_turn_in_each_conversation(sandbox: PlatformSandbox, ana: httpx.Client) -> None:
    sandbox.control("set_bot", answers=["One", None, ["Two", "Three"]])
    for _ in range(4):
        write(ana)

    assert [payload["text"] for payload in heard(ana)] == ["One", "Two", "Three"]
    sandbox.control("set_bot", answers=["Again"])
    write(ana)
    assert heard(ana)[-1]["text"] == "Again"


def test_the_bot_speaks_unasked(sandbox: PlatformSandbox, ana: httpx.Client) -> None:
    sandbox.control("bot_says", conversation_id="welcome", answer="Are you there?")

    assert heard(ana) == [{"type": "text", "text": "Are you there?"}]


def test_an_answer_comes_after_the_question_by_the_clock(ana: httpx.Client) -> None:
    for _ in range(3):
        write(ana)

    times = [message["createdAt"] for message in ana.get("/conversations/welcome/messages").json()["messages"]]
    assert times == sorted(set(times), reverse=True)


@pytest.mark.parametrize(
    ("action", "arguments", "message"),
    [
        ("set_bot", {"answers": "loud"}, '`answers` must be "echo" or a list'),
        ("bot_says", {"conversation_id": "nowhere", "answer": "Hello"}, "there is no conversation 'nowhere'"),
        ("bot_says", {"conversation_id": "welcome", "answer": {"type": "text"}}, "the bot's answer"),
    ],
)
def test_what_a_bot_cannot_do_is_said(
    sandbox: PlatformSandbox, action: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ControlError, match=message):
        sandbox.control(action, **arguments)


def test_only_what_the_platform_calls_can_be_handed_in(sandbox: PlatformSandbox) -> None:
    with pytest.raises(ControlError, match="botpress_chat has no callback 'typing'; there is: event, message"):
        sandbox.on("typing", print)


def test_a_function_answers_custom_events(sandbox: PlatformSandbox, ana: httpx.Client) -> None:
    sandbox.on("event", lambda event: {"seen": event["payload"]})

    with ana.stream("GET", "/conversations/welcome/listen") as response:
        ana.post("/events", json={"conversationId": "welcome", "payload": {"page": 1}})
        sandbox.control("end_streams")
        signals = response.read().decode()

    assert '"payload":{"seen":{"page":1}}' in signals
    assert signals.count('"type":"event_created"') == 2
