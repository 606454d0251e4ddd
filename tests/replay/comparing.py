"""Compares a recorded response with a replayed one: exactly, and else after renaming generated values one to one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs

from .sessions import Pairs, Received

IGNORED_HEADERS = frozenset({"content-length", "date", "server"})

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_ULID = re.compile(r"((?:[A-Za-z][A-Za-z0-9]*_)*[0-9A-HJKMNP-TV-Z]{10})[0-9A-HJKMNP-TV-Z]{16}")
_OPAQUE = re.compile(r"(?!\d{4}-\d\d-\d\d)(?:(?=[^0-9]*[0-9])[A-Za-z0-9._-]{12,}|[A-Za-z0-9_]{30,})={0,2}")
_NUMBER = re.compile(r"(?!17\d{8}$)\d{6,12}")
_SIGNED = r"[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{8,}){2,}"
_TOKEN = re.compile(rf"{_SIGNED}|[A-Za-z0-9_-]+={{0,2}}")
_CANDIDATE = re.compile(rf"{_SIGNED}|[A-Za-z0-9_-]{{6,}}={{0,2}}")
_CURSORS = frozenset({"cursor", "next_cursor", "nextCursor", "nextToken"})
_MISSING = "(absent)"


@attrs.frozen
class Difference:
    """One location where two responses differ; `at` is a JSON pointer below `status`, `headers` or `body`."""

    at: str
    recorded: str
    replayed: str


@attrs.define
class Renaming:
    """Which generated value of the recording is which in the replay; each has one partner at most."""

    forth: dict[str, str] = attrs.field(factory=dict)
    back: dict[str, str] = attrs.field(factory=dict)
    unread: list[str] = attrs.field(factory=list)

    def copy(self) -> Renaming:
        """Return a renaming to go on from here."""
        return Renaming(dict(self.forth), dict(self.back), list(self.unread))

    def note_equal(self, *texts: str) -> None:
        """Remember that what stands in these texts is the same in both; they are read once it matters."""
        self.unread += texts

    def pair(self, recorded: str, replayed: str) -> bool:
        """Make partners of two values, unless one has another partner."""
        self._read()
        if recorded not in self.forth and replayed not in self.back:
            self.forth[recorded], self.back[replayed] = replayed, recorded
        return self.forth.get(recorded) == replayed and self.back.get(replayed) == recorded

    def translate(self, text: str) -> str:
        """Put the values of the replay instead of those of the recording."""
        if not self.forth:
            return text
        if text in self.forth:
            return self.forth[text]
        return _TOKEN.sub(lambda found: self.forth.get(found[0], found[0]), text)

    def _read(self) -> None:
        unread, self.unread = self.unread, []
        for text in unread:
            for token in _CANDIDATE.findall(text):
                if is_generated(token) and token not in self.forth and token not in self.back:
                    self.forth[token] = self.back[token] = token


def is_generated(text: str) -> bool:
    """Whether a value looks like an id, a token, a cursor or a code."""
    return any(pattern.fullmatch(text) for pattern in (_UUID, _ULID, _OPAQUE, _NUMBER))


def compare(recorded: Received, replayed: Received, renaming: Renaming) -> list[Difference]:
    """Return where the responses differ, apart from the renaming, which grows by what is met here."""
    if recorded.status != replayed.status:
        return [Difference("status", str(recorded.status), f"{replayed.status} {replayed.body[:300]}")]
    return [
        *_compare_headers(recorded.headers, replayed.headers, renaming),
        *compare_bodies(recorded.body, replayed.body, renaming),
    ]


def are_equal(recorded: Received, replayed: Received) -> bool:
    """Whether nothing has to be renamed."""
    return (
        recorded.status == replayed.status
        and recorded.body == replayed.body
        and _headers(recorded.headers) == _headers(replayed.headers)
    )


def _headers(pairs: Pairs) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        if key not in IGNORED_HEADERS:
            fields[key] = f"{fields[key]}, {value}" if key in fields else value
    return fields


def _compare_headers(recorded: Pairs, replayed: Pairs, renaming: Renaming) -> Iterator[Difference]:
    left, right = _headers(recorded), _headers(replayed)
    for name in left.keys() | right.keys():
        yield from compare_values(left.get(name, _MISSING), right.get(name, _MISSING), f"headers/{name}", renaming)


def compare_bodies(recorded: str, replayed: str, renaming: Renaming) -> Iterable[Difference]:
    """Compare bodies as JSON where both are JSON, else as text."""
    if recorded == replayed:
        renaming.note_equal(recorded)
        return ()
    try:
        left, right = (json.loads(body.encode("latin-1")) for body in (recorded, replayed))
    except ValueError:
        return compare_values(recorded, replayed, "body", renaming)
    return compare_values(left, right, "body", renaming)


def compare_values(recorded: Any, replayed: Any, at: str, renaming: Renaming) -> Iterator[Difference]:
    """Compare JSON values."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        yield from _compare_objects(recorded, replayed, at, renaming)
    elif isinstance(recorded, list) and isinstance(replayed, list):
        for index, (left, right) in enumerate(zip(recorded, replayed, strict=False)):
            yield from compare_values(left, right, f"{at}/{index}", renaming)
        if len(recorded) != len(replayed):
            yield Difference(f"{at}/length", str(len(recorded)), str(len(replayed)))
    elif isinstance(recorded, str) and isinstance(replayed, str):
        are_same = _are_same_cursor if at.rpartition("/")[2] in _CURSORS else _are_same_text
        if not are_same(recorded, replayed, renaming):
            yield Difference(at, recorded, replayed)
    elif type(recorded) is not type(replayed) or recorded != replayed:
        yield Difference(at, _shown(recorded), _shown(replayed))


