"""The clients, sync and async, against a fresh sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from trilogue import (
    AsyncBotpress,
    AsyncBotpressChat,
    AsyncPantheon,
    AsyncRapidPro,
    Botpress,
    BotpressChat,
    Pantheon,
    RapidPro,
)
from trilogue_sandbox import Sandbox
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from tests.clients.blocking import Blocking, Recorder

CALLED: dict[str, set[str]] = {}
"""The methods called so far, by the name of the client."""


LOOKS_BACK = "test_every_method_was_called"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the tests that look back on the others after them, in any order of these, and only if none is deselected."""
    functions = [item for item in items if isinstance(item, pytest.Function)]
    selected = {(item.module, item.originalname) for item in functions}
    looking_back = [item for item in functions if item.originalname == LOOKS_BACK]
    complete = [item for item in looking_back if all((item.module, name) in selected for name in tests_of(item.module))]
    config.hook.pytest_deselected(items=[item for item in looking_back if item not in complete])
    items[:] = [*(item for item in items if item not in looking_back), *complete]


def tests_of(module: Any) -> list[str]:
    return [name for name in vars(module) if name.startswith("test_")]


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(params=["sync", "async"])
def rapidpro(
    request: pytest.FixtureRequest, rapidpro_sandbox: PlatformSandbox, runner: asyncio.Runner
) -> Iterator[Any]:
    """A RapidPro client of an administrator; the test is run with the sync and with the async one."""
    token = rapidpro_sandbox.credentials["token"]
    host = rapidpro_sandbox.url
    called = CALLED.setdefault(f"rapidpro {request.param}", set())
    if request.param == "sync":
        with RapidPro(token, host=host, transport=rapidpro_sandbox.transport()) as client:
            yield Recorder(client, called)
    else:
        client = AsyncRapidPro(token, host=host, transport=rapidpro_sandbox.async_transport())
        yield Recorder(Blocking(client, runner), called)
        runner.run(client.close())


class SandboxClock:
    """A client's clock that is the sandbox's: whoever waits moves it on."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> float:
        return self._sandbox.now().timestamp()

    def monotonic(self) -> float:
        return self.now()

    def sleep(self, seconds: float) -> None:
        self._sandbox.advance(timedelta(seconds=seconds))

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def random(self) -> float:
        return 0.5


@pytest.fixture(params=["sync", "async"])
def botpress_as(
    request: pytest.FixtureRequest, botpress_sandbox: PlatformSandbox, runner: asyncio.Runner
) -> Iterator[Callable[..., Any]]:
    """Make Botpress clients for the sandbox's accounts (`pat`, `bak`, `iak`, `stranger`), all sync or all async.

    Further settings take the place of those of the account.
    """
    accounts = {account.name: account.credentials for account in botpress_sandbox.accounts}
    called = CALLED.setdefault(f"botpress {request.param}", set())
    shared = {"host": botpress_sandbox.url, "clock": SandboxClock(botpress_sandbox.sandbox)}
    made: list[Any] = []

    def make(account: str, **changes: Any) -> Any:
        settings: dict[str, Any] = {**accounts[account], **shared, **changes}
        if request.param == "sync":
            client: Any = Botpress(transport=botpress_sandbox.transport(), **settings)
        else:
            client = Blocking(AsyncBotpress(transport=botpress_sandbox.async_transport(), **settings), runner)
        made.append(client)
        return Recorder(client, called)

    yield make
    for client in made:
        client.close()


@pytest.fixture
def botpress(botpress_as: Callable[..., Any]) -> Any:
    """A Botpress client of a workspace's owner, for a bot of theirs; run with the sync and with the async one."""
    return botpress_as("pat")


@pytest.fixture(params=["sync", "async"])
def botpress_chat(
    request: pytest.FixtureRequest, botpress_chat_sandbox: PlatformSandbox, runner: asyncio.Runner
) -> Iterator[Any]:
    """A client of the Chat API for a user; the test is run with the sync and with the async one."""
    settings: dict[str, Any] = {
        **botpress_chat_sandbox.credentials,
        "host": botpress_chat_sandbox.url,
        "clock": SandboxClock(botpress_chat_sandbox.sandbox),
    }
    called = CALLED.setdefault(f"botpress_chat {request.param}", set())
    if request.param == "sync":
        with BotpressChat(transport=botpress_chat_sandbox.transport(), **settings) as client:
            yield Recorder(client, called)
    else:
        other = AsyncBotpressChat(transport=botpress_chat_sandbox.async_transport(), **settings)
        yield Recorder(Blocking(other, runner), called)
        runner.run(other.close())


@pytest.fixture(params=["sync", "async"])
def pantheon(
    request: pytest.FixtureRequest, pantheon_sandbox: PlatformSandbox, runner: asyncio.Runner
) -> Iterator[Any]:
    """A Pantheon client of an app; the test is run with the sync and with the async one."""
    settings: dict[str, Any] = {
        **pantheon_sandbox.credentials,
        "host": pantheon_sandbox.url,
        "clock": SandboxClock(pantheon_sandbox.sandbox),
    }
    called = CALLED.setdefault(f"pantheon {request.param}", set())
    if request.param == "sync":
        with Pantheon(transport=pantheon_sandbox.transport(), **settings) as client:
            yield Recorder(client, called)
    else:
        other = AsyncPantheon(transport=pantheon_sandbox.async_transport(), **settings)
        yield Recorder(Blocking(other, runner), called)
        runner.run(other.close())
