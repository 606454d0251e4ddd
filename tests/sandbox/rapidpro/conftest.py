"""A sandbox with RapidPro in it, and a short way to call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trilogue_sandbox.engine import Sandbox

from tests.sandbox.rapidpro.caller import Caller


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A fresh sandbox; it fails the test that makes it disagree with its description."""
    with Sandbox() as sandbox:
        yield sandbox
        assert [str(drift) + drift.traceback for drift in sandbox.drift] == []


@pytest.fixture
def api(sandbox: Sandbox) -> Caller:
    """The main workspace, as its administrator."""
    return Caller.of(sandbox, "administrator")
