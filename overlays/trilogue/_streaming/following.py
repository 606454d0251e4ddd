"""The state of a stream, which sends nothing: the sync and the async stream carry out its flows."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from msgspec.structs import replace
from trilogue_generated.runtime.operation import StreamOperation

from .._calls import MethodErrors, build
from .._core import Core
from .._flow import Flow, Sleep
from .._http.failures import MaybeSent
from .._http.messages import HttpRequest, Timeout
from .._http.server_sent_events import OpenResponse
from .._json import parse_json
from .._responses import Response
from .._sending import exchange
from .._serialization.arguments import serialize
from .._waits import Waits
from .steps import Events, Step, close, open_stream, receive

Item = TypeVar("Item")

EVENT_STREAM = "text/event-stream"

SILENCE_LIMIT = 60.0
"""Seconds without a byte after which a connection counts as broken; a live one shows itself more often."""

MAX_PAUSE = 30.0
"""Seconds before a further attempt at most, where connections keep ending without an event."""


class Following(Generic[Item]):
    """Connects, and again whenever the connection breaks; `items` are received and not yet yielded."""

    def __init__(self, core: Core, operation: StreamOperation[Item], arguments: Mapping[str, Any]) -> None:
        """Check the arguments."""
        self.items: deque[Item] = deque()
        self.is_closed = False
        self._core, self._operation = core, operation
        with MethodErrors(core, operation.name):
            self._call = build(core, operation, serialize(operation, arguments), None)
        self._call.headers["accept"] = EVENT_STREAM
        self._recovery = core.platform.recover(core, arguments) if core.platform.recover else None
        self._events: Events | None = None
        self._abandoned: list[Events] = []
        self._response: Response[Any] | None = None
        self._fruitless = 0

    @property
    def events(self) -> Events | None:
        """The events of the connection there is."""
        return self._events

    def fill(self) -> Flow[None]:
        """Wait until there is an item, or the stream is closed."""
        while not self.items and not self.is_closed:
            if self._events is None:
                yield from self.connect()
            else:
                yield from self._receive(self._events)
        if self.is_closed:
            yield from self.close()

    def connect(self) -> Flow[None]:
        """Connect, and find what was missed since the last connection; before the first, note where the stream begins.

        Raises:
            RequestError: that failed; to call it again tries again, and nothing is missed.
        """
        yield from self._close_abandoned()
        is_first = self._response is None
        if is_first and self._recovery:
            yield from self._recovery.begin()
        yield from self._pause()
        self._events = yield from self._open()
        if not is_first and self._recovery:
            yield from self._catch_up(self._events)

    def close(self) -> Flow[None]:
        """Close the connection, for good."""
        self.is_closed = True
        self._abandon()
        yield from self._close_abandoned()

    def _open(self) -> Flow[Events]:
        response, attempt = yield from exchange(self._call, self._core, None, _open)
        self._response = Response(response, self._operation, attempt)
        events = response.events if isinstance(response, OpenResponse) else None
        media_type = response.headers.get("content-type", "no content type")
        if events is None or not media_type.startswith(EVENT_STREAM):
            self._abandoned += [events] if events else []
            raise self._response.decode_error(f"expected {EVENT_STREAM}, got {media_type}; check `host`")
        return events

    def _catch_up(self, events: Events) -> Flow[None]:
        assert self._recovery is not None
        try:
            missed = yield from self._recovery.catch_up()
        except BaseException:  # also where it is cancelled, so that the next attempt catches up
            self._abandon()
            raise
        for value in missed:
            self._add(value)

    def _receive(self, events: Events) -> Flow[None]:
        try:
            data = yield receive(events)
        except MaybeSent:
            data = None
        except GeneratorExit:  # cancelled in the middle of a part
            self._abandon()
            raise
        if data is not None:
            self._fruitless = 0
            self._read(data)
            return
        self.is_closed |= events.is_closed
        self._fruitless += 1
        self._abandon()

    def _read(self, data: str) -> None:
        try:
            value = parse_json(data.encode())
        except ValueError:
            return  # a sign of life, such as `ping`
        self._add(value)

    def _add(self, value: Any) -> None:
        assert self._response is not None
        item = self._response.decode(self._operation.decode, value)
        if self._recovery is None or self._recovery.is_new(item):
            self.items.append(item)

    def _pause(self) -> Flow[None]:
        """Wait, the longer the more connections have ended without an event; not after one that had some."""
        if self._fruitless > 1:
            seconds = min(2.0 ** (self._fruitless - 2), MAX_PAUSE)
            waits = Waits(self._operation.name, self._core.options.on_wait)
            waits.report("failure", seconds, self._core.clock.now(), self._fruitless)
            yield Sleep(seconds)

    def _abandon(self) -> None:
        """Drop the connection, to be closed where that may take time."""
        if self._events is not None:
            self._abandoned.append(self._events)
            self._events = None

    def _close_abandoned(self) -> Flow[None]:
        while self._abandoned:
            yield close(self._abandoned.pop())


def _open(request: HttpRequest) -> Step:
    return open_stream(replace(request, timeout=Timeout(request.timeout.connect, SILENCE_LIMIT)))
