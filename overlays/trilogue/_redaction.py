"""Keeps personal data out of what is printed: error texts, log lines, reprs."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TIME = r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?"
_PERSONAL = (
    r"(?P<urn>\b[a-z]{2,15}:(?!//)[^\s,;'\"\])}]*[^\s,;.:'\"\])}])",  # tel:+250788123123, mailto:..., telegram:1234
    r"(?P<mail>(?<![^\s@<>'\"(])[^\s@<>'\"(]+@[^\s@<>'\"),;]+)",  # from the start of a word, or it takes n * n steps
    r"(?P<phone>\+?\d(?:[\s().-]?\d){6,})",
)
_PATTERN = "|".join((f"(?P<keep>{_UUID}|{_TIME})", *_PERSONAL))


def redact(text: str) -> str:
    """Return the text with addresses and phone numbers hidden; UUIDs and times stay."""
    return re.sub(_PATTERN, lambda match: match[0] if match["keep"] else HIDDEN, text)
