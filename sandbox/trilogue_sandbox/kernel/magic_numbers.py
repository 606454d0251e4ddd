"""Addresses that say what happens, for tests in any language: +1 500 555 and four digits, which nobody has."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(\+|)1500555([0-9]{4})")


def magic_number(address: str | None) -> int | None:
    """Return the last four digits of a magic address (`+15005550002`, `15005550002@example.com`); None for others."""
    found = _NUMBER.fullmatch((address or "").partition("@")[0])
    return int(found[2]) if found else None
