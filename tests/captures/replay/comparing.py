"""How a response of the sandbox differs from that of the real server.

Timestamps that a server made and identifiers that it drew are equal if both are of their type, and if what stood for
the other once does so ever after.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs
from trilogue_sandbox.kernel.hosting import ORIGIN
from trilogue_sandbox.kernel.http import Json, Response

from tests.captures.replay.database import SEEDED
from tests.captures.replay.identifiers import Identifiers, is_identifier
from tests.captures.replay.script import PREFIX, Recorded

_HEADERS = ("Allow", "Content-Type", "Location", "Retry-After")
_NOTHING = "<nothing>"


@attrs.frozen
class Difference:
    """A JSON pointer into a response (`/status`, `/headers/Allow`, `/body/results/0/name`) and the values there."""

    pointer: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.pointer}: {_shortened(self.expected)} expected, {_shortened(self.actual)} found"


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def compare(recorded: Recorded, response: Response, identifiers: Identifiers) -> list[Difference]:
    """Return how a response differs from the recorded one."""
    if recorded.status != response.status:
        return [Difference("/status", recorded.status, f"{response.status} {response.body.decode()}")]
    found = [*_compare_headers(recorded, response)]
    if _media_type(recorded.headers.get("Content-Type", "")) == "application/json":
        actual = json.loads(response.body) if response.body else ""
        return [*found, *_compare(_uncut(recorded.body), _as_cut(recorded.body, actual), "/body", identifiers)]
    return found if _page(recorded.body) == _page(response.body.decode()) else [*found, _text(recorded, response)]


def _compare_headers(recorded: Recorded, response: Response) -> Iterator[Difference]:
    for name in _HEADERS:
        expected, actual = (headers.get(name, _NOTHING) for headers in (recorded.headers, response.headers))
        if _media_type(expected).removeprefix(PREFIX) != _media_type(actual).removeprefix(PREFIX):
            yield Difference(f"/headers/{name}", expected, actual)


def _media_type(value: str) -> str:
    return value.partition(";")[0]


def _page(body: Json) -> str:
    """Return a line of text as it is; of a page for people only that it is one."""
    text = str(body or "")
    return "<page>" if text.lstrip().lower().startswith("<!doctype html>") else text


def _text(recorded: Recorded, response: Response) -> Difference:
    return Difference("/body", recorded.body, response.body.decode())


def _uncut(body: Json) -> Json:
    return {name: value for name, value in body.items() if name != "cut_from"} if isinstance(body, dict) else body


def _as_cut(recorded: Json, actual: Json) -> Json:
    """Return a response with its list cut like the recorded one, if that has as many rows."""
    if isinstance(recorded, dict) and isinstance(actual, dict) and "cut_from" in recorded:
        rows = actual.get("results")
        if isinstance(rows, list) and len(rows) == recorded["cut_from"]:
            kept = recorded["results"]
            return {**actual, "results": rows[: len(kept) if isinstance(kept, list) else 0]}
    return actual


def _compare(expected: Json, actual: Json, pointer: str, identifiers: Identifiers) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in {**expected, **actual}:
            key = name.replace("~", "~0").replace("/", "~1")
            values = expected.get(name, _NOTHING), actual.get(name, _NOTHING)
            yield from _compare(*values, f"{pointer}/{key}", identifiers)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, values in enumerate(zip(expected, actual, strict=True)):
            yield from _compare(*values, f"{pointer}/{index}", identifiers)
    elif not _is_same(expected, actual, identifiers):
        yield Difference(pointer, expected, actual)


def _is_same(expected: Json, actual: Json, identifiers: Identifiers) -> bool:
    if isinstance(expected, str) and isinstance(actual, str):
        return _is_same_text(expected, actual, identifiers)
    return type(expected) is type(actual) and expected == actual


def _is_same_text(expected: str, actual: str, identifiers: Identifiers) -> bool:
    if expected == actual:
        return True
    if is_identifier(expected) and is_identifier(actual):
        return identifiers.bind(expected, actual)
    if actual.startswith(ORIGIN):
        return _link(expected) == _link(actual)
    return _is_made(expected) and _is_made(actual)


def _link(url: str) -> object:
    """Return what a URL says apart from its host: the path, and the query with its cursor decoded.

    Of a file, which each server keeps in a place of its own and under a signature, only the type is compared.
    """
    parts = urlsplit(url)
    if not parts.path.removeprefix(PREFIX).startswith("/api/v2"):
        return PurePosixPath(parts.path).suffixes[-1:]
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    cursor = dict(parse_qsl(base64.b64decode(query.pop("cursor", "")).decode()))
    position = cursor.pop("p", "")
    return parts.path.removeprefix(PREFIX), query, cursor, "<made>" if _is_made(position) else position


_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{6})?(Z|[+-]\d\d:\d\d)")


def _is_made(text: str) -> bool:
    """Whether a string is a timestamp that the data did not have."""
    return _TIMESTAMP.fullmatch(text) is not None and datetime.fromisoformat(text) > SEEDED
