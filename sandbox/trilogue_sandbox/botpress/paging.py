"""Pages found by `nextToken`.

A token says where the page before it ended, so that rows that come or go in between are neither repeated nor skipped.
It is opaque, belongs to one list, and is sealed: what was changed or made up is refused.
"""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Callable

import attrs
import msgspec

from trilogue_sandbox.botpress import signed_tokens
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import SqlValue

PAGE_SIZE = 20

_MARK = b"\xfb\xff\xbf"
"""Encoded, this is `+/+/`: like those of the platform, every token holds characters that have to be percent-encoded."""

_SEAL_BYTES = 9


@attrs.frozen
class Ordering:
    """What a list is sorted by: an SQL expression that is never null; rows that are equal follow in order of making."""

    expression: str = "item.created_at"
    is_descending: bool = True

    @classmethod
    def by(cls, expression: str, direction: str | None) -> Ordering:
        """Return the order of a `sortDirection`, descending where it was not given."""
        return cls(expression, direction != "asc")


NEWEST_FIRST = Ordering()


@attrs.frozen
class Page:
    """The rows of one page, and the token of the next one."""

    rows: list[sqlite3.Row]
    next_token: str | None

    @property
    def meta(self) -> JsonObject:
        """The `meta` of the answer."""
        return {} if self.next_token is None else {"nextToken": self.next_token}

    def show(self, field: str, show: Callable[[sqlite3.Row], Json]) -> JsonObject:
        """Return the answer: the rows under their name, and `meta`."""
        return {field: [show(row) for row in self.rows], "meta": self.meta}


def find_page(call: Call, select: Select, ordering: Ordering = NEWEST_FIRST, size: int | None = None) -> Page:
    """Return the page that `nextToken` asks for, the first one without; as large as `size` or `pageSize` says.

    Raises:
        ApiError: the token was not made by this list (InvalidQuery).
    """
    size = size or call.query.integer("pageSize", PAGE_SIZE)
    select = attrs.evolve(select, columns=f"{select.columns}, {ordering.expression} AS place, item.rowid AS place_row")
    token = call.query.optional_text("nextToken")
    if token:
        comparison = "<" if ordering.is_descending else ">"
        select = select.where(f"({ordering.expression}, item.rowid) {comparison} (?, ?)", *_open(call, token))
    direction = "DESC" if ordering.is_descending else "ASC"
    ending = f"ORDER BY {ordering.expression} {direction}, item.rowid {direction} LIMIT ?"
    rows = call.store.all(select.sql(ending), *select.values, size + 1)
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], _seal(call, last["place"], last["place_row"]) if last else None)


def _seal(call: Call, place: SqlValue, place_row: int) -> str:
    content = msgspec.json.encode([place, place_row])
    content += b" " * ((1 - len(_MARK) - _SEAL_BYTES - len(content)) % 3)  # so that the token ends in `==`
    seal = signed_tokens.sign(call.world, _subject(call), content, _SEAL_BYTES)
    return base64.b64encode(_MARK + seal + content).decode("ascii")


def _open(call: Call, token: str) -> tuple[SqlValue, int]:
    try:
        sealed = base64.b64decode(token, validate=True).removeprefix(_MARK)
        seal, content = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not signed_tokens.is_signed(call.world, _subject(call), content, seal):
            raise ValueError("the seal is broken")
        place, place_row = msgspec.json.decode(content)
    except (binascii.Error, ValueError) as error:
        raise ApiError("InvalidQuery", "nextToken was not made by this list; take it from meta.nextToken") from error
    return place, place_row


def _subject(call: Call) -> str:
    return f"{call.operation_id} {call.request.path}"
