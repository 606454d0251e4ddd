"""What generated resources ask of a client; the overlays fulfil it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from .interface import Interface

if TYPE_CHECKING:
    from .bulk import Bulk, BulkResult, OnBulkProgress
    from .lists import AsyncPaginator, Paginator
    from .operation import (
        Download,
        DownloadTarget,
        ListOperation,
        Lookup,
        OnProgress,
        Operation,
        StreamOperation,
        Waiter,
    )
    from .streams import AsyncStream, Stream

Result = TypeVar("Result")
Item = TypeVar("Item")

Arguments = Mapping[str, Any]


class RawResponse(Interface, ABC, Generic[Result]):
    """A response: status, headers and body, with the typed result on request."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str]
    """The headers, found by name in any case."""
    content: bytes
    """The body."""

    @abstractmethod
    def parse(self) -> Result:
        """Return what the method returns without `with_raw_response`.

        Raises:
            DecodeError: the body is not what the description promises.
        """

    @abstractmethod
    def json(self) -> Any:
        """Return the body as plain JSON values.

        Raises:
            DecodeError: the body is not JSON.
        """


class Caller(Protocol):
    """The sync client, as a resource sees it."""

    def call(self, operation: Operation[Result], arguments: Arguments) -> Result:
        """Send one request and return its result."""
        ...

    def paginate(self, operation: ListOperation[Any, Item], arguments: Arguments) -> Paginator[Item]:
        """Return a list; sends nothing yet."""
        ...

    def stream(self, operation: StreamOperation[Item], arguments: Arguments) -> Stream[Item]:
        """Connect to a stream and return the iterator over it."""
        ...

    def bulk(
        self,
        bulk: Bulk[Result],
        items: Arguments,
        arguments: Arguments,
        *,
        ledger: str | PathLike[str] | None,
        dry_run: bool,
        max_failures: float,
        on_progress: OnBulkProgress | None,
    ) -> BulkResult[Result]:
        """Carry out an operation for any number of items."""
        ...

    def wait(
        self,
        waiter: Waiter[Item],
        key: object,
        arguments: Arguments,
        deadline: float | None,
        on_progress: OnProgress[Item] | None,
    ) -> Item:
        """Look something up until its state is final, and return it."""
        ...

    def download(self, method: Download[Item], source: Item | Arguments, to: DownloadTarget) -> Item:
        """Write to a file what an object points at, and return the object."""
        ...

    def look_up(self, lookup: Lookup[Item], key: str) -> Item:
        """Return what a list has under a name."""
        ...


class AsyncCaller(Protocol):
    """The async client, as a resource sees it."""

    async def call(self, operation: Operation[Result], arguments: Arguments) -> Result:
        """Send one request and return its result."""
        ...

    def paginate(self, operation: ListOperation[Any, Item], arguments: Arguments) -> AsyncPaginator[Item]:
        """Return a list; sends nothing yet."""
        ...

    def stream(self, operation: StreamOperation[Item], arguments: Arguments) -> AsyncStream[Item]:
        """Return the iterator over a stream; connects when it is awaited."""
        ...

    async def bulk(
        self,
        bulk: Bulk[Result],
        items: Arguments,
        arguments: Arguments,
        *,
        ledger: str | PathLike[str] | None,
        dry_run: bool,
        max_failures: float,
        on_progress: OnBulkProgress | None,
    ) -> BulkResult[Result]:
        """Carry out an operation for any number of items."""
        ...

    async def wait(
        self,
        waiter: Waiter[Item],
        key: object,
        arguments: Arguments,
        deadline: float | None,
        on_progress: OnProgress[Item] | None,
    ) -> Item:
        """Look something up until its state is final, and return it."""
        ...

    async def download(self, method: Download[Item], source: Item | Arguments, to: DownloadTarget) -> Item:
        """Write to a file what an object points at, and return the object."""
        ...

    async def look_up(self, lookup: Lookup[Item], key: str) -> Item:
        """Return what a list has under a name."""
        ...


class RawCaller(Protocol):
    """The sync client behind `with_raw_response`."""

    def call(self, operation: Operation[Result], arguments: Arguments) -> RawResponse[Result]:
        """Send one request and return its response."""
        ...


class AsyncRawCaller(Protocol):
    """The async client behind `with_raw_response`."""

    async def call(self, operation: Operation[Result], arguments: Arguments) -> RawResponse[Result]:
        """Send one request and return its response."""
        ...


__all__ = [
    "Arguments",
    "AsyncCaller",
    "AsyncPaginator",
    "AsyncRawCaller",
    "AsyncStream",
    "Caller",
    "Paginator",
    "RawCaller",
    "RawResponse",
    "Stream",
]
