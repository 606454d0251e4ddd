"""Keeps personal data out of what is printed: error texts, log lines, reprs."""

from __future__ import annotations

import re
from typing import Any, TypeVar

Value = TypeVar("Value")

HIDDEN = "[hidden]"

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TIME = r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?"
_PERSONAL = (
    # tel:+250788123123, mailto:..., telegram:1234, but neither a scheme nor a host with its port
    r"(?P<urn>(?<![\w.-])(?<!//)[a-z]{2,15}:(?!//)[^\s,;'\"\])}]*[^\s,;.:'\"\])}])",
    # from the start of a word alone, or a long word without an @ takes n * n steps
    r"(?P<mail>(?<![^\s@<>'\"(])[^\s@<>'\"(]+@[^\s@<>'\"),;]+)",
    r"(?P<phone>\+?\d(?:[\s().-]{0,2}\d){6,})",
)
_PATTERN = "|".join((f"(?P<keep>{_UUID}|{_TIME})", *_PERSONAL))


def redact(text: str) -> str:
    """Return the text with addresses and phone numbers hidden; UUIDs and times stay."""
    return re.sub(_PATTERN, lambda match: match[0] if match["keep"] else HIDDEN, text)


def to_printable(text: str) -> str:
    """Return the text without lone surrogates, which cannot be printed."""
    return text.encode("utf-8", "backslashreplace").decode()


class Hidden:
    """Values that are found by name alone: no repr, no tool that dumps attributes, and no pickle has them."""

    __slots__ = ("_values",)

    def __init__(self, **values: Any) -> None:
        """Hide these values."""
        self._values = values

    def get(self, name: str, default: Value) -> Value:
        """Return a value, or `default` where there is none."""
        value: Value = self._values.get(name, default)
        return value

    def __repr__(self) -> str:
        """Show nothing."""
        return HIDDEN

    def __copy__(self) -> Hidden:
        """Return itself: it does not change."""
        return self

    def __deepcopy__(self, memo: Any) -> Hidden:
        """Return itself: it does not change."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the values out."""
        return Hidden, ()
