"""A stream of server-sent events, for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from typing import Any, Self, TypeVar

from trilogue_generated.runtime.operation import StreamOperation
from trilogue_generated.runtime.streams import AsyncStream as AsyncStreamBase

from .._core import Core
from .._flow import drive_async
from .._http.senders import AsyncHttp
from .closing import ClosableClock, StreamClosed
from .following import Following

Item = TypeVar("Item")


class AsyncStream(AsyncStreamBase[Item]):
    """An iterator over what happens, for asyncio."""

    def __init__(
        self, http: AsyncHttp, core: Core, operation: StreamOperation[Item], arguments: Mapping[str, Any]
    ) -> None:
        """Check the arguments; connect later."""
        self._following = Following(core, operation, arguments)
        self._http, self._clock = http, ClosableClock(core.clock, lambda: self._following.is_closed)
        self._lock = asyncio.Lock()

    def __await__(self) -> Generator[Any, Any, Self]:
        """Connect, and return the stream."""
        return self._connect().__await__()

    async def _connect(self) -> Self:
        async with self._lock:
            if self._following.events is None and not self._following.is_closed:
                await drive_async(self._following.connect(), self._http, self._clock)
        return self

    async def __anext__(self) -> Item:
        """Wait for the next item; tasks that share the stream each get other items."""
        async with self._lock:
            try:
                await drive_async(self._following.fill(), self._http, self._clock)
            except StreamClosed:
                await drive_async(self._following.close(), self._http, self._clock)
            if not self._following.items:
                raise StopAsyncIteration
            return self._following.items.popleft()

    async def close(self) -> None:
        """Close the connection; another task that waits for the next item then comes to the end."""
        await drive_async(self._following.close(), self._http, self._clock)
