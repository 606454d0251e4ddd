"""Pages found by cursor, with the semantics of Django REST Framework.

A cursor holds the value of the ordering column beyond which the page begins (`p`), how many rows to skip from there
because they share one value (`o`), and whether it leads backwards (`r`). It is a form, encoded in base64.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qs, urlencode

import attrs

from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds
from trilogue_sandbox.kernel.http import Pairs
from trilogue_sandbox.kernel.select import Order, Select
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro.errors import ApiError, api_error

PAGE_SIZE = 250
_LARGEST_OFFSET = 100_000


def read_timestamp(text: str) -> int | None:
    """Read a time in any form of ISO 8601, in UTC where it names no zone; None if it cannot be read."""
    try:
        time = datetime.fromisoformat(text.strip())
        return to_microseconds(time if time.tzinfo else time.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


class MalformedPosition(Exception):
    """A cursor that can be decoded, but whose position is none."""


@attrs.frozen
class Ordering:
    """The column a list is sorted by, and the id where that is equal.

    `table` and `key` name both in SQL where a joined table has them in an index.
    """

    column: str
    is_descending: bool = True
    is_time: bool = True
    table: str = "item"
    key: str = "id"

    @property
    def order(self) -> Order:
        """The order of rows."""
        return Order(f"{self.table}.{self.column}", self.is_descending, f"{self.table}.{self.key}")

    def position(self, row: Row) -> str:
        """Return where a row stands, as cursors have it."""
        value = row[self.column]
        return str(from_microseconds(value)) if self.is_time else str(value)

    def value(self, position: str) -> SqlValue:
        """Read a position back.

        Raises:
            MalformedPosition: it is no position in this order.
        """
        value = read_timestamp(position) if self.is_time else position
        if value is None:
            raise MalformedPosition
        return value


NEWEST_FIRST = Ordering("created_on")
LAST_MODIFIED_FIRST = Ordering("modified_on")
FIRST_MODIFIED_FIRST = Ordering("modified_on", is_descending=False)


@attrs.frozen
class Cursor:
    """Where a page begins."""

    position: str | None = None
    offset: int = 0
    is_backward: bool = False

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Read a cursor.

        Raises:
            ApiError: it cannot be decoded.
        """
        try:
            form = parse_qs(base64.b64decode(text.encode("ascii")).decode("ascii"), keep_blank_values=True)
            offset = int(form.get("o", ["0"])[0])
            if offset < 0:
                raise ValueError("an offset is not negative")
            is_backward = bool(int(form.get("r", ["0"])[0]))
        except ValueError as error:
            raise invalid_cursor() from error
        return cls(form.get("p", [None])[0], min(offset, _LARGEST_OFFSET), is_backward)

    def encode(self) -> str:
        """Return the cursor as it stands in a URL."""
        form = {"o": self.offset or None, "r": "1" if self.is_backward else None, "p": self.position}
        given = {name: value for name, value in form.items() if value is not None}
        return base64.b64encode(urlencode(given).encode("ascii")).decode("ascii")


@attrs.frozen
class Page:
    """The rows of a page, and the cursors of its neighbours."""

    rows: Sequence[Row]
    next: Cursor | None
    previous: Cursor | None


def find_page(select: Select, ordering: Ordering, text: str | None) -> Page:
    """Return the page at a cursor; the first one where there is none.

    Raises:
        ApiError: the cursor cannot be decoded.
        MalformedPosition: its position is none.
    """
    cursor = Cursor() if text is None else Cursor.decode(text)
    found = _find_rows(select, ordering, cursor)
    beyond = ordering.position(found[PAGE_SIZE]) if len(found) > PAGE_SIZE else None
    is_after_start = cursor.position is not None or cursor.offset > 0
    rows = found[:PAGE_SIZE]
    if cursor.is_backward:
        rows.reverse()
    ahead = _Edge(beyond is not None, beyond)
    behind = _Edge(is_after_start, cursor.position)
    following, preceding = (behind, ahead) if cursor.is_backward else (ahead, behind)
    lead = partial(_lead, cursor, ordering.position)
    return Page(
        rows,
        lead(rows[::-1], following, preceding, is_backward=False) if following.exists else None,
        lead(rows, preceding, following, is_backward=True) if preceding.exists else None,
    )


def page_url(url: str, query: Pairs, cursor: Cursor | None) -> str | None:
    """Return the URL of a neighbouring page: the same query, sorted by name, with its cursor."""
    if cursor is None:
        return None
    kept = [(name, value) for name, value in query if name != "cursor"]
    return f"{url}?{urlencode(sorted([*kept, ('cursor', cursor.encode())], key=lambda pair: pair[0]))}"


@attrs.frozen
class _Edge:
    """One end of a page: whether anything lies beyond, and the position there."""

    exists: bool
    position: str | None


def _find_rows(select: Select, ordering: Ordering, cursor: Cursor) -> list[Row]:
    order = ordering.order.reversed() if cursor.is_backward else ordering.order
    if cursor.position is not None:
        comparison = "<" if order.is_descending else ">"
        select = select.where(f"{order.expression} {comparison} ?", ordering.value(cursor.position))
    return select.all(f"{order.sql} LIMIT ? OFFSET ?", PAGE_SIZE + 1, cursor.offset)


def _lead(
    cursor: Cursor, position: Callable[[Row], str], rows: Sequence[Row], near: _Edge, far: _Edge, *, is_backward: bool
) -> Cursor:
    """Make the cursor of a neighbour from the rows on the page, the nearest to it first."""
    turns = cursor.is_backward != is_backward
    compared = position(rows[0]) if rows and turns and cursor.offset else near.position
    shared = next((count for count, row in enumerate(rows) if position(row) != compared), None)
    if shared is not None:
        return Cursor(position(rows[shared]), shared, is_backward)
    if not rows:
        return Cursor(near.position, 0, is_backward)
    if not far.exists:
        return Cursor(None, PAGE_SIZE, is_backward)
    return Cursor(far.position, 0 if turns else cursor.offset + PAGE_SIZE, is_backward)


def invalid_cursor() -> ApiError:
    """Return the error of a cursor that cannot be read."""
    return api_error("Invalid cursor", 404)
