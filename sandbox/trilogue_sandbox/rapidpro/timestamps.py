"""Times as the API writes and reads them; in the store they are microseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime

from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds


def show(moment: int) -> str:
    """Return a time in UTC with six decimals, or none if the microseconds are zero."""
    return from_microseconds(moment).isoformat().replace("+00:00", "Z")


def show_optional(moment: int | None) -> str | None:
    """Return a time as `show` does, or None for None."""
    return None if moment is None else show(moment)


def show_exactly(moment: int) -> str:
    """Return a time in UTC with six decimals, always; as the times inside runs are written."""
    return from_microseconds(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read(text: str) -> int | None:
    """Read a time in any form of ISO 8601, in UTC where it names no zone; None if it cannot be read."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
