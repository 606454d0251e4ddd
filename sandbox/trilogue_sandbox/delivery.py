"""What all entry points share: whom they ask, and how a response is delivered."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from trilogue_sandbox.kernel.http import Request, Response

Responder: TypeAlias = Callable[[Request], Response]
"""Responds to requests, as `Sandbox.respond` does."""

HANG_LIMIT = 60.0
"""Seconds after which the sandbox closes a connection that hangs."""

_WITHOUT_LENGTH = (204, 304)
_PIECE_SECONDS = 0.1


def wire_headers(response: Response) -> list[tuple[str, str]]:
    """Return the header fields of a response with its length, which a 204 has only if it carries an unexpected body."""
    given = [pair for pair in response.headers.pairs if pair[0].lower() != "content-length"]
    if response.status in _WITHOUT_LENGTH and not response.body:
        return given
    return [*given, ("Content-Length", str(len(response.body)))]


def pieces(response: Response) -> tuple[list[bytes], float]:
    """Return the pieces in which a body arrives, and the seconds before each of them."""
    body, duration = response.body, response.delivery.duration
    count = max(1, min(len(body), math.ceil(duration / _PIECE_SECONDS)))
    size = max(1, math.ceil(len(body) / count))
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return parts, duration / len(parts) if parts else 0.0


def cut(body: bytes) -> bytes:
    """Return the part of a truncated body that arrives."""
    return body[: len(body) // 2]
