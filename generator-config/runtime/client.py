"""What generated resources ask of a client; the overlays fulfil it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from os import PathLike
from typing import Any, Generic, Protocol, Self, TypeVar

from .bulk import Bulk, BulkResult, OnBulkProgress
from .operation import ListOperation, OnProgress, Operation, Waiter

Result = TypeVar("Result")
Item = TypeVar("Item")

Arguments = Mapping[str, Any]


class RawResponse(ABC, Generic[Result]):
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


class Page(ABC, Generic[Item]):
    """The rows of one response."""

    items: list[Item]
    """The rows, in the platform's order."""
    total: int | None
    """The number of rows in all pages; None if the platform does not say."""
    has_next: bool
    """Whether the platform named a further page."""

    def __iter__(self) -> Iterator[Item]:
        """Iterate over the rows of this page alone."""
        return iter(self.items)

    def __len__(self) -> int:
        """Return the number of rows of this page."""
        return len(self.items)


class Paginator(Iterator[Item]):
    """An iterator over a list, which fetches page by page; nothing is sent before the first row is asked for.

    It yields each row once. After an exception the same paginator continues where it stopped.
    """

    @abstractmethod
    def pages(self) -> Iterator[Page[Item]]:
        """Iterate page by page; after an exception the same iterator tries the same page again."""

    @abstractmethod
    def page(self) -> Page[Item]:
        """Fetch the next page alone (the first one, if nothing was fetched yet)."""

    @property
    @abstractmethod
    def position(self) -> str:
        """Where the iteration stands, as JSON: the list, its filters and the last row yielded."""

    @abstractmethod
    def resume(self, position: str) -> Self:
        """Continue from a `position` of the same list, taken in this process or another.

        Its filters replace the ones given here.

        Raises:
            InvalidArgument: `position` is not one, or belongs to another list.
        """

    @abstractmethod
    def prefetch(self) -> Self:
        """Fetch the next page while you work on the current one; never more than one page ahead."""


class AsyncPaginator(AsyncIterator[Item]):
    """`Paginator` for `async for`; see there."""

    @abstractmethod
    def pages(self) -> AsyncIterator[Page[Item]]:
        """Iterate page by page; after an exception the same iterator tries the same page again."""

    @abstractmethod
    async def page(self) -> Page[Item]:
        """Fetch the next page alone (the first one, if nothing was fetched yet)."""

    @property
    @abstractmethod
    def position(self) -> str:
        """Where the iteration stands, as JSON: the list, its filters and the last row yielded."""

    @abstractmethod
    def resume(self, position: str) -> Self:
        """Continue from a `position` of the same list, taken in this process or another.

        Its filters replace the ones given here.

        Raises:
            InvalidArgument: `position` is not one, or belongs to another list.
        """

    @abstractmethod
    def prefetch(self) -> Self:
        """Fetch the next page while you work on the current one; never more than one page ahead."""


class Caller(Protocol):
    """The sync client, as a resource sees it."""

    def call(self, operation: Operation[Result], arguments: Arguments) -> Result:
        """Send one request and return its result."""
        ...

    def paginate(self, operation: ListOperation[Any, Item], arguments: Arguments) -> Paginator[Item]:
        """Return the iterator over a list; sends nothing yet."""
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


class AsyncCaller(Protocol):
    """The async client, as a resource sees it."""

    async def call(self, operation: Operation[Result], arguments: Arguments) -> Result:
        """Send one request and return its result."""
        ...

    def paginate(self, operation: ListOperation[Any, Item], arguments: Arguments) -> AsyncPaginator[Item]:
        """Return the iterator over a list; sends nothing yet."""
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
    "Caller",
    "Page",
    "Paginator",
    "RawCaller",
    "RawResponse",
]
