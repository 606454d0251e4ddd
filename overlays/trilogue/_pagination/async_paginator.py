"""Iterates over a list in the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any, Protocol, TypeVar

from trilogue_generated.runtime.lists import MAX_ROWS
from trilogue_generated.runtime.lists import AsyncPaginator as AsyncPaginatorBase
from trilogue_generated.runtime.lists import AsyncRowIterator as AsyncRowIteratorBase
from trilogue_generated.runtime.operation import ListOperation

from .._calls import PreparedCall
from .._core import Core
from .._responses import Response
from ..errors import RequestError
from .iteration import Iteration, Page
from .listing import Listing

Item = TypeVar("Item")


class AsyncSender(Protocol):
    """Sends a prepared call."""

    def send(self, call: PreparedCall[Any]) -> Coroutine[Any, Any, Response[Any]]:
        """Return its response."""
        ...


class AsyncPaginator(Listing[Item], AsyncPaginatorBase[Item]):
    """A list, for asyncio."""

    def __init__(
        self, sender: AsyncSender, core: Core, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]
    ) -> None:
        """Check the arguments; send nothing yet."""
        super().__init__(core, operation, arguments)
        self._sender = sender

    def iterator(self) -> AsyncRowIterator[Item]:
        """Return an iterator over all rows, which knows its position."""
        return AsyncRowIterator(self._sender, self.begin(), prefetches=self._prefetches)

    def resume(self, position: str) -> AsyncRowIterator[Item]:
        """Return an iterator from a `position` of the same list; see the base."""
        return AsyncRowIterator(self._sender, self.begin_at(position), prefetches=self._prefetches)

    def pages(self) -> AsyncIterator[Page[Item]]:
        """Iterate page by page; after an exception the same iterator tries the same page again."""
        return _AsyncPages(self.iterator())

    async def page(self) -> Page[Item]:
        """Fetch the first page alone."""
        return await AsyncRowIterator(self._sender, self.begin()).page()

    async def first(self) -> Item | None:
        """Fetch the first page and return its first row; None if the list is empty."""
        return await anext(AsyncRowIterator(self._sender, self.begin()), None)

    async def collect(self, limit: int) -> list[Item]:
        """Return the first `limit` rows; see the base."""
        self._require_count(limit, "limit")
        rows, found = self.iterator(), list[Item]()
        while len(found) < limit:
            try:
                found.append(await anext(rows))
            except StopAsyncIteration:
                break
        return found

    async def all(self, *, max_rows: int = MAX_ROWS) -> list[Item]:
        """Return all rows of a list that is not long; see the base."""
        self._require_count(max_rows, "max_rows")
        rows: list[Item] = []
        async for page in self.pages():
            rows += page.items
            self._require_bounded(rows, page, max_rows)
        return rows


class AsyncRowIterator(AsyncRowIteratorBase[Item]):
    """An iteration over a list, for asyncio."""

    def __init__(self, sender: AsyncSender, iteration: Iteration[Item], *, prefetches: bool = False) -> None:
        """Send nothing yet."""
        self.iteration = iteration
        self._sender = sender
        self._lock = asyncio.Lock()
        self._prefetches = prefetches
        self._prefetched: asyncio.Task[Response[Any]] | None = None

    async def __anext__(self) -> Item:
        """Return the next row; tasks that share the iterator each get other rows."""
        while not self.iteration.has_rows:
            if self.iteration.is_finished:
                raise StopAsyncIteration
            await self._fetch_once()
        return self.iteration.next_row()

    async def page(self) -> Page[Item]:
        """Return the rows left of the page at hand, or fetch the next one."""
        if self.iteration.needs_page:
            await self._fetch_once()
        return self.iteration.rest_of_page()

    @property
    def position(self) -> str:
        """Where the iteration stands, as JSON: the list, its filters and the last row yielded."""
        return self.iteration.position

    async def _fetch_once(self) -> None:
        """Fetch the next page, unless another task did so meanwhile."""
        async with self._lock:
            if self.iteration.needs_page:
                await self._fetch()

    async def _fetch(self) -> None:
        response = await self._take_prefetched() or await self._sender.send(self.iteration.prepare_page())
        self.iteration.read_page(response)
        if self._prefetches and self.iteration.has_next_page:
            self._prefetched = asyncio.ensure_future(self._sender.send(self.iteration.prepare_page(fails_fast=True)))
            self._prefetched.add_done_callback(_retrieve_exception)

    async def _take_prefetched(self) -> Response[Any] | None:
        """Return the prefetched page; None if that failed, or ended with its event loop.

        Then it is fetched with waits and retries.
        """
        prefetched, self._prefetched = self._prefetched, None
        if prefetched is None or prefetched.cancelled() or prefetched.get_loop() is not asyncio.get_running_loop():
            return None
        try:
            return await prefetched
        except RequestError:
            return None

    def __getstate__(self) -> Any:
        raise TypeError(
            "an AsyncRowIterator holds connections and credentials; resume at its position in the other process"
        )

    def __repr__(self) -> str:
        """Show which list this is, nothing of its filters."""
        return f"AsyncRowIterator({self.iteration.operation.name})"


class _AsyncPages(AsyncIterator[Page[Item]]):
    def __init__(self, rows: AsyncRowIterator[Item]) -> None:
        self._rows = rows

    async def __anext__(self) -> Page[Item]:
        if self._rows.iteration.is_finished:
            raise StopAsyncIteration
        return await self._rows.page()


def _retrieve_exception(task: asyncio.Task[Response[Any]]) -> None:
    """Keep asyncio from warning about a prefetched page that is never used."""
    if not task.cancelled():
        task.exception()
