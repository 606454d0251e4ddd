"""Timestamps as the API reads them, and as documents inside rows have them."""

from __future__ import annotations

from datetime import UTC, datetime

from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds


def read_timestamp(text: str) -> int | None:
    """Read a time in any form of ISO 8601, in UTC where it names no zone; None if it cannot be read."""
    try:
        time = datetime.fromisoformat(text.strip())
        return to_microseconds(time if time.tzinfo else time.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def format_exactly(timestamp: int) -> str:
    """Return a time in UTC that always has six decimals, as the times inside runs do."""
    return from_microseconds(timestamp).isoformat(timespec="microseconds").replace("+00:00", "Z")
