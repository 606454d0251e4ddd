"""Walks over lists in this thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from trilogue_generated.runtime.client import Paginator as PaginatorBase
from trilogue_generated.runtime.operation import ListOperation

from ._core import Call, Core
from ._http import HttpResponse
from ._walk import Page, Walk
from .errors import RequestError

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

Item = TypeVar("Item")


class Sender(Protocol):
    """Sends a prepared call."""

    def respond(self, call: Call) -> HttpResponse:
        """Return its answer."""
        ...


class Paginator(PaginatorBase[Item]):
    """A walk in this thread."""

    def __init__(
        self, sender: Sender, core: Core, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]
    ) -> None:
        """Check the arguments; send nothing yet."""
        self.walk = Walk(core, operation, arguments)
        self._sender = sender
        self._turn = Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._ahead: Future[HttpResponse] | None = None

    def __next__(self) -> Item:
        """Return the next row; threads that share the walk each get other rows."""
        with self._turn:
            while not self.walk.rows:
                if self.walk.place.done:
                    raise StopIteration
                self._fetch()
            return self.walk.next_row()

    def pages(self) -> Iterator[Page[Item]]:
        """Walk page by page; after an exception the same iterator tries the same page again."""
        return _Pages(self)

    def page(self) -> Page[Item]:
        """Fetch the next page alone (the first one, if nothing was walked yet)."""
        with self._turn:
            if not self.walk.rows and not self.walk.place.done:
                self._fetch()
            return Page(self.walk.rest(), self.walk.place.total, not self.walk.place.done)

    def _fetch(self) -> None:
        self.walk.take(self._fetched_ahead() or self._sender.respond(self.walk.call()))
        if self._pool is not None and not self.walk.place.done:
            self._ahead = self._pool.submit(self._sender.respond, self.walk.call(patient=False))

    def _fetched_ahead(self) -> HttpResponse | None:
        """Return the page that was fetched ahead; None where that failed, for it is fetched with patience then."""
        ahead, self._ahead = self._ahead, None
        try:
            return None if ahead is None else ahead.result()
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
        from concurrent.futures import ThreadPoolExecutor  # here, because few walks need it

        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="trilogue-prefetch")
        return self

    def __getstate__(self) -> Any:
        raise TypeError("a walk holds connections and credentials; resume at its position in the other process")

    def __repr__(self) -> str:
        """Show which list this is, nothing of its filters."""
        return f"Paginator({self.walk.operation.name})"


class _Pages(Iterator[Page[Item]]):
    def __init__(self, paginator: Paginator[Item]) -> None:
        self._paginator = paginator

    def __next__(self) -> Page[Item]:
        if self._paginator.walk.at_end:
            raise StopIteration
        return self._paginator.page()
