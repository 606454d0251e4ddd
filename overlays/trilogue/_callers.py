"""How resources call operations: the core and the connections of a client, without what its users see."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from trilogue_generated.runtime.operation import (
    Download,
    DownloadTarget,
    ListOperation,
    Lookup,
    OnProgress,
    Operation,
    StreamOperation,
    Waiter,
)

from ._calls import PreparedCall, prepare
from ._core import Core
from ._flow import Flow, drive, drive_async
from ._http.senders import AsyncHttp, SyncHttp
from ._records import Record
from ._responses import Response
from ._sending import send

if TYPE_CHECKING:
    from trilogue_generated.runtime.bulk import Bulk, BulkResult

    from ._pagination.async_paginator import AsyncPaginator
    from ._pagination.paginator import Paginator
    from ._streaming.async_stream import AsyncStream
    from ._streaming.stream import Stream

Result = TypeVar("Result")
Item = TypeVar("Item")

Awaited = Coroutine[Any, Any, Result]


class _Caller(Record, frozen=True):
    """What both have in common."""

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds connections and credentials; create another one in the other process")


class SyncCaller(_Caller, frozen=True):
    """Calls operations and waits for their responses."""

    core: Core
    http: SyncHttp

    def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Result:
        """Call an operation and return its result."""
        return self.call_raw(operation, arguments).parse()

    def call_raw(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Response[Result]:
        """Call an operation and return its response."""
        return self.send(prepare(self.core, operation, arguments))

    def paginate(self, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]) -> Paginator[Item]:
        """Return a list."""
        from ._pagination.paginator import Paginator  # here, because only programs that list need it

        return Paginator(self, self.core, operation, arguments)

    def stream(self, operation: StreamOperation[Item], arguments: Mapping[str, Any]) -> Stream[Item]:
        """Connect to a stream and return the iterator over it."""
        from ._streaming.stream import Stream  # here, because only programs that listen need it

        return Stream(self.http, self.core, operation, arguments)

    def wait(
        self,
        waiter: Waiter[Item],
        key: object,
        arguments: Mapping[str, Any],
        deadline: float | None,
        on_progress: OnProgress[Item] | None,
    ) -> Item:
        """Look something up until its state is final, and return it."""
        from ._waiting import wait  # here, because only programs that wait need it

        return self.run(lambda core: wait(core, waiter, key, arguments, deadline, on_progress))

    def download(self, method: Download[Item], source: Item | Mapping[str, Any], to: DownloadTarget) -> Item:
        """Write to a file what an object points at, and return the object."""
        from ._downloads import download  # here, because only programs that download need it

        return self.run(lambda core: download(core, method, source, to))

    def look_up(self, lookup: Lookup[Item], key: str) -> Item:
        """Return what a list has under a name."""
        from ._lookups import look_up  # here, because only programs that look up need it

        return self.run(lambda core: look_up(core, lookup, key))

    def bulk(
        self,
        bulk: Bulk[Result],
        items: Mapping[str, Any],
        arguments: Mapping[str, Any],
        **options: Any,
    ) -> BulkResult[Result]:
        """Carry out an operation for any number of items."""
        from ._bulk.run import BulkOptions, run  # here, because only programs with many items need it

        return self.run(lambda core: run(core, bulk, items, arguments, BulkOptions(**options)))

    def send(self, call: PreparedCall[Result]) -> Response[Result]:
        """Send a prepared call, with retries, and return its response."""
        return drive(send(call, self.core), self.http, self.core.clock)

    def run(self, flow: Callable[[Core], Flow[Result]]) -> Result:
        """Carry out several steps that belong together."""
        return drive(flow(self.core), self.http, self.core.clock)


class AsyncCaller(_Caller, frozen=True):
    """`SyncCaller` for asyncio."""

    core: Core
    http: AsyncHttp

    async def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Result:
        """Call an operation and return its result."""
        return (await self.call_raw(operation, arguments)).parse()

    def call_raw(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Awaited[Response[Result]]:
        """Call an operation and return its response."""
        return self.send(prepare(self.core, operation, arguments))

    def paginate(self, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]) -> AsyncPaginator[Item]:
        """Return a list."""
        from ._pagination.async_paginator import AsyncPaginator  # here, because only programs with asyncio need it

        return AsyncPaginator(self, self.core, operation, arguments)

    def stream(self, operation: StreamOperation[Item], arguments: Mapping[str, Any]) -> AsyncStream[Item]:
        """Return the iterator over a stream, which connects when it is awaited."""
        from ._streaming.async_stream import AsyncStream  # here, because only programs with asyncio need it

        return AsyncStream(self.http, self.core, operation, arguments)

    async def wait(
        self,
        waiter: Waiter[Item],
        key: object,
        arguments: Mapping[str, Any],
        deadline: float | None,
        on_progress: OnProgress[Item] | None,
    ) -> Item:
        """Look something up until its state is final, and return it."""
        from ._waiting import wait  # here, because only programs that wait need it

        return await self.run(lambda core: wait(core, waiter, key, arguments, deadline, on_progress))

    async def download(self, method: Download[Item], source: Item | Mapping[str, Any], to: DownloadTarget) -> Item:
        """Write to a file what an object points at, and return the object."""
        from ._downloads import download  # here, because only programs that download need it

        return await self.run(lambda core: download(core, method, source, to))

    async def look_up(self, lookup: Lookup[Item], key: str) -> Item:
        """Return what a list has under a name."""
        from ._lookups import look_up  # here, because only programs that look up need it

        return await self.run(lambda core: look_up(core, lookup, key))

    async def bulk(
        self,
        bulk: Bulk[Result],
        items: Mapping[str, Any],
        arguments: Mapping[str, Any],
        **options: Any,
    ) -> BulkResult[Result]:
        """Carry out an operation for any number of items."""
        from ._bulk.run import BulkOptions, run  # here, because only programs with many items need it

        return await self.run(lambda core: run(core, bulk, items, arguments, BulkOptions(**options)))

    def send(self, call: PreparedCall[Result]) -> Awaited[Response[Result]]:
        """Send a prepared call, with retries, and return its response."""
        return drive_async(send(call, self.core), self.http, self.core.clock)

    def run(self, flow: Callable[[Core], Flow[Result]]) -> Awaited[Result]:
        """Carry out several steps that belong together."""
        return drive_async(flow(self.core), self.http, self.core.clock)
