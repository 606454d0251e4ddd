"""Reads `Retry-After`: how long a platform asks to wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime


def read_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait, None where the header is missing or neither seconds nor an HTTP date.

    `now` is the wall-clock time; a date in the past gives 0.
    """
    return parse_retry_after(headers.get("retry-after", ""), now)


def parse_retry_after(value: str, now: float) -> float | None:
    """Return the seconds that a value of the form of `Retry-After` names; see `read_retry_after`."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until_date(value.strip(), now)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _until_date(value: str, now: float) -> float:
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return math.nan
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
