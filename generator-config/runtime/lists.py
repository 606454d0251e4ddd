"""Lists, their pages, and the iterators over their rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Generic, Self, TypeVar

from .interface import Interface

Item = TypeVar("Item")

MAX_ROWS = 10_000
"""Rows that `all()` returns at most, unless told otherwise."""


class Page(Interface, ABC, Generic[Item]):
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


class RowIterator(Interface, Iterator[Item]):
    """One iteration over a list, which fetches page by page and knows where it stands.

    It yields each row once. After an exception the same iterator continues where it stopped.
    """

    @property
    @abstractmethod
    def position(self) -> str:
        """Where the iteration stands, as JSON: the list, its filters and the last row yielded."""

    @abstractmethod
    def page(self) -> Page[Item]:
        """Return the rows left of the page at hand, or fetch the next one."""


class Paginator(Interface, Iterable[Item]):
    """A list; nothing is sent before the first row is asked for.

    Each loop over it starts from the beginning, with requests of its own.
    """

    @abstractmethod
    def iterator(self) -> RowIterator[Item]:
        """Return an iterator over all rows, which knows its position; a `for` loop uses one of its own."""

    def __iter__(self) -> RowIterator[Item]:
        """Iterate from the beginning."""
        return self.iterator()

    @abstractmethod
    def resume(self, position: str) -> RowIterator[Item]:
        """Return an iterator from a `position` of the same list, taken in this process or another.

        The filters of the position replace the ones of this list.

        Raises:
            InvalidArgument: `position` is not one, or belongs to another list.
        """

    @abstractmethod
    def prefetch(self) -> Self:
        """Let iterators fetch the next page while you work on the current one; never more than one page ahead."""

    @abstractmethod
    def pages(self) -> Iterator[Page[Item]]:
        """Iterate page by page; after an exception the same iterator tries the same page again."""

    @abstractmethod
    def page(self) -> Page[Item]:
        """Fetch the first page alone."""

    @abstractmethod
    def first(self) -> Item | None:
        """Fetch the first page and return its first row; None if the list is empty."""

    @abstractmethod
    def collect(self, limit: int) -> list[Item]:
        """Return the first `limit` rows, or all if there are fewer.

        This takes a request for each page, and all of them are in memory at once.

        Raises:
            InvalidArgument: `limit` is not a number of rows.
        """

    @abstractmethod
    def all(self, *, max_rows: int = MAX_ROWS) -> list[Item]:
        """Return all rows of a list that is not long.

        This takes a request for each page, and all rows are in memory at once, some kilobytes each. Iterate instead
        where a list may be long.

        Raises:
            InvalidArgument: `max_rows` is not a number of rows.
            TooManyRows: there are more than `max_rows`.
        """


class AsyncRowIterator(Interface, AsyncIterator[Item]):
    """`RowIterator` for `async for`; see there."""

    @property
    @abstractmethod
    def position(self) -> str:
        """Where the iteration stands, as JSON: the list, its filters and the last row yielded."""

    @abstractmethod
    async def page(self) -> Page[Item]:
        """Return the rows left of the page at hand, or fetch the next one."""


class AsyncPaginator(Interface, AsyncIterable[Item]):
    """`Paginator` for asyncio; see there."""

    @abstractmethod
    def iterator(self) -> AsyncRowIterator[Item]:
        """Return an iterator over all rows, which knows its position; an `async for` loop uses one of its own."""

    def __aiter__(self) -> AsyncRowIterator[Item]:
        """Iterate from the beginning."""
        return self.iterator()

    @abstractmethod
    def resume(self, position: str) -> AsyncRowIterator[Item]:
        """Return an iterator from a `position` of the same list, taken in this process or another.

        The filters of the position replace the ones of this list.

        Raises:
            InvalidArgument: `position` is not one, or belongs to another list.
        """

    @abstractmethod
    def prefetch(self) -> Self:
        """Let iterators fetch the next page while you work on the current one; never more than one page ahead."""

    @abstractmethod
    def pages(self) -> AsyncIterator[Page[Item]]:
        """Iterate page by page; after an exception the same iterator tries the same page again."""

    @abstractmethod
    async def page(self) -> Page[Item]:
        """Fetch the first page alone."""

    @abstractmethod
    async def first(self) -> Item | None:
        """Fetch the first page and return its first row; None if the list is empty."""

    @abstractmethod
    async def collect(self, limit: int) -> list[Item]:
        """Return the first `limit` rows; see `Paginator.collect`."""

    @abstractmethod
    async def all(self, *, max_rows: int = MAX_ROWS) -> list[Item]:
        """Return all rows of a list that is not long; see `Paginator.all`."""
