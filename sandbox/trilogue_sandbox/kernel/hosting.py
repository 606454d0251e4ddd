"""The platforms of a sandbox over one database, and what happens to them outside their APIs."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from trilogue_sandbox.kernel.active_faults import Faults
from trilogue_sandbox.kernel.background_jobs import BackgroundJobs
from trilogue_sandbox.kernel.clock import START, Clock
from trilogue_sandbox.kernel.conformance import Drift
from trilogue_sandbox.kernel.fault_targets import check_target
from trilogue_sandbox.kernel.faults import Fault
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.ids import Ids, StoredRandom
from trilogue_sandbox.kernel.installed_platforms import Source, installed
from trilogue_sandbox.kernel.journal import Journal
from trilogue_sandbox.kernel.platform import Account, ControlError
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.streams import Streams
from trilogue_sandbox.kernel.timers import Timer, Timers
from trilogue_sandbox.kernel.world import Callback, World

ORIGIN = "http://127.0.0.1"
"""The origin of the platforms where no socket is involved."""


class PlatformHost:
    """The platforms, each made when it is first asked for; what people, timers and background jobs do to them."""

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
                known = listed(platform.resources.callbacks)
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
        except Exception as error:  # whatever an action raises is a defect of the sandbox, to be reported as one
            self._drift.append(Drift.of_exception(0, timer.platform, f"timer {timer.action}", error))

    def _find(self, name: str) -> ResourcePlatform[Any]:
        """Return a platform, which is made when it is first asked for."""
        if name not in self._sources:
            raise ControlError(f"there is no platform {name!r}; there is: {listed(self._sources)}", "platform")
        if name not in self._platforms:
            self._platforms[name] = self._sources[name].create(self._make_world(name))
        platform = self._platforms[name]
        if f"ready:{name}" not in self._store.state:
            self._prepare(platform)
        return platform

    def _require_flavour(self, flavour: str | None) -> None:
        known = [each for source in self._sources.values() for each in source.flavours]
        if flavour is not None and flavour not in known:
            raise ValueError(f"flavour: there is no {flavour!r}; use one of: {listed(known)}")

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


def listed(names: Iterable[str]) -> str:
    """Return names for a message."""
    return ", ".join(sorted(names)) or "none"
