"""Walks over lists.

What a walk has to remember and decide is in `Walk`, which sends nothing; the sync and the async paginator only carry
requests to and fro. A walk ends where the platform names no further page, never at an empty page.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

from attrs import define, evolve, field, frozen
from trilogue_generated.runtime.client import Page as PageBase
from trilogue_generated.runtime.operation import ListOperation
from trilogue_generated.runtime.unset import Unset

from ._arguments import Written, encode_query, write
from ._core import Call, Core
from ._http import HttpResponse
from ._responses import decode_with, parse_body
from .errors import DecodeError, InvalidArgument

Item = TypeVar("Item")


@frozen(repr=False)
class Page(PageBase[Item], Generic[Item]):
    """The rows of one answer."""

    items: list[Item]
    total: int | None = None
    more: bool = False

    @property
    def has_next(self) -> bool:
        """Whether the platform named a further page."""
        return self.more

    def __repr__(self) -> str:
        """Show how many rows there are, none of them."""
        return f"Page({len(self.items)} items, has_next={self.more})"


@define
class _Place:
    """Where the next page is: `at` is a query, a token or an offset as the style has it, None for the first page."""

    at: str | int | None = None
    done: bool = False
    total: int | None = None
    skip: list[str] = field(factory=list, repr=False)


class Walk(Generic[Item]):
    """The state of a walk: which page is next, which rows were handed out."""

    def __init__(self, core: Core, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]) -> None:
        self.core, self.operation, self.paging = core, operation, operation.paging
        try:
            self.written = write(operation, arguments)
        except InvalidArgument as error:
            raise InvalidArgument(f"{core.platform.label} {operation.name}: {error}") from None
        self.place = _Place(self._first_offset())
        self.page_start = self.place
        self.rows: deque[tuple[str, Item]] = deque()
        self.taken: list[str] = []
        self.seen: set[int] = set()

    def call(self) -> Call:
        """Return the call that fetches the next page."""
        return self.core.prepare(self.operation, self._written_at(self.place.at), self._repeatable, None)

    @property
    def _repeatable(self) -> bool:
        return self.operation.resend != "never"

    def take(self, response: HttpResponse) -> Page[Item]:
        """Read a page, make what follows it the next one, and return its rows without repeats."""
        body = parse_body(response)
        rows = self._rows(body, response)
        following = self._following(body, len(rows), response)
        items = [(key, decode_with(response, self.operation.item, row)) for key, row in self._new_rows(rows, response)]
        self.page_start, self.place = self.place, following
        self.rows, self.taken = deque(items), list(self.page_start.skip)
        self._remember(key for key, _ in items)
        return Page([item for _, item in items], following.total, not following.done)

    def next_row(self) -> Item:
        """Hand out a row of the page that was read."""
        key, item = self.rows.popleft()
        self.taken.append(key)
        return item

    def rest(self) -> list[Item]:
        """Hand out all rows left of the page that was read."""
        return [self.next_row() for _ in range(len(self.rows))]

    def _new_rows(self, rows: list[Any], response: HttpResponse) -> list[tuple[str, Any]]:
        """Return the rows that were not handed out yet, each with its identity."""
        if not self.paging.identity:
            return [("", row) for row in rows[len(self.place.skip) :]]
        new: dict[str, Any] = {}
        for row in rows:
            key = self._key(row, response)
            if key not in new and _digest(key) not in self.seen:
                new[key] = row
        return list(new.items())

    def _rows(self, body: Any, response: HttpResponse) -> list[Any]:
        rows = body.get(self.paging.items) if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise self._broken(response, f"a page without {self.paging.items!r}; this is not the end of the list")
        return rows

    def _key(self, row: Any, response: HttpResponse) -> str:
        try:
            return "\n".join(str(row[name]) for name in self.paging.identity)
        except (KeyError, TypeError):
            raise self._broken(response, f"a row without {' and '.join(self.paging.identity)}") from None

    def _remember(self, keys: Iterator[str]) -> None:
        if self.paging.identity:
            self.seen.update(_digest(key) for key in keys)

    def _first_offset(self) -> int | None:
        if self.paging.style != "offset":
            return None
        body = self.written.body
        given = body.get(self.paging.parameter) if isinstance(body, dict) else None
        return int(given if given is not None else dict(parse_qsl(self.written.query)).get(self.paging.parameter, 0))

    def _following(self, body: dict[str, Any], count: int, response: HttpResponse) -> _Place:
        if self.paging.style == "offset":
            return self._following_offset(body, count)
        link: Any = body
        for name in self.paging.next:
            link = link.get(name) if isinstance(link, dict) else None
        if link is None or link == "":
            return _Place(None, done=True)
        if not isinstance(link, str):
            raise self._broken(response, f"a link to the next page that is no text: {'.'.join(self.paging.next)}")
        at = self._query_of(link, response) if self.paging.style == "next-url" else link
        if at == self.place.at:
            raise self._broken(response, "a page that names itself as the next one, so the list would never end")
        return _Place(at)

    def _following_offset(self, body: dict[str, Any], count: int) -> _Place:
        """Count on; where rows vanished since the last page, step back so that none is skipped."""
        total = body.get(self.paging.total) if self.paging.total else None
        vanished = max((self.place.total or 0) - total, 0) if isinstance(total, int) else 0
        offset = int(self.place.at or 0) + count - vanished
        done = count == 0 or (isinstance(total, int) and offset >= total)
        return _Place(offset, done, total if isinstance(total, int) else None)

    def _query_of(self, link: str, response: HttpResponse) -> str:
        """Return the query of a link to the next page; only that is used, so no token can leave for another host."""
        parts, own = urlsplit(link), urlsplit(self.core.base_url)
        if parts.hostname not in (None, own.hostname):
            raise self._broken(
                response,
                f"a next page on another host, {parts.hostname}; if that is the platform's own name, set host= to it",
            )
        return parts.query

    def _written_at(self, at: str | int | None) -> Written:
        if at is None:
            return self.written
        if self.paging.style == "next-url":
            return evolve(self.written, query=str(at))
        name = self.paging.parameter
        if self.paging.style == "offset" and isinstance(self.written.body, dict):
            return evolve(self.written, body={**self.written.body, name: at})
        pairs = [pair for pair in parse_qsl(self.written.query, keep_blank_values=True) if pair[0] != name]
        return evolve(self.written, query=encode_query([*pairs, (name, str(at))]))

    def _broken(self, response: HttpResponse, what: str) -> DecodeError:
        error = DecodeError(what, status=response.status, headers=response.headers, content=response.content)
        error.in_context(self.core.platform.label, self.operation.name, 1)
        return error

    @property
    def may_fetch_ahead(self) -> bool:
        """Not past the end, and not where the request would have to wait for the rate limit."""
        return not self.place.done and self.core.pacer.delay(self.operation, self.core.clock.now()) == 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.place.done and not self.rows

    @property
    def position(self) -> str:
        """Return where the walk stands, as JSON."""
        place = self.page_start if self.rows else self.place
        body = None if isinstance(self.written.body, Unset) else self.written.body
        return json.dumps(
            {
                "list": f"{self.core.platform.name}.{self.operation.id}",
                "query": self.written.query,
                "body": body,
                "at": place.at,
                "done": place.done and not self.rows,
                "total": place.total,
                "skip": self.taken if self.rows else place.skip,
            }
        )

    def resume(self, position: str) -> None:
        """Go to a position of the same list."""
        found = self._read_position(position)
        body = self.written.body if found["body"] is None else found["body"]
        self.written = evolve(self.written, query=found["query"], body=body)
        self.place = _Place(found["at"], found["done"], found["total"], found["skip"])
        self.page_start, self.taken = self.place, []
        self.rows.clear()
        self.seen.clear()
        self._remember(iter(self.place.skip))

    def _read_position(self, position: str) -> dict[str, Any]:
        name = f"{self.core.platform.name}.{self.operation.id}"
        try:
            found = json.loads(position)
            complete = {"list", "query", "body", "at", "done", "total", "skip"} == found.keys()
        except (TypeError, ValueError, AttributeError):
            complete = False
        if not complete:
            raise InvalidArgument("position: this is no position of a walk; keep what `.position` gave, unchanged")
        if found["list"] != name:
            raise InvalidArgument(f"position: it belongs to {found['list']}, not to {name}")
        return dict(found)


def _digest(key: str) -> int:
    """Return sixteen bytes that stand for a row's identity; remembering one row takes about 100 bytes."""
    return int.from_bytes(blake2b(key.encode(), digest_size=16).digest(), "big")
