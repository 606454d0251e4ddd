"""Each test that takes `harness`, `botpress` or `pantheon` runs twice: with the sync client and with the async one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .botpress import BotpressHarness
from .pantheon import PantheonHarness
from .support import Async, Harness, Sync


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def harness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    for name in ("RAPIDPRO_TOKEN", "RAPIDPRO_HOST", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    harness = Harness(request.param())
    yield harness
    harness.end()


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def botpress(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[BotpressHarness]:
    for name in ("BP_TOKEN", "BP_BOT_ID", "BP_WORKSPACE_ID", "BP_INTEGRATION_ID", "BP_API_URL"):
        monkeypatch.delenv(name, raising=False)
    botpress = BotpressHarness(request.param())
    yield botpress
    botpress.end()


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def pantheon(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[PantheonHarness]:
    for name in ("PANTHEON_CLIENT_ID", "PANTHEON_CLIENT_SECRET", "PANTHEON_HOST"):
        monkeypatch.delenv(name, raising=False)
    pantheon = PantheonHarness(request.param())
    yield pantheon
    pantheon.end()
