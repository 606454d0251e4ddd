"""Walks over lists.

What a walk has to remember and decide is in `Walk`, which sends nothing; the sync and the async paginator only carry
requests to and fro. A walk ends where the platform names no further page, never at an empty page.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from types import NoneType
from typing import Any, Generic, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

import orjson
from attrs import define, evolve, field, frozen
from trilogue_generated.runtime.client import Page as PageBase
from trilogue_generated.runtime.model import is_array, is_object
from trilogue_generated.runtime.operation import ListOperation
from trilogue_generated.runtime.unset import Unset

from ._arguments import Written, encode_query, write
from ._core import Call, Core
from ._http import HttpResponse
from ._responses import answering, decode_with, parse_body
from .errors import DecodeError, InvalidArgument

Item = TypeVar("Item")


@frozen(repr=False, eq=False)
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


@define(eq=False)
class _Place:
    """Where the next page is: `at` is a query, a token or an offset as the style has it, None for the first page."""

    at: str | int | None = field(default=None, repr=False)
    done: bool = False
    total: int | None = None
    skip: list[str] = field(factory=list[str], repr=False)


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
        self.rows: deque[tuple[Any, Item]] = deque()
        self.taken: list[str] = []
        self.seen: set[int] = set()
        self.visited: set[int] = set()

    def call(self, *, patient: bool = True) -> Call:
        """Return the call that fetches the next page; one that is not patient neither waits nor tries again."""
        call = self.core.prepare(self.operation, self._written_at(self.place.at), self._repeatable, None)
        call.patient = patient
        return call

    @property
    def _repeatable(self) -> bool:
        return self.operation.retry != "non-idempotent"

    def take(self, response: HttpResponse) -> None:
        """Read a page: keep its rows without repeats, and make what follows it the next one."""
        with answering(self.operation, self.core.platform.label):
            self._take(response)

    def _take(self, response: HttpResponse) -> None:
        body = parse_body(response)
        rows = self._rows(body, response)
        following = self._following(body, len(rows), response)
        new = self._new_rows(rows, response)
        made = decode_with(response, self.operation.rows, [row for _, row in new])
        items = [(key, item) for (key, _), item in zip(new, made, strict=True)]
        self.page_start, self.place = self.place, following
        self.rows, self.taken = deque(items), list(self.page_start.skip)
        self._remember(key for key, _ in items)
        self.visited.add(_digest(str(following.at)))

    def next_row(self) -> Item:
        """Hand out a row of the page that was read."""
        key, item = self.rows.popleft()
        self.taken.append(key if self.paging.primary_key else _likeness(key))
        return item

    def rest(self) -> list[Item]:
        """Hand out all rows left of the page that was read."""
        return [self.next_row() for _ in range(len(self.rows))]

    def _new_rows(self, rows: list[Any], response: HttpResponse) -> list[tuple[Any, Any]]:
        """Return the rows that were not handed out yet, each with its identity, or itself where it has none."""
        if not self.paging.primary_key:
            return [(row, row) for row in _without(rows, self.place.skip)]
        new: dict[str, Any] = {}
        for row in rows:
            key = self._key(row, response)
            if key not in new and _digest(key) not in self.seen:
                new[key] = row
        return list(new.items())

    def _rows(self, body: Any, response: HttpResponse) -> list[Any]:
        rows = body.get(self.paging.items) if is_object(body) else None
        if not is_array(rows):
            raise self._broken(response, f"a page without {self.paging.items!r}; this is not the end of the list")
        return rows

    def _key(self, row: Any, response: HttpResponse) -> str:
        try:
            return "\n".join(str(row[name]) for name in self.paging.primary_key)
        except (KeyError, TypeError):
            raise self._broken(response, f"a row without {' and '.join(self.paging.primary_key)}") from None

    def _remember(self, keys: Iterator[str]) -> None:
        if self.paging.primary_key:
            self.seen.update(_digest(key) for key in keys)

    def _first_offset(self) -> int | None:
        if self.paging.style != "offset":
            return None
        body = self.written.body
        given = body.get(self.paging.parameter) if is_object(body) else None
        return int(given if given is not None else dict(parse_qsl(self.written.query)).get(self.paging.parameter, 0))

    def _following(self, body: dict[str, Any], count: int, response: HttpResponse) -> _Place:
        if self.paging.style == "offset":
            return self._following_offset(body, count)
        link: Any = body
        for name in self.paging.next:
            link = link.get(name) if is_object(link) else None
        if link is None or link == "":
            return _Place(None, done=True)
        if not isinstance(link, str) or not _is_encodable(link):
            raise self._broken(response, f"a link to the next page that is no text: {'.'.join(self.paging.next)}")
        at = self._query_of(link, response) if self.paging.style == "next-url" else link
        if _digest(at) in self.visited:
            raise self._broken(response, "a page names one as the next that was there before, so it would never end")
        return _Place(at)

    def _following_offset(self, body: dict[str, Any], count: int) -> _Place:
        """Count on; where rows vanished since the last page, step back to where the rows after them have moved."""
        total = body.get(self.paging.total) if self.paging.total else None
        if not isinstance(total, int):
            return _Place(int(self.place.at or 0) + count, count == 0)
        vanished = max((self.place.total or 0) - total, 0)
        here = int(self.place.at or 0)
        offset = max(here - vanished, 0) if vanished else here + count
        return _Place(offset, offset >= total or count == vanished == 0, total)

    def _query_of(self, link: str, response: HttpResponse) -> str:
        """Return the query of a link to the next page; only that is used, so no token can leave for another host."""
        try:
            parts, called = urlsplit(_printable(link)), urlsplit(self.core.base_url)
            here, there = _origin(called), _origin(parts)
        except ValueError:
            raise self._broken(response, "a link to the next page that is no address") from None
        if parts.hostname not in (None, called.hostname):
            raise self._broken(
                response,
                f"a next page on another host, {parts.hostname}; if that is the platform's own name, set host= to it",
            )
        if self.core.platform.keeps_origin and parts.hostname is not None and there != here:
            raise self._broken(response, f"a next page at another origin, {there}, than {here}, which was called")
        if not parts.query:
            raise self._broken(response, "a link to the next page without a query, which would be the first page again")
        return parts.query

    def _written_at(self, at: str | int | None) -> Written:
        if at is None:
            return self.written
        if self.paging.style == "next-url":
            return evolve(self.written, query=str(at))
        name = self.paging.parameter
        if self.paging.style == "offset" and is_object(self.written.body):
            return evolve(self.written, body={**self.written.body, name: at})
        pairs = [pair for pair in parse_qsl(self.written.query, keep_blank_values=True) if pair[0] != name]
        return evolve(self.written, query=encode_query([*pairs, (name, str(at))]))

    def _broken(self, response: HttpResponse, what: str) -> DecodeError:
        return DecodeError(what, status=response.status, headers=response.headers, content=response.content)

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
                "list": f"{self.core.platform.name}.{self.operation.name}",
                "path": self.written.path,
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
        self.visited = {_digest(str(self.place.at))}

    def _read_position(self, position: str) -> dict[str, Any]:
        name = f"{self.core.platform.name}.{self.operation.name}"
        found: Any = None
        try:
            found = json.loads(position)
            place = int if self.paging.style == "offset" else (str, NoneType)
            complete = found.keys() == POSITION.keys() and all(
                isinstance(found[key], kind) for key, kind in (POSITION | {"at": place}).items()
            )
        except (TypeError, ValueError, AttributeError, RecursionError):
            complete = False
        if not complete or not all(isinstance(key, str) for key in found["skip"]):
            raise InvalidArgument("position: this is no position of a walk; keep what `.position` gave, unchanged")
        if (found["list"], found["path"]) != (name, self.written.path):
            raise InvalidArgument(f"position: it belongs to another list than this one of {name}")
        return dict(found)


POSITION: dict[str, Any] = {
    "list": str,
    "path": str,
    "query": str,
    "body": (dict, NoneType),
    "at": (str, int, NoneType),
    "done": bool,
    "total": (int, NoneType),
    "skip": list,
}
"""What a position holds, each with its type."""


PORTS = {"http": 80, "https": 443}


def _origin(url: SplitResult) -> str:
    """Return where an address leads; raises ValueError where its port is none."""
    port = PORTS.get(url.scheme) if url.port is None else url.port
    return f"{url.scheme}://{url.hostname}:{port}"


def _printable(link: str) -> str:
    """Return a link; raises ValueError where it holds what no address can, and what urlsplit would drop."""
    if not link.isprintable():
        raise ValueError("not printable")
    return link


def _without(rows: list[Any], skip: list[str]) -> list[Any]:
    """Return the rows but those that were handed out, by all that they say: others may have vanished since."""
    if not skip:
        return rows
    left = Counter(skip)
    new: list[Any] = []
    for row in rows:
        look = _likeness(row)
        if left[look] > 0:
            left[look] -= 1
        else:
            new.append(row)
    return new


def _likeness(row: Any) -> str:
    """Return a digest of all that a row says."""
    try:
        content = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # it holds what only Python's own parser takes
        content = repr(row).encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=16).hexdigest()


def _digest(key: str) -> int:
    """Return sixteen bytes that stand for a row's identity; remembering one row takes about 100 bytes."""
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big")


def _is_encodable(text: str) -> bool:
    """Whether a text has no half characters, which JSON can hold and no address can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
