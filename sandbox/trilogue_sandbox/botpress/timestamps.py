"""Times as the API writes and reads them; in the store they are microseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime

from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.timestamps import now, show, show_optional

__all__ = ["now", "read", "show", "show_optional"]


def read(text: str) -> int:
    """Read a time in ISO 8601, to the millisecond, in UTC where it names no zone.

    Raises:
        ValueError: it cannot be read.
    """
    moment = datetime.fromisoformat(text)
    try:
        return to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) // 1000 * 1000
    except OverflowError as error:
        raise ValueError(f"{text} is out of range") from error
