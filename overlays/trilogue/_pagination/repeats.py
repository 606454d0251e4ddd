"""Drops repeated rows, so that each is yielded once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import orjson
from trilogue_generated.runtime.model import is_object


class Repeats:
    """Recognises rows that were yielded before.

    A mark identifies a row within a position. Rows with the same values in the fields that identify them are repeats,
    on any page. Of rows without identity, only those of a page that is fetched again are repeats, by all they contain:
    two rows that are alike may both be there.
    """

    def __init__(self, fields: tuple[str, ...]) -> None:
        """Compare these fields; none, if rows of this list have no identity."""
        self._fields = fields
        self._seen: set[int] = set()

    def drop(self, rows: list[Any], skip: Iterable[str]) -> list[tuple[str, Any]]:
        """Return the new rows, each with its mark; `skip` holds the marks of this page that were yielded before."""
        left, new, on_page = Counter(skip), list[tuple[str, Any]](), set[str]()
        for row in rows:
            identity = self._identity(row)
            mark = _content_mark(row) if identity is None else identity
            if identity is None and left[mark] > 0:
                left[mark] -= 1
            elif identity is None or (mark not in on_page and to_digest(mark) not in self._seen):
                new.append((mark, row))
                on_page.add(mark)
        return new

    def remember(self, marks: Iterable[str]) -> None:
        """Drop these rows from all further pages; keeps digests, about 100 bytes for each row."""
        if self._fields:
            self._seen.update(to_digest(mark) for mark in marks)

    def forget(self) -> None:
        """Drop no rows any more."""
        self._seen.clear()

    def _identity(self, row: Any) -> str | None:
        """Return what identifies a row; None where a field of it is missing or null."""
        values = [row.get(name) for name in self._fields] if is_object(row) else []
        if not values or None in values:
            return None
        return "\n".join(map(str, values))


def to_digest(mark: str) -> int:
    """Return sixteen bytes that stand for a string."""
    return int.from_bytes(blake2b(mark.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big")


def _content_mark(row: Any) -> str:
    try:
        content = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # it holds what only Python's own parser takes, or is nested deeply
        content = _describe(row).encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=16).hexdigest()


def _describe(row: Any) -> str:
    try:
        return repr(row)
    except RecursionError:
        return "nested too deeply"
