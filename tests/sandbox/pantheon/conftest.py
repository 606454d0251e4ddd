"""A sandbox with Pantheon in it, a short way to call it, and a place for its events to go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.receiver import Receiver, receiving


@pytest.fixture(scope="session")
def default_sandbox() -> Iterator[Sandbox]:
    """A sandbox to copy, since making one takes longer than copying it."""
    with Sandbox() as sandbox:
        Caller.of(sandbox, "scale")
        yield sandbox


@pytest.fixture
def sandbox(default_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A fresh sandbox; it fails the test that makes it disagree with its description."""
    with default_sandbox.copy() as sandbox:
        yield sandbox
        assert [str(drift) + drift.traceback for drift in sandbox.drift] == []


@pytest.fixture
def api(sandbox: Sandbox) -> Caller:
    """An app whose account is on the plan scale, with a little of everything in it."""
    return Caller.of(sandbox, "scale")


@pytest.fixture
def empty(sandbox: Sandbox) -> Caller:
    """An app whose account is on the plan scale, with nothing in it."""
    return Caller.of(sandbox, "empty")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server on this machine that takes events."""
    with receiving() as receiver:
        yield receiver
