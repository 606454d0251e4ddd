"""What all doors agree on about the way an answer travels."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import Response

HANG_LIMIT = 60.0
"""Seconds after which the sandbox closes a connection that it lets hang."""

_WITHOUT_LENGTH = (204, 304)


def wire_headers(response: Response) -> list[tuple[str, str]]:
    """Return the header fields of an answer with its length, which a 204 has only if it carries a body all the same."""
    given = [pair for pair in response.headers.pairs if pair[0].lower() != "content-length"]
    if response.status in _WITHOUT_LENGTH and not response.body:
        return given
    return [*given, ("Content-Length", str(len(response.body)))]


def cut(body: bytes) -> bytes:
    """Return the part of a truncated body that arrives."""
    return body[: len(body) // 2]
