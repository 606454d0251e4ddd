"""Pages found by `nextToken`, which says where the page before ended."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import attrs
import msgspec

from trilogue_sandbox.botpress_chat.caller import Caller, Exchange
from trilogue_sandbox.botpress_chat.errors import ApiError
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Order, Select
from trilogue_sandbox.kernel.views import View

PAGE_SIZE = 20
NEWEST_FIRST = Order("item.created_at", tie="item.rowid")


def paginate(exchange: Exchange, field: str, view: View[Caller], select: Select) -> JsonObject:
    """Return the page that the request asks for, newest first: its rows under `field`, and `meta`.

    Raises:
        ApiError: the token is none (InvalidQuery).
    """
    token = exchange.query.optional_string("nextToken")
    columns = attrs.evolve(select, columns="item.*, item.rowid AS position")
    rows, is_more = columns.page(NEWEST_FIRST, PAGE_SIZE, _read(token) if token else None)
    meta: JsonObject = {"nextToken": _write(rows[-1]["created_at"], rows[-1]["position"])} if is_more else {}
    return {field: [*view.show(exchange.context, rows)], "meta": meta}


def _write(*position: int) -> str:
    return base64.b64encode(msgspec.json.encode(position)).decode()


def _read(token: str) -> Sequence[int]:
    try:
        return msgspec.json.decode(base64.b64decode(token, validate=True), type=tuple[int, int])
    except ValueError as error:
        raise ApiError("InvalidQuery", "nextToken was not made by this list; take it from meta.nextToken") from error
