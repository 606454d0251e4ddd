"""The engine: requests to platforms, and the state they stand on."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import formatdate
from functools import lru_cache
from types import TracebackType
from typing import Self

from trilogue_sandbox.kernel.conformance import Drift, check_conformance, check_injected_error
from trilogue_sandbox.kernel.fault_injection import deliver, injected_error, replacement
from trilogue_sandbox.kernel.faults import Fault
from trilogue_sandbox.kernel.hosting import PlatformHost, listed
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.routed_request import RoutedRequest
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.validation import Violation


class Engine(PlatformHost):
    """All platforms of a sandbox, with their state.

    The same `seed` and the same requests give the same responses, byte for byte, as long as the clock stands still: it
    begins at `start` and moves by a millisecond with each request. With `start=None` it follows the real time.
    `database` names a file that keeps everything between runs; without it, the state lives in memory. `faults` are
    active from the beginning. `flavour` says which server a platform with several is, `textit` or `rapidpro-9`; with
    None it is the first of them, and has the operations of the others too. With `known_faults=False` the platforms do
    not fail at input at which the real servers are known to. Can be used from several threads; close it, or use it as
    a context manager.
    """

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

    def exchange(self, name: str, request: Request) -> Response:
        """Send a request to a platform and return its response, both checked and recorded in the journal."""
        with self._lock:
            started = time.perf_counter()
            platform = self._find(name)
            self._pass_time()
            routed = RoutedRequest.of(platform, self.journal.next_number(), request)
            latency, fault = self.faults.draw(routed.number, routed.target)
            response = deliver(self._dated(self._respond(routed, fault)), fault, latency)
            self.journal.add(routed.entry(self._clock.now(), response, fault, time.perf_counter() - started))
            return response

    def _dated(self, response: Response) -> Response:
        """Add the time in the sandbox, as servers do (RFC 9110, 6.6.1); the journal need not keep the document."""
        headers = response.headers
        if "Date" not in headers:
            headers = headers.add(("Date", _format_date(int(self._clock.now().timestamp()))))
        return Response(response.status, headers, response.body, stream=response.stream)

    def now(self) -> datetime:
        """Return the time in the sandbox."""
        with self._lock:
            return self._clock.now()

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward, run all timers that fall due, and return the new time.

        Raises:
            ValueError: `by` is negative.
            OverflowError: the clock would be later than the year 9000 begins.
        """
        with self._lock:
            self._clock.advance(by)
            self._run_due_timers()
            return self._clock.now()

    def set_clock(self, timestamp: datetime) -> datetime:
        """Move the clock forward to a timestamp and run all timers that fall due until then.

        Raises:
            ValueError: the timestamp has no time zone, or it has passed.
            OverflowError: it is later than the year 9000 begins.
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
                raise ControlError(f"there is no snapshot {name!r}; there is: {listed(self._snapshots)}", "name")
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
def _format_date(second: int) -> str:
    return formatdate(second, usegmt=True)
