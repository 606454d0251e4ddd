"""Iterates over a list until its end, a limit, ctrl-C or an error, and knows where it stopped."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Generator, Iterator
from types import FrameType
from typing import Any

from trilogue_tools.cli.progress import Progress


class Rows:
    """The rows of an iteration. After the last one, `stopped` says what cut the list off, None if nothing did.

    Ctrl-C takes effect between two rows or while a page is awaited, so that each row is printed or still to come.
    """

    def __init__(self, iterator: Any, limit: int | None, progress: Progress) -> None:
        self._iterator, self._limit, self._progress = iterator, limit, progress
        self.stopped: BaseException | None = None
        self.count = 0
        self._is_fetching = self._is_interrupted = False

    def __iter__(self) -> Iterator[Any]:
        with self._interruptible(), self._progress:
            while self.count != self._limit and not self._is_interrupted:
                try:
                    row = self._next()
                except StopIteration:
                    return
                except (KeyboardInterrupt, Exception) as error:
                    self.stopped = error
                    return
                self.count += 1
                self._progress.count()
                yield row
        if self._is_interrupted:
            self.stopped = KeyboardInterrupt()

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left of the list."""
        return self.stopped is None and bool(self._iterator.iteration.is_finished)

    @property
    def position(self) -> str:
        """Where to go on."""
        position: str = self._iterator.position
        return position

    def _next(self) -> Any:
        self._is_fetching = bool(self._iterator.iteration.needs_page)
        try:
            return next(self._iterator)
        finally:
            self._is_fetching = False

    @contextlib.contextmanager
    def _interruptible(self) -> Generator[None, None, None]:
        if threading.current_thread() is not threading.main_thread():
            yield  # only the main thread is told of signals
            return
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._is_fetching or self._is_interrupted:
            raise KeyboardInterrupt
        self._is_interrupted = True
