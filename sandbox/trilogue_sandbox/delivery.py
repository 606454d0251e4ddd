"""What all entry points share: whom they ask, and how a response is delivered."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.streams import Stream

Responder: TypeAlias = Callable[[Request], Response]
"""Responds to requests, as `Sandbox.respond` does."""

HANG_LIMIT = 60.0
"""Seconds after which the sandbox closes a connection that hangs."""

POLL_SECONDS = 0.01
"""How often an open stream is looked at."""

_KEEP_ALIVE_SECONDS = 30.0
_WITHOUT_LENGTH = (204, 304)
_PIECE_SECONDS = 0.1


def wire_headers(response: Response) -> list[tuple[str, str]]:
    """Return the header fields of a response with its length, which a 204 has only if it carries an unexpected body."""
    given = [pair for pair in response.headers.pairs if pair[0].lower() != "content-length"]
    if response.stream or (response.status in _WITHOUT_LENGTH and not response.body):
        return given
    return [*given, ("Content-Length", str(len(response.body)))]


def pieces(response: Response) -> tuple[list[bytes], float]:
    """Return the pieces in which a body arrives, and the seconds before each of them."""
    body, duration = response.body, response.delivery.duration
    count = max(1, min(len(body), math.ceil(duration / _PIECE_SECONDS)))
    size = max(1, math.ceil(len(body) / count))
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return parts, duration / len(parts) if parts else 0.0


class Feed:
    """What a stream sends, looked for every `POLL_SECONDS`."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._silence = 0.0

    @property
    def is_broken(self) -> bool:
        """Whether the connection breaks in the end."""
        return self._stream.is_broken

    def poll(self) -> bytes | None:
        """Return what has come since the last time, nothing if nothing has; None at the end."""
        piece = self._stream.take()
        self._silence = 0.0 if piece else self._silence + POLL_SECONDS
        if piece == b"" and self._silence >= _KEEP_ALIVE_SECONDS:
            self._silence = 0.0
            return self._stream.keep_alive
        return piece

    def close(self) -> None:
        """Listen no more."""
        self._stream.close()


def cut(body: bytes) -> bytes:
    """Return the part of a truncated body that arrives."""
    return body[: len(body) // 2]
