"""Streams of signals: they connect again, miss nothing that can be found, and end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from trilogue import AsyncBotpressChat, BotpressChat, NotFound, PermissionDenied, Wait
from trilogue._clock import SystemClock
from trilogue_sandbox import Fault
from trilogue_sandbox.platform_sandbox import PlatformSandbox

WELCOME = {"conversation_id": "welcome"}
ENDS = [{}, {"break": True}]


@pytest.fixture
def sandbox(botpress_chat_sandbox: PlatformSandbox) -> PlatformSandbox:
    botpress_chat_sandbox.control("set_bot", answers=[])
    return botpress_chat_sandbox


@pytest.fixture
def served(sandbox: PlatformSandbox) -> Iterator[str]:
    with sandbox.serve() as url:
        yield url


def say(sandbox: PlatformSandbox, *texts: str) -> None:
    for text in texts:
        sandbox.control("bot_says", conversation_id="welcome", answer=text)


def text_of(signal: Any) -> str:
    assert signal.type == "message_created", signal
    return str(signal.data.payload.text)


def texts(stream: Any, count: int) -> list[str]:
    return [text_of(next(stream)) for _ in range(count)]


def write(client: Any, text: str) -> Any:
    return client.messages.create(payload={"type": "text", "text": text}, **WELCOME)


@pytest.mark.parametrize("end", ENDS, ids=["ended", "broken"])
def test_a_stream_connects_again_and_yields_what_it_missed_once_and_in_order(
    botpress_chat: Any, sandbox: PlatformSandbox, end: dict[str, bool]
) -> None:
    with botpress_chat.conversations.listen("welcome") as stream:
        say(sandbox, "1")
        assert texts(stream, 1) == ["1"]
        say(sandbox, "2")  # on its way when the stream ends
        assert sandbox.control("end_streams", **end) == 1
        say(sandbox, *(str(number) for number in range(3, 40)))

        assert texts(stream, 38) == [str(number) for number in range(2, 40)]
        say(sandbox, "live")
        assert texts(stream, 1) == ["live"]


@pytest.mark.parametrize("end", ENDS, ids=["ended", "broken"])
def test_nothing_is_missed_over_a_socket(sandbox: PlatformSandbox, served: str, end: dict[str, bool]) -> None:
    with BotpressChat(**sandbox.credentials, host=served) as client, client.conversations.listen("welcome") as stream:
        for number in range(5):
            say(sandbox, f"before {number}")
            sandbox.control("end_streams", **end)
            say(sandbox, f"after {number}")

            assert texts(stream, 2) == [f"before {number}", f"after {number}"]


def test_only_what_happens_from_now_on_is_yielded(botpress_chat: Any, sandbox: PlatformSandbox) -> None:
    sandbox.seed(messages=30)

    with botpress_chat.conversations.listen("welcome") as stream:
        sandbox.control("end_streams")
        say(sandbox, "first")

        assert texts(stream, 1) == ["first"]


def test_a_message_of_the_bot_is_known_as_such_when_it_was_missed(botpress_chat: Any, sandbox: PlatformSandbox) -> None:
    with botpress_chat.conversations.listen("welcome") as stream:
        sandbox.control("end_streams")
        say(sandbox, "by the bot")
        write(botpress_chat, "by the user")

        assert [next(stream).data.is_bot for _ in range(2)] == [True, False]


def test_deletions_and_participants_are_not_missed(botpress_chat: Any, sandbox: PlatformSandbox) -> None:
    users, participants = botpress_chat.users, botpress_chat.conversations.participants
    users.create(id="zoe")
    first = write(botpress_chat, "to be deleted")
    with botpress_chat.conversations.listen("welcome") as stream:
        sandbox.control("end_streams")
        botpress_chat.messages.delete(first.id)
        participants.add("welcome", user_id="zoe")
        participants.remove("welcome", "ben")
        say(sandbox, "after")

        found = [next(stream) for _ in range(4)]
        assert [signal.type for signal in found] == [
            "participant_added",
            "message_created",
            "message_deleted",
            "participant_removed",
        ]
        assert (found[0].data.participant_id, found[2].data.id, found[3].data.participant_id) == (
            "zoe",
            first.id,
            "ben",
        )
        participants.remove("welcome", "zoe")
        assert next(stream).data.participant_id == "zoe"


def test_a_stream_that_cannot_connect_raises_and_goes_on_when_asked_again(
    botpress_chat: Any, sandbox: PlatformSandbox
) -> None:
    stream = botpress_chat.conversations.listen("welcome")
    with stream:
        sandbox.sandbox.faults.add(Fault("status", status=503, operation_id="listenConversation"))
        sandbox.control("end_streams")
        say(sandbox, "missed")

        with pytest.raises(Exception, match="An injected fault"):
            next(stream)
        sandbox.sandbox.faults.clear()
        assert texts(stream, 1) == ["missed"]


def test_a_list_that_fails_after_the_connection_is_tried_again(botpress_chat: Any, sandbox: PlatformSandbox) -> None:
    with botpress_chat.conversations.listen("welcome") as stream:
        sandbox.sandbox.faults.add(Fault("status", status=503, operation_id="listMessages", times=3))
        sandbox.control("end_streams")
        say(sandbox, "missed")

        with pytest.raises(Exception, match="An injected fault"):
            next(stream)
        assert texts(stream, 1) == ["missed"]


@pytest.mark.parametrize("fault", ["reset", "truncate", "commit_then_drop"])
def test_a_connection_that_fails_at_once_is_tried_again(
    botpress_chat: Any, sandbox: PlatformSandbox, fault: Any
) -> None:
    sandbox.sandbox.faults.add(Fault(fault, operation_id="listenConversation", times=1))

    with botpress_chat.conversations.listen("welcome") as stream:
        say(sandbox, "hello")
        assert texts(stream, 1) == ["hello"]


def test_who_is_removed_hears_no_more(botpress_chat: Any, sandbox: PlatformSandbox) -> None:
    ben = botpress_chat.for_user(sandbox.accounts[1].credentials["user_key"])
    with ben.conversations.listen("welcome") as stream:
        botpress_chat.conversations.participants.remove("welcome", "ben")

        with pytest.raises(PermissionDenied, match="not a participant"):
            next(stream)


def test_a_conversation_that_is_deleted_ends_its_streams(botpress_chat: Any) -> None:
    with botpress_chat.conversations.listen("welcome") as stream:
        botpress_chat.conversations.delete("welcome")

        with pytest.raises((PermissionDenied, NotFound)):
            next(stream)


def test_a_stranger_cannot_listen(botpress_chat: Any) -> None:
    with pytest.raises(PermissionDenied), botpress_chat.connect().conversations.listen("welcome"):
        pass


def test_a_closed_stream_is_at_its_end(botpress_chat: Any, sandbox: PlatformSandbox) -> None:
    with botpress_chat.conversations.listen("welcome") as stream:
        pass
    say(sandbox, "too late")

    assert list(stream) == []
    assert sandbox.control("end_streams") == 0


def test_closing_from_another_thread_ends_a_loop_that_waits(sandbox: PlatformSandbox, served: str) -> None:
    with BotpressChat(**sandbox.credentials, host=served) as client:
        stream = client.conversations.listen("welcome")
        heard: list[Any] = []
        listener = threading.Thread(target=lambda: heard.extend(stream))
        listener.start()
        say(sandbox, "hello")
        while not heard:
            pass
        stream.close()
        listener.join(10)

    assert [text_of(signal) for signal in heard] == ["hello"]
    assert not listener.is_alive()


def test_closing_the_client_ends_its_streams(sandbox: PlatformSandbox, served: str) -> None:
    with BotpressChat(**sandbox.credentials, host=served) as client:
        stream = client.conversations.listen("welcome")
        ended = threading.Event()
        listener = threading.Thread(target=lambda: (list(stream), ended.set()))
        listener.start()
    listener.join(10)

    assert ended.is_set()


def test_what_a_cancelled_task_was_about_to_receive_is_not_lost(sandbox: PlatformSandbox, served: str) -> None:
    async def listen() -> list[str]:
        async with AsyncBotpressChat(**sandbox.credentials, host=served) as client:
            stream = await client.conversations.listen("welcome")
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(anext(stream), 0.05)
            say(sandbox, "1", "2")
            heard = [text_of(await anext(stream)) for _ in range(2)]
            await stream.close()
            return heard

    assert asyncio.run(listen()) == ["1", "2"]


def test_closing_an_async_stream_ends_a_task_that_waits(sandbox: PlatformSandbox, served: str) -> None:
    async def listen() -> list[Any]:
        async with AsyncBotpressChat(**sandbox.credentials, host=served) as client:
            stream = await client.conversations.listen("welcome")

            async def collect() -> list[Any]:
                return [signal async for signal in stream]

            task = asyncio.create_task(collect())
            await asyncio.sleep(0.05)
            await stream.close()
            return await asyncio.wait_for(task, 10)

    assert asyncio.run(listen()) == []


def test_an_async_stream_connects_with_its_first_item(sandbox: PlatformSandbox) -> None:
    async def listen() -> list[str]:
        transport = sandbox.async_transport()
        async with AsyncBotpressChat(**sandbox.credentials, host=sandbox.url, transport=transport) as client:
            heard: list[str] = []

            async def talk() -> None:
                while sandbox.journal[-1:] == () or sandbox.journal[-1].operation_id != "listenConversation":
                    await asyncio.sleep(0)
                say(sandbox, "hello")

            task = asyncio.create_task(talk())
            async for signal in client.conversations.listen("welcome"):
                heard.append(text_of(signal))
                break
            await task
            return heard

    assert asyncio.run(listen()) == ["hello"]


def test_a_sign_of_life_is_no_item(botpress_chat: Any, sandbox: PlatformSandbox) -> None:
    with botpress_chat.conversations.listen("welcome") as stream:
        sandbox.sandbox._streams.publish("botpress_chat/welcome", b"event: message\ndata: ping\n\n")
        say(sandbox, "hello")

        assert texts(stream, 1) == ["hello"]


def test_a_signal_of_an_unknown_type_is_a_dict(botpress_chat: Any, sandbox: PlatformSandbox) -> None:
    with botpress_chat.conversations.listen("welcome") as stream:
        sandbox.sandbox._streams.publish("botpress_chat/welcome", b'data: {"type": "typing", "data": {}}\n\n')

        assert next(stream) == {"type": "typing", "data": {}}


class ClosingClock(SystemClock):
    """A clock whose first sleep closes a stream, as another thread or task may at that time."""

    def __init__(self) -> None:
        self.stream: Any = None
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.stream.close()

    async def sleep_async(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.stream.close()


def silent(request: httpx.Request) -> httpx.Response:
    """A server whose streams end at once, without an event."""
    if request.url.path.endswith("/listen"):
        return httpx.Response(200, content=b"", headers={"content-type": "text/event-stream"})
    return httpx.Response(200, json={"messages": [], "participants": [], "meta": {}})


SILENT: dict[str, Any] = {"webhook_id": "8f2c6d1e-0b3a", "user_key": "key", "host": "http://127.0.0.1:1"}


def test_closing_a_stream_ends_its_pause_before_it_connects_again() -> None:
    clock, waits = ClosingClock(), list[Wait]()
    client = BotpressChat(**SILENT, transport=httpx.MockTransport(silent), clock=clock, on_wait=waits.append)
    clock.stream = client.conversations.listen("welcome")

    assert list(clock.stream) == []
    assert (len(clock.slept), len(waits)) == (1, 0)
    assert clock.slept[0] < 0.2


def test_closing_an_async_stream_ends_its_pause_before_it_connects_again() -> None:
    async def listen() -> list[Any]:
        client = AsyncBotpressChat(**SILENT, transport=httpx.MockTransport(silent), clock=clock)
        clock.stream = await client.conversations.listen("welcome")
        return [signal async for signal in clock.stream]

    clock = ClosingClock()
    assert asyncio.run(listen()) == []
    assert len(clock.slept) == 1
    assert clock.slept[0] < 0.2
