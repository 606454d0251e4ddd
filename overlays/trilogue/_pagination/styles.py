"""The three ways in which platforms name the next page: a URL, a token, an offset."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qsl, urlsplit

from msgspec.structs import replace
from trilogue_generated.runtime.model import is_object
from trilogue_generated.runtime.operation import Paging

from .._core import Core
from .._records import Record
from .._responses import Response
from .._serialization.arguments import Serialized
from .._serialization.strings import encode_query, is_encodable

DEFAULT_PORTS = {"http": 80, "https": 443}

MAX_LINK = 16_384
"""Characters of a link or a token; a URL that is much longer cannot be sent."""


class Cursor(Record, frozen=True):
    """Where the next page starts.

    `value`: a query, a token or an offset, as the style has it; None for the first page. `is_end`: there is no next
    page. `total`: the number of rows in all pages, if the platform says so. `skip`: the rows of this page that were
    yielded before.
    """

    value: str | int | None = None
    is_end: bool = False
    total: int | None = None
    skip: tuple[str, ...] = ()


class Style(Protocol):
    """How a platform names the next page."""

    value_types: tuple[type, ...]
    """The types that the value of a cursor can have."""

    def first(self, serialized: Serialized) -> Cursor:
        """Return where the list starts."""
        ...

    def apply(self, cursor: Cursor, serialized: Serialized) -> Serialized:
        """Return the arguments of the list, for the page at a cursor."""
        ...

    def following(self, cursor: Cursor, body: dict[str, Any], count: int, response: Response[Any]) -> Cursor:
        """Return what follows the page at a cursor, of `count` rows.

        Raises:
            DecodeError: the page does not say so.
        """
        ...


class NextUrlStyle:
    """A page names the URL of the next one, of which only the query is used, so no token can leave for another host."""

    value_types: tuple[type, ...] = (str, type(None))

    def __init__(self, paging: Paging, core: Core) -> None:
        """Take links to the address of `core` alone."""
        self._paging, self._core = paging, core

    def first(self, serialized: Serialized) -> Cursor:
        """Return the start."""
        return Cursor()

    def apply(self, cursor: Cursor, serialized: Serialized) -> Serialized:
        """Replace the query."""
        return serialized if cursor.value is None else replace(serialized, query=str(cursor.value))

    def following(self, cursor: Cursor, body: dict[str, Any], count: int, response: Response[Any]) -> Cursor:
        """Follow the link; a list ends where there is none, never at an empty page."""
        link = _read_link(self._paging, body, response)
        return Cursor(is_end=True) if link is None else Cursor(self._query_of(link, response))

    def _query_of(self, link: str, response: Response[Any]) -> str:
        try:
            linked, called = _split_printable(link), urlsplit(self._core.base_url)
            linked_origin, called_origin = _origin(linked), _origin(called)
        except ValueError:
            raise response.decode_error("the link to the next page is not a URL") from None
        if linked.hostname not in (None, called.hostname):
            raise response.decode_error(
                f"the next page is on another host, {linked.hostname}; if it is the platform's own, set host= to it"
            )
        if self._core.platform.keeps_origin and linked.hostname is not None and linked_origin != called_origin:
            raise response.decode_error(
                f"the next page is at another origin, {linked_origin}, than {called_origin}, which was called"
            )
        if not linked.query:
            raise response.decode_error("the link to the next page has no query, so it leads to the first page again")
        return linked.query


class TokenStyle:
    """A page names a token, which goes into a parameter of the query."""

    value_types: tuple[type, ...] = (str, type(None))

    def __init__(self, paging: Paging) -> None:
        """Read and send the token as `paging` says."""
        self._paging = paging

    def first(self, serialized: Serialized) -> Cursor:
        """Return the start."""
        return Cursor()

    def apply(self, cursor: Cursor, serialized: Serialized) -> Serialized:
        """Add the token to the query."""
        return serialized if cursor.value is None else _with_parameter(serialized, self._paging.parameter, cursor.value)

    def following(self, cursor: Cursor, body: dict[str, Any], count: int, response: Response[Any]) -> Cursor:
        """Follow the token; a list ends where there is none, never at an empty page."""
        token = _read_link(self._paging, body, response)
        return Cursor(token, is_end=token is None)


class OffsetStyle:
    """A parameter of the query or the body counts the rows to skip."""

    value_types: tuple[type, ...] = (int,)

    def __init__(self, paging: Paging) -> None:
        """Send the offset as `paging` says."""
        self._paging = paging

    def first(self, serialized: Serialized) -> Cursor:
        """Return the caller's offset, or 0."""
        name, body = self._paging.parameter, serialized.body
        offset = body.get(name) if is_object(body) else None
        return Cursor(int(offset if offset is not None else dict(parse_qsl(serialized.query)).get(name, 0)))

    def apply(self, cursor: Cursor, serialized: Serialized) -> Serialized:
        """Set the offset."""
        name, body = self._paging.parameter, serialized.body
        if is_object(body):
            return replace(serialized, body={**body, name: cursor.value})
        return _with_parameter(serialized, name, cursor.value)

    def following(self, cursor: Cursor, body: dict[str, Any], count: int, response: Response[Any]) -> Cursor:
        """Count on; where rows vanished since the last page, step back to where the rows after them have moved."""
        offset, total = int(cursor.value or 0), body.get(self._paging.total) if self._paging.total else None
        if not isinstance(total, int):
            return Cursor(offset + count, is_end=count == 0)
        vanished = max((cursor.total or 0) - total, 0)
        following = max(offset - vanished, 0) if vanished else offset + count
        return Cursor(following, following >= total or count == vanished == 0, total)


def style_of(paging: Paging, core: Core) -> Style:
    """Return the style of a list."""
    if paging.style == "next-url":
        return NextUrlStyle(paging, core)
    return TokenStyle(paging) if paging.style == "token" else OffsetStyle(paging)


def _read_link(paging: Paging, body: Any, response: Response[Any]) -> str | None:
    for index, name in enumerate(paging.next):
        if index < paging.required_links and not (is_object(body) and name in body):
            raise response.decode_error(f"a page has no {name!r}, so whether the list ends here is unknown")
        body = body.get(name) if is_object(body) else None
    if body is None or body == "":
        return None
    if not isinstance(body, str) or not is_encodable(body):
        raise response.decode_error(f"{'.'.join(paging.next)!r} of a page is not a valid string")
    if len(body) > MAX_LINK:
        raise response.decode_error(f"the link to the next page has {len(body)} characters, more than a URL may have")
    return body


def _with_parameter(serialized: Serialized, name: str, value: object) -> Serialized:
    pairs = [pair for pair in parse_qsl(serialized.query, keep_blank_values=True) if pair[0] != name]
    return replace(serialized, query=encode_query([*pairs, (name, str(value))]))


def _origin(url: SplitResult) -> str:
    """Return the origin of an address; raises ValueError for an invalid port."""
    port = DEFAULT_PORTS.get(url.scheme) if url.port is None else url.port
    return f"{url.scheme}://{url.hostname}:{port}"


def _split_printable(link: str) -> SplitResult:
    """Return the parts of a link; raises ValueError where it has a character that urlsplit would drop."""
    if not link.isprintable():
        raise ValueError("not printable")
    return urlsplit(link)
