"""Iterates over a list in this thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from trilogue_generated.runtime.client import Paginator as PaginatorBase
from trilogue_generated.runtime.operation import ListOperation

from .._calls import PreparedCall
from .._core import Core
from .._responses import Response
from ..errors import RequestError
from .iteration import Iteration, Page

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")


class Sender(Protocol):
    """Sends a prepared call."""

    def send(self, call: PreparedCall[Any]) -> Response[Any]:
        """Return its response."""
        ...


class Paginator(PaginatorBase[Item]):
    """An iterator over a list, for threads."""

    def __init__(
        self, sender: Sender, core: Core, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]
    ) -> None:
        """Check the arguments; send nothing yet."""
        self.iteration = Iteration(core, operation, arguments)
        self._sender = sender
        self._lock = Lock()
        self._prefetches = False
        self._prefetched: Future[Response[Any]] | None = None

    def __next__(self) -> Item:
        """Return the next row; threads that share the iterator each get other rows."""
        with self._lock:
            while self.iteration.needs_page:
                self._fetch()
            if self.iteration.is_finished:
                raise StopIteration
            return self.iteration.next_row()

    def pages(self) -> Iterator[Page[Item]]:
        """Iterate page by page; after an exception the same iterator tries the same page again."""
        return _Pages(self)

    def page(self) -> Page[Item]:
        """Fetch the next page alone (the first one, if nothing was fetched yet)."""
        with self._lock:
            if self.iteration.needs_page:
                self._fetch()
            return self.iteration.rest_of_page()

    def _fetch(self) -> None:
        response = self._take_prefetched() or self._sender.send(self.iteration.prepare_page())
        self.iteration.read_page(response)
        if self._prefetches and self.iteration.has_next_page:
            self._prefetched = _in_background(self._sender.send, self.iteration.prepare_page(fails_fast=True))

    def _take_prefetched(self) -> Response[Any] | None:
        """Return the prefetched page; None if that failed, for it is fetched with waits and retries then."""
        prefetched, self._prefetched = self._prefetched, None
        try:
            return None if prefetched is None else prefetched.result()
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
        raise TypeError("a Paginator holds connections and credentials; resume at its position in the other process")

    def __repr__(self) -> str:
        """Show which list this is, nothing of its filters."""
        return f"Paginator({self.iteration.operation.name})"


def _in_background(
    send: Callable[[PreparedCall[Any]], Response[Any]], call: PreparedCall[Any]
) -> Future[Response[Any]]:
    """Send a call in a thread that does not hold up the end of the program, as those of an executor do."""
    from concurrent.futures import Future  # here, because few iterations need it

    future = Future[Response[Any]]()

    def run() -> None:
        try:
            future.set_result(send(call))
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="trilogue-prefetch", daemon=True).start()
    return future


class _Pages(Iterator[Page[Item]]):
    def __init__(self, paginator: Paginator[Item]) -> None:
        self._paginator = paginator

    def __next__(self) -> Page[Item]:
        if self._paginator.iteration.is_finished:
            raise StopIteration
        return self._paginator.page()
