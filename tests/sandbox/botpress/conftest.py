"""A sandbox with Botpress in it, and a short way to call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.botpress.caller import Caller


@pytest.fixture(scope="session")
def default_sandbox() -> Iterator[Sandbox]:
    """A sandbox to copy, since copying is faster than creating the default data."""
    with Sandbox() as sandbox:
        sandbox.accounts("botpress")
        yield sandbox


@pytest.fixture
def sandbox(default_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A fresh sandbox; it fails the test that makes it disagree with its description."""
    with default_sandbox.copy() as sandbox:
        yield sandbox
        assert [str(drift) + drift.traceback for drift in sandbox.drift] == []


@pytest.fixture
def api(sandbox: Sandbox) -> Caller:
    """The owner of the workspace: a personal access token, and the headers of workspace and bot."""
    return Caller.of(sandbox, "pat")


@pytest.fixture
def bot(sandbox: Sandbox) -> Caller:
    """The bot."""
    return Caller.of(sandbox, "bak")


@pytest.fixture
def integration(sandbox: Sandbox) -> Caller:
    """The integration telegram, in the bot."""
    return Caller.of(sandbox, "iak")
