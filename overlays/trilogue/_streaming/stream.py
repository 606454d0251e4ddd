"""A stream of server-sent events, for threads."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any, TypeVar

from trilogue_generated.runtime.operation import StreamOperation
from trilogue_generated.runtime.streams import Stream as StreamBase

from .._core import Core
from .._flow import drive
from .._http.senders import SyncHttp
from .._http.server_sent_events import SyncEvents
from .closing import ClosableClock, StreamClosed
from .following import Following

Item = TypeVar("Item")


class Stream(StreamBase[Item]):
    """An iterator over what happens."""

    def __init__(
        self, http: SyncHttp, core: Core, operation: StreamOperation[Item], arguments: Mapping[str, Any]
    ) -> None:
        """Check the arguments and connect."""
        self._following = Following(core, operation, arguments)
        self._http, self._clock = http, ClosableClock(core.clock, lambda: self._following.is_closed)
        self._lock = Lock()
        drive(self._following.connect(), http, core.clock)

    def __next__(self) -> Item:
        """Wait for the next item; threads that share the stream each get other items."""
        with self._lock:
            try:
                drive(self._following.fill(), self._http, self._clock)
            except StreamClosed:
                drive(self._following.close(), self._http, self._clock)
            if not self._following.items:
                raise StopIteration
            return self._following.items.popleft()

    def close(self) -> None:
        """Close the connection; another thread that waits for the next item then comes to the end."""
        self._following.is_closed = True
        events = self._following.events
        if self._lock.acquire(blocking=False):
            try:
                drive(self._following.close(), self._http, self._clock)
            finally:
                self._lock.release()
        elif isinstance(events, SyncEvents):
            events.interrupt()
