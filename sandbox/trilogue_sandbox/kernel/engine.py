"""The sandbox: one function from a request to a response, and what stands behind it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from trilogue_sandbox import pages
from trilogue_sandbox.control_plane import ControlPlane
from trilogue_sandbox.kernel.background_jobs import BackgroundJobs
from trilogue_sandbox.kernel.clock import START, Clock
from trilogue_sandbox.kernel.conformance import Drift, judge, judge_refusal
from trilogue_sandbox.kernel.exchange import Call, MountedPlatform
from trilogue_sandbox.kernel.fault_injection import damage, refusal, replacement
from trilogue_sandbox.kernel.faults import Fault, Faults
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.ids import Ids, StoredRandom
from trilogue_sandbox.kernel.installed_platforms import Source, installed
from trilogue_sandbox.kernel.journal import Journal
from trilogue_sandbox.kernel.platform import Account, ControlError, Platform
from trilogue_sandbox.kernel.state import State
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.timers import Timer, TimerQueue, Timers
from trilogue_sandbox.kernel.validation import Violation
from trilogue_sandbox.kernel.world import World

if TYPE_CHECKING:
    from trilogue_sandbox.transports import AsyncSandboxTransport, SandboxTransport

ORIGIN = "http://127.0.0.1"
"""Where the platforms seem to be when no socket is involved."""


class Sandbox:
    """Three platforms in one process, with state.

    The same `seed` and the same requests give the same answers, byte for byte, as long as the clock stands still: it
    begins at `start` and moves by a millisecond with each request. With `start=None` it follows the real time.
    `database` names a file that keeps everything between runs; without it, the state lives in memory. `faults` are in
    force from the beginning. Can be used from several threads; close it, or use it as a context manager.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        database: str | Path | None = None,
        start: datetime | None = START,
        faults: Iterable[Fault] = (),
        platforms: Mapping[str, Source] | None = None,
    ) -> None:
        self.seed = seed
        self.faults = Faults(seed, faults)
        self.journal = Journal()
        self._sources = dict(installed() if platforms is None else platforms)
        self._store = Store(database)
        self._state = State(self._store)
        self._timers = TimerQueue(self._store)
        self._clock = Clock(self._state, start)
        self._residents: dict[str, MountedPlatform] = {}
        self._snapshots: dict[str, Store] = {}
        self._drift: deque[Drift] = deque(maxlen=1000)
        self._control = ControlPlane(self)
        self._lock = threading.RLock()
        self._background_jobs = BackgroundJobs(self._turn, self._record_failed_job, real_time=self._clock.is_running)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the background jobs, close the database and forget the snapshots."""
        self._background_jobs.close()
        with self._lock:
            for snapshot in self._snapshots.values():
                snapshot.close()
            self._snapshots.clear()
            self._store.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the platforms."""
        return tuple(self._sources)

    @property
    def drift(self) -> tuple[Drift, ...]:
        """Where the sandbox was found to disagree with its descriptions; empty unless something is wrong with it."""
        with self._lock:
            return tuple(self._drift)

    def url(self, name: str, origin: str = ORIGIN) -> str:
        """Return the base URL of a platform."""
        with self._lock:
            return origin + self._resident(name).platform.prefix

    def accounts(self, name: str) -> Sequence[Account]:
        """Return the ways to sign in to a platform that are there from the start."""
        with self._lock:
            return self._resident(name).platform.accounts()

    def respond(self, request: Request) -> Response:
        """Answer a request: to a platform, to the control plane, or for a page."""
        with self._lock:
            first = request.path.split("/", 2)[1] if "/" in request.path else ""
            if first == ControlPlane.SEGMENT:
                return self._control.respond(request)
            if first in self._sources and request.path.rstrip("/") != f"/{first}":
                return self._exchange(self._resident(first), request)
            shown = [self._shown(name, request.base_url) for name in self.names]
            return pages.respond(request, shown)

    def control(self, name: str, action: str, arguments: JsonObject | None = None) -> object:
        """Do what a person, a channel or the passing of time would do on a platform; return what came of it.

        Raises:
            ControlError: the platform, the action or an argument is wrong.
        """
        with self._lock:
            platform = self._resident(name).platform
            self._pass_time()
            with self._store.transaction():
                return platform.control(action, arguments or {})

    def seed_data(self, name: str, data: JsonObject) -> object:
        """Add data to a platform; return what was made.

        Raises:
            ControlError: the platform or the data is wrong.
        """
        with self._lock:
            platform = self._resident(name).platform
            self._pass_time()
            with self._store.transaction():
                return platform.seed(data)

    def now(self) -> datetime:
        """Return the time in the sandbox."""
        with self._lock:
            return self._clock.now()

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward, let everything happen that falls due, and return the new time.

        Raises:
            ValueError: `by` is negative.
        """
        with self._lock:
            self._clock.advance(by)
            self._run_due_timers()
            return self._clock.now()

    def set_clock(self, moment: datetime) -> datetime:
        """Move the clock forward to a moment and let everything happen that falls due until then.

        Raises:
            ValueError: the moment has no time zone, or it has passed.
        """
        with self._lock:
            self._clock.set(moment)
            self._run_due_timers()
            return self._clock.now()

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until no background job is left, such as an event to post to a webhook; False after `seconds`.

        What is to happen later, like a further attempt, is not waited for. Do not call this from a receiver.
        """
        return self._background_jobs.settle(seconds)

    def snapshot(self, name: str) -> None:
        """Remember under a name everything the platforms know: rows, clock, ids and timers. The journal is not part."""
        with self._lock:
            replaced, self._snapshots[name] = self._snapshots.get(name), self._store.copy()
            if replaced:
                replaced.close()

    def restore(self, name: str) -> None:
        """Go back to a snapshot.

        Raises:
            ControlError: there is none of that name.
        """
        with self._lock:
            if name not in self._snapshots:
                raise ControlError(f"there is no snapshot {name!r}; there is: {_listed(self._snapshots)}", "name")
            self._store.replace(self._snapshots[name])
            self._background_jobs.begin_anew()

    def copy(self, faults: Iterable[Fault] = ()) -> Sandbox:
        """Return another sandbox, in memory, where the platforms know the same; its journal is empty."""
        with self._lock:
            copy = Sandbox(seed=self.seed, start=self._clock.start, faults=faults, platforms=self._sources)
            copy._store.replace(self._store)
            return copy

    def reset(self, name: str | None = None) -> None:
        """Begin anew, as if the sandbox had just been made; with a name, only the rows and timers of that platform.

        Raises:
            ControlError: there is no platform of that name.
        """
        with self._lock:
            self._background_jobs.begin_anew()
            if name is not None:
                self._prepare(self._resident(name).platform)
                return
            self._empty_store()
            self.forget()

    def forget(self) -> None:
        """Empty the journal and the record of drift, and go back to the faults of the start."""
        with self._lock:
            self.journal.clear()
            self.faults.reset()
            self._drift.clear()

    def transport(self, sleep: Callable[[float], object] = time.sleep) -> SandboxTransport:
        """Return a transport for `httpx.Client`; latency is slept with `sleep`."""
        from trilogue_sandbox.transports import SandboxTransport  # httpx is loaded by those who use it

        return SandboxTransport(self, sleep)

    def async_transport(self, sleep: Callable[[float], Awaitable[object]] | None = None) -> AsyncSandboxTransport:
        """Return a transport for `httpx.AsyncClient`; latency is slept with `sleep`, `anyio.sleep` by default."""
        from trilogue_sandbox.transports import AsyncSandboxTransport

        return AsyncSandboxTransport(self, sleep)

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """Serve from a thread within a `with` block, at a free port unless one is given; the value is the address.

        Raises:
            OSError: the port cannot be had.
        """
        from trilogue_sandbox.serve import serving  # as is uvicorn

        return serving(self, port=port)

    def _empty_store(self) -> None:
        blank = Store()
        State(blank)
        TimerQueue(blank)
        self._store.replace(blank)
        blank.close()

    def _exchange(self, resident: MountedPlatform, request: Request) -> Response:
        started = time.perf_counter()
        self._pass_time()
        call = resident.call(self.journal.next_number(), request)
        latency, fault = self.faults.draw(call.number, call.target)
        response = damage(self._answer(call, fault), fault, latency)
        self.journal.add(call.entry(self._clock.now(), response, fault, latency, time.perf_counter() - started))
        return response

    def _answer(self, call: Call, fault: Fault | None) -> Response:
        if fault is not None and (replaced := replacement(fault)) is not None:
            return replaced
        try:
            with self._store.transaction():
                response, violations = self._ask(call, fault)
                if violations:
                    raise _Disagreement(call.drift(violations))  # leaves the transaction, so that nothing is changed
                return response
        except _Disagreement as disagreement:
            return self._record(disagreement.drift)
        except Exception as error:  # whatever a handler raises is a defect of the sandbox, to be reported as one
            return self._record(Drift.of_exception(call.number, call.platform.name, call.target.operation_id, error))

    def _ask(self, call: Call, fault: Fault | None) -> tuple[Response, tuple[Violation, ...]]:
        refused = refusal(call.platform, fault) if fault else None
        if refused is not None:
            return refused, judge_refusal(call.match, refused, call.platform.leniencies)
        response = call.platform.respond(call.request)
        return response, judge(call.match, call.request, response, call.platform.leniencies)

    def _record(self, drift: Drift) -> Response:
        self._drift.append(drift)
        return drift.as_response()

    def _pass_time(self) -> None:
        self._clock.tick()
        self._run_due_timers()

    @contextmanager
    def _turn(self) -> Generator[None, None, None]:
        """Let a background job have the sandbox to itself."""
        with self._lock:
            self._run_due_timers()
            with self._store.transaction():
                yield

    def _record_failed_job(self, error: Exception) -> None:
        with self._lock:
            self._drift.append(Drift.of_exception(0, "sandbox", "background_job", error))

    def _run_due_timers(self) -> None:
        while timer := self._timers.take_due(self._clock.now()):
            with self._clock.at(timer.due_at):
                self._fire(timer)

    def _fire(self, timer: Timer) -> None:
        try:
            with self._store.transaction():
                self._resident(timer.platform).platform.control(timer.action, timer.payload)
        except Exception as error:  # as above
            self._drift.append(Drift.of_exception(0, timer.platform, f"timer {timer.action}", error))

    def _resident(self, name: str) -> MountedPlatform:
        if name not in self._sources:
            raise ControlError(f"there is no platform {name!r}; there is: {_listed(self._sources)}", "platform")
        if name not in self._residents:
            world = self._make_world(name)
            self._residents[name] = MountedPlatform(world, self._sources[name].create(world))
        resident = self._residents[name]
        if not self._state.get(f"ready:{name}"):
            self._prepare(resident.platform)
        return resident

    def _make_world(self, name: str) -> World:
        draws = StoredRandom(self._state, self.seed, name)
        return World(
            store=self._store,
            state=self._state,
            clock=self._clock,
            random=draws,
            ids=Ids(draws, self._clock),
            timers=Timers(self._timers, name, self._clock),
            description=self._sources[name].describe(),
            faults=self.faults,
            journal=self.journal,
            background_jobs=self._background_jobs,
        )

    def _prepare(self, platform: Platform) -> None:
        with self._store.transaction():
            self._timers.clear(platform.name)
            platform.reset()
            self._state.set(f"ready:{platform.name}", 1)

    def _shown(self, name: str, origin: str) -> pages.Shown:
        resident = self._resident(name)
        accounts = resident.platform.accounts()
        return pages.Shown(name, origin + resident.platform.prefix, resident.world.description, tuple(accounts))


class _Disagreement(Exception):
    """An answer that does not fit its description, or a request that should not have been accepted."""

    def __init__(self, drift: Drift) -> None:
        super().__init__(str(drift))
        self.drift = drift


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
