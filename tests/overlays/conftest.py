"""Each test that takes `world` runs twice: with the sync client and with the async one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .support import Async, Sync, World


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("RAPIDPRO_TOKEN", "RAPIDPRO_HOST", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    world = World(request.param())
    yield world
    world.end()
