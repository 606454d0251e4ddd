"""Where a pacer keeps its counts: in this process, or in a store that processes and hosts share."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from msgspec import Struct
from msgspec.json import decode, encode

from .._clock import Clock
from .._forks import ProcessLock

logger = logging.getLogger("trilogue")

Count = TypeVar("Count", bound=Struct)
Count_co = TypeVar("Count_co", bound=Struct, covariant=True)
Result = TypeVar("Result")


class Counts(Protocol[Count_co]):
    """Counts by name; `blocks` as in `Pacer`."""

    @property
    def blocks(self) -> bool:
        """See the class."""
        ...

    def change(self, name: str, clock: Clock, change: Callable[[Count_co, float], Result]) -> Result:
        """Let a function read and change a count, alone; it gets the time too, in seconds from an arbitrary start."""
        ...

    def names(self) -> list[str]:
        """Return the names there are."""
        ...


class LocalCounts(Generic[Count]):
    """The counts of one process."""

    blocks = False

    def __init__(self, begin: Callable[[], Count]) -> None:
        """`begin` makes a count that knows nothing."""
        self._begin = begin
        self._counts: dict[str, Count] = {}
        self._lock = ProcessLock()

    def change(self, name: str, clock: Clock, change: Callable[[Count, float], Result]) -> Result:
        """Let a function change a count under a lock."""
        with self._lock:
            count = self._counts.get(name)
            if count is None:
                count = self._counts[name] = self._begin()
            return change(count, clock.monotonic())

    def names(self) -> list[str]:
        """Return the names there are."""
        return list(self._counts)


class StoreUnavailable(Exception):
    """A store could not be read or written."""


class Store(Protocol):
    """Values under keys, which are changed one caller after the other; raises StoreUnavailable."""

    def now(self, clock: Clock) -> float:
        """Return the time on which everybody who shares the store agrees, in seconds since 1970."""
        ...

    def change(self, key: str, change: Callable[[bytes | None], bytes]) -> None:
        """Replace a value by what a function makes of it; the function may be called more than once."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin so."""
        ...


class SharedCounts(Generic[Count]):
    """Counts in a store. While it is unavailable, each process counts by itself, and says so in the log."""

    blocks = True

    def __init__(self, store: Store, prefix: str, begin: Callable[..., Count]) -> None:
        """`prefix` goes before the names, as others use the store too; `begin` makes a count of its fields."""
        self._store, self._prefix, self._begin = store, prefix, begin
        self._local = LocalCounts[Count](begin)
        self._offset: float | None = None
        self._is_available = True

    def change(self, name: str, clock: Clock, change: Callable[[Count, float], Result]) -> Result:
        """Let a function change a count in the store."""
        results: list[Result] = []

        def change_stored(value: bytes | None) -> bytes:
            count = self._begin() if value is None else self._read(value)
            results.append(change(count, now))
            return encode(count)

        try:
            now = self._now(clock)
            self._store.change(self._prefix + name, change_stored)
        except StoreUnavailable as error:
            self._note(str(error))
            return self._local.change(name, clock, change)
        self._note("")
        return results[-1]

    def names(self) -> list[str]:
        """Return the names there are."""
        try:
            return [key.removeprefix(self._prefix) for key in self._store.keys(self._prefix)]
        except StoreUnavailable as error:
            self._note(str(error))
            return self._local.names()

    def _read(self, value: bytes) -> Count:
        """Return a count; one with the fields of another version of this package begins again."""
        try:
            return self._begin(**decode(value))
        except (TypeError, ValueError):
            return self._begin()

    def _now(self, clock: Clock) -> float:
        """Return the time of the store, carried on by the monotonic clock, so that nobody can set it back."""
        if self._offset is None:
            self._offset = self._store.now(clock) - clock.monotonic()
        return self._offset + clock.monotonic()

    def _note(self, failure: str) -> None:
        if failure and self._is_available:
            logger.warning(
                "the shared budget is unavailable (%s); this process counts by itself until it is back", failure
            )
        self._is_available = not failure
