"""Lists, page by page.

A cursor is a name for a position that the sandbox remembers: where the page before it ended, with the filters, the
order and the limit of the first page.
"""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.pantheon import documents, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.errors import Faults, refuse
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.resource_types import Kind

Show: TypeAlias = Callable[[Account, sqlite3.Row], JsonObject]

PAGE_SIZE = 20


def _unfiltered(account: Account, select: Select, criteria: Fields) -> Select:
    return select


@attrs.frozen
class Listing:
    """What a method lists.

    `equal` names the filters that are columns too, `references` the kinds of those that name things by id. `narrow`
    applies what else there is. Rows are ordered by the two columns of `keys`; the first is a time, and `moment` is its
    name in the filters (`created_after`).
    """

    table: str
    show: Show
    equal: tuple[str, ...] = ()
    references: Mapping[str, Kind] = attrs.field(factory=dict[str, Kind])
    narrow: Callable[[Account, Select, Fields], Select] = _unfiltered
    keys: tuple[str, str] = ("created_at", "id")
    moment: str = "created"


@attrs.frozen
class _Position:
    """The body of the call for the first page, and the keys of the last row before this page."""

    criteria: Fields
    after: list[Json] | None = None


def list_page(call: Call, listing: Listing) -> JsonObject:
    """Answer the page that the cursor asks for, the first one without.

    Raises:
        ApiError: 400, this endpoint did not give the cursor, or a time cannot be read; 404, a filter names nothing.
    """
    position = _open(call) if call.cursor else _begin(call, listing)
    size = position.criteria.integer("limit", PAGE_SIZE)
    rows = _rows(call.account, listing, position, size + 1)
    page: list[Json] = [listing.show(call.account, row) for row in rows[:size]]
    return {"items": page, "next_cursor": _next(call, listing, position, rows[size - 1]) if len(rows) > size else None}


def _begin(call: Call, listing: Listing) -> _Position:
    for field, kind in listing.references.items():
        call.find_optional(kind, field)
    faults = Faults()
    for field in (f"{listing.moment}_after", f"{listing.moment}_before"):
        try:
            _moment(call.body, field)
        except ValueError:
            faults.add(field, "There is no such time")
    faults.raise_if_any()
    return _Position(call.body)


def _rows(account: Account, listing: Listing, position: _Position, count: int) -> list[sqlite3.Row]:
    first, second = listing.keys
    is_ascending = position.criteria.text("order", "desc") == "asc"
    select = _selected(account, listing, position.criteria)
    if position.after is not None:
        comparison = ">" if is_ascending else "<"
        place, tie = position.after
        assert isinstance(place, int)
        assert isinstance(tie, str)
        select = select.where(f"(item.{first}, item.{second}) {comparison} (?, ?)", place, tie)
    direction = "ASC" if is_ascending else "DESC"
    ending = f"ORDER BY item.{first} {direction}, item.{second} {direction} LIMIT ?"
    return account.store.all(select.sql(ending), *select.values, count)


def _selected(account: Account, listing: Listing, criteria: Fields) -> Select:
    select = Select(listing.table).where("item.account_id = ?", account.id)
    for name in listing.equal:
        select = select.equal(name, criteria.optional_text(name))
    after, before = (_moment(criteria, f"{listing.moment}_{side}") for side in ("after", "before"))
    column = f"item.{listing.keys[0]}"
    select = select if after is None else select.where(f"{column} >= ?", after)
    select = select if before is None else select.where(f"{column} < ?", before)
    return listing.narrow(account, select, criteria)


def _moment(criteria: Fields, field: str) -> int | None:
    text = criteria.optional_text(field)
    return None if text is None else timestamps.read(text)


def _next(call: Call, listing: Listing, position: _Position, last: sqlite3.Row) -> str:
    after: list[Json] = [last[key] for key in listing.keys]
    content = documents.encode({"criteria": position.criteria.values, "after": after})
    digest = hashlib.sha256(f"{call.account.id} {call.endpoint} {content}".encode()).digest()
    token = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    call.store.run(
        "INSERT OR IGNORE INTO pantheon_cursors (token, account_id, endpoint, position) VALUES (?, ?, ?, ?)",
        *(token, call.account.id, call.endpoint, content),
    )
    return f"{call.url}?cursor={token}"


def _open(call: Call) -> _Position:
    row = call.store.one(
        "SELECT position FROM pantheon_cursors WHERE token = ? AND account_id = ? AND endpoint = ?",
        *(call.cursor, call.account.id, call.endpoint),
    )
    if row is None:
        refuse("cursor", "This cursor was not given by this endpoint")
    position = Fields(documents.decode_object(row["position"]))
    return _Position(position.below("criteria"), position.items("after"))
