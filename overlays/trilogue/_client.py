"""What the clients of all platforms have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import attrs
from trilogue_generated.runtime.operation import ANY, ContextHeader, ListOperation, Operation
from trilogue_generated.runtime.unset import UNSET, Unset

from ._arguments import Written, encode_query, write_value
from ._core import CALL_DEADLINE, Call, Core
from ._http import AsyncHttp, HttpResponse, SyncHttp, Timeout
from ._options import strings
from ._paging import Paginator
from ._redaction import redact
from ._responses import Raw, decode
from ._sending import Flow, drive, drive_async, send
from ._waiting import OnWait
from .errors import InvalidArgument

if TYPE_CHECKING:
    from ._paging_async import AsyncPaginator

Answer = TypeVar("Answer")
Item = TypeVar("Item")

READING = ("GET", "HEAD", "OPTIONS")


class Client:
    """A client of either kind: the shared core, and copies of it with other options."""

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
        headers: Mapping[str, str] | Unset = UNSET,
        extra_query: Mapping[str, str] | Unset = UNSET,
        extra_body: Mapping[str, Any] | Unset = UNSET,
    ) -> Self:
        """Return a client that differs in these options and shares everything else, the connections included.

        Args:
            timeout: seconds to wait for each read or write.
            deadline: seconds a call may take in all, waits for the rate limit included; None for no limit.
            max_attempts: how often a request that may be sent again is sent at most.
            on_wait: called with a `Wait` before a pause of more than a second.
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
            headers=headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        return self._copy(attrs.evolve(self._core, options=options))

    def __repr__(self) -> str:
        """Show where it leads, never its credentials."""
        return f"{type(self).__name__}({self._core.base_url!r})"

    def __getstate__(self) -> Any:
        raise TypeError(
            f"a {type(self).__name__} holds connections and credentials; make a new one in the other process"
        )

    def _free_call(self, method: str, path: str, query: Mapping[str, str] | None, json: Any) -> Call:
        if not isinstance(method, str) or not method.isascii() or not method.isalpha():
            raise InvalidArgument("method: expected an HTTP method such as GET")
        if (
            not isinstance(path, str)
            or not path.startswith("/")
            or not path.isprintable()
            or "?" in path
            or "#" in path
        ):
            raise InvalidArgument("path: expected one below the base address, such as /contacts.json, without a query")
        method, body = method.upper(), json if isinstance(json, Unset) else write_value(ANY, json, "json")
        reads = method in READING
        operation = Operation[Any](
            id="request",
            name=f"{method} {redact(path)}",
            method=method,
            path=path,
            decode=_unchanged,
            retry="idempotent" if reads else "non-idempotent",
            content_type=None if isinstance(json, Unset) else "application/json",
            context=tuple(ContextHeader(name) for name in self._core.context),
        )
        pairs = strings("query", {} if query is None else query).items()
        return self._core.prepare(operation, Written(path, encode_query(pairs), body=body), reads, CALL_DEADLINE)

    def prepare(self, operation: Operation[Any], arguments: Mapping[str, Any]) -> Call:
        """Check the arguments of an operation and return its call."""
        return self._core.call(operation, arguments)

    def raw(self, operation: Operation[Answer], response: HttpResponse) -> Raw[Answer]:
        """Return an answer as it came."""
        return Raw(response.status, response.headers, response.content, operation, self._core.platform.label)


def _unchanged(body: Any) -> Any:
    return body


class SyncClient(Client):
    """Calls operations and waits for their answers."""

    _http: SyncHttp

    def call(self, operation: Operation[Answer], arguments: Mapping[str, Any]) -> Answer:
        """Send one request and return its result; resources call this."""
        return decode(operation, self.respond(self.prepare(operation, arguments)), self._core.platform.label)

    def paginate(self, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]) -> Paginator[Item]:
        """Return the walk over a list; resources call this."""
        return Paginator(self, self._core, operation, arguments)

    def respond(self, call: Call) -> HttpResponse:
        """Send a prepared call, again if need be, and return its answer."""
        return drive(send(call, self._core), self._http, self._core.clock)

    def perform(self, flow: Callable[[Core], Flow[Answer]]) -> Answer:
        """Carry out several steps that belong together; hand-written methods call this."""
        return drive(flow(self._core), self._http, self._core.clock)

    def request(self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: Any = UNSET) -> Raw[Any]:
        """Send a request this package has no method for, with the same credentials, waits and errors.

        Args:
            method: the HTTP method; only GET, HEAD and OPTIONS are sent again after a failure.
            path: below the platform's base address, for example `/contacts.json`.
            query: parameters of the query.
            json: the body.
        """
        call = self._free_call(method, path, query, json)
        return self.raw(call.operation, self.respond(call))

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

    async def call(self, operation: Operation[Answer], arguments: Mapping[str, Any]) -> Answer:
        """Send one request and return its result; resources call this."""
        return decode(operation, await self.respond(self.prepare(operation, arguments)), self._core.platform.label)

    def paginate(self, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]) -> AsyncPaginator[Item]:
        """Return the walk over a list; resources call this."""
        from ._paging_async import AsyncPaginator  # here, because programs without an event loop need not load it

        return AsyncPaginator(self, self._core, operation, arguments)

    async def respond(self, call: Call) -> HttpResponse:
        """Send a prepared call, again if need be, and return its answer."""
        return await drive_async(send(call, self._core), self._http, self._core.clock)

    async def perform(self, flow: Callable[[Core], Flow[Answer]]) -> Answer:
        """Carry out several steps that belong together; hand-written methods call this."""
        return await drive_async(flow(self._core), self._http, self._core.clock)

    async def request(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: Any = UNSET
    ) -> Raw[Any]:
        """Send a request this package has no method for; see `SyncClient.request`."""
        call = self._free_call(method, path, query, json)
        return self.raw(call.operation, await self.respond(call))

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
    """Calls operations and returns their answers as they came."""

    def __init__(self, client: SyncClient) -> None:
        """Share everything with `client`."""
        self._client = client

    def call(self, operation: Operation[Answer], arguments: Mapping[str, Any]) -> Raw[Answer]:
        """Send one request; resources call this."""
        return self._client.raw(operation, self._client.respond(self._client.prepare(operation, arguments)))


class RawAsyncClient:
    """`RawSyncClient` for asyncio."""

    def __init__(self, client: AsyncClient) -> None:
        """Share everything with `client`."""
        self._client = client

    async def call(self, operation: Operation[Answer], arguments: Mapping[str, Any]) -> Raw[Answer]:
        """Send one request; resources call this."""
        return self._client.raw(operation, await self._client.respond(self._client.prepare(operation, arguments)))
