"""Drops repeated rows, so that each is yielded once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Protocol

import orjson

from .._responses import Response


class Repeats(Protocol):
    """Recognises rows that were yielded before. A mark identifies a row within a position."""

    def drop(self, rows: list[Any], skip: Iterable[str], response: Response[Any]) -> list[tuple[str, Any]]:
        """Return the new rows, each with its mark; `skip` holds the marks of this page that were yielded before."""
        ...

    def remember(self, marks: Iterable[str]) -> None:
        """Drop these rows from all further pages."""
        ...

    def forget(self) -> None:
        """Drop no rows any more."""
        ...


class RepeatsByIdentity:
    """Rows with the same values in the fields that identify them are repeats, on any page."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        """Compare these fields."""
        self._fields = fields
        self._seen: set[int] = set()

    def drop(self, rows: list[Any], skip: Iterable[str], response: Response[Any]) -> list[tuple[str, Any]]:
        """Return the rows that no earlier page had, each once."""
        new: dict[str, Any] = {}
        for row in rows:
            mark = self._mark(row, response)
            if mark not in new and to_digest(mark) not in self._seen:
                new[mark] = row
        return list(new.items())

    def remember(self, marks: Iterable[str]) -> None:
        """Keep digests; remembering one row takes about 100 bytes."""
        self._seen.update(to_digest(mark) for mark in marks)

    def forget(self) -> None:
        """Forget all."""
        self._seen.clear()

    def _mark(self, row: Any, response: Response[Any]) -> str:
        try:
            return "\n".join(str(row[name]) for name in self._fields)
        except (KeyError, TypeError):
            raise response.decode_error(f"a row has no {' and '.join(self._fields)}") from None


class RepeatsByContent:
    """Rows without identity: only those of a page that is fetched again are repeats, by all they contain."""

    def drop(self, rows: list[Any], skip: Iterable[str], response: Response[Any]) -> list[tuple[str, Any]]:
        """Return the rows that are not to be skipped; other rows of the page may have vanished meanwhile."""
        left = Counter(skip)
        new: list[tuple[str, Any]] = []
        for row in rows:
            mark = _content_mark(row)
            if left[mark] > 0:
                left[mark] -= 1
            else:
                new.append((mark, row))
        return new

    def remember(self, marks: Iterable[str]) -> None:
        """Remember nothing: two rows that are alike may both be there."""

    def forget(self) -> None:
        """Forget nothing."""


def repeats_of(identity: tuple[str, ...]) -> Repeats:
    """Return how to recognise repeated rows: by the fields that identify them, or else by content."""
    return RepeatsByIdentity(identity) if identity else RepeatsByContent()


def to_digest(mark: str) -> int:
    """Return sixteen bytes that stand for a string."""
    return int.from_bytes(blake2b(mark.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big")


def _content_mark(row: Any) -> str:
    try:
        content = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # it holds what only Python's own parser takes
        content = repr(row).encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=16).hexdigest()
