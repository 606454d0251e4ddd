"""Reads the headers that name times: `Retry-After` says how long a platform asks to wait, `Date` what time it has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC

LONGEST_WAIT = 86_400.0
"""Seconds; nothing waits longer before an attempt, and no limit of a platform lasts longer."""


def read_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait, None where the header is missing or neither seconds nor an HTTP date.

    A date is taken relative to the platform's own time, as the clock here may be wrong. A date in the past gives 0.
    """
    value = headers.get("retry-after")
    return None if value is None else parse_retry_after(value, server_time(headers, now))


def server_time(headers: Mapping[str, str], now: float) -> float:
    """Return the wall-clock time of the platform, as its `Date` has it; `now` where there is none that can be read."""
    sent_at = _read_date(headers.get("date", ""))
    return now if math.isnan(sent_at) else sent_at


def parse_retry_after(value: str, now: float) -> float | None:
    """Return the seconds that a value of the form of `Retry-After` names; see `read_retry_after`."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = _read_date(value.strip()) - now
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _read_date(value: str) -> float:
    """Return the seconds since 1970 that an HTTP date names; not a number for anything else."""
    if not value:
        return math.nan
    from email.utils import parsedate_to_datetime  # here, because it takes a while to load

    try:
        date = parsedate_to_datetime(value)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return math.nan
