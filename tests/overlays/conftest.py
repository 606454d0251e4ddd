"""Each test that takes `harness`, `botpress` or `pantheon` runs twice: with the sync client and with the async one."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from .botpress import BotpressHarness
from .pantheon import PantheonHarness
from .support import Async, Harness, Sync

MODES = {"sync": Sync, "async": Async, "aiohttp": Async}


OVER_SOCKETS = (
    *("test_send_table", "test_http", "test_deadlines", "test_uploads", "test_lifetime", "test_downloads"),
    "test_file_downloads",
    *("test_privacy", "test_safety", "test_mistakes", "test_unreadable_responses"),
)
"""What depends on the HTTP library; the tests of these modules run over aiohttp too."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "harness" in metafunc.fixturenames:
        is_over_sockets = metafunc.module.__name__.rpartition(".")[2] in OVER_SOCKETS
        metafunc.parametrize("harness", MODES if is_over_sockets else ["sync", "async"], indirect=True)


@pytest.fixture
def harness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    if request.param != "aiohttp":
        monkeypatch.setitem(sys.modules, "trilogue._http.aiohttp_pools", None)
    for name in ("RAPIDPRO_TOKEN", "RAPIDPRO_HOST", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    harness = Harness(MODES[request.param]())
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