def _compare_objects(
    recorded: Mapping[str, Any], replayed: Mapping[str, Any], at: str, renaming: Renaming
) -> Iterator[Difference]:
    pending = dict(replayed)
    for key, value in recorded.items():
        partner = key if key in pending else renaming.translate(key)
        if partner in pending:
            yield from compare_values(value, pending.pop(partner), f"{at}/{key}", renaming)
        elif is_generated(key) and (
            unknown := [name for name in pending if is_generated(name) and name not in recorded]
        ):
            renaming.pair(key, unknown[0])
            yield from compare_values(value, pending.pop(unknown[0]), f"{at}/{key}", renaming)
        else:
            yield Difference(f"{at}/{key}", _shown(value), _MISSING)
    for key, value in pending.items():
        yield Difference(f"{at}/{key}", _MISSING, _shown(value))


def _are_same_text(recorded: str, replayed: str, renaming: Renaming) -> bool:
    if recorded == replayed:
        renaming.note_equal(recorded)
        return True
    if "?" in recorded and "?" in replayed and "://" in recorded:
        return _are_same_url(recorded, replayed, renaming)
    if _are_both_generated(recorded, replayed):
        return renaming.pair(recorded, replayed)
    return _have_same_tokens(recorded, replayed, renaming)


def _are_same_url(recorded: str, replayed: str, renaming: Renaming) -> bool:
    left, right = urlsplit(recorded), urlsplit(replayed)
    names, others = (parse_qsl(part.query, keep_blank_values=True) for part in (left, right))
    return (
        _have_same_tokens(left._replace(query="").geturl(), right._replace(query="").geturl(), renaming)
        and [name for name, _ in names] == [name for name, _ in others]
        and all(_are_same_parameter(one, other, renaming) for one, other in zip(names, others, strict=True))
    )


def _are_same_parameter(recorded: tuple[str, str], replayed: tuple[str, str], renaming: Renaming) -> bool:
    are_same = _are_same_cursor if recorded[0] in _CURSORS else _are_same_text
    return are_same(recorded[1], replayed[1], renaming)


def _are_same_cursor(recorded: str, replayed: str, renaming: Renaming) -> bool:
    """Whether both are cursors, of whatever form."""
    return _are_same_text(recorded, replayed, renaming) if "://" in recorded else renaming.pair(recorded, replayed)


def _have_same_tokens(recorded: str, replayed: str, renaming: Renaming) -> bool:
    if _TOKEN.sub("", recorded) != _TOKEN.sub("", replayed):
        return False
    pairs = list(zip(_TOKEN.findall(recorded), _TOKEN.findall(replayed), strict=False))
    if any(one != other and not _are_both_generated(one, other) for one, other in pairs):
        return False
    return all(renaming.pair(one, other) for one, other in pairs if one != other or is_generated(one))


def _are_both_generated(recorded: str, replayed: str) -> bool:
    """Whether two values may be partners: of the same form, and where they begin with a time, of the same time."""
    left, right = _ULID.fullmatch(recorded), _ULID.fullmatch(replayed)
    if left or right:
        return bool(left and right and left[1] == right[1])
    for pattern in (_UUID, _NUMBER):
        if pattern.fullmatch(recorded) or pattern.fullmatch(replayed):
            is_same_form = bool(pattern.fullmatch(recorded) and pattern.fullmatch(replayed))
            return is_same_form and len(recorded) == len(replayed)
    return bool(_OPAQUE.fullmatch(recorded) and _OPAQUE.fullmatch(replayed))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
