"""What the clients of all platforms have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import attrs
from trilogue_generated.runtime.operation import ListOperation, Operation, StreamOperation
from trilogue_generated.runtime.resource import hiding_arguments
from trilogue_generated.runtime.unset import UNSET, Unset

from ._calls import PreparedCall, prepare
from ._core import Core
from ._custom_calls import prepare_custom
from ._events import Hook
from ._flow import Flow, drive, drive_async
from ._http.messages import Timeout
from ._http.senders import AsyncHttp, SyncHttp
from ._quota import RetryQuota
from ._responses import Response
from ._sending import send
from ._waits import OnWait

if TYPE_CHECKING:
    from ._pagination.async_paginator import AsyncPaginator
    from ._pagination.paginator import Paginator
    from ._streaming.async_stream import AsyncStream
    from ._streaming.stream import Stream

Result = TypeVar("Result")
Item = TypeVar("Item")


class Client:
    """A sync or async client: the shared core, and copies of it with other options."""

    _core: Core
    _http: Any

    def _copy(self, core: Core) -> Self:
        copy = object.__new__(type(self))
        copy._core, copy._http = core, self._http
        return copy

    def with_options(
        self,
        *,
        timeout: float | Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
        max_attempts: int | Unset = UNSET,
        on_wait: OnWait | Unset | None = UNSET,
        on_request: Hook | Unset | None = UNSET,
        on_response: Hook | Unset | None = UNSET,
        on_retry: Hook | Unset | None = UNSET,
        headers: Mapping[str, str] | Unset = UNSET,
        extra_query: Mapping[str, str] | Unset = UNSET,
        extra_body: Mapping[str, Any] | Unset = UNSET,
    ) -> Self:
        """Return a client that differs in these options and shares everything else, the connections included.

        Args:
            timeout: seconds to wait for each read or write.
            deadline: seconds a call may take in all, waits for the rate limit included; None for no limit.
            max_attempts: how often a call is sent at most, retries included.
            on_wait: called with a `Wait` before a pause of more than a second.
            on_request: called with an `AttemptEvent` before each attempt.
            on_response: called with an `AttemptEvent` after each attempt.
            on_retry: called with an `AttemptEvent` before each retry.
            headers: added to each request.
            extra_query: added to the query of each request, for parameters this version does not know.
            extra_body: added to the body of each request, for fields this version does not know.

        Raises:
            InvalidArgument: one of them is wrong.
        """
        options = self._core.options.changed(
            timeout=timeout,
            deadline=deadline,
            max_attempts=max_attempts,
            on_wait=on_wait,
            on_request=on_request,
            on_response=on_response,
            on_retry=on_retry,
            headers=headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        return self._copy(attrs.evolve(self._core, options=options))

    @property
    def retry_quota(self) -> RetryQuota:
        """What is left for retries, shared by all copies of this client."""
        return self._core.quota

    def __repr__(self) -> str:
        """Show its address, never its credentials."""
        return f"{type(self).__name__}({self._core.base_url!r})"

    def __getstate__(self) -> Any:
        raise TypeError(
            f"a {type(self).__name__} holds connections and credentials; create another one in the other process"
        )


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
        """Return the iterator over a list; resources call this."""
        from ._pagination.paginator import Paginator  # here, because only programs that list need it

        return Paginator(self, self._core, operation, arguments)

    def stream(self, operation: StreamOperation[Item], arguments: Mapping[str, Any]) -> Stream[Item]:
        """Connect to a stream and return the iterator over it; resources call this."""
        from ._streaming.stream import Stream  # here, because only programs that listen need it

        return Stream(self._http, self._core, operation, arguments)

    def send(self, call: PreparedCall[Result]) -> Response[Result]:
        """Send a prepared call, with retries, and return its response."""
        return drive(send(call, self._core), self._http, self._core.clock)

    def run(self, flow: Callable[[Core], Flow[Result]]) -> Result:
        """Carry out several steps that belong together; hand-written methods call this."""
        return drive(flow(self._core), self._http, self._core.clock)

    @hiding_arguments
    def request(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: Any = UNSET
    ) -> Response[Any]:
        """Send a request that this package has no method for, with the same credentials, waits and errors.

        Args:
            method: the HTTP method; only GET, HEAD and OPTIONS are retried after a failure.
            path: below the platform's base address, for example `/contacts.json`.
            query: parameters of the query.
            json: the body.
        """
        return self.send(prepare_custom(self._core, method, path, query, json))

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
        """Return the iterator over a list; resources call this."""
        from ._pagination.async_paginator import AsyncPaginator  # here, because only programs with asyncio need it

        return AsyncPaginator(self, self._core, operation, arguments)

    def stream(self, operation: StreamOperation[Item], arguments: Mapping[str, Any]) -> AsyncStream[Item]:
        """Return the iterator over a stream, which connects when it is awaited; resources call this."""
        from ._streaming.async_stream import AsyncStream  # here, because only programs with asyncio need it

        return AsyncStream(self._http, self._core, operation, arguments)

    async def send(self, call: PreparedCall[Result]) -> Response[Result]:
        """Send a prepared call, with retries, and return its response."""
        return await drive_async(send(call, self._core), self._http, self._core.clock)

    async def run(self, flow: Callable[[Core], Flow[Result]]) -> Result:
        """Carry out several steps that belong together; hand-written methods call this."""
        return await drive_async(flow(self._core), self._http, self._core.clock)

    @hiding_arguments
    async def request(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: Any = UNSET
    ) -> Response[Any]:
        """Send a request that this package has no method for; see `SyncClient.request`."""
        return await self.send(prepare_custom(self._core, method, path, query, json))

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


class RawSyncClient:
    """Calls operations and returns their responses."""

    def __init__(self, client: SyncClient) -> None:
        """Share everything with `client`."""
        self._client = client

    def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Response[Result]:
        """Call an operation; resources call this."""
        return self._client.call_raw(operation, arguments)


class RawAsyncClient:
    """`RawSyncClient` for asyncio."""

    def __init__(self, client: AsyncClient) -> None:
        """Share everything with `client`."""
        self._client = client

    async def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Response[Result]:
        """Call an operation; resources call this."""
        return await self._client.call_raw(operation, arguments)
