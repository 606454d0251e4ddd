"""A line for each request, printed by a thread of its own: a reader that is slow or gone holds up no response."""

from __future__ import annotations

import queue
import threading
from types import TracebackType
from typing import Self

from trilogue_sandbox.kernel.journal import Entry

_WAITING = 10_000
_END_SECONDS = 1.0


class RequestLog:
    """Prints entries of the journal within a `with` block; what waits beyond ten thousand lines is left out."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._print, name="trilogue-request-log", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put(None)
        self._thread.join(_END_SECONDS)

    def add(self, entry: Entry) -> None:
        """Have a request printed."""
        self._put(request_line(entry))

    def _put(self, line: str | None) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            return

    def _print(self) -> None:
        while (line := self._lines.get()) is not None:
            print(line, flush=True)


def request_line(entry: Entry) -> str:
    """Return what is printed of a request."""
    fault = f"  fault: {entry.fault}" if entry.fault else ""
    return f"{entry.method:<6} {entry.path}  {entry.status or '---'}  {entry.seconds * 1000:.1f} ms{fault}"
