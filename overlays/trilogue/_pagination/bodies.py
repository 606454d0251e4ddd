"""Decodes the bodies of pages, in one pass where their rows are what the description promises."""

from __future__ import annotations

from functools import cache, cached_property
from types import GenericAlias
from typing import Any, TypedDict, cast

from msgspec.json import Decoder
from trilogue_generated.runtime.json_object import JsonObject
from trilogue_generated.runtime.model import is_array, is_object
from trilogue_generated.runtime.operation import ListOperation

from .._responses import Response


class Body:
    """The body of a page: its rows are structs where all are what the description promises, else plain JSON values."""

    def __init__(self, response: Response[Any], operation: ListOperation[Any, Any], *, is_plain: bool) -> None:
        """Decode it; raises DecodeError where there are no rows in it."""
        self._response, self._items = response, operation.paging.items
        is_plain = is_plain or operation.row_struct is None
        self.members: Any = response.json() if is_plain else response.json_by(page_decoder(operation))
        self.rows = self._rows_of(self.members)

    @cached_property
    def plain_rows(self) -> list[Any]:
        """The rows as plain JSON values."""
        has_structs = bool(self.rows) and isinstance(self.rows[0], JsonObject)
        return self._rows_of(self._response.json()) if has_structs else self.rows

    def _rows_of(self, members: Any) -> list[Any]:
        rows = members.get(self._items) if is_object(members) else None
        if not is_array(rows):
            raise self._response.decode_error(f"a page has no {self._items!r}; this is not the end of the list")
        return rows


@cache
def page_decoder(operation: ListOperation[Any, Any]) -> Decoder[Any]:
    """Return a decoder of pages that leaves out what nobody reads; `operation` has a struct of a row."""
    paging, row = operation.paging, cast(Any, operation.row_struct)()
    read = (name for name in (*paging.next[:1], paging.total) if name)
    members = {**dict.fromkeys(read, Any), paging.items: GenericAlias(list, (row,))}
    return Decoder(cast(Any, TypedDict)("Body", members, total=False))
