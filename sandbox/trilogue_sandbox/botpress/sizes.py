"""Limits of the parts of a body, in kilobytes."""

from __future__ import annotations

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.limits import KILOBYTE


def refuse_above(text: str, name: str, kilobytes: int) -> None:
    """Make sure a JSON text is not too long.

    Raises:
        ApiError: it is (LimitExceeded).
    """
    if len(text.encode()) > kilobytes * KILOBYTE:
        raise ApiError("LimitExceeded", f"{name} is larger than {kilobytes} KB")
