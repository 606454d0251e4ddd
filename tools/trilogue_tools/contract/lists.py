"""A list that a server granted, and how it is read again with other inputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from trilogue_tools.drift.endpoints import Endpoint, Page
from trilogue_tools.drift.findings import Finding
from trilogue_tools.drift.server import Exchange, Server

_KEYS = ("uuid", "id", "key")


@frozen(eq=False)
class Rows:
    """Rows that were read page by page. `borders`: how many there were after each page; `problem`: why it ended."""

    rows: Sequence[Any] = field(repr=False)
    borders: Sequence[int]
    is_whole: bool
    status: int = 200
    problem: str = ""

    @property
    def is_granted(self) -> bool:
        """Whether the server returned a page at all."""
        return 200 <= self.status < 300


@frozen(eq=False)
class GrantedList:
    """A list, with the inputs that it was granted for and the rows it then had."""

    endpoint: Endpoint
    server: Server
    values: Mapping[str, Any]
    pages: int
    first: Rows

    @classmethod
    def read(cls, endpoint: Endpoint, server: Server, values: Mapping[str, Any], pages: int) -> GrantedList:
        """Read a list for the first time."""
        return cls(endpoint, server, values, pages, iterate(endpoint, server, values, pages))

    @property
    def page(self) -> Page:
        """How it is paginated."""
        assert self.endpoint.page is not None
        return self.endpoint.page

    @property
    def rows(self) -> Sequence[Any]:
        """The rows it had at first."""
        return self.first.rows

    def again(self, more: Mapping[str, Any], pages: int | None = None) -> Rows:
        """Read it again, with more inputs."""
        return iterate(self.endpoint, self.server, {**self.values, **more}, self.pages if pages is None else pages)

    def key(self, row: Any) -> Hashable:
        """Return what identifies a row; the whole row if nothing does."""
        return key_of(row, self.page)

    def keys(self, rows: Sequence[Any]) -> list[Hashable]:
        """Return what identifies rows."""
        return [self.key(row) for row in rows]

    def finding(self, problem: str, name: str = "", detail: str = "") -> Finding:
        """Return a finding about this list; `name` is that of an input or a property."""
        return Finding(self.endpoint.name, 200, problem, name, detail)


ListCheck = Callable[[GrantedList], Iterator[Finding]]


def key_of(row: Any, page: Page) -> Hashable:
    """Return what identifies a row of a list."""
    names = page.primary_key or tuple(name for name in _KEYS if isinstance(row, dict) and name in row)[:1]
    if isinstance(row, dict) and names and all(name in row for name in names):
        return tuple(str(row[name]) for name in names)
    return json.dumps(row, sort_keys=True)


def iterate(endpoint: Endpoint, server: Server, values: Mapping[str, Any], pages: int) -> Rows:
    """Read a list page by page; end where a link comes again, for it would never end.

    Raises:
        BudgetSpent: no request is left.
    """
    page = endpoint.page
    assert page is not None
    exchange = server.send(endpoint, values)
    rows: list[Any] = list(page.rows(exchange.body))
    borders, followed = [len(rows)], set[str]()
    while exchange.is_granted and (link := _next(page, values, exchange, rows)) is not None:
        if link in followed:
            return Rows(rows, borders, is_whole=False, problem="the pages form a cycle")
        if len(borders) >= pages:
            return Rows(rows, borders, is_whole=False)
        followed.add(link)
        exchange = server.follow(endpoint, values, link)
        rows += page.rows(exchange.body)
        borders.append(len(rows))
    return Rows(rows, borders, exchange.is_granted, exchange.status or 0)


def _next(page: Page, values: Mapping[str, Any], exchange: Exchange, rows: Sequence[Any]) -> str | None:
    """Return what leads to the next page; by offset, there is one as long as pages are full."""
    if page.style != "offset":
        return page.following(exchange.body)
    size, found = values.get(page.limit), page.rows(exchange.body)
    has_more = isinstance(exchange.body, dict) and (exchange.body.get("next") or exchange.body.get("hasMore"))
    return str(len(rows)) if found and (has_more or len(found) == size) else None
