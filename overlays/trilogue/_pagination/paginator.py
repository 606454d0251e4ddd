"""Iterates over a list in this thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from trilogue_generated.runtime.lists import MAX_ROWS
from trilogue_generated.runtime.lists import Paginator as PaginatorBase
from trilogue_generated.runtime.lists import RowIterator as RowIteratorBase
from trilogue_generated.runtime.operation import ListOperation

from .._calls import PreparedCall
from .._core import Core
from .._responses import Response
from ..errors import RequestError
from .iteration import Iteration, Page
from .listing import Listing

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")


class Sender(Protocol):
    """Sends a prepared call."""

    def send(self, call: PreparedCall[Any]) -> Response[Any]:
        """Return its response."""
        ...


class Paginator(Listing[Item], PaginatorBase[Item]):
    """A list, for threads."""

    def __init__(
        self, sender: Sender, core: Core, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]
    ) -> None:
        """Check the arguments; send nothing yet."""
        super().__init__(core, operation, arguments)
        self._sender = sender

    def iterator(self) -> RowIterator[Item]:
        """Return an iterator over all rows, which knows its position."""
        return RowIterator(self._sender, self.begin(), prefetches=self._prefetches)

    def resume(self, position: str) -> RowIterator[Item]:
        """Return an iterator from a `position` of the same list; see the base."""
        return RowIterator(self._sender, self.begin_at(position), prefetches=self._prefetches)

    def pages(self) -> Iterator[Page[Item]]:
        """Iterate page by page; after an exception the same iterator tries the same page again."""
        return _Pages(self.iterator())

    def page(self) -> Page[Item]:
        """Fetch the first page alone."""
        return RowIterator(self._sender, self.begin()).page()

    def first(self) -> Item | None:
        """Fetch the first page and return its first row; None if the list is empty."""
        return next(RowIterator(self._sender, self.begin()), None)

    def collect(self, limit: int) -> list[Item]:
        """Return the first `limit` rows; see the base."""
        self._require_count(limit, "limit")
        return list(islice(self.iterator(), limit))

    def all(self, *, max_rows: int = MAX_ROWS) -> list[Item]:
        """Return all rows of a list that is not long; see the base."""
        self._require_count(max_rows, "max_rows")
        rows: list[Item] = []
        for page in self.pages():
            rows += page.items
            self._require_bounded(rows, page, max_rows)
        return rows


class RowIterator(RowIteratorBase[Item]):
    """An iteration over a list, for threads."""

    def __init__(self, sender: Sender, iteration: Iteration[Item], *, prefetches: bool = False) -> None:
        """Send nothing yet."""
        self.iteration = iteration
        self._sender = sender
        self._lock = Lock()
        self._prefetches = prefetches
        self._prefetched: Future[Response[Any]] | None = None

    def __next__(self) -> Item:
        """Return the next row; threads that share the iterator each get other rows."""
        with self._lock:
            while not self.iteration.has_rows:
                if self.iteration.is_finished:
                    raise StopIteration
                self._fetch()
            return self.iteration.next_row()

    def page(self) -> Page[Item]:
        """Return the rows left of the page at hand, or fetch the next one."""
        with self._lock:
            if self.iteration.needs_page:
                self._fetch()
            return self.iteration.rest_of_page()

    @property
    def position(self) -> str:
        """Where the iteration stands, as JSON: the list, its filters and the last row yielded."""
        return self.iteration.position

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

    def __getstate__(self) -> Any:
        raise TypeError("a RowIterator holds connections and credentials; resume at its position in the other process")

    def __repr__(self) -> str:
        """Show which list this is, nothing of its filters."""
        return f"RowIterator({self.iteration.operation.name})"


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
    def __init__(self, rows: RowIterator[Item]) -> None:
        self._rows = rows

    def __next__(self) -> Page[Item]:
        if self._rows.iteration.is_finished:
            raise StopIteration
        return self._rows.page()
