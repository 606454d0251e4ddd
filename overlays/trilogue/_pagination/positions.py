"""The position of an iteration, as JSON that another process can resume from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import NoneType
from typing import Any, TypedDict, cast

from ..errors import InvalidArgument


class Position(TypedDict):
    """The list and its arguments, the page at hand (`at`, `done`, `total`) and its rows that were yielded (`skip`)."""

    list: str
    path: str
    query: str
    body: dict[str, Any] | None
    at: str | int | None
    done: bool
    total: int | None
    skip: Sequence[str]


TYPES: dict[str, type | tuple[type, ...]] = {
    "list": str,
    "path": str,
    "query": str,
    "body": (dict, NoneType),
    "at": (str, int, NoneType),
    "done": bool,
    "total": (int, NoneType),
    "skip": list,
}


def write_position(position: Position) -> str:
    """Return a position as JSON."""
    return json.dumps(position)


def read_position(text: str, cursor_types: tuple[type, ...]) -> Position:
    """Return the position that `write_position` wrote; its cursor is of one of these types.

    Raises:
        InvalidArgument: it is not a position.
    """
    types = TYPES | {"at": cursor_types}
    try:
        position = json.loads(text)
        is_valid = position.keys() == types.keys() and all(isinstance(position[name], types[name]) for name in types)
        is_valid = is_valid and all(isinstance(mark, str) for mark in position["skip"])
    except (TypeError, ValueError, AttributeError, RecursionError):
        is_valid, position = False, None
    if not is_valid:
        raise InvalidArgument("position: not the position of an iteration; pass what `.position` returned, unchanged")
    return cast(Position, position)
