"""Each test that takes `world`, `botpress` or `pantheon` runs twice: with the sync client and with the async one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .botpress import BotpressWorld
from .pantheon import PantheonWorld
from .support import Async, Sync, World


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("RAPIDPRO_TOKEN", "RAPIDPRO_HOST", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    world = World(request.param())
    yield world
    world.end()


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def botpress(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[BotpressWorld]:
    for name in ("BP_TOKEN", "BP_BOT_ID", "BP_WORKSPACE_ID", "BP_INTEGRATION_ID", "BP_API_URL"):
        monkeypatch.delenv(name, raising=False)
    botpress = BotpressWorld(request.param())
    yield botpress
    botpress.end()


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def pantheon(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[PantheonWorld]:
    for name in ("PANTHEON_CLIENT_ID", "PANTHEON_CLIENT_SECRET", "PANTHEON_HOST"):
        monkeypatch.delenv(name, raising=False)
    pantheon = PantheonWorld(request.param())
    yield pantheon
    pantheon.end()
