"""Iterates over a list in the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, Self, TypeVar

from trilogue_generated.runtime.client import AsyncPaginator as AsyncPaginatorBase
from trilogue_generated.runtime.operation import ListOperation

from .._calls import PreparedCall
from .._core import Core
from .._responses import Response
from ..errors import RequestError
from .iteration import Iteration, Page

Item = TypeVar("Item")


class AsyncSender(Protocol):
    """Sends a prepared call."""

    async def send(self, call: PreparedCall[Any]) -> Response[Any]:
        """Return its response."""
        ...


class AsyncPaginator(AsyncPaginatorBase[Item]):
    """An iterator over a list, for asyncio."""

    def __init__(
        self, sender: AsyncSender, core: Core, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]
    ) -> None:
        """Check the arguments; send nothing yet."""
        self.iteration = Iteration(core, operation, arguments)
        self._sender = sender
        self._lock = asyncio.Lock()
        self._prefetches = False
        self._prefetched: asyncio.Task[Response[Any]] | None = None

    async def __anext__(self) -> Item:
        """Return the next row; tasks that share the iterator each get other rows."""
        while self.iteration.needs_page:
            await self._fetch_once()
        if self.iteration.is_finished:
            raise StopAsyncIteration
        return self.iteration.next_row()

    def pages(self) -> AsyncIterator[Page[Item]]:
        """Iterate page by page; after an exception the same iterator tries the same page again."""
        return _AsyncPages(self)

    async def page(self) -> Page[Item]:
        """Fetch the next page alone (the first one, if nothing was fetched yet)."""
        if self.iteration.needs_page:
            await self._fetch_once()
        return self.iteration.rest_of_page()

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

    @property
    def position(self) -> str:
        """The position of the iteration, as JSON: the list, its filters and the last row yielded."""
        return self.iteration.position

    def resume(self, position: str) -> Self:
        """Continue from a `position` of the same list; see the base."""
        self.iteration.resume(position)
        self._prefetched = None
        return self

    def prefetch(self) -> Self:
        """Fetch the next page while you work on the current one; never more than one page ahead."""
        self._prefetches = True
        return self

    def __getstate__(self) -> Any:
        raise TypeError(
            "an AsyncPaginator holds connections and credentials; resume at its position in the other process"
        )

    def __repr__(self) -> str:
        """Show which list this is, nothing of its filters."""
        return f"AsyncPaginator({self.iteration.operation.name})"


class _AsyncPages(AsyncIterator[Page[Item]]):
    def __init__(self, paginator: AsyncPaginator[Item]) -> None:
        self._paginator = paginator

    async def __anext__(self) -> Page[Item]:
        if self._paginator.iteration.is_finished:
            raise StopAsyncIteration
        return await self._paginator.page()


def _retrieve_exception(task: asyncio.Task[Response[Any]]) -> None:
    """Keep asyncio from warning about a prefetched page that is never used."""
    if not task.cancelled():
        task.exception()
