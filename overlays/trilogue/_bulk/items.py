"""Reads items, from what is iterable and from what is asynchronously so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import islice
from typing import Any

from .._clock import Clock
from .._http.senders import AsyncHttp, SyncHttp
from ..errors import InvalidArgument


class Take:
    """The step that takes up to `count` items; gives a list, which is empty at the end."""

    def __init__(self, source: Source, count: int) -> None:
        """Take from here."""
        self._source, self._count = source, count

    def run(self, http: SyncHttp, clock: Clock) -> list[Any]:
        """Take them in this thread."""
        return self._source.take(self._count)

    async def run_async(self, http: AsyncHttp, clock: Clock) -> list[Any]:
        """Take them; an asynchronous source is awaited."""
        return await self._source.take_async(self._count)


class Source:
    """Items that are taken one after the other."""

    def __init__(self, name: str, items: Any) -> None:
        """`name` is that of the argument.

        Raises:
            InvalidArgument: it cannot be iterated over, or is a single string or mapping.
        """
        self._name = name
        type_ = items.__class__
        if issubclass(type_, (str, bytes, Mapping)):
            raise InvalidArgument(f"{name}: expected many items, not a single {type_.__name__}")
        self._async: AsyncIterator[Any] | None = aiter(items) if hasattr(items, "__aiter__") else None
        if self._async is None and not hasattr(items, "__iter__"):
            raise InvalidArgument(f"{name}: expected what can be iterated over, not {type_.__name__}")
        self._iterator: Iterator[Any] = iter(()) if self._async is not None else iter(items)

    def take(self, count: int) -> list[Any]:
        """Return the next items."""
        if self._async is not None:
            raise InvalidArgument(f"{self._name}: only an async client takes what is asynchronously iterable")
        return list(islice(self._iterator, count))

    async def take_async(self, count: int) -> list[Any]:
        """Return the next items."""
        if self._async is None:
            return self.take(count)
        taken: list[Any] = []
        async for item in self._async:
            taken.append(item)
            if len(taken) == count:
                break
        return taken
