"""Keeps personal data out of what is printed: error texts, log lines, reprs."""

from __future__ import annotations

import re

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
