"""Parses JSON."""

from __future__ import annotations

import json
from typing import Any

from msgspec.json import decode


def parse_json(content: bytes) -> Any:
    """Parse JSON quickly, and what only Python's own parser takes (NaN, lone surrogates) with that.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return decode(content)
    except (ValueError, RecursionError):
        return _parse_leniently(content)


def _parse_leniently(content: bytes) -> Any:
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None
