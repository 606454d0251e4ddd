"""The engine: requests to platforms, and the state they stand on."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from trilogue_sandbox.kernel.background_jobs import BackgroundJobs
from trilogue_sandbox.kernel.clock import START, Clock
from trilogue_sandbox.kernel.conformance import Drift, check_conformance, check_injected_error
from trilogue_sandbox.kernel.fault_injection import deliver, injected_error, replacement
from trilogue_sandbox.kernel.fault_targets import check_target
from trilogue_sandbox.kernel.faults import Fault, Faults
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.ids import Ids, StoredRandom
from trilogue_sandbox.kernel.installed_platforms import Source, installed
from trilogue_sandbox.kernel.journal import Journal
from trilogue_sandbox.kernel.platform import Account, ControlError
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.routed_request import RoutedRequest
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.streams import Streams
from trilogue_sandbox.kernel.timers import Timer, Timers
from trilogue_sandbox.kernel.validation import Violation
from trilogue_sandbox.kernel.world import Callback, World

ORIGIN = "http://127.0.0.1"
"""The origin of the platforms where no socket is involved."""


class Engine:
    """All platforms of a sandbox, with their state.

    The same `seed` and the same requests give the same responses, byte for byte, as long as the clock stands still: it
    begins at `start` and moves by a millisecond with each request. With `start=None` it follows the real time.
    `database` names a file that keeps everything between runs; without it, the state lives in memory. `faults` are
    active from the beginning. `flavour` says which server a platform with several is, `textit` or `rapidpro-9`; with
    None it is the first of them, and has the operations of the others too. With `known_faults=False` the platforms do
    not fail at input at which the real servers are known to. Can be used from several threads; close it, or use it as
    a context manager.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        database: str | Path | None = None,
        start: datetime | None = START,
        faults: Iterable[Fault] = (),
        flavour: str | None = None,
        known_faults: bool = True,
        platforms: Mapping[str, Source] | None = None,
    ) -> None:
        self.seed = seed
        self.flavour = flavour
        self.known_faults = known_faults
        self.journal = Journal()
        self._sources = dict(installed() if platforms is None else platforms)
        self._require_flavour(flavour)
        self._store = Store(database)
        self._clock = Clock(self._store, start)
        describe = {name: partial(each.describe, each.choose(flavour)) for name, each in self._sources.items()}
        self.faults = Faults(seed, faults, self._clock.now, partial(check_target, describe=describe))
        self._timers = Timers(self._store, self._clock)
        self._platforms: dict[str, ResourcePlatform[Any]] = {}
        self._snapshots: dict[str, Store] = {}
        self._streams = Streams()
        self._callbacks: dict[str, dict[str, Callback]] = {name: {} for name in self._sources}
        self._drift: deque[Drift] = deque(maxlen=1000)
        self._lock = threading.RLock()
        self._background_jobs = BackgroundJobs(self._turn, self._record_failed_job, real_time=self._clock.is_running)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the background jobs, close the database and delete the snapshots."""
        self._background_jobs.close()
        self._streams.close()
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
        """The differences found between the sandbox and its descriptions; empty unless something is wrong with it."""
        with self._lock:
            return tuple(self._drift)

    @property
    def is_real_time(self) -> bool:
        """Whether the clock follows the real time."""
        return self._clock.is_running

    def url(self, name: str, origin: str = ORIGIN) -> str:
        """Return the base URL of a platform."""
        with self._lock:
            return origin + self._find(name).prefix

    def flavour_of(self, name: str) -> str:
        """Return which of its servers a platform is; empty where there is only one."""
        with self._lock:
            return self._find(name).world.flavour

    def find_platform(self, method: str, path: str) -> str | None:
        """Return the name of the platform that has a path on a server of its own, where no name comes first."""
        with self._lock:
            return next((name for name in self._sources if self._find(name).has(method, path)), None)

    def accounts(self, name: str) -> Sequence[Account]:
        """Return the ways to sign in to a platform that are there from the start."""
        with self._lock:
            return self._find(name).accounts()

    @contextlib.contextmanager
    def looking_at(self, name: str) -> Generator[ResourcePlatform[Any], None, None]:
        """Give a platform to look at within the block; no request is served meanwhile."""
        with self._lock:
            yield self._find(name)

    def exchange(self, name: str, request: Request) -> Response:
        """Send a request to a platform and return its response, both checked and recorded in the journal."""
        with self._lock:
            started = time.perf_counter()
            platform = self._find(name)
            self._pass_time()
            routed = RoutedRequest.of(platform, self.journal.next_number(), request)
            latency, fault = self.faults.draw(routed.number, routed.target)
            response = self._dated(deliver(self._respond(routed, fault), fault, latency))
            self.journal.add(routed.entry(self._clock.now(), response, fault, time.perf_counter() - started))
            return response

    def _dated(self, response: Response) -> Response:
        """Add the time in the sandbox, as servers do (RFC 9110, 6.6.1)."""
        if "Date" in response.headers:
            return response
        date = _format_date(self._clock.now().replace(microsecond=0))
        return response.with_headers(response.headers.add(("Date", date)))

    def control(self, name: str, action: str, arguments: JsonObject | None = None) -> object:
        """Do what a person, a channel or the passing of time would do on a platform; return the result.

        Raises:
            ControlError: the platform, the action or an argument is wrong.
        """
        with self._lock:
            platform = self._find(name)
            self._pass_time()
            with self._store.transaction():
                return platform.control(action, arguments or {})

    def set_callback(self, name: str, callback: str, function: Callback | None) -> None:
        """Have a function take the part of a program behind a platform, such as a bot; None takes it away.

        It is called within the request that causes it, so it must not send requests to this sandbox.

        Raises:
            ControlError: the platform has no callback of that name.
        """
        with self._lock:
            platform = self._find(name)
            if callback not in platform.resources.callbacks:
                known = _listed(platform.resources.callbacks)
                raise ControlError(f"{name} has no callback {callback!r}; there is: {known}", "callback")
            if function is None:
                self._callbacks[name].pop(callback, None)
            else:
                self._callbacks[name][callback] = function

    def seed_data(self, name: str, data: JsonObject) -> object:
        """Add data to a platform; return what was made.

        Raises:
            ControlError: the platform or the data is wrong.
        """
        with self._lock:
            platform = self._find(name)
            self._pass_time()
            with self._store.transaction():
                return platform.seed(data)

    def now(self) -> datetime:
        """Return the time in the sandbox."""
        with self._lock:
            return self._clock.now()

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward, run all timers that fall due, and return the new time.

        Raises:
            ValueError: `by` is negative.
        """
        with self._lock:
            self._clock.advance(by)
            self._run_due_timers()
            return self._clock.now()

    def set_clock(self, timestamp: datetime) -> datetime:
        """Move the clock forward to a timestamp and run all timers that fall due until then.

        Raises:
            ValueError: the timestamp has no time zone, or it has passed.
        """
        with self._lock:
            self._clock.set(timestamp)
            self._run_due_timers()
            return self._clock.now()

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until no background job is left, such as an event to post to a webhook; False after `seconds`.

        What is to happen later, like a further attempt, is not waited for. Do not call this from a receiver.
        """
        return self._background_jobs.settle(seconds)

    def snapshot(self, name: str) -> None:
        """Keep the state of all platforms under a name: rows, clock, ids and timers. The journal is not part of it."""
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
            self._background_jobs.drop_running()
            self._streams.close()

    @property
    def snapshots(self) -> tuple[str, ...]:
        """The names of the snapshots."""
        with self._lock:
            return tuple(self._snapshots)

    def copy(
        self, faults: Iterable[Fault] = (), *, flavour: str | None = None, known_faults: bool | None = None
    ) -> Self:
        """Return another one, in memory, with the same state; its journal is empty.

        It is of the same flavour, and has the same known faults, unless others are given.
        """
        with self._lock:
            copy = type(self)(
                seed=self.seed,
                start=self._clock.start,
                faults=faults,
                flavour=self.flavour if flavour is None else flavour,
                known_faults=self.known_faults if known_faults is None else known_faults,
                platforms=self._sources,
            )
            copy._store.replace(self._store)
            copy.faults.reset()  # their ends are counted from the time of the copy
            return copy

    def reset(self, name: str | None = None) -> None:
        """Go back to the state of the start; with a name, only for the rows and timers of that platform.

        Raises:
            ControlError: there is no platform of that name.
        """
        with self._lock:
            self._background_jobs.drop_running()
            self._streams.close()
            if name is not None:
                self._prepare(self._find(name))
                return
            with contextlib.closing(Store()) as empty:
                self._store.replace(empty)
            self._timers.create_table()
            self.clear_records()

    def clear_records(self) -> None:
        """Empty the journal and the drift, and go back to the faults of the start."""
        with self._lock:
            self.journal.clear()
            self.faults.reset()
            self._drift.clear()

    def _respond(self, routed: RoutedRequest, fault: Fault | None) -> Response:
        if fault is not None and (replaced := replacement(fault)) is not None:
            return replaced
        try:
            with self._store.transaction():
                response, violations = _ask(routed, fault)
                if violations:
                    raise _Nonconformance(routed.drift(violations))  # leaves the transaction, so nothing is changed
                return response
        except _Nonconformance as error:
            return self._record(error.drift)
        except Exception as error:  # whatever a handler raises is a defect of the sandbox, to be reported as one
            return self._record(routed.drift_of_exception(error))

    def _record(self, drift: Drift) -> Response:
        self._drift.append(drift)
        return drift.as_response()

    def _pass_time(self) -> None:
        self._clock.tick()
        self._run_due_timers()

    @contextlib.contextmanager
    def _turn(self) -> Generator[None, None, None]:
        """Give a background job exclusive access."""
        with self._lock:
            self._run_due_timers()
            with self._store.transaction():
                yield

    def _record_failed_job(self, error: Exception) -> None:
        with self._lock:
            self._drift.append(Drift.of_exception(0, "sandbox", "background_job", error))

    def _run_due_timers(self) -> None:
        while timer := self._timers.take_due():
            with self._clock.at(timer.due_at):
                self._fire(timer)

    def _fire(self, timer: Timer) -> None:
        try:
            with self._store.transaction():
                self._find(timer.platform).control(timer.action, timer.payload)
        except Exception as error:  # as in _respond
            self._drift.append(Drift.of_exception(0, timer.platform, f"timer {timer.action}", error))

    def _find(self, name: str) -> ResourcePlatform[Any]:
        """Return a platform, which is made when it is first asked for."""
        if name not in self._sources:
            raise ControlError(f"there is no platform {name!r}; there is: {_listed(self._sources)}", "platform")
        if name not in self._platforms:
            self._platforms[name] = self._sources[name].create(self._make_world(name))
        platform = self._platforms[name]
        if f"ready:{name}" not in self._store.state:
            self._prepare(platform)
        return platform

    def _require_flavour(self, flavour: str | None) -> None:
        known = [each for source in self._sources.values() for each in source.flavours]
        if flavour is not None and flavour not in known:
            raise ValueError(f"flavour: there is no {flavour!r}; use one of: {_listed(known)}")

    def _make_world(self, name: str) -> World:
        draws = StoredRandom(self._store, self.seed, name)
        flavour = self._sources[name].choose(self.flavour)
        return World(
            store=self._store,
            clock=self._clock,
            random=draws,
            ids=Ids(draws, self._clock),
            timers=Timers(self._store, self._clock, name),
            description=self._sources[name].describe(flavour),
            faults=self.faults,
            journal=self.journal,
            background_jobs=self._background_jobs,
            streams=self._streams,
            callbacks=self._callbacks[name],
            flavour=flavour.name if flavour else "",
            has_known_faults=self.known_faults,
        )

    def _prepare(self, platform: ResourcePlatform[Any]) -> None:
        with self._store.transaction():
            self._store.calls.clear(platform.name)
            platform.world.timers.clear()
            platform.reset()
            self._store.state[f"ready:{platform.name}"] = 1


class _Nonconformance(Exception):
    """A response that breaks its description, or a request that should not have been accepted."""

    def __init__(self, drift: Drift) -> None:
        super().__init__(str(drift))
        self.drift = drift


def _ask(routed: RoutedRequest, fault: Fault | None) -> tuple[Response, tuple[Violation, ...]]:
    platform, match = routed.platform, routed.match
    if fault and (error := injected_error(platform, fault)) is not None:
        return error, check_injected_error(match, error, platform.leniencies)
    response = platform.respond(routed.request)
    return response, check_conformance(match, routed.request, response, platform.leniencies)


@lru_cache(8)  # since most requests come within the second of the one before
def _format_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
