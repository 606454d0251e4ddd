"""Calls to the server as a user makes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from trilogue_sandbox.platform_sandbox import PlatformSandbox

TEXT = {"type": "text", "text": "Good morning"}


@pytest.fixture
def sandbox(botpress_chat_sandbox: PlatformSandbox) -> PlatformSandbox:
    return botpress_chat_sandbox


@pytest.fixture
def ana(sandbox: PlatformSandbox) -> Iterator[httpx.Client]:
    """The owner of the conversation `welcome`."""
    yield from user(sandbox, 0)


@pytest.fixture
def ben(sandbox: PlatformSandbox) -> Iterator[httpx.Client]:
    """A participant of the conversation `welcome`."""
    yield from user(sandbox, 1)


def user(sandbox: PlatformSandbox, number: int) -> Iterator[httpx.Client]:
    headers = {"x-user-key": sandbox.accounts[number].credentials["user_key"]}
    with httpx.Client(base_url=sandbox.url, headers=headers, transport=sandbox.transport()) as client:
        yield client


def write(client: httpx.Client, payload: Any = TEXT, **more: Any) -> Any:
    response = client.post("/messages", json={"conversationId": "welcome", "payload": payload, **more})
    assert response.status_code == 201, response.text
    return response.json()["message"]


def heard(client: httpx.Client) -> list[Any]:
    """The payloads of the bot's messages after its welcome, oldest first."""
    messages = client.get("/conversations/welcome/messages").json()["messages"]
    return [message["payload"] for message in reversed(messages) if message["userId"] not in ("ana", "ben")][1:]
