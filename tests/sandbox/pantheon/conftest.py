"""A sandbox with Pantheon in it, a short way to call it, and a place for its events to go."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.receiver import Receiver, receiving

VOICE = re.compile(r"The [^.].*[^.]", re.DOTALL)
"""How a message about a field reads: it says what is at fault, in a sentence without a full stop."""


@pytest.fixture(scope="session")
def default_sandbox() -> Iterator[Sandbox]:
    """A sandbox to copy, since making one takes longer than copying it."""
    with Sandbox() as sandbox:
        Caller.of(sandbox, "scale")
        yield sandbox


@pytest.fixture
def sandbox(default_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A fresh sandbox; it fails the test that makes it disagree with its description, or speak in another voice."""
    with default_sandbox.copy() as sandbox:
        yield sandbox
        assert [str(drift) + drift.traceback for drift in sandbox.drift] == []
        assert [text for text in validation_messages(sandbox) if not VOICE.fullmatch(text)] == []


def validation_messages(sandbox: Sandbox) -> Iterator[str]:
    """Return what was said about fields in all responses of the platform that the journal still has."""
    for entry in sandbox.journal.entries:
        if entry.platform == "pantheon" and entry.status == 400 and entry.response.content_type == "application/json":
            with contextlib.suppress(ValueError):  # what a fault has damaged
                for error in json.loads(entry.response.body).get("errors", []):
                    yield from error.values()


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
