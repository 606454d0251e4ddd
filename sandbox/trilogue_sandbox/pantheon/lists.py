"""Lists, page by page.

A cursor is a name for a position that the sandbox remembers: where the page before it ended, with the filters, the
order and the limit of the first page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import msgspec

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Order, Select
from trilogue_sandbox.kernel.table import JSON, TEXT, Row, Table
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.errors import ApiError, ValidationErrors, invalid
from trilogue_sandbox.pantheon.operations import AppExchange, find_named_if_given

PAGE_SIZE = 20

CURSORS = Table(
    "pantheon_cursors", {"token": TEXT.key(), "account_id": TEXT, "endpoint": TEXT, "position": JSON.default({})}
)


def _unfiltered(account: Account, select: Select, criteria: Fields) -> Select:
    return select


@attrs.frozen
class Listing:
    """A handler that lists rows.

    `equal` names the filters that are columns too, `references` the tables of those that hold an id. `narrow` applies
    the other filters. Rows are ordered by the two columns of `keys`; the first is a time, and `time` is its name in the
    filters (`created_after`).
    """

    view: View[Account]
    equal: tuple[str, ...] = ()
    references: Mapping[str, Table] = attrs.field(factory=dict[str, Table])
    narrow: Callable[[Account, Select, Fields], Select] = _unfiltered
    keys: tuple[str, str] = ("created_at", "id")
    time: str = "created"

    def __call__(self, exchange: AppExchange) -> JsonObject:
        """Return the page that the cursor of the query names, the first one without.

        Raises:
            ApiError: 400, this endpoint did not give the cursor, or a time cannot be read; 404, a filter names nothing.
        """
        cursor = exchange.query.optional_string("cursor")
        position = _find_position(exchange, cursor) if cursor else self._start(exchange)
        criteria, first, tie = position.criteria, *self.keys
        order = Order(f"item.{first}", criteria.string("order", "desc") == "desc", f"item.{tie}")
        select = self._select(exchange.context, criteria)
        rows, is_more = select.page(order, criteria.integer("limit", PAGE_SIZE), position.after)
        next_cursor = self._next_cursor(exchange, criteria, rows[-1]) if is_more else None
        return {"items": [*self.view.show(exchange.context, rows)], "next_cursor": next_cursor}

    def _start(self, exchange: AppExchange) -> _Position:
        for field, table in self.references.items():
            find_named_if_given(exchange, table, field)
        criteria = Fields(exchange.body.values, _unreadable_time)
        with ValidationErrors() as errors:
            for field in (f"{self.time}_after", f"{self.time}_before"):
                try:
                    criteria.optional_timestamp(field)
                except ApiError:
                    errors.add(field, f"The {field} field must be a time that exists")
        return _Position(criteria)

    def _select(self, account: Account, criteria: Fields) -> Select:
        select = account.select(self.view.table)
        for name in self.equal:
            select = select.equal(name, criteria.optional_string(name))
        after = criteria.optional_timestamp(f"{self.time}_after")
        select = select.between(self.keys[0], after, None)
        before = criteria.optional_timestamp(f"{self.time}_before")
        select = select if before is None else select.where(f"item.{self.keys[0]} < ?", before)
        return self.narrow(account, select, criteria)

    def _next_cursor(self, exchange: AppExchange, criteria: Fields, last: Row) -> str:
        position: JsonObject = {"criteria": criteria.values, "after": [last[key] for key in self.keys]}
        account, endpoint = exchange.context, exchange.operation.path.removeprefix("/")
        content = msgspec.json.encode(position).decode()
        digest = hashlib.sha256(f"{account.id} {endpoint} {content}".encode()).digest()
        token = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        values = {"token": token, "account_id": account.id, "endpoint": endpoint, "position": position}
        exchange.records.add_if_new(CURSORS, values)
        return f"{exchange.request.base_url}{exchange.request.path}?cursor={token}"


@attrs.frozen
class _Position:
    """The body of the request for the first page, and the keys of the last row before this page."""

    criteria: Fields
    after: list[Any] | None = None


def _unreadable_time(name: str, message: str) -> ApiError:
    return invalid([(name, f"The {name} field must be a time that exists")])


def _find_position(exchange: AppExchange, cursor: str) -> _Position:
    endpoint = exchange.operation.path.removeprefix("/")
    row = exchange.records.find(CURSORS, token=cursor, account_id=exchange.context.id, endpoint=endpoint)
    if row is None:
        raise invalid([("cursor", "The cursor parameter was not returned by this endpoint")])
    return _Position(Fields(row["position"]["criteria"]), row["position"]["after"])
