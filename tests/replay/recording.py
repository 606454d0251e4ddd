"""A sandbox that writes down what is done with it, and the pytest plug-in that puts it where `Sandbox` was."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections import Counter
from collections.abc import Generator, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trilogue_sandbox.sandbox
from trilogue_sandbox import ControlError, Fault, Sandbox
from trilogue_sandbox.kernel.clock import START

from tests.replay import sessions
from tests.replay.sessions import Advance, Control, Exchange, Mount, Received, Reset, Seed, Sent, Session, Settle, Step

_Sandbox = Sandbox
_RECEIVERS = re.compile(rb"127\.0\.0\.1|localhost|\[::1\]")
"""A webhook on this machine has a receiver that a replay lacks."""

_NOT_REPLAYED = ("database", "faults", "platforms")
"""Arguments of a sandbox that a session does not keep."""


class Recorder:
    """All sessions of this process."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.source = ""
        self._counts: Counter[str] = Counter()

    def begin(self, seed: int, start: datetime, flavour: str | None) -> Session:
        """Begin the session of a new sandbox."""
        return self._add(Session(self._next_id(), self.source, seed, start.isoformat(), flavour=flavour))

    def branch(self, parent: Session, at: int) -> Session:
        """Begin the session of a copy."""
        return self._add(
            Session(self._next_id(), self.source, parent.seed, parent.start, parent.id, at, parent.flavour)
        )

    def _next_id(self) -> str:
        self._counts[self.source] += 1
        return f"{self.source}#{self._counts[self.source]}"

    def _add(self, session: Session) -> Session:
        self.sessions.append(session)
        return session


RECORDER = Recorder()


class RecordingSandbox(_Sandbox):
    """A sandbox whose steps go to `RECORDER`, as long as a replay can repeat them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._recording = threading.RLock()
        self._depth = 0
        self._recorded_platforms: set[str] = set()
        self._marks: dict[str, tuple[Session, int]] = {}
        self._session: Session | None = None
        start = settings.get("start", START)
        is_plain = settings.get("known_faults", True) and not any(map(settings.get, _NOT_REPLAYED))
        if start is not None and is_plain:
            self._session = RECORDER.begin(self.seed, start, settings.get("flavour"))

    def respond(self, request: Any) -> Any:
        """Respond and record, then let the background jobs finish, which would otherwise race with what follows."""
        with self._outermost() as is_outermost:
            response = super().respond(request)
            if is_outermost:
                self._add_exchange(request, response)
        if is_outermost:
            self._finish_jobs()
        return response

    def control(self, name: str, action: str, arguments: Any = None) -> object:
        """Act and record."""
        return self._record_call(Control, name, action, dict(arguments or {}))

    def seed_data(self, name: str, data: Any) -> object:
        """Add data and record."""
        return self._record_call(Seed, name, data)

    def advance(self, by: timedelta) -> datetime:
        """Move the clock and record where it stands then."""
        with self._outermost() as is_outermost:
            now = super().advance(by)
            self._add(Advance(now.isoformat()), is_outermost)
        self._finish_jobs()
        return now

    def set_clock(self, timestamp: datetime) -> datetime:
        """Move the clock and record where it stands then."""
        with self._outermost() as is_outermost:
            now = super().set_clock(timestamp)
            self._add(Advance(now.isoformat()), is_outermost)
        self._finish_jobs()
        return now

    def reset(self, name: str | None = None) -> None:
        """Reset and record."""
        with self._outermost() as is_outermost:
            super().reset(name)
            self._add(Reset(name), is_outermost)

    def snapshot(self, name: str) -> None:
        """Remember where the snapshot was taken."""
        super().snapshot(name)
        if self._session is not None:
            self._marks[name] = (self._session, len(self._session.steps))

    def restore(self, name: str) -> None:
        """Go on in a session that branches from the snapshot."""
        super().restore(name)
        self._session = RECORDER.branch(*self._marks[name]) if name in self._marks else None

    def copy(self, faults: Iterable[Fault] = (), **others: Any) -> Any:
        """Copy, and record the copy in a session that branches from here, unless it has faults or is another server."""
        with self._recording:
            copy: Any = super().copy(faults := tuple(faults), **others)
            if copy._session is not None:
                RECORDER.sessions.remove(copy._session)
            session = self._session
            is_same = not faults and all(value is None for value in others.values())
            copy._session = RECORDER.branch(session, len(session.steps)) if session and is_same else None
            copy._recorded_platforms = set(self._recorded_platforms)
            return copy

    def url(self, name: str, *origin: str) -> str:
        """Record that the platform is mounted."""
        with self._outermost() as is_outermost:
            self._record_mount(name, is_outermost)
            return super().url(name, *origin)

    def accounts(self, name: str) -> Any:
        """Record that the platform is mounted."""
        with self._outermost() as is_outermost:
            self._record_mount(name, is_outermost)
            return super().accounts(name)

    @contextlib.contextmanager
    def _outermost(self) -> Generator[bool]:
        """Keep other threads out, and tell whether this call was made from outside."""
        with self._recording:
            self._depth += 1
            try:
                yield self._depth == 1
            finally:
                self._depth -= 1

    def _record_mount(self, name: str, is_outermost: bool) -> None:
        if name not in self._recorded_platforms:
            self._recorded_platforms.add(name)
            self._add(Mount(name), is_outermost)

    def _add(self, step: Step, is_outermost: bool = True) -> None:
        if self._session is None or not is_outermost:
            return
        if self.faults.rules:
            self._session = None
        else:
            self._session.steps.append(step)

    def _add_exchange(self, request: Any, response: Any) -> None:
        if _RECEIVERS.search(request.body):
            self._session = None
        entry = self.journal.entries[-1] if self.journal.entries else None
        known = entry is not None and entry.request is request
        self._add(
            Exchange(
                Sent(
                    request.method,
                    request.path,
                    request.base_url,
                    request.query,
                    request.headers.pairs,
                    request.body.decode("latin-1"),
                ),
                Received(response.status, response.headers.pairs, response.body.decode("latin-1")),
                entry.platform if entry and known else "",
                entry.operation_id if entry and known else "",
            )
        )

    def _record_call(self, call_type: Any, name: str, *call: Any) -> object:
        with self._outermost() as is_outermost:
            act = super().control if call_type is Control else super().seed_data
            try:
                result = act(name, *call)
            except ControlError as error:
                self._add(call_type(name, *_plain(call), error=str(error)), is_outermost)
                raise
            self._add(call_type(name, *_plain(call), result=msgspec.to_builtins(result)), is_outermost)
        if is_outermost:
            self._finish_jobs()
        return result

    def _finish_jobs(self) -> None:
        if self._session is not None and self._depth == 0 and self._background_jobs._running is not None:
            with self._recording:
                self._add(Settle())
            if not self.settle(5):
                self._session = None


def _plain(values: tuple[Any, ...]) -> list[Any]:
    return [msgspec.to_builtins(value) for value in values]


def install() -> None:
    """Record every sandbox that is made from now on."""
    trilogue_sandbox.sandbox.Sandbox = RecordingSandbox  # type: ignore[misc]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--record`."""
    parser.addoption("--record", metavar="DIR", help="where the recorded sessions go")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record, before any test module is imported."""
    install()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Name the source of the sessions to come."""
    RECORDER.source = item.nodeid


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write down the sessions of this process."""
    sessions.write(Path(session.config.getoption("--record")) / f"{os.getpid()}.jsonl.gz", RECORDER.sessions)
