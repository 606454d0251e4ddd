"""Drops repeated rows, so that each is yielded once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from msgspec.json import encode
from trilogue_generated.runtime.json_object import ABSENT, JsonObject
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
        self._first_page: list[str] = []

    def find_new(self, rows: list[Any], skip: Sequence[str]) -> list[int]:
        """Return where the new rows are, and remember them; `skip` holds the marks of this page yielded before."""
        if not self._fields and not skip:
            return [*range(len(rows))]
        self._seen.add_all(self._first_page)
        self._first_page, identities = [], self._identities(rows)
        known = [identity for identity in identities if identity is not None]
        if not self._seen and not skip and len(set(known)) == len(rows):
            self._first_page = known  # for the next page; most iterations have none
            return [*range(len(rows))]
        left, are_new = Counter(skip), iter(self._seen.add_all(known))
        return [
            index
            for index, identity in enumerate(identities)
            if (next(are_new) if identity is not None else not _is_skipped(rows[index], left))
        ]

    def mark(self, row: Any) -> str:
        """Return the mark of a row, of plain JSON values."""
        identity = self._identities([row])[0]
        return _content_mark(row) if identity is None else identity

    def remember(self, marks: Iterable[str]) -> None:
        """Drop the rows with these marks from all further pages."""
        if self._fields:
            self._seen.add_all(marks)

    def forget(self) -> None:
        """Drop no rows any more."""
        self._seen, self._first_page = Digests(), []

    def _identities(self, rows: list[Any]) -> list[str | None]:
        """Return what identifies each row; None where a field of it is missing or null."""
        if not self._fields:
            return [None] * len(rows)
        columns = [_column(rows, name) for name in self._fields]
        if len(columns) == 1:
            return [None if value is None or value is ABSENT else str(value) for value in columns[0]]
        return [_identity(values) for values in zip(*columns, strict=True)]


def _column(rows: list[Any], name: str) -> Iterable[Any]:
    """Return the values of a field by its name on the wire, of structs or of plain JSON values."""
    if not rows or not isinstance(rows[0], JsonObject):
        return [row.get(name) if is_object(row) else None for row in rows]
    struct = type(rows[0])
    return map(attrgetter(struct.__struct_fields__[struct.__struct_encode_fields__.index(name)]), rows)


def _identity(values: tuple[Any, ...]) -> str | None:
    return None if None in values or ABSENT in values else "\n".join(map(str, values))


def _is_skipped(row: Any, left: Counter[str]) -> bool:
    """Return whether a row without identity was yielded before, and take it from what is left of these."""
    mark = _content_mark(row) if left else ""
    is_skipped = left[mark] > 0
    left[mark] -= is_skipped
    return is_skipped


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
