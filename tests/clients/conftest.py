"""The clients, sync and async, against a fresh sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from trilogue import AsyncRapidPro, RapidPro
from trilogue_sandbox.handle import PlatformSandbox

from tests.clients.blocking import Blocking, Recorder

CALLED: dict[str, set[str]] = {}
"""The methods called so far, by the name of the client."""


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
    host = rapidpro_sandbox.url.removesuffix("/api/v2")
    called = CALLED.setdefault(f"rapidpro {request.param}", set())
    if request.param == "sync":
        with RapidPro(token, host=host, transport=rapidpro_sandbox.transport()) as client:
            yield Recorder(client, called)
    else:
        client = AsyncRapidPro(token, host=host, transport=rapidpro_sandbox.async_transport())
        yield Recorder(Blocking(client, runner), called)
        runner.run(client.close())
