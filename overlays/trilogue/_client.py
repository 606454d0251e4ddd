"""What the clients of all platforms have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from trilogue_generated.runtime.bulk import Bulk, BulkResult
from trilogue_generated.runtime.operation import ListOperation, OnProgress, Operation, StreamOperation, Waiter
from trilogue_generated.runtime.resource import hiding_arguments
from trilogue_generated.runtime.unset import UNSET

from ._base_client import Client
from ._calls import PreparedCall, prepare
from ._core import Core
from ._custom_calls import prepare_custom
from ._flow import Flow, drive, drive_async
from ._http.destinations import DownloadTarget
from ._http.senders import AsyncHttp, SyncHttp
from ._responses import Response
from ._sending import send

if TYPE_CHECKING:
    from ._pagination.async_paginator import AsyncPaginator
    from ._pagination.paginator import Paginator
    from ._reconciling import Reconciliation
    from ._streaming.async_stream import AsyncStream
    from ._streaming.stream import Stream

Result = TypeVar("Result")
Item = TypeVar("Item")


class SyncClient(Client):
    """Calls operations and waits for their responses."""

    _http: SyncHttp

    def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Result:
        """Call an operation and return its result; resources call this."""
        return self.call_raw(operation, arguments).parse()

    def call_raw(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Response[Result]:
        """Call an operation and return its response."""
        return self.send(prepare(self._core, operation, arguments))

    def paginate(self, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]) -> Paginator[Item]:
        """Return a list; resources call this."""
        from ._pagination.paginator import Paginator  # here, because only programs that list need it

        return Paginator(self, self._core, operation, arguments)

    def stream(self, operation: StreamOperation[Item], arguments: Mapping[str, Any]) -> Stream[Item]:
        """Connect to a stream and return the iterator over it; resources call this."""
        from ._streaming.stream import Stream  # here, because only programs that listen need it

        return Stream(self._http, self._core, operation, arguments)

    def wait(
        self,
        waiter: Waiter[Item],
        key: object,
        arguments: Mapping[str, Any],
        deadline: float | None,
        on_progress: OnProgress[Item] | None,
    ) -> Item:
        """Look something up until its state is final, and return it; resources call this."""
        from ._waiting import wait  # here, because only programs that wait need it

        return self.run(lambda core: wait(core, waiter, key, arguments, deadline, on_progress))

    def bulk(
        self,
        bulk: Bulk[Result],
        items: Mapping[str, Any],
        arguments: Mapping[str, Any],
        **options: Any,
    ) -> BulkResult[Result]:
        """Carry out an operation for any number of items; resources call this."""
        from ._bulk.run import BulkOptions, run  # here, because only programs with many items need it

        return self.run(lambda core: run(core, bulk, items, arguments, BulkOptions(**options)))

    def send(self, call: PreparedCall[Result]) -> Response[Result]:
        """Send a prepared call, with retries, and return its response."""
        return drive(send(call, self._core), self._http, self._core.clock)

    def run(self, flow: Callable[[Core], Flow[Result]]) -> Result:
        """Carry out several steps that belong together; hand-written methods call this."""
        return drive(flow(self._core), self._http, self._core.clock)

    def reconcile(self, error: Exception, *, settle: float = 10.0) -> Reconciliation:
        """Look for the effect of a call whose outcome is unknown, and return what became of it.

        Where nothing is found at first, it looks once more `settle` seconds after the request was sent, as the platform
        may still have been at it. Nothing is carried out by looking.

        Args:
            error: the error of the call, as it was raised.
            settle: seconds after which the platform is done with a request (10).

        Raises:
            InvalidArgument: it is no error of a call of this client.
            RequestError: a look-up failed.
        """
        from ._reconciling import reconcile  # here, because only programs whose calls fail need it

        return self.run(lambda core: reconcile(core, error, settle))

    @hiding_arguments
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Any = UNSET,
        to: DownloadTarget | None = None,
    ) -> Response[Any]:
        """Send a request that this package has no method for, with the same credentials, waits and errors.

        Args:
            method: the HTTP method; only GET, HEAD and OPTIONS are retried after a failure.
            path: below the platform's base address, for example `/contacts.json`.
            query: parameters of the query.
            json: the body.
            to: a path, or a file opened for writing bytes; the body of a successful response is written there as it
                arrives, and is not in the response. A path names the file only once it is complete,
                which may take any time unless there is a `deadline`.
        """
        return self.send(prepare_custom(self._core, method, path, query, json, to))

    def close(self) -> None:
        """Close the connections, those of all copies included."""
        self._http.close()

    def __enter__(self) -> Self:
        """Return the client; leaving the block closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()


class AsyncClient(Client):
    """`SyncClient` for asyncio."""

    _http: AsyncHttp

    async def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Result:
        """Call an operation and return its result; resources call this."""
        return (await self.call_raw(operation, arguments)).parse()

    async def call_raw(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Response[Result]:
        """Call an operation and return its response."""
        return await self.send(prepare(self._core, operation, arguments))

    def paginate(self, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]) -> AsyncPaginator[Item]:
        """Return a list; resources call this."""
        from ._pagination.async_paginator import AsyncPaginator  # here, because only programs with asyncio need it

        return AsyncPaginator(self, self._core, operation, arguments)

    def stream(self, operation: StreamOperation[Item], arguments: Mapping[str, Any]) -> AsyncStream[Item]:
        """Return the iterator over a stream, which connects when it is awaited; resources call this."""
        from ._streaming.async_stream import AsyncStream  # here, because only programs with asyncio need it

        return AsyncStream(self._http, self._core, operation, arguments)

    async def wait(
        self,
        waiter: Waiter[Item],
        key: object,
        arguments: Mapping[str, Any],
        deadline: float | None,
        on_progress: OnProgress[Item] | None,
    ) -> Item:
        """Look something up until its state is final, and return it; resources call this."""
        from ._waiting import wait  # here, because only programs that wait need it

        return await self.run(lambda core: wait(core, waiter, key, arguments, deadline, on_progress))

    async def bulk(
        self,
        bulk: Bulk[Result],
        items: Mapping[str, Any],
        arguments: Mapping[str, Any],
        **options: Any,
    ) -> BulkResult[Result]:
        """Carry out an operation for any number of items; resources call this."""
        from ._bulk.run import BulkOptions, run  # here, because only programs with many items need it

        return await self.run(lambda core: run(core, bulk, items, arguments, BulkOptions(**options)))

    async def send(self, call: PreparedCall[Result]) -> Response[Result]:
        """Send a prepared call, with retries, and return its response."""
        return await drive_async(send(call, self._core), self._http, self._core.clock)

    async def run(self, flow: Callable[[Core], Flow[Result]]) -> Result:
        """Carry out several steps that belong together; hand-written methods call this."""
        return await drive_async(flow(self._core), self._http, self._core.clock)

    async def reconcile(self, error: Exception, *, settle: float = 10.0) -> Reconciliation:
        """Look for the effect of a call whose outcome is unknown; see `SyncClient.reconcile`."""
        from ._reconciling import reconcile  # here, because only programs whose calls fail need it

        return await self.run(lambda core: reconcile(core, error, settle))

    @hiding_arguments
    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Any = UNSET,
        to: DownloadTarget | None = None,
    ) -> Response[Any]:
        """Send a request that this package has no method for; see `SyncClient.request`."""
        return await self.send(prepare_custom(self._core, method, path, query, json, to))

    async def close(self) -> None:
        """Close the connections, those of all copies included."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        """Return the client; leaving the block closes it."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()
