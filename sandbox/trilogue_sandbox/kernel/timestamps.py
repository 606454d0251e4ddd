"""Timestamps; in the store they are microseconds since 1970."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import attrs

from trilogue_sandbox.kernel.clock import to_microseconds

MILLISECOND = 1000
SECOND = 1000 * MILLISECOND
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1)  # in UTC, without a time zone, which formatting need not write
_KEPT = 10_000  # the rows of a page are often created together, and shown again and again


@attrs.frozen
class TimestampStyle:
    """How a platform keeps and writes timestamps: cut to `precision` microseconds, as text by `format`."""

    precision: int
    format: Callable[[int], str]


@lru_cache(_KEPT)
def format_milliseconds(timestamp: int) -> str:
    """Return a time in UTC with milliseconds, such as `2026-01-01T12:00:00.001Z`."""
    return (_EPOCH + timedelta(microseconds=timestamp)).isoformat(timespec="milliseconds") + "Z"


@lru_cache(_KEPT)
def format_microseconds(timestamp: int) -> str:
    """Return a time in UTC with six decimals, or none if they are zero."""
    return (_EPOCH + timedelta(microseconds=timestamp)).isoformat() + "Z"


MILLISECONDS = TimestampStyle(MILLISECOND, format_milliseconds)
MICROSECONDS = TimestampStyle(1, format_microseconds)


def read_timestamp(text: str) -> int:
    """Read a time in ISO 8601, in UTC where it names no zone.

    Raises:
        ValueError: it cannot be read, or is out of range.
    """
    time = datetime.fromisoformat(text.strip().upper())
    try:
        return to_microseconds(time if time.tzinfo else time.replace(tzinfo=UTC))
    except OverflowError as error:
        raise ValueError(f"{text} is out of range") from error


def spaced(last: int, number: int, step: int = SECOND) -> Iterable[int]:
    """Return as many timestamps, a step apart, with the last one given: those of rows that seed data adds."""
    return range(last - (number - 1) * step, last + 1, step)


def month_start(timestamp: int, later: int = 0) -> int:
    """Return when the calendar month of a timestamp began, in UTC, or the one that is some months later."""
    date = _EPOCH + timedelta(microseconds=timestamp)
    year, month = divmod(date.year * 12 + date.month - 1 + later, 12)
    return to_microseconds(datetime(year, month + 1, 1, tzinfo=UTC))
