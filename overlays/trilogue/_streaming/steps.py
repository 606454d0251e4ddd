"""What a stream does on the network, as steps of a flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._clock import Clock
from .._http.messages import HttpRequest
from .._http.senders import AsyncHttp, SyncHttp
from .._http.server_sent_events import AsyncEvents, SyncEvents

Events = SyncEvents | AsyncEvents


class Step:
    """Call a method that a sync and an async object have; gives what it returns."""

    def __init__(self, call: Callable[[SyncHttp | AsyncHttp], Any]) -> None:
        """Call it by this function, which gets the connections."""
        self._call = call

    def run(self, http: SyncHttp, clock: Clock) -> Any:
        """Call it."""
        return self._call(http)

    async def run_async(self, http: AsyncHttp, clock: Clock) -> Any:
        """Await it."""
        return await self._call(http)


def open_stream(request: HttpRequest) -> Step:
    """Send a request; gives its response, which is still being received if it is a successful one."""
    return Step(lambda http: http.open(request))


def receive(events: Events) -> Step:
    """Wait for an event; gives its data, None at the end of the stream."""
    return Step(lambda _: events.receive())


def close(events: Events) -> Step:
    """Close the connection of these events."""
    return Step(lambda _: events.close())
