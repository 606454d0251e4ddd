"""The pytest plug-in that watches every sandbox of a run: what it did, and which requests are worth exploring."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from trilogue_sandbox import sandbox as facade
from trilogue_sandbox.kernel.installed_platforms import installed

from tests.behaviour.descriptions import Fact
from tests.behaviour.observing import Observer
from tests.behaviour.samples import SESSION_STEPS, choose
from tests.replay import recording, sessions
from tests.replay.recording import RecordingSandbox
from tests.replay.sessions import Session, with_ancestors

PLATFORMS = tuple(installed())
OBSERVERS = {platform: Observer(platform) for platform in PLATFORMS}

COUNTED = (*(f"tests/sandbox/{name}/" for name in PLATFORMS), "tests/clients/test_botpress_chat.py")
"""The tests that are counted: those of the platforms in the sandbox, which do the same each time. Random requests, and
those of a browser, do not. Most operations of the Chat API are called in the tests of its client alone."""

_MADE_ON_DEMAND = "refuse_next"
"""The control action after which errors are made on demand, like those of faults."""


class WatchedSandbox(RecordingSandbox):
    """A sandbox whose journal is counted. Responses that a fault made are no behaviour and do not count."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        has_no_planted_bug = type(self) is WatchedSandbox and self.names == PLATFORMS
        self._is_counted = has_no_planted_bug and _is_of_counted_test()

    def respond(self, request: Any) -> Any:
        """Respond, and look at the entry in the journal."""
        response = super().respond(request)
        entry = next(reversed(self.journal.entries), None)
        if self._is_counted and entry is not None and entry.request is request and entry.fault is None:
            observe(OBSERVERS[entry.platform], entry.operation_id, response)
        return response

    def control(self, name: str, action: str, arguments: Any = None) -> object:
        """Act; once errors are made on demand, nothing more is counted."""
        self._is_counted &= action != _MADE_ON_DEMAND
        return super().control(name, action, arguments)

    def _add(self, step: sessions.Step, is_outermost: bool = True) -> None:
        super()._add(step, is_outermost)
        is_long = self._session is not None and len(self._session.steps) >= SESSION_STEPS
        if is_long or not (_is_of_counted_test() or isinstance(step, sessions.Mount)):
            self._session = None  # what nothing was done in yet may still be copied by a counted test


def _is_of_counted_test() -> bool:
    return recording.RECORDER.source.startswith(COUNTED)


def observe(observer: Observer, operation_id: str, response: Any) -> None:
    """Count a response of a sandbox."""
    observer.observe(operation_id, response.status, response.headers.get("content-type", ""), response.body)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--behaviour`."""
    parser.addoption("--behaviour", metavar="DIR", help="where what was seen of the sandbox's behaviour goes")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Watch every sandbox, before any test module or conftest is imported."""
    facade.Sandbox = WatchedSandbox  # type: ignore[misc]


def pytest_configure(config: pytest.Config) -> None:
    """Forget what an earlier run has seen."""
    if not hasattr(config, "workerinput"):
        for path in Path(config.getoption("--behaviour")).glob("*-*.json*"):
            path.unlink()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Name the source of the sessions to come."""
    recording.RECORDER.source = item.nodeid


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write down what this process has seen."""
    folder = Path(session.config.getoption("--behaviour"))
    folder.mkdir(parents=True, exist_ok=True)
    for platform, observer in OBSERVERS.items():
        name = f"{platform}-{os.getpid()}"
        facts = [(fact.operation, fact.type, fact.name) for fact in sorted(observer.seen)]
        (folder / f"{name}.json").write_text(json.dumps(facts), encoding="utf-8")
        sessions.write(folder / f"{name}.jsonl.gz", choose(_counted(), platform, observer.document))


def _counted() -> list[Session]:
    """Return the sessions of the tests that are counted, and those from which they branch."""
    return with_ancestors(recording.RECORDER.sessions, lambda session: session.source.startswith(COUNTED))


def load(folder: Path, platform: str) -> tuple[Observer, list[Session]]:
    """Return what all processes of a run have seen, and the sessions to explore."""
    observer = Observer(platform)
    for path in sorted(folder.glob(f"{platform}-*.json")):
        for operation, type_, name in json.loads(path.read_text(encoding="utf-8")):
            observer.add(Fact(operation, type_, name))
    recorded = [session for path in sorted(folder.glob(f"{platform}-*.jsonl.gz")) for session in sessions.read(path)]
    return observer, choose(recorded, platform, observer.document)
