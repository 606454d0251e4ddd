"""What all entry points share: whom they ask, and how a response is delivered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from trilogue_sandbox.kernel.http import Request, Response

Responder: TypeAlias = Callable[[Request], Response]
"""Responds to requests, as `Sandbox.respond` does."""

HANG_LIMIT = 60.0
"""Seconds after which the sandbox closes a connection that hangs."""

_WITHOUT_LENGTH = (204, 304)


def wire_headers(response: Response) -> list[tuple[str, str]]:
    """Return the header fields of a response with its length, which a 204 has only if it carries an unexpected body."""
    given = [pair for pair in response.headers.pairs if pair[0].lower() != "content-length"]
    if response.status in _WITHOUT_LENGTH and not response.body:
        return given
    return [*given, ("Content-Length", str(len(response.body)))]


def cut(body: bytes) -> bytes:
    """Return the part of a truncated body that arrives."""
    return body[: len(body) // 2]
