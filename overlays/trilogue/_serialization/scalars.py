"""Recognises members of lists and objects that are sent as they are given.

Most are, and nobody has to name the place of one, which takes longer than to check it.
"""

from __future__ import annotations

import math
from typing import Any

from trilogue_generated.runtime.operation import Schema

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**64 - 1
"""What JSON libraries agree on."""

STRINGS: frozenset[type] = frozenset({str})
SCALARS: frozenset[type] = frozenset({str, int, float, bool, type(None)})
TEXTUAL = ("uuid", "date", "datetime")
"""The types of which a string is checked, or refused."""
_BY_SCHEMA: dict[str, frozenset[type]] = {
    "string": STRINGS,
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "any": SCALARS,
}


def types_sent_as_given(schema: Schema) -> frozenset[type]:
    """Return the types whose values are sent as they are given where this schema is expected."""
    if schema.choices:
        return frozenset()
    if schema.options:
        is_plain = not any(option.type in TEXTUAL or option.choices for option in schema.options)
        return SCALARS - {bool} if is_plain else frozenset()
    return _BY_SCHEMA.get(schema.type, frozenset())


def is_sent_as_given(value: Any, types: frozenset[type]) -> bool:
    """Return whether a value is of one of these types, and can be sent without a further look."""
    type_ = value.__class__
    if type_ not in types:
        return False
    if type_ is str:
        return bool(value.isascii())
    if type_ is int:
        return bool(SMALLEST_INTEGER <= value <= LARGEST_INTEGER)
    return type_ is not float or math.isfinite(value)
