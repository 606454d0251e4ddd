"""A sandbox with RapidPro in it, and a short way to call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller


@pytest.fixture(scope="session")
def default_sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests, and a snapshot of how it was in the beginning."""
    with Sandbox() as sandbox:
        sandbox.accounts("rapidpro")
        sandbox.snapshot("beginning")
        yield sandbox


@pytest.fixture
def sandbox(default_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A sandbox as in the beginning; it fails the test that makes it disagree with its description."""
    default_sandbox.restore("beginning")
    default_sandbox.clear_records()
    yield default_sandbox
    assert [str(drift) + drift.traceback for drift in default_sandbox.drift] == []


@pytest.fixture
def api(sandbox: Sandbox) -> Caller:
    """The main workspace, as its administrator."""
    return Caller.of(sandbox, "administrator")
