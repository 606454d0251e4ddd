"""Walks over lists in the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, Self, TypeVar

from trilogue_generated.runtime.client import AsyncPaginator as AsyncPaginatorBase
from trilogue_generated.runtime.operation import ListOperation

from ._core import Call, Core
from ._http import HttpResponse
from ._walk import Page, Walk
from .errors import RequestError

Item = TypeVar("Item")


class AsyncSender(Protocol):
    """Sends a prepared call."""

    async def respond(self, call: Call) -> HttpResponse:
        """Return its answer."""
        ...


class AsyncPaginator(AsyncPaginatorBase[Item]):
    """A walk in the event loop."""

    def __init__(
        self, sender: AsyncSender, core: Core, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]
    ) -> None:
        """Check the arguments; send nothing yet."""
        self.walk = Walk(core, operation, arguments)
        self._sender = sender
        self._turn = asyncio.Lock()
        self._prefetch = False
        self._ahead: asyncio.Task[HttpResponse] | None = None

    async def __anext__(self) -> Item:
        """Return the next row; tasks that share the walk each get other rows."""
        while not self.walk.rows:
            if self.walk.place.done:
                raise StopAsyncIteration
            await self._fetch_in_turn()
        return self.walk.next_row()

    def pages(self) -> AsyncIterator[Page[Item]]:
        """Walk page by page; after an exception the same iterator tries the same page again."""
        return _AsyncPages(self)

    async def page(self) -> Page[Item]:
        """Fetch the next page alone (the first one, if nothing was walked yet)."""
        if not self.walk.rows and not self.walk.place.done:
            await self._fetch_in_turn()
        return Page(self.walk.rest(), self.walk.place.total, not self.walk.place.done)

    async def _fetch_in_turn(self) -> None:
        async with self._turn:
            if not self.walk.rows and not self.walk.place.done:
                await self._fetch()

    async def _fetch(self) -> None:
        self.walk.take(await self._fetched_ahead() or await self._sender.respond(self.walk.call()))
        if self._prefetch and not self.walk.place.done:
            self._ahead = asyncio.ensure_future(self._sender.respond(self.walk.call(patient=False)))
            self._ahead.add_done_callback(_look_at_outcome)

    async def _fetched_ahead(self) -> HttpResponse | None:
        """Return the page that was fetched ahead; None where that failed, or ended with its event loop.

        Then it is fetched with patience.
        """
        ahead, self._ahead = self._ahead, None
        if ahead is None or ahead.cancelled() or ahead.get_loop() is not asyncio.get_running_loop():
            return None
        try:
            return await ahead
        except RequestError:
            return None

    @property
    def position(self) -> str:
        """Where the walk stands, as JSON text: the list, its filters and the last row handed out."""
        return self.walk.position

    def resume(self, position: str) -> Self:
        """Go on from a `position` of the same list; see the base."""
        self.walk.resume(position)
        self._ahead = None
        return self

    def prefetch(self) -> Self:
        """Fetch the next page while the current one is worked on; never more than one page ahead."""
        self._prefetch = True
        return self

    def __getstate__(self) -> Any:
        raise TypeError("a walk holds connections and credentials; resume at its position in the other process")

    def __repr__(self) -> str:
        """Show which list this is, nothing of its filters."""
        return f"AsyncPaginator({self.walk.operation.name})"


class _AsyncPages(AsyncIterator[Page[Item]]):
    def __init__(self, paginator: AsyncPaginator[Item]) -> None:
        self._paginator = paginator

    async def __anext__(self) -> Page[Item]:
        if self._paginator.walk.at_end:
            raise StopAsyncIteration
        return await self._paginator.page()


def _look_at_outcome(task: asyncio.Task[HttpResponse]) -> None:
    """Keep asyncio from complaining about a page that was fetched ahead and never asked for."""
    if not task.cancelled():
        task.exception()
