"""The ids that responses name, by their prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Ids: TypeAlias = Mapping[str, Sequence[str]]
"""Ids by their prefix, the latest first; UUIDs have an empty one."""

_ID = re.compile(r"\b(?:((?:[a-z]+_)+)[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")


def ids_in(texts: Iterable[str]) -> Ids:
    """Return the ids in some texts."""
    found: dict[str, list[str]] = {}
    for one in _ID.finditer(" ".join(texts)):
        found.setdefault(one[1] or "", []).append(one[0])
    return {prefix: list(dict.fromkeys(reversed(ids))) for prefix, ids in found.items()}


def others_like(value: Any, known: Ids) -> list[str]:
    """Return known ids with the prefix of a value; none if it is no id."""
    match = _ID.fullmatch(value) if isinstance(value, str) else None
    return [id for id in known.get(match[1] or "", ()) if id != value] if match else []
