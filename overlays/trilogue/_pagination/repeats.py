"""Drops repeated rows, so that each is yielded once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from msgspec.json import encode
from trilogue_generated.runtime.model import is_object

from .digests import Digests


class Repeats:
    """Recognises rows that were yielded before.

    A mark identifies a row within a position. Rows with the same values in the fields that identify them are repeats,
    on any page. Of rows without identity, only those of a page that is fetched again are repeats, by all they contain:
    two rows that are alike may both be there.
    """

    def __init__(self, fields: tuple[str, ...]) -> None:
        """Compare these fields; none, if rows of this list have no identity."""
        self._fields = fields
        self._seen = Digests()

    def drop(self, rows: list[Any], skip: Iterable[str]) -> list[Any]:
        """Return the new rows and remember them; `skip` holds the marks of this page that were yielded before."""
        left = Counter(skip)
        return [row for row in rows if not self._is_repeat(row, left)] if self._fields or left else rows

    def _is_repeat(self, row: Any, left: Counter[str]) -> bool:
        identity = self._identity(row)
        if identity is not None:
            return not self._seen.add(identity)
        mark = _content_mark(row) if left else ""
        is_repeat = left[mark] > 0
        left[mark] -= is_repeat
        return is_repeat

    def mark(self, row: Any) -> str:
        """Return the mark of a row."""
        identity = self._identity(row)
        return _content_mark(row) if identity is None else identity

    def remember(self, marks: Iterable[str]) -> None:
        """Drop the rows with these marks from all further pages."""
        if self._fields:
            for mark in marks:
                self._seen.add(mark)

    def forget(self) -> None:
        """Drop no rows any more."""
        self._seen = Digests()

    def _identity(self, row: Any) -> str | None:
        """Return what identifies a row; None where a field of it is missing or null."""
        if not self._fields or not is_object(row):
            return None
        if len(self._fields) == 1:
            value = row.get(self._fields[0])
            return None if value is None else str(value)
        values = [row.get(name) for name in self._fields]
        return None if None in values else "\n".join(map(str, values))


def _content_mark(row: Any) -> str:
    try:
        content = encode(row, order="sorted")
    except (ValueError, RecursionError):  # it holds what only Python's own parser takes, or is nested deeply
        content = _describe(row).encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=16).hexdigest()


def _describe(row: Any) -> str:
    try:
        return repr(row)
    except RecursionError:
        return "nested too deeply"
