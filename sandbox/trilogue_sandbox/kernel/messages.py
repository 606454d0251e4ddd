"""Requests and responses as the journal shows them."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import Request, Response

_SHOWN_HEADERS = (
    *("accept", "accept-encoding", "allow", "connection", "content-length", "content-type", "host", "idempotency-key"),
    *("retry-after", "user-agent"),
)
"""Header fields whose values are never credentials; no others are shown."""


def shown_headers(message: Request | Response) -> list[tuple[str, str]]:
    """Return the header fields of a message, those that may be credentials without their values."""
    return [(name, value if name.lower() in _SHOWN_HEADERS else "(hidden)") for name, value in message.headers.pairs]
