"""Pages found by `nextToken`.

A token says where the page before it ended, so that rows that come or go in between are neither repeated nor skipped.
It is opaque, belongs to one list, and is signed: one that was changed or made up is an error.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import attrs
import msgspec

from trilogue_sandbox.botpress import signatures
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Order, Select
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.table import Row

Show: TypeAlias = Callable[[Actor, Sequence[Row]], Sequence[Any]]

PAGE_SIZE = 20
_EVERYTHING = 2**31
NEWEST_FIRST = Order("item.created_at", tie="item.rowid")

_MARK = b"\xfb\xff\xbf"
"""Encoded, this is `+/+/`: like those of the platform, every token holds characters that have to be percent-encoded."""

_SIGNATURE_BYTES = 9


def order_by(expression: str, direction: str | None) -> Order:
    """Return the order of a `sortDirection`, descending where it is not given."""
    return Order(expression, direction != "asc", tie="item.rowid")


def paginate(
    exchange: Exchange, field: str, select: Select, show: Show, order: Order = NEWEST_FIRST, *sizes: str
) -> JsonObject:
    """Return the page that `nextToken` asks for, the first one without: its rows under `field`, and `meta`.

    It is as large as `pageSize` says, or another parameter named in `sizes`.

    Raises:
        ApiError: the token was not made by this list (InvalidQuery).
    """
    size = _page_size(exchange.query, "pageSize", *sizes)
    token = exchange.query.optional_string("nextToken")
    columns = f"{select.columns}, {order.expression} AS position, {order.tie} AS position_row"
    rows, has_more = attrs.evolve(select, columns=columns).page(order, size, _read(exchange, token) if token else None)
    meta: JsonObject = {"nextToken": _write(exchange, rows[-1])} if has_more else {}
    return {field: [*show(exchange.actor, rows)], "meta": meta}


def _page_size(query: Fields, *names: str) -> int:
    """Return the first size that is given; one beyond what SQLite counts means everything."""
    values = (query.value(name) for name in names)
    return next((min(value, _EVERYTHING) for value in values if isinstance(value, int)), PAGE_SIZE)


def _write(exchange: Exchange, row: Row) -> str:
    content = msgspec.json.encode([row["position"], row["position_row"]])
    content += b" " * ((1 - len(_MARK) - _SIGNATURE_BYTES - len(content)) % 3)  # so that the token ends in `==`
    signature = signatures.sign(exchange.world, _subject(exchange), content, _SIGNATURE_BYTES)
    return base64.b64encode(_MARK + signature + content).decode("ascii")


def _read(exchange: Exchange, token: str) -> tuple[SqlValue, int]:
    try:
        signed = base64.b64decode(token, validate=True).removeprefix(_MARK)
        signature, content = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
        if not signatures.is_signed(exchange.world, _subject(exchange), content, signature):
            raise ValueError("the signature is wrong")
        position, position_row = msgspec.json.decode(content)
    except (binascii.Error, ValueError) as error:
        raise ApiError("InvalidQuery", "nextToken was not made by this list; take it from meta.nextToken") from error
    return position, position_row


def _subject(exchange: Exchange) -> str:
    return f"{exchange.operation.id} {exchange.request.path}"
