"""Locks that a forked process finds free.

A plain lock that another thread holds during a fork stays locked in the child for ever: the thread is not there.
"""

from __future__ import annotations

import os
from threading import Lock
from types import TracebackType
from typing import Protocol
from weakref import WeakSet


class Renewable(Protocol):
    """What starts afresh in a forked process."""

    def renew(self) -> None:
        """Forget what the threads of the other process held."""
        ...


_renewables: WeakSet[Renewable] = WeakSet()


def renew_in_children(renewable: Renewable) -> None:
    """Call `renew` in each forked process, before anything else runs there."""
    _renewables.add(renewable)


def _renew_all() -> None:
    for renewable in list(_renewables):
        renewable.renew()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_renew_all)


class ProcessLock:
    """A lock for the threads of this process."""

    def __init__(self) -> None:
        """Begin unlocked."""
        self._lock = Lock()
        renew_in_children(self)

    def __enter__(self) -> None:
        """Acquire it."""
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Release it."""
        self._lock.release()

    def renew(self) -> None:
        """Unlock it."""
        self._lock = Lock()
