"""The state of an iteration over a list, which sends nothing; the sync and the async paginator fetch its pages."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from msgspec.structs import replace
from trilogue_generated.runtime.json_object import JsonObject
from trilogue_generated.runtime.lists import Page as PageBase
from trilogue_generated.runtime.operation import ListOperation
from trilogue_generated.runtime.unset import Unset

from .._calls import MethodErrors, PreparedCall, build
from .._core import Core
from .._responses import Response
from .._serialization.arguments import Serialized
from ..errors import DecodeError, InvalidArgument
from .bodies import Body
from .digests import Digests
from .positions import Position, read_position, write_position
from .repeats import Repeats
from .styles import Cursor, style_of

Item = TypeVar("Item")

MAX_EMPTY_PAGES = 100
"""Pages without a new row, one after the other, after which an iteration is said to get nowhere."""


class Page(PageBase[Item]):
    """The rows of one response."""

    def __init__(self, items: list[Item], total: int | None, has_next: bool) -> None:
        """Hold these rows."""
        self.items, self.total, self.has_next = items, total, has_next

    def __repr__(self) -> str:
        """Show how many rows there are, none of them."""
        return f"Page({len(self.items)} items, has_next={self.has_next})"


class Iteration(Generic[Item]):
    """Which page is next, and which rows of the page at hand are left."""

    def __init__(self, core: Core, operation: ListOperation[Any, Item], arguments: Serialized) -> None:
        """Begin at the first page."""
        self.operation = operation
        self._core, self._arguments = core, arguments
        self._style = style_of(operation.paging, core)
        self._repeats = Repeats(operation.paging.primary_key)
        self._empty_pages = 0
        self._visited = Digests()
        self._body: Body | None = None
        self._new: list[int] = []
        self._rows: list[Item | JsonObject | DecodeError] = []
        self._yielded = 0
        self._page = self._next = self._style.first(self._arguments)

    @property
    def has_rows(self) -> bool:
        """Whether rows of the page at hand are left."""
        return self._yielded < len(self._rows)

    @property
    def needs_page(self) -> bool:
        """Whether the next row is on a page that was not fetched yet."""
        return not self.has_rows and not self._next.is_end

    @property
    def has_next_page(self) -> bool:
        """Whether there is a page to fetch."""
        return not self._next.is_end

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left."""
        return self._next.is_end and not self.has_rows

    def prepare_page(self, *, fails_fast: bool = False) -> PreparedCall[Any]:
        """Return the call that fetches the next page."""
        with MethodErrors(self._core, self.operation.name):
            call = build(self._core, self.operation, self._style.apply(self._next, self._arguments), None)
        return replace(call, fails_fast=True) if fails_fast else call

    def read_page(self, response: Response[Any]) -> None:
        """Read the next page: keep its rows without repeats, and move on to what follows it."""
        body = Body(response, self.operation, is_plain=bool(self._next.skip))
        following = self._style.following(self._next, body.members, len(body.rows), response)
        self._check_progress(following, response)
        self._new = self._repeats.find_new(body.rows, self._next.skip)
        self._rows = self._decode([body.rows[index] for index in self._new], response)
        self._body, self._yielded = body, 0
        self._page, self._next = self._next, following
        self._count_empty_pages(response)

    def next_row(self) -> Item:
        """Return the next row of the page at hand, or raise the error of one that cannot be decoded and move on."""
        row = self._rows[self._yielded]
        item: Item | DecodeError = row.to_model() if isinstance(row, JsonObject) else row
        self._yielded += 1
        if isinstance(item, DecodeError):
            raise item
        return item

    def rest_of_page(self) -> Page[Item]:
        """Return all rows left of the page at hand; raise the error of one that cannot be decoded once, and drop it."""
        for index in range(self._yielded, len(self._rows)):
            if isinstance(self._rows[index], DecodeError):
                self._bring_forward(index)
                self.next_row()
        rows: list[Any] = self._rows[self._yielded :]
        items = [row.to_model() for row in rows] if rows and isinstance(rows[0], JsonObject) else rows
        self._yielded = len(self._rows)
        return Page(items, self._next.total, self.has_next_page)

    def _bring_forward(self, index: int) -> None:
        """Have one of the rows that are left be the next."""
        self._rows.insert(self._yielded, self._rows.pop(index))
        self._new.insert(self._yielded, self._new.pop(index))

    def _decode(self, rows: list[Any], response: Response[Any]) -> list[Item | JsonObject | DecodeError]:
        """Return the rows as models, with an error in place of each that cannot be one.

        A struct becomes a model when that is yielded, so that Python's garbage collector has no page of them to search.
        """
        if rows and isinstance(rows[0], JsonObject):
            return rows
        try:
            return [*response.decode(self.operation.rows, rows)]
        except DecodeError:
            return [self._decode_row(row, number, response) for number, row in enumerate(rows, 1)]

    def _decode_row(self, row: Any, number: int, response: Response[Any]) -> Item | DecodeError:
        try:
            return response.decode(self.operation.rows, [row])[0]
        except DecodeError:
            return response.decode_error(f"row {number} of a page is not what the description promises; go on after it")

    def _count_empty_pages(self, response: Response[Any]) -> None:
        """Raise DecodeError after many pages in a row without a new row, from which the iteration can still go on."""
        self._empty_pages = 0 if self.has_rows or self._next.is_end else self._empty_pages + 1
        if self._empty_pages == MAX_EMPTY_PAGES:
            self._empty_pages = 0
            raise response.decode_error(
                f"{MAX_EMPTY_PAGES} pages in a row had no new row, and another follows; go on only if you expect that"
            )

    def _check_progress(self, following: Cursor, response: Response[Any]) -> None:
        """Raise DecodeError where a page names one that was there before; an offset may step back to one."""
        if isinstance(following.value, str) and not self._visited.add(following.value):
            raise response.decode_error("a page names an earlier one as the next, so the list would never end")

    @property
    def position(self) -> str:
        """The position of the iteration, as JSON."""
        page, arguments = self._page if self.has_rows else self._next, self._arguments
        return write_position(
            Position(
                list=self._list_name,
                path=arguments.path,
                query=arguments.query,
                body=None if isinstance(arguments.body, Unset) else arguments.body,
                at=page.value,
                done=self.is_finished,
                total=page.total,
                skip=[*page.skip, *self._marks_of_yielded()] if self.has_rows else page.skip,
            )
        )

    def _marks_of_yielded(self) -> list[str]:
        rows = self._body.plain_rows if self._body else []
        return [self._repeats.mark(rows[index]) for index in self._new[: self._yielded]]

    def resume(self, text: str) -> None:
        """Go to a position of the same list."""
        position = read_position(text, self._style.value_types)
        if (position["list"], position["path"]) != (self._list_name, self._arguments.path):
            raise InvalidArgument(f"position: belongs to another list; resume it there, not on {self._list_name}")
        body = self._arguments.body if position["body"] is None else position["body"]
        self._arguments = replace(self._arguments, query=position["query"], body=body)
        self._page = self._next = Cursor(position["at"], position["done"], position["total"], tuple(position["skip"]))
        self._new, self._rows, self._yielded = [], [], 0
        self._visited = Digests()
        self._visited.add(str(position["at"]))
        self._repeats.forget()
        self._repeats.remember(position["skip"])

    @property
    def _list_name(self) -> str:
        return f"{self._core.platform.name}.{self.operation.name}"
