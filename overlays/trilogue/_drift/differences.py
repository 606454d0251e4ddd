"""What differs between a response and the description of its platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

Problem = Literal[
    "unknown field",
    "missing field",
    "unexpected null",
    "wrong type",
    "unknown value",
    "wrong format",
    "out of bounds",
    "undocumented status",
    "undocumented header",
    "missing header",
    "wrong content type",
    "invalid JSON",
]


class Difference(Struct, frozen=True):
    """One difference between a response and its description.

    `pointer` is a JSON pointer, with `*` for the items of lists and the keys of maps; of a header it is
    `header/NAME`, of a status empty. `detail` says more, such as the types that were expected and seen.
    """

    pointer: str
    problem: Problem
    detail: str = ""


class Drift(Struct, frozen=True):
    """One difference between a response and the description of its platform; holds no value.

    `operation`: for example `contacts.list`. `pointer`: where in the body, as a JSON pointer with `*` for the items of
    lists; of a header `header/NAME`. `problem`: what differs, for example `unknown field`, `missing field`, `unexpected
    null`, `wrong type`, `unknown value` or `undocumented status`. `detail`: for example the types expected and seen.
    """

    platform: str
    operation: str
    status: int
    pointer: str
    problem: Problem
    detail: str = ""


OnDrift = Callable[[Drift], None]
