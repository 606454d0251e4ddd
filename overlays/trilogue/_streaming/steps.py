"""What a stream does on the network, as steps of a flow."""

from __future__ import annotations

from typing import cast

from .._clock import Clock
from .._http.messages import HttpRequest, HttpResponse
from .._http.senders import AsyncHttp, SyncHttp
from .._http.server_sent_events import AsyncEvents, SyncEvents

Events = SyncEvents | AsyncEvents


class Open:
    """Send a request; gives its response, which is still being received if it is a successful one."""

    def __init__(self, request: HttpRequest) -> None:
        """Send this one."""
        self._request = request

    def run(self, http: SyncHttp, clock: Clock) -> HttpResponse:
        """Send it."""
        return http.open(self._request)

    async def run_async(self, http: AsyncHttp, clock: Clock) -> HttpResponse:
        """Send it."""
        return await http.open(self._request)


class Receive:
    """Wait for an event; gives its data, None at the end of the stream."""

    def __init__(self, events: Events) -> None:
        """Wait for one of these."""
        self._events = events

    def run(self, http: SyncHttp, clock: Clock) -> str | None:
        """Wait."""
        return cast(SyncEvents, self._events).receive()

    async def run_async(self, http: AsyncHttp, clock: Clock) -> str | None:
        """Wait."""
        return await cast(AsyncEvents, self._events).receive()


class Close:
    """Close a connection."""

    def __init__(self, events: Events) -> None:
        """Close that of these."""
        self._events = events

    def run(self, http: SyncHttp, clock: Clock) -> None:
        """Close it."""
        cast(SyncEvents, self._events).close()

    async def run_async(self, http: AsyncHttp, clock: Clock) -> None:
        """Close it."""
        await cast(AsyncEvents, self._events).close()
